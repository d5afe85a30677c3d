// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/delivery.h"

#include <map>
#include <string>

namespace parlor {

/// Who came and went in a room since the last tick, net: the body of one v2 `presence` frame.
class PresenceDelta
{
public:
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
        std::string_view reason;
        bool wasHere = false;
        bool isHere = false;
    };
    std::map<std::string, Change, std::less<>> m_changes;
    std::uint64_t m_count = 0;
    bool m_snapshotTaken = false;
};

} // namespace parlor
