// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/chattypes.h"
#include "shared/client/requests.h"

#include <QObject>
#include <QTimer>

#include <deque>

namespace parlor {

/// Questions about rooms that change nothing: who is there, what was said, which rooms exist. Each is
/// answered by its signal, or by requestRefused; it waits for its turn where the server's rate demands it.
/// Lives in its client's thread.
class Directory : public QObject
{
    Q_OBJECT
public:
    Directory(Requests &requests, RatePacer &pacer, QObject *parent = nullptr);

    /// Older messages, for scrolling back: those before `before`, or the newest.
    void requestHistory(const QString &room, std::optional<quint64> before, std::optional<quint32> limit);
    /// Members after the session `after`, in the server's order.
    void requestMembers(const QString &room, const QString &after = {});
    void requestRooms(const QString &prefix = {}, const QString &after = {});

    /// From ChatClient: nothing that waits will be asked.
    void connectionLost();

Q_SIGNALS:
    void historyListed(const QString &room, const parlor::HistoryPage &page);
    /// Comes before its requestRefused.
    void historyRefused(const QString &room, const parlor::Refusal &refusal);
    void membersListed(const QString &room, const QList<parlor::RoomMember> &members, quint64 count);
    void roomsListed(const QList<parlor::RoomSummary> &rooms, bool more);
    /// `what` names the question for people.
    void requestRefused(const QString &what, const parlor::Refusal &refusal);

private:
    struct Question
    {
        QString what;
        std::function<void(Requests::Handler)> send;
        std::function<void(const frame::Any &)> answered;
        std::function<void(const Refusal &)> refused{}; ///< may be empty
    };
    void ask(const Question &question);
    void askWaiting();
    void refuse(const Question &question, const Refusal &refusal);

    Requests &m_requests;
    RatePacer &m_pacer;
    std::deque<Question> m_waiting;
    QTimer m_turn;
};

} // namespace parlor
