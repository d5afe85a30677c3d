// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/chattypes.h"
#include "shared/client/requests.h"

#include <QObject>

namespace parlor {

/// Questions about rooms that change nothing: who is there, what was said, which rooms exist. Each is
/// answered by its signal, or by requestRefused. Lives in its client's thread.
class Directory : public QObject
{
    Q_OBJECT
public:
    explicit Directory(Requests &requests, QObject *parent = nullptr);

    /// Older messages, for scrolling back: those before `before`, or the newest.
    void requestHistory(const QString &room, std::optional<quint64> before, std::optional<quint32> limit);
    /// Members after the session `after`, in the server's order.
    void requestMembers(const QString &room, const QString &after = {});
    void requestRooms(const QString &prefix = {}, const QString &after = {});

Q_SIGNALS:
    void historyListed(const QString &room, const QList<parlor::ChatMessage> &messages, bool more);
    void membersListed(const QString &room, const QList<parlor::RoomMember> &members, quint64 count);
    void roomsListed(const QList<parlor::RoomSummary> &rooms, bool more);
    /// `what` names the question for people.
    void requestRefused(const QString &what, const parlor::Refusal &refusal);

private:
    void ask(const QString &what, const request::Body &body, Requests::Handler answered);

    Requests &m_requests;
};

} // namespace parlor
