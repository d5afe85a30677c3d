// SPDX-License-Identifier: MIT
#include "server/moderation/sanctions.h"

#include "shared/protocol/values.h"

#include <utility>

namespace parlor {

namespace {

std::string userBanField(const std::string &user)
{
    return "ban user " + user;
}

std::string networkBanField(const Network &network)
{
    return "ban network " + network.text();
}

/// No room is called `*`, and none has a blank.
std::string muteField(const std::string &room, const std::string &user)
{
    return "mute " + (room.empty() ? "*" : room) + ' ' + user;
}

std::string slowField(const std::string &room)
{
    return "slow " + room;
}

} // namespace

std::string fieldOf(const Sanction &sanction)
{
    switch (sanction.kind) {
    case Sanction::Kind::UserBan:
        return userBanField(sanction.user);
    case Sanction::Kind::NetworkBan:
        return networkBanField(sanction.network);
    case Sanction::Kind::Mute:
        return muteField(sanction.room, sanction.user);
    case Sanction::Kind::Slow:
        break;
    }
    return slowField(sanction.room);
}

std::string wording(const Sanction &sanction)
{
    std::string text = "you are ";
    if (sanction.kind == Sanction::Kind::Mute)
        text += sanction.room.empty() ? "muted" : "muted in \"" + sanction.room + '"';
    else
        text += sanction.kind == Sanction::Kind::NetworkBan ? "banned, with your network" : "banned";
    if (sanction.until)
        text.append(" until ").append(values::timestamp(*sanction.until).toString());
    if (!sanction.reason.empty())
        text.append(": ").append(sanction.reason);
    return text;
}

void Sanctions::put(Sanction sanction)
{
    std::string field = fieldOf(sanction);
    erase(field);
    if (sanction.kind == Sanction::Kind::NetworkBan)
        ++m_networkBans[sanction.network.bits()];
    m_all.emplace(std::move(field), std::move(sanction));
}

void Sanctions::erase(const std::string &field)
{
    const auto found = m_all.find(field);
    if (found == m_all.end())
        return;
    if (found->second.kind == Sanction::Kind::NetworkBan)
        --m_networkBans[found->second.network.bits()];
    m_all.erase(found);
}

const Sanction *Sanctions::find(const std::string &field) const
{
    const auto found = m_all.find(field);
    return found == m_all.end() ? nullptr : &found->second;
}

const Sanction *Sanctions::inForce(const std::string &field, Role role, std::chrono::milliseconds now) const
{
    const Sanction *const found = find(field);
    return found && !found->isOver(now) && reaches(found->rank, role) ? found : nullptr;
}

const Sanction *Sanctions::banOf(const std::string &user, Role role, std::chrono::milliseconds now) const
{
    return m_all.empty() ? nullptr : inForce(userBanField(user), role, now);
}

const Sanction *Sanctions::banOf(const IpAddress &address, const std::string &user, Role role,
                                 std::chrono::milliseconds now) const
{
    const Sanction *const ofNetwork = banOf(address, role, now);
    return ofNetwork ? ofNetwork : banOf(user, role, now);
}

const Sanction *Sanctions::banOf(const IpAddress &address, Role role, std::chrono::milliseconds now) const
{
    if (m_all.empty())
        return nullptr;
    // An IPv4 address is not in networks of IPv6, which may have the prefix of mapped ones.
    const unsigned shortest = Network(address, 128).isV4() ? 96 : 0;
    for (unsigned bits = 128; bits >= shortest && bits != 0; --bits) {
        if (m_networkBans[bits] == 0)
            continue;
        if (const Sanction *const ban = inForce(networkBanField(Network(address, bits)), role, now))
            return ban;
    }
    return nullptr;
}

const Sanction *Sanctions::muteOf(const std::string &user, Role role, const std::string &room,
                                  std::chrono::milliseconds now) const
{
    if (m_all.empty())
        return nullptr;
    if (const Sanction *const mute = inForce(muteField({}, user), role, now))
        return mute;
    return inForce(muteField(room, user), role, now);
}

std::chrono::milliseconds Sanctions::intervalOf(const std::string &room, Role role,
                                                std::chrono::milliseconds now) const
{
    if (m_all.empty() || role != Role::Member)
        return {};
    const Sanction *const slow = inForce(slowField(room), role, now);
    return slow ? slow->interval : std::chrono::milliseconds();
}

SanctionChanges changes(const Sanctions &before, const Sanctions &after, std::chrono::milliseconds now)
{
    SanctionChanges changed;
    for (const auto &[field, sanction] : after.all()) {
        const Sanction *const old = before.find(field);
        if (old && *old == sanction)
            continue;
        if (sanction.kind == Sanction::Kind::Mute)
            changed.mutes.push_back(&sanction);
        else if (sanction.kind != Sanction::Kind::Slow)
            changed.bans.push_back(&sanction);
    }
    for (const auto &[field, sanction] : before.all()) {
        if (sanction.kind == Sanction::Kind::Mute && !sanction.isOver(now) && !after.find(field))
            changed.unmuted.push_back(&sanction);
    }
    return changed;
}

} // namespace parlor
