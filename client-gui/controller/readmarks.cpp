// SPDX-License-Identifier: MIT
#include "client-gui/controller/readmarks.h"

namespace parlor::gui {

ReadMarks::ReadMarks(RoomListModel &rooms, Recorder &recorder)
    : m_rooms(rooms)
    , m_recorder(recorder)
{
}

void ReadMarks::recalled(const QString &room, const KeptRoom &kept)
{
    if (kept.position)
        m_read.insert(room, kept.read.value_or(kept.position->seq));
}

bool ReadMarks::isNew(const KeptMessage &kept, const RoomPosition &position) const
{
    return !kept.own && kept.epoch == position.epoch &&
           kept.message.seq > m_read.value(kept.message.room, position.seq);
}

void ReadMarks::arrived(const ChatMessage &message, quint64 key, MessageModel &messages)
{
    const QString &room = message.room;
    if (!m_read.contains(room))
        set(room, message.seq - 1);
    if (m_rooms.unread(room) == 0)
        messages.setMarker(key);
    m_rooms.addUnread(room, messages.mentionsUs(message.text));
}

void ReadMarks::passed(const ChatMessage &message)
{
    if (m_rooms.unread(message.room) == 0)
        set(message.room, message.seq);
}

void ReadMarks::read(const QString &room, const std::optional<RoomPosition> &upTo)
{
    m_rooms.clearUnread(room);
    if (upTo)
        set(room, upTo->seq);
}

void ReadMarks::set(const QString &room, quint64 seq)
{
    if (m_read.contains(room) && m_read.value(room) == seq)
        return;
    m_read.insert(room, seq);
    m_recorder.setRead(room, seq);
}

} // namespace parlor::gui
