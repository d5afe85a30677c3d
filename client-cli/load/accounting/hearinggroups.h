// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/record/hearinggroup.h"

#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace parlor::cli::load {

/// Who heard whom in one room. A member is one user during one connection, and members who heard each other
/// are in one group. Pure; one thread.
class HearingGroups
{
public:
    using Member = std::uint32_t;
    static constexpr Member kNobody = std::numeric_limits<Member>::max();

    /// `epoch`: the ordinal of the room's numbering; 0: there is none.
    [[nodiscard]] Member enter(std::uint32_t user, std::string_view server, std::uint32_t epoch);
    void leave() { --m_present; }
    void hear(Member listener, Member speaker);
    /// The listener was owed a message of this speaker, and it never came.
    void miss(Member listener, Member speaker);

    /// Whether split() has any. Quick enough to be asked once a second, of many rooms.
    [[nodiscard]] bool isSplit(const std::set<std::uint32_t> &epochsAtOnce);
    /// The groups whose members missed something of each other; or, where epochs were there at once, the
    /// members of each. Fewer than two groups: the room was whole. `epochNames`: by ordinal, from 1.
    [[nodiscard]] std::vector<HearingGroup> split(const std::set<std::uint32_t> &epochsAtOnce,
                                                  const std::vector<std::string> &epochNames);
    /// How many members were there at the same time, at most.
    [[nodiscard]] std::uint32_t mostAtOnce() const { return m_mostPresent; }

private:
    struct Node
    {
        Member parent;
        std::uint32_t user;
        std::uint32_t epoch;
        std::uint16_t server;
        bool missed = false; ///< something of another group, or was missed by one
    };

    [[nodiscard]] Member groupOf(Member member);

    std::vector<Node> m_nodes;
    std::vector<std::string> m_servers;
    std::uint32_t m_present = 0;
    std::uint32_t m_mostPresent = 0;
    std::vector<Member> m_missed; ///< nodes that missed something; one for those that are known to be a group
    std::vector<bool> m_hasEpoch; ///< by ordinal: some node is in it
};

} // namespace parlor::cli::load
