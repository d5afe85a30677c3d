// SPDX-License-Identifier: MIT
#include "client-cli/chat/shownmessages.h"

#include <algorithm>

namespace parlor::cli {

void ShownMessages::add(const ChatMessage &message)
{
    if (message.deletedBy)
        return;
    QList<Shown> &room = m_rooms[message.room];
    room.append({message.seq, message.id, message.user, message.username, message.timestamp});
    if (room.size() > kPerRoom)
        room.removeFirst();
}

std::optional<ShownMessages::Shown> ShownMessages::remove(const QString &room, const QString &id)
{
    QList<Shown> &all = m_rooms[room];
    const auto at = std::ranges::find(all, id, &Shown::id);
    if (at == all.end())
        return std::nullopt;
    const Shown shown = *at;
    all.erase(at);
    return shown;
}

std::optional<ShownMessages::Shown> ShownMessages::last(const QString &room, const QString &user) const
{
    const QList<Shown> all = m_rooms.value(room);
    const auto at =
        std::find_if(all.rbegin(), all.rend(), [&user](const Shown &each) { return each.user == user; });
    return at == all.rend() ? std::nullopt : std::optional(*at);
}

} // namespace parlor::cli
