// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/accounting/hearinggroups.h"
#include "client-cli/load/plan/plan.h"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

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
        HearingGroups::Member speaker = HearingGroups::kNobody;
        Offset sentAt{};
        Offset planned{};
        Offset heardLast{}; ///< when the last one of those who heard it heard it; 0: nobody did
        Fate fate = Fate::Pending;
        std::uint32_t epochs = 0; ///< how many the room was known to have had when this was sent
        std::uint32_t epoch = 0;  ///< that `seq` belongs to
        std::uint64_t seq = 0;    ///< the server's number; 0: not known
        std::uint64_t next = 0;   ///< the sender's next message; 0: none yet
        bool isLost = false;      ///< it was there, and the server does not have it any more
    };

    /// How far a number may lie from the highest one that is known.
    static constexpr std::uint64_t kMostAhead = 1ULL << 24;
    static constexpr std::uint32_t kMostEpochs = 1000;

    explicit RoomLedger(std::uint16_t room)
        : m_room(room)
    {
    }

    /// Returns the message's index. `planned`: when it was due.
    std::uint64_t send(std::uint32_t sender, Offset at,
                       HearingGroups::Member speaker = HearingGroups::kNobody, Offset planned = {});
    /// `seq` and its epoch: where the server numbers; else 0.
    void publish(std::uint64_t index, std::uint64_t seq, std::uint32_t epoch);
    void settle(std::uint64_t index, Fate fate);
    /// A receiver saw the message under this number. False: it is known under another one of the epoch.
    [[nodiscard]] bool matchSeq(std::uint64_t index, std::uint64_t seq, std::uint32_t epoch);
    /// A number of the epoch exists.
    void noteSeq(std::uint64_t seq, std::uint32_t epoch);
    /// The server's numbering as a receiver was told it, in the answer to a join that was sent when the room
    /// had had `known` epochs. Returns the epoch's ordinal, from 1.
    std::uint32_t enterEpoch(std::string_view epoch, std::uint64_t seq, std::uint32_t known);
    /// The epoch was in use after the room was known to have had `known` epochs. If it is an older one, those
    /// that came after it are there at the same time: a server that begins anew never goes back.
    void noteInUse(std::uint32_t epoch, std::uint32_t known);
    /// A receiver that is in this epoch leaves on purpose: another that came a while ago has not replaced it.
    void noteLeaving(std::uint32_t epoch) { noteInUse(epoch, m_epochsEarlier); }
    /// Whether the server can have given a number of this epoch. One that is further than this run can be
    /// behind from those that are known is its mistake: it would be counted as millions of losses. So
    /// is one epoch more than there can be.
    [[nodiscard]] bool isPossible(std::string_view epoch, std::uint64_t seq) const;
    [[nodiscard]] bool isPossible(std::uint32_t epoch, std::uint64_t seq) const;
    /// The epoch's numbers above this one are given again.
    void goBack(std::uint32_t epoch, std::uint64_t seq) { m_topSeqs[epoch - 1] = seq; }
    /// False: that is known already.
    bool lose(std::uint64_t index) { return !std::exchange(at(index).isLost, true); }
    /// This listener, who is in this epoch, received the message.
    void noteHeard(HearingGroups::Member listener, std::uint64_t index, std::uint32_t epoch);
    /// Somebody heard it then. knows(index).
    void noteReceipt(std::uint64_t index, Offset when)
    {
        at(index).heardLast = std::max(at(index).heardLast, when);
    }
    /// What is still to be told of an entry that is forgotten.
    using Farewell = std::function<void(const Entry &)>;
    /// Called once a second. Entries below `index` may be forgotten if they were sent before `time` and have
    /// been answered.
    void forget(std::uint64_t index, Offset time, const Farewell &farewell = {});
    /// At the end of a run.
    void forgetAll(const Farewell &farewell);

    [[nodiscard]] std::uint16_t room() const { return m_room; }
    [[nodiscard]] std::uint64_t begin() const { return m_begin; } ///< the oldest that is remembered
    [[nodiscard]] std::uint64_t end() const { return m_begin + m_entries.size(); }
    [[nodiscard]] bool knows(std::uint64_t index) const { return index >= begin() && index < end(); }
    /// knows(index).
    [[nodiscard]] const Entry &entry(std::uint64_t index) const { return m_entries[index - m_begin]; }
    [[nodiscard]] bool isAnsweredBefore(std::uint64_t index);
    /// How many epochs the room has had: those that came later have the higher ordinals.
    [[nodiscard]] std::uint32_t epochs() const { return static_cast<std::uint32_t>(m_epochNames.size()); }
    [[nodiscard]] const std::string &epochName(std::uint32_t epoch) const { return m_epochNames[epoch - 1]; }
    /// The highest number known in the epoch.
    [[nodiscard]] std::uint64_t topSeq(std::uint32_t epoch) const { return m_topSeqs[epoch - 1]; }
    /// The highest number of the epoch among messages before `index`.
    [[nodiscard]] std::uint64_t topSeqBefore(std::uint64_t index, std::uint32_t epoch) const;
    [[nodiscard]] HearingGroups &groups() { return m_groups; }
    /// Whether split() has any: quick.
    [[nodiscard]] bool isSplit() { return m_groups.isSplit(m_atOnce); }
    /// Fewer than two: the room was whole. It looks at all who ever were there.
    [[nodiscard]] std::vector<HearingGroup> split() { return m_groups.split(m_atOnce, m_epochNames); }

private:
    Entry &at(std::uint64_t index) { return m_entries[index - m_begin]; }

    std::uint16_t m_room;
    std::deque<Entry> m_entries;
    std::uint64_t m_begin = 0;
    std::uint64_t m_firstPending = 0;
    std::unordered_map<std::uint32_t, std::uint64_t> m_lastOf; ///< by sender
    std::vector<std::string> m_epochNames;                     ///< by ordinal - 1
    std::vector<std::uint64_t> m_topSeqs;                      ///< the same
    std::uint32_t m_epochsLately = 0;                          ///< epochs() a second ago at most
    std::uint32_t m_epochsEarlier = 0;                         ///< a second before that
    std::set<std::uint32_t> m_atOnce;                          ///< epochs that were in use at the same time
    HearingGroups m_groups;
};

} // namespace parlor::cli::load
