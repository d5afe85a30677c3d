// SPDX-License-Identifier: MIT
#pragma once

#include "client-gui/models/messagemodel.h"
#include "client-gui/models/roomlistmodel.h"
#include "shared/client/recorder.h"

#include <QHash>

namespace parlor::gui {

/// Up to where the person has read each room: how many messages are new there, where the line above them is,
/// and what of it outlives the window. Owned by ChatController.
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
    /// Called before one of our own messages: what is missing above it is new.
    void missedBefore(const ChatMessage &message);
    /// A message came that need not be read: it is ours, was seen as it came, or is from before we came.
    void passed(const ChatMessage &message);
    /// The person has read all that is there.
    void read(const QString &room, const std::optional<RoomPosition> &upTo);
    /// The server numbers the room anew.
    void numberedAnew(const QString &room);
    void forget(const QString &room);

private:
    void set(const QString &room, quint64 seq);
    void count(const QString &room, quint64 seq);

    RoomListModel &m_rooms;
    Recorder &m_recorder;
    QHash<QString, quint64> m_read;    ///< seq
    QHash<QString, quint64> m_counted; ///< seq up to which all is read, or counted as unread
};

} // namespace parlor::gui
