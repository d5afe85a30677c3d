// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/delivery.h"

#include <map>
#include <string>

namespace parlor {

/// Who came and went in a room since the last tick, net: the body of one v2 `presence` frame. Where there are
/// more members than a roster's page shows, rosters are partial, and a frame lists a few changes
/// only: else ten thousand who come at once would each be told of each.
class PresenceDelta
{
public:
    /// Listed in a frame to a room of more than limits::kMembersPage members.
    static constexpr std::size_t kMostInCrowd = 50;

    void note(const delivery::PresenceChanged &change);
    /// Somebody was given a whole roster: from now on even changes that cancel out have to be told, for the
    /// roster may show a state in between.
    void noteSnapshot() { m_snapshotTaken = !m_changes.empty(); }

    [[nodiscard]] bool isEmpty() const { return m_changes.empty(); }
    /// The frame's JSON, empty if all changes cancelled out; the delta is empty afterwards.
    [[nodiscard]] std::string take(std::string_view room);

private:
    struct Change
    {
        IdentityPtr who;
        Departure reason = Departure::Left;
        bool wasHere = false;
        bool isHere = false;
    };
    std::map<std::string, Change, std::less<>> m_changes;
    std::uint64_t m_count = 0;
    std::uint64_t m_most = 0; ///< at any time since the last tick
    bool m_snapshotTaken = false;
};

} // namespace parlor
