// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/chattypes.h"
#include "shared/client/requests.h"

#include <QObject>

namespace parlor {

/// What a moderator does to somebody, or to a room. Texts that are empty are not told to the server.
struct ModerationAct
{
    enum class Action { Kick, Ban, Unban, Mute, Unmute, Slow };
    Action action = Action::Kick;
    QString user{};                                      ///< whom; or …
    QString network{};                                   ///< … an address or a network, of ban and unban
    QString room{};                                      ///< of mute, unmute (empty: everywhere) and slow
    std::optional<std::chrono::milliseconds> duration{}; ///< of ban and mute; nullopt: without an end
    std::optional<std::chrono::milliseconds>
        interval{}; ///< of slow: between two messages of one person; 0: none
    QString reason{};
    bool operator==(const ModerationAct &) const = default;
};

/// Deletes messages, and does what moderators may: each act is answered by a signal. Owned by ChatClient, in
/// its thread.
class Moderation : public QObject
{
    Q_OBJECT
public:
    explicit Moderation(Requests &requests, QObject *parent = nullptr);

    /// Of one's own messages, or as a moderator. RoomBook::messageDeleted tells once it is done, like
    /// everybody else.
    void deleteMessage(const QString &room, quint64 seq, const QString &id);
    void act(const ModerationAct &act);

Q_SIGNALS:
    /// `id`: of the message, which stays.
    void deleteRefused(const QString &room, const QString &id, const parlor::Refusal &refusal);
    void done(const parlor::ModerationAct &act);
    void refused(const parlor::ModerationAct &act, const parlor::Refusal &refusal);

private:
    /// `refused` is called without an answer, too.
    void send(const request::Body &body, const std::function<void()> &granted,
              const std::function<void(const Refusal &)> &refused);

    Requests &m_requests;
};

} // namespace parlor
