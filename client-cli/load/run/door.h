// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/run/timetable.h"
#include "client-cli/load/wire/addressbook.h"
#include "client-cli/load/wire/websocketclient.h"

#include <deque>
#include <vector>

namespace parlor::cli::load {

/// Where a thread's users connect, and how many of them at once: they wait in a queue, first come, first
/// served, and are let in as fast as the settings allow. `target` outlives it. One a thread.
class Door
{
public:
    /// Somebody who waits. It outlives the door's last admit().
    class Guest
    {
    public:
        /// It is its turn. False: it does not want in any more, and the next one may.
        virtual bool onAdmitted() = 0;

    protected:
        ~Guest() = default;
    };
    /// Of this thread.
    struct Limits
    {
        double perSecond = 0; ///< 0: no bound
        std::size_t underWay = 256;
    };

    /// `parts` and the objects that it names outlive the door and its connections.
    Door(Limits limits, const Target &target, std::vector<Address> addresses, const ConnectionParts &parts,
         Timetable &timetable)
        : m_limits(limits)
        , m_target(target)
        , m_addresses(std::move(addresses))
        , m_parts(parts)
        , m_timetable(timetable)
    {
    }

    void queue(Guest &guest) { m_waiting.push_back(&guest); }
    /// Lets in as many as may be under way now. If time is what they wait for, an Appointment::Kind::Admit is
    /// made for the next one.
    void admit();
    /// So many more are connecting, or fewer.
    void changeUnderWay(int by) { m_underWay += static_cast<std::size_t>(by); }
    /// So many more have an open connection, or fewer.
    void changeOpen(int by) { m_open += static_cast<std::uint32_t>(by); }

    [[nodiscard]] AddressBook &addresses() { return m_addresses; }
    [[nodiscard]] const Target &target() const { return m_target; }
    [[nodiscard]] const ConnectionParts &parts() const { return m_parts; }
    [[nodiscard]] std::uint32_t open() const { return m_open; } ///< connections

private:
    Limits m_limits;
    const Target &m_target;
    AddressBook m_addresses;
    ConnectionParts m_parts;
    Timetable &m_timetable;
    std::deque<Guest *> m_waiting;
    std::size_t m_underWay = 0;
    std::uint32_t m_open = 0;
    Offset m_nextAt{};      ///< the next one may be let in
    bool m_isTimed = false; ///< an appointment is made for it
};

} // namespace parlor::cli::load
