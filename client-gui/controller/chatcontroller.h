// SPDX-License-Identifier: MIT
#pragma once

#include "client-gui/models/connectionmodel.h"
#include "client-gui/models/memberlistmodel.h"
#include "client-gui/models/messagemodel.h"
#include "client-gui/models/roomlistmodel.h"
#include "shared/client/chatclient.h"
#include "shared/client/memoryoutbox.h"

#include <QSet>
#include <QTimer>

#include <map>
#include <memory>

namespace parlor::gui {

class Settings;

/// Between the chat client and the views: turns what happens on the server into changes of the models, and
/// what the person wants into calls of the client. Owned by main; knows no widget.
class ChatController : public QObject
{
    Q_OBJECT
public:
    /// The settings must outlive it.
    ChatController(Settings &settings, const ClientOptions &options, QObject *parent = nullptr);
    ~ChatController() override;

    /// How the desktop client reconnects: three quick attempts, then a check every half minute.
    [[nodiscard]] static ClientOptions desktopOptions();

    // ---- what the person wants

    /// Joins what was joined there before, and `room`, which opens; empty: what was open there, else
    /// "general". What was written for another server and is not sent yet is given up: ask before (unsent()).
    void connectTo(const QUrl &url, const QString &username, const QString &room = {});
    void disconnect();
    void retryNow();
    /// Opens a room, and joins it first if need be.
    void openRoom(const QString &room);
    void leaveRoom(const QString &room);
    /// To the room that is open. Kept until the server has it.
    void send(const QString &text);
    void resend(const QString &cid) { m_client.outgoing().resend(cid); }
    void discard(const QString &cid) { m_client.outgoing().discard(cid); }
    void setTyping(TypingState now);
    void setDraft(const QString &room, bool draft) { m_rooms.setDraft(room, draft); }
    void changeName(const QString &username);
    /// Older messages of the room that is open.
    void loadOlder();
    /// Whether the person has the end of the open room before their eyes.
    void setWatching(bool watching);
    void clearMarker();
    void refreshRooms();

    // ---- what there is to see

    [[nodiscard]] ConnectionModel &connection() { return m_connection; }
    [[nodiscard]] RoomListModel &rooms() { return m_rooms; }
    [[nodiscard]] MessageModel *messages(const QString &room);
    [[nodiscard]] MemberListModel *members(const QString &room);
    [[nodiscard]] const QString &currentRoom() const { return m_current; }
    [[nodiscard]] QString username() const;
    [[nodiscard]] const QUrl &url() const { return m_client.url(); }
    /// There is a link, or one is being made.
    [[nodiscard]] bool isConnected() const;
    /// Who writes in a room, for people; empty: nobody.
    [[nodiscard]] QString typingText(const QString &room) const;
    /// Messages that the server does not have.
    [[nodiscard]] qsizetype unsent() const { return m_outbox.entries().size(); }

Q_SIGNALS:
    void currentRoomChanged(const QString &room);
    void roomClosed(const QString &room);
    void typingChanged(const QString &room);
    void usernameChanged(const QString &username);
    /// Something that the person wanted did not come about; `text` says what and why.
    void refused(const QString &text);

private:
    struct Room
    {
        MessageModel messages;
        MemberListModel members;
        QMap<QString, QString> typing; ///< name by session
        bool askedForOlder = false;
    };
    void leaveServer();
    void wireConnection();
    void wireRooms();
    void wireOutgoing();
    void onMessage(const ChatMessage &message, MessageSource source);
    void onRefused(const QString &room, const Refusal &refusal);
    void show(const QString &room);
    void forget(const QString &room);
    void markRead();
    Room &room(const QString &name);
    [[nodiscard]] Room *find(const QString &name);
    void rememberRooms();

    Settings &m_settings;
    MemoryOutbox m_outbox;
    ChatClient m_client;
    ConnectionModel m_connection;
    RoomListModel m_rooms;
    std::map<QString, std::unique_ptr<Room>> m_book;
    QString m_current;
    QString m_wanted; ///< the room to open once the server let us in
    bool m_watching = false;
    QTimer m_directory;
    QList<RoomSummary> m_listed; ///< pages of the server's rooms so far
};

} // namespace parlor::gui
