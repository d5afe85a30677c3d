// SPDX-License-Identifier: MIT
#include "shared/client/directory.h"

#include "shared/client/fromwire.h"

namespace parlor {

Directory::Directory(Requests &requests, QObject *parent)
    : QObject(parent)
    , m_requests(requests)
{
}

void Directory::requestHistory(const QString &room, std::optional<quint64> before,
                               std::optional<quint32> limit)
{
    const std::string name = room.toStdString();
    ask(tr("the history of %1").arg(room), request::History{name, before, std::nullopt, limit},
        [this, room](const frame::Any &any) {
            if (const auto *page = std::get_if<frame::History>(&any)) {
                const auto events = fromwire::messages(page->events);
                Q_EMIT historyListed(room, QList<ChatMessage>(events.begin(), events.end()), page->more);
            }
        });
}

void Directory::requestMembers(const QString &room, const QString &after)
{
    const std::string name = room.toStdString();
    const std::string last = after.toStdString();
    ask(tr("the members of %1").arg(room), request::Who{name, std::nullopt, last},
        [this, room](const frame::Any &any) {
            if (const auto *users = std::get_if<frame::RoomUsers>(&any))
                Q_EMIT membersListed(room, fromwire::members(users->members), users->count);
        });
}

void Directory::requestRooms(const QString &prefix, const QString &after)
{
    const std::string start = prefix.toStdString();
    const std::string last = after.toStdString();
    ask(tr("the rooms"), request::Rooms{start, std::nullopt, last}, [this](const frame::Any &any) {
        const auto *rooms = std::get_if<frame::Rooms>(&any);
        if (!rooms)
            return;
        QList<RoomSummary> list;
        for (const frame::RoomInfo &each : rooms->rooms)
            list.append(RoomSummary{fromwire::text(each.name), each.count, each.seq});
        Q_EMIT roomsListed(list, rooms->more);
    });
}

void Directory::ask(const QString &what, const request::Body &body, Requests::Handler answered)
{
    if (!m_requests.isOpen()) {
        Q_EMIT requestRefused(what, Refusal{{}, tr("not connected; try again when the connection is back")});
        return;
    }
    m_requests.send(body, [this, what, answered = std::move(answered)](const frame::Any &any) {
        if (const auto *error = std::get_if<frame::Error>(&any))
            Q_EMIT requestRefused(what, fromwire::refusal(*error));
        else
            answered(any);
    });
}

} // namespace parlor
