// SPDX-License-Identifier: MIT
#pragma once

#include "client-gui/controller/olderpages.h"
#include "client-gui/controller/readmarks.h"
#include "client-gui/models/memberlistmodel.h"
#include "client-gui/models/messagemodel.h"
#include "client-gui/models/roomlistmodel.h"
#include "shared/client/chatclient.h"
#include "shared/client/recorder.h"

#include <QMap>
#include <QSet>

#include <map>
#include <memory>
#include <optional>

namespace parlor::gui {

/// The rooms that the person is in or wants to be in: turns what happens there into changes of their models,
/// and knows which one is open, what is new in each and where something is written. Owned by ChatController.
class JoinedRooms : public QObject
{
    Q_OBJECT
public:
    /// All must outlive it.
    JoinedRooms(ChatClient &client, Recorder &recorder, const Outbox &outbox, QObject *parent = nullptr);

    /// Shows what is kept of a room; nothing follows if it is there already.
    void add(const QString &room);
    /// Joins, where it went on at the last refusal.
    void join(const QString &room);
    void forget(const QString &room);
    /// Leaves all of them.
    void leaveAll();
    void open(const QString &room);
    /// The room let us in no more, and stays for what is written there.
    void setRefused(const QString &room);
    void setOutgoing(const OutboxEntry &entry);
    void setDraft(const QString &room, bool draft);
    /// Who we are in all rooms.
    void setSelf(const SessionInfo &self);
    void setModerating(bool moderating);
    void connectionLost();
    /// Whether the person has the end of the open room before their eyes.
    void setWatching(bool watching);
    /// The person sees these rows of the open room.
    void setSeen(int first, int last);
    /// The person says so of the open room.
    void markRead();
    /// The open room's line goes if there is nothing new.
    void clearMarker();

    [[nodiscard]] OlderPages &older() { return m_older; }
    [[nodiscard]] RoomListModel &list() { return m_list; }
    [[nodiscard]] bool contains(const QString &room) const { return m_book.contains(room); }
    [[nodiscard]] MessageModel *messages(const QString &room);
    [[nodiscard]] MemberListModel *members(const QString &room);
    /// The open one; empty: none.
    [[nodiscard]] const QString &current() const { return m_current; }
    /// Who writes in a room, for people; empty: nobody.
    [[nodiscard]] QString typingText(const QString &room) const;
    /// Rooms where something is written and not sent.
    [[nodiscard]] const QSet<QString> &drafts() const { return m_drafts; }

Q_SIGNALS:
    /// One was added, or is gone.
    void changed();
    void currentChanged(const QString &room);
    void typingChanged(const QString &room);
    /// Messages came to the open room that were said while we were away, and nobody has seen any of them.
    void missedOnesCame();

private:
    struct Room
    {
        MessageModel messages;
        MemberListModel members;
        QMap<QString, QString> typing;        ///< name by session
        std::optional<RoomPosition> position; ///< for joining again after a refusal
        bool missedSome = false;              ///< what comes as backlog is new to us
    };
    void wireRooms();
    void wireMembers();
    void wireOutgoing();
    void recall(const QString &name, Room &room);
    void onMessage(const ChatMessage &message, MessageSource source);
    void onDeleted(const MessageDeletion &deletion);
    void updateNamesakes(const QString &name, Room &room);
    [[nodiscard]] Room *find(const QString &name);

    ChatClient &m_client;
    Recorder &m_recorder;
    const Outbox &m_outbox;
    OlderPages m_older;
    RoomListModel m_list;
    ReadMarks m_marks;
    std::map<QString, std::unique_ptr<Room>> m_book;
    SessionInfo m_self;
    QSet<QString> m_drafts; ///< rooms
    QString m_current;
    QString m_before; ///< the room that was open before
    bool m_moderating = false;
    bool m_watching = false;
};

} // namespace parlor::gui
