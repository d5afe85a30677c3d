// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/chatclient.h"
#include "shared/client/clientstore.h"

#include <QHash>
#include <QSet>
#include <QTimer>

namespace parlor {

/// Writes what happens to a client's session and rooms into a store, and recalls it at the next start. Rooms
/// are written a few times a second, messages and position together: what a crash takes, the server brings
/// again. (The outbox is the client's own affair, and is written at once.) Belongs beside the ChatClient, in
/// its thread.
class Recorder : public QObject
{
    Q_OBJECT
public:
    /// Both must outlive it.
    /// `retryAfter`: what could not be kept is tried again so much later, until it can.
    Recorder(ChatClient &client, ClientStore &store,
             std::chrono::milliseconds retryAfter = std::chrono::seconds(5), QObject *parent = nullptr);
    ~Recorder() override;

    /// Brings this account into use. Called before the client connects with it, while nothing is under way,
    /// and after failed() has been connected. Rooms that the client is in go on where they are.
    void open(const Account &account);
    /// What is kept of a room. Called before the room is joined; removes from the outbox what turns out to be
    /// published.
    [[nodiscard]] KeptRoom recall(const QString &room);
    /// The newest kept messages of the room, with which RoomBook joins it.
    [[nodiscard]] QList<ShownMessage> shown(const QString &room);
    void forget(const QString &room);
    /// The person has read the room up to this seq. Written a little later, like the rest of a room.
    void setRead(const QString &room, quint64 seq);
    void flush();

    /// The session to resume; empty if there is none.
    [[nodiscard]] const KeptSession &session() const { return m_session; }
    /// Whether what is not sent yet will be there after a crash.
    [[nodiscard]] bool keepsOutbox() const { return m_store.outlivesProcess(); }
    /// What others on this account's server left unsent.
    [[nodiscard]] QList<UnsentElsewhere> unsentElsewhere() const { return m_store.unsentElsewhere(); }

Q_SIGNALS:
    /// Something could not be kept; `text` says what, why, and what to do.
    void failed(const QString &text);
    /// It can be kept again.
    void mended();

private:
    void onMessage(const ChatMessage &message);
    void onDeleted(const MessageDeletion &deletion);
    void onMissing(const QString &room, const MissingMessages &missing);
    void onPosition(const QString &room, const RoomPosition &position);
    void writeAgain();

    ChatClient &m_client;
    ClientStore &m_store;
    KeptSession m_session;
    QHash<QString, QList<KeptMessage>> m_heard; ///< messages that the position does not cover yet
    QHash<QString, KeptRoom> m_pending;
    QHash<QString, quint64> m_read;            ///< that is not written yet
    QHash<QString, MissingMessages> m_missing; ///< above the next message
    QSet<QString> m_broken;                    ///< rooms of which something could not be kept
    bool m_isSessionKept = true;
    QTimer m_flush;
    QTimer m_retry;
};

} // namespace parlor
