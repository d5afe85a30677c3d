// SPDX-License-Identifier: MIT
#include "server/chat/presencedelta.h"

#include "shared/protocol/encoder.h"
#include "shared/protocol/limits.h"

#include <algorithm>
#include <array>

namespace parlor {

namespace {

std::string_view wireName(Departure reason)
{
    static constexpr std::array<std::string_view, 4> kNames{"left", "closed", "lost", "removed"};
    return kNames[static_cast<std::size_t>(reason)];
}

} // namespace

void PresenceDelta::note(const delivery::PresenceChanged &change)
{
    using What = delivery::PresenceChanged::What;
    if (change.what == What::JoinedAgain)
        return; // told to v1 clients only
    const bool isHere = change.what == What::Joined;
    const auto [at, isNew] = m_changes.try_emplace(change.who->clientId());
    if (isNew)
        at->second.wasHere = !isHere;
    at->second.who = change.who;
    at->second.reason = change.reason;
    at->second.isHere = isHere;
    m_count = change.count;
    m_most = std::max(m_most, m_count);
}

std::string PresenceDelta::take(std::string_view room)
{
    frame::Presence presence{room};
    presence.count = m_count;
    const bool isCrowd = m_most > limits::kMembersPage;
    const auto list = [&](bool cancelledOut) {
        for (const auto &[id, change] : m_changes) {
            if ((change.wasHere == change.isHere) != cancelledOut)
                continue;
            if (isCrowd && presence.joined.size() + presence.left.size() == kMostInCrowd) {
                presence.truncated = true;
                return;
            }
            if (change.isHere)
                presence.joined.push_back(change.who->member());
            else
                presence.left.push_back({id, wireName(change.reason)});
        }
    };
    list(false); // first, so that those who come and go at once leave place for the others
    if (m_snapshotTaken)
        list(true);
    std::string json;
    if (!presence.joined.empty() || !presence.left.empty())
        encode(json, frame::Any(std::move(presence)));
    m_changes.clear();
    m_most = 0;
    m_snapshotTaken = false;
    return json;
}

} // namespace parlor
