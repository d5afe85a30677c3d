// SPDX-License-Identifier: MIT
#include "client-gui/controller/readmarks.h"

#include <algorithm>

namespace parlor::gui {

ReadMarks::ReadMarks(RoomListModel &rooms, Recorder &recorder)
    : m_rooms(rooms)
    , m_recorder(recorder)
{
}

void ReadMarks::recalled(const QString &room, const KeptRoom &kept)
{
    if (!kept.position)
        return;
    const quint64 read = kept.read.value_or(kept.position->seq);
    m_read.insert(room, read);
    if (read != 0) // as in numberedAnew()
        count(room, read);
}

void ReadMarks::kept(const KeptMessage &kept)
{
    count(kept.message.room, kept.message.seq);
}

bool ReadMarks::isNew(const KeptMessage &kept) const
{
    return !kept.own && kept.message.seq > m_read.value(kept.message.room);
}

void ReadMarks::arrived(const ChatMessage &message, quint64 key, MessageModel &messages)
{
    const QString &room = message.room;
    if (!m_read.contains(room))
        set(room, message.seq - 1);
    if (m_rooms.unread(room) == 0)
        messages.setMarker(key);
    const quint64 before = m_counted.value(room, message.seq - 1);
    m_rooms.addUnread(room, message.seq > before ? message.seq - before : 1,
                      messages.mentionsUs(message.text));
    count(room, message.seq);
}

void ReadMarks::missedBefore(const ChatMessage &message)
{
    const auto counted = m_counted.constFind(message.room);
    if (counted != m_counted.cend() && message.seq > *counted + 1)
        m_rooms.addUnread(message.room, message.seq - *counted - 1, false);
}

void ReadMarks::passed(const ChatMessage &message)
{
    if (m_rooms.unread(message.room) == 0)
        set(message.room, message.seq);
    count(message.room, message.seq);
}

void ReadMarks::read(const QString &room, const std::optional<RoomPosition> &upTo)
{
    m_rooms.clearUnread(room);
    if (!upTo)
        return;
    set(room, upTo->seq);
    count(room, upTo->seq);
}

void ReadMarks::numberedAnew(const QString &room)
{
    set(room, 0);
    m_counted.remove(room); // how much of it is new to us is not known
}

void ReadMarks::forget(const QString &room)
{
    m_read.remove(room);
    m_counted.remove(room);
}

void ReadMarks::set(const QString &room, quint64 seq)
{
    if (m_read.contains(room) && m_read.value(room) == seq)
        return;
    m_read.insert(room, seq);
    m_recorder.setRead(room, seq);
}

void ReadMarks::count(const QString &room, quint64 seq)
{
    quint64 &counted = m_counted[room];
    counted = std::max(counted, seq);
}

} // namespace parlor::gui
