// SPDX-License-Identifier: MIT
#pragma once

#include "tests/bench/client/content.h"
#include "tests/bench/client/scenario.h"

namespace parlor::bench {

/// Publishes in a crowd's rooms and checks what arrives. Derived scenarios say when, and what follows. The
/// first member of a room publishes there, so that a room has one order.
class Traffic : private MessageReceiver
{
public:
    /// Connects and joins; problem() says whether that went well.
    Traffic(const Options &options, std::uint32_t rooms);

    [[nodiscard]] const std::string &problem() const { return m_crowd.problem(); }
    /// Takes in what still comes that nobody is owed.
    void settle();

protected:
    ~Traffic() { m_crowd.setReceiver(nullptr); }

    /// One message to a member came whole and in order.
    virtual void onDelivery(Member &member, std::uint32_t number) = 0;

    /// Adds the room's next message to what its publisher sends at flush(). Returns its number.
    std::uint32_t publish(std::uint32_t room);
    void flush(std::uint32_t room) { m_crowd.member(room).flush(); }
    /// Waits for all that is owed, stops the watch, looks out for what is too much, and closes the phase's
    /// account.
    void finish(Phase &phase, const StopWatch &watch);
    /// Whether what is owed can come no more.
    [[nodiscard]] bool isBroken() const
    {
        return m_crowd.ended() != 0 || m_tally.misplaced != 0 || m_tally.corrupt != 0;
    }

    const Options &m_options;
    Crowd m_crowd;
    Tally m_tally;

private:
    void onMessage(Member &member, std::string_view content, std::size_t frameBytes) override;

    Content m_content;
    std::vector<std::uint32_t> m_membersOf;
    std::vector<std::uint32_t> m_numbers;
};

} // namespace parlor::bench
