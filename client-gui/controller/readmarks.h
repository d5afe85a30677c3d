// SPDX-License-Identifier: MIT
#pragma once

#include "client-gui/models/messagemodel.h"
#include "client-gui/models/roomlistmodel.h"
#include "shared/client/recorder.h"

#include <QHash>

#include <deque>

namespace parlor::gui {

/// Up to where the person has read each room: which messages are new there, where the line above them is,
/// and what of it outlives the window. A message is read when it was seen, and those above it were. Owned by
/// JoinedRooms.
class ReadMarks
{
public:
    ReadMarks(RoomListModel &rooms, Recorder &recorder);

    /// Called before what is kept of a room is shown.
    void recalled(const QString &room, const KeptRoom &kept);
    /// Whether the person has not read this kept message, which is numbered as the room's position is.
    [[nodiscard]] bool isNew(const KeptMessage &kept) const;
    /// A kept message is shown that the person has read already, and that is numbered as the position is.
    void kept(const KeptMessage &kept);
    /// A message that nobody saw yet; `key` is its row's. What is missing before it is new, too.
    void arrived(const ChatMessage &message, quint64 key, MessageModel &messages);
    /// The same while the person has the end of the room before their eyes: seen() follows once the row is
    /// laid out, and only what is not in view then counts as new.
    void arrivedInView(const ChatMessage &message, quint64 key, const MessageModel &messages);
    /// What arrived in view counts as new: seen() does not follow.
    void lookedAway(const QString &room, MessageModel &messages);
    /// Called before passed() for one of our own messages: what is missing above it is new.
    void missedBefore(const ChatMessage &message, quint64 key, MessageModel &messages);
    /// A message came that need not be read: it is ours, was seen as it came, or is from before we came.
    void passed(const ChatMessage &message);
    /// The room's position is here now: what is between the last message and it need not be read.
    void moved(const QString &room, quint64 seq);
    /// What a row said is gone. The row is still there to be seen.
    void deleted(const QString &room, quint64 key, MessageModel &messages);
    /// An older page came above a row, of which some may be new.
    void brought(const HistoryPage &page, const QString &room, MessageModel &messages);
    /// The oldest rows are gone; what was new there is missing above the first row.
    void trimmed(const QString &room, MessageModel &messages);
    /// The person sees these rows.
    void seen(const QString &room, int first, int last, MessageModel &messages,
              const std::optional<RoomPosition> &upTo);
    /// The person has read all that is there, or says so.
    void read(const QString &room, MessageModel &messages, const std::optional<RoomPosition> &upTo);
    /// The line goes above what is still new.
    void markFirst(const QString &room, MessageModel &messages);
    /// The server numbers the room anew.
    void numberedAnew(const QString &room);
    void forget(const QString &room);

private:
    /// A message that is new, or messages that are missing above a row and are new.
    struct Entry
    {
        quint64 key = 0;  ///< of its row, or of the row below
        quint64 from = 0; ///< seq; 0: in a numbering that the server lost
        quint64 to = 0;   ///< seq
        quint64 count = 1;
        int mentions = 0;
        bool missing = false;
    };
    struct Unread
    {
        std::deque<Entry> entries; ///< as the rows are
        quint64 messages = 0;
        int mentions = 0;
        std::deque<Entry> inView; ///< arrived in view, and is not laid out yet; below the others
    };

    void set(const QString &room, quint64 seq);
    void count(const QString &room, quint64 seq);
    void pass(const QString &room, quint64 seq);
    /// What is missing before the message.
    [[nodiscard]] std::optional<Entry> missingBefore(const ChatMessage &message, quint64 key) const;
    static void add(Unread &unread, const Entry &entry);
    static void takeFirst(Unread &unread);
    void tell(const QString &room, MessageModel &messages);

    RoomListModel &m_rooms;
    Recorder &m_recorder;
    QHash<QString, Unread> m_unread;
    QHash<QString, quint64> m_read;    ///< seq
    QHash<QString, quint64> m_counted; ///< seq up to which all is read, or counted as unread
};

} // namespace parlor::gui
