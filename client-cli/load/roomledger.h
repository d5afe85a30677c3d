// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/plan.h"

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

namespace parlor::cli::load {

/// What the server made of a message.
enum class Fate : std::uint8_t {
    Pending,
    Published,
    Refused,    ///< an error came back: it must reach nobody
    Unanswered, ///< neither came, in all the time there was
    Unknown,    ///< the sender's connection was lost first: it may reach everybody or nobody
};

/// The messages that this run sent to one room, numbered from 0 in the order of sending. It forgets those
/// that no receiver waits for any more. Pure: times come from the caller.
class RoomLedger
{
public:
    struct Entry
    {
        std::uint32_t sender = 0;
        Offset sentAt{};
        Fate fate = Fate::Pending;
        std::uint32_t epoch = 0;
        std::uint64_t seq = 0;  ///< the server's number; 0: not known
        std::uint64_t next = 0; ///< the sender's next message; 0: none yet
    };

    explicit RoomLedger(std::uint16_t room)
        : m_room(room)
    {
    }

    /// Returns the message's index.
    std::uint64_t send(std::uint32_t sender, Offset at);
    /// `seq`: where the server numbers.
    void publish(std::uint64_t index, std::uint64_t seq);
    void settle(std::uint64_t index, Fate fate);
    /// A receiver saw the message under this number. False: it is known under another one.
    [[nodiscard]] bool matchSeq(std::uint64_t index, std::uint64_t seq);
    /// A number of the current epoch exists.
    void noteSeq(std::uint64_t seq);
    /// The server's numbering as a receiver was told it. Returns the epoch's ordinal, which changes when the
    /// numbering began anew.
    std::uint32_t enterEpoch(std::string_view epoch, std::uint64_t seq);
    /// Entries below `index` may be forgotten if they were sent before `time` and have been answered.
    void forget(std::uint64_t index, Offset time);

    [[nodiscard]] std::uint16_t room() const { return m_room; }
    [[nodiscard]] std::uint64_t begin() const { return m_begin; } ///< the oldest that is remembered
    [[nodiscard]] std::uint64_t end() const { return m_begin + m_entries.size(); }
    [[nodiscard]] bool knows(std::uint64_t index) const { return index >= begin() && index < end(); }
    /// knows(index).
    [[nodiscard]] const Entry &entry(std::uint64_t index) const { return m_entries[index - m_begin]; }
    [[nodiscard]] bool isAnsweredBefore(std::uint64_t index);
    [[nodiscard]] std::uint32_t epoch() const { return m_epoch; }
    /// The highest number known in the current epoch.
    [[nodiscard]] std::uint64_t topSeq() const { return m_topSeq; }
    /// The highest number of the current epoch among messages before `index`.
    [[nodiscard]] std::uint64_t topSeqBefore(std::uint64_t index) const;

private:
    Entry &at(std::uint64_t index) { return m_entries[index - m_begin]; }

    std::uint16_t m_room;
    std::deque<Entry> m_entries;
    std::uint64_t m_begin = 0;
    std::uint64_t m_firstPending = 0;
    std::unordered_map<std::uint32_t, std::uint64_t> m_lastOf; ///< by sender
    std::string m_epochName;
    std::uint32_t m_epoch = 0;
    std::uint64_t m_topSeq = 0;
};

} // namespace parlor::cli::load
