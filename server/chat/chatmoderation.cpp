// SPDX-License-Identifier: MIT
// What moderators do, as it comes to a worker's Chat.
#include "server/chat/chat.h"

#include "server/chat/v2session.h"

#include <algorithm>
#include <unordered_map>

namespace parlor {

/// Null: it has not said who it is.
const std::string *Chat::userOf(const Slot &slot)
{
    if (slot.session)
        return slot.session->needsToken() ? nullptr : &slot.session->caller().identity->user();
    const Grant *const grant = slot.credential ? slot.credential->grant.get() : nullptr;
    return grant ? &grant->user : nullptr;
}

Role Chat::roleOf(const Slot &slot)
{
    if (slot.session)
        return slot.session->role();
    const Grant *const grant = slot.credential ? slot.credential->grant.get() : nullptr;
    return grant ? grant->role : Role::Member;
}

/// What keeps a newcomer out; null: nothing, or it has to say first who it is.
const Sanction *Chat::banOf(const Slot &slot, std::chrono::milliseconds now) const
{
    const std::string *const user = userOf(slot);
    if (m_context.authenticator && !user)
        return nullptr;
    return m_context.sanctions->banOf(slot.address, user ? *user : std::string(), roleOf(slot), now);
}

/// Ends a connection with what its client is told.
void Chat::putOut(const Slot &slot, CloseCode code, std::string_view reason)
{
    if (slot.session)
        slot.session->dismiss(code, reason);
    else
        slot.peer->close(code, reason);
}

void Chat::kick(const delivery::Kicked &kicked)
{
    constexpr std::string_view kWithoutReason = "removed by a moderator";
    for (const Slot &each : m_slots) {
        const std::string *const user = each.peer ? userOf(each) : nullptr;
        if (user && *user == kicked.user && reaches(kicked.rank, roleOf(each)))
            putOut(each, CloseCode::Kicked,
                   kicked.reason.empty() ? kWithoutReason : std::string_view(kicked.reason));
    }
}

/// Those who are under something new are told. What they do from now on is judged by it.
void Chat::noteSanctions(const SanctionsPtr &sanctions)
{
    const SanctionsPtr before = std::exchange(m_context.sanctions, sanctions);
    const auto now = m_context.wallClock();
    const SanctionChanges changed = changes(*before, *sanctions, now);
    if (!changed.bans.empty()) {
        for (const Slot &each : m_slots) {
            if (each.peer && (userOf(each) || !m_context.authenticator))
                enforce(changed.bans, each, now);
        }
    }
    tellMuted(changed.mutes, true);
    tellMuted(changed.unmuted, false);
}

void Chat::enforce(const std::vector<const Sanction *> &bans, const Slot &slot, std::chrono::milliseconds now)
{
    const std::string *const user = userOf(slot);
    const auto isMeant = [&](const Sanction *ban) {
        const bool isOfThem = ban->kind == Sanction::Kind::NetworkBan ? ban->network.contains(slot.address)
                                                                      : user && ban->user == *user;
        return isOfThem && !ban->isOver(now) && reaches(ban->rank, roleOf(slot));
    };
    const auto ban = std::ranges::find_if(bans, isMeant);
    if (ban != bans.end())
        putOut(slot, CloseCode::Banned, wording(**ban));
}

void Chat::tellMuted(const std::vector<const Sanction *> &mutes, bool isMuted)
{
    if (mutes.empty())
        return;
    std::unordered_multimap<std::string_view, const Sanction *> byUser;
    for (const Sanction *each : mutes)
        byUser.emplace(each->user, each);
    for (const Slot &each : m_slots) {
        if (!each.session || each.dialect != Dialect::V2)
            continue;
        const std::string *const user = userOf(each);
        if (!user)
            continue;
        const auto [first, last] = byUser.equal_range(*user);
        for (auto mute = first; mute != last; ++mute)
            static_cast<V2Session *>(each.session)->onMuteChanged(*mute->second, isMuted);
    }
}

} // namespace parlor
