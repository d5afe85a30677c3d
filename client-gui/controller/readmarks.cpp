// SPDX-License-Identifier: MIT
#include "client-gui/controller/readmarks.h"

#include <algorithm>
#include <utility>

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
    if (m_unread[room].entries.empty())
        messages.setMarker(key);
    addMissing(message, key);
    add(m_unread[room],
        {.key = key, .from = message.seq, .to = message.seq, .mention = messages.mentionsUs(message.text)});
    count(room, message.seq);
    tell(room, messages);
}

void ReadMarks::missedBefore(const ChatMessage &message, quint64 key, MessageModel &messages)
{
    const bool wasEmpty = m_unread[message.room].entries.empty();
    addMissing(message, key);
    if (m_unread[message.room].entries.empty())
        return;
    if (wasEmpty)
        messages.setMarker(key);
    tell(message.room, messages);
}

void ReadMarks::addMissing(const ChatMessage &message, quint64 key)
{
    const auto counted = m_counted.constFind(message.room);
    if (counted == m_counted.cend() || message.seq <= *counted + 1)
        return;
    const quint64 first = *counted + 1;
    add(m_unread[message.room],
        {.key = key, .from = first, .to = message.seq - 1, .count = message.seq - first, .missing = true});
}

void ReadMarks::add(Unread &unread, const Entry &entry)
{
    unread.messages += entry.count;
    unread.mentions += entry.mention ? 1 : 0;
    unread.entries.push_back(entry);
}

void ReadMarks::takeFirst(Unread &unread)
{
    unread.messages -= unread.entries.front().count;
    unread.mentions -= unread.entries.front().mention ? 1 : 0;
    unread.entries.pop_front();
}

void ReadMarks::passed(const ChatMessage &message)
{
    if (m_unread[message.room].entries.empty())
        set(message.room, message.seq);
    count(message.room, message.seq);
}

void ReadMarks::brought(const HistoryPage &page, const QString &room, MessageModel &messages)
{
    Unread &unread = m_unread[room];
    const auto isGap = [&](const Entry &each) {
        return each.missing && each.from < page.before && page.before <= each.to + 1;
    };
    const auto gap = std::ranges::find_if(unread.entries, isGap);
    if (gap == unread.entries.end())
        return;
    Entry rest = *gap;
    std::deque<Entry> news;
    // The rows that came are just above the one below the gap.
    for (int row = messages.rowOf(gap->key) - 1; row >= 0; --row) {
        const QModelIndex index = messages.index(row);
        const quint64 seq = index.data(MessageModel::SeqRole).toULongLong();
        if (seq < rest.from || seq > rest.to)
            break;
        rest.key = index.data(MessageModel::KeyRole).toULongLong();
        if (index.data(MessageModel::DeliveryRole).value<MessageModel::Delivery>() ==
            MessageModel::Delivery::Received)
            news.push_front({.key = rest.key,
                             .from = seq,
                             .to = seq,
                             .mention = index.data(MessageModel::MentionRole).toBool()});
    }
    const quint64 first = page.first.value_or(*page.before);
    if (first > rest.from && page.more) {
        rest.to = first - 1;
        rest.count = first - rest.from;
        news.push_front(rest);
    }
    const bool isFirst = gap == unread.entries.begin();
    const Unread before = std::exchange(unread, {});
    for (const Entry &each : before.entries) {
        if (!isGap(each))
            add(unread, each);
        else
            for (const Entry &one : news)
                add(unread, one);
    }
    if (isFirst)
        markFirst(room, messages);
    tell(room, messages);
}

void ReadMarks::seen(const QString &room, int first, int last, MessageModel &messages,
                     const std::optional<RoomPosition> &upTo)
{
    Unread &unread = m_unread[room];
    // Whoever jumped over the first has not read it.
    if (unread.entries.empty() || std::max(0, messages.rowOf(unread.entries.front().key)) < first)
        return;
    std::optional<quint64> read;
    while (!unread.entries.empty()) {
        const Entry &next = unread.entries.front();
        if (messages.rowOf(next.key) > last || (next.missing && messages.mayHaveMoreAbove(next.key)))
            break;
        read = next.to;
        takeFirst(unread);
    }
    if (!read)
        return;
    if (unread.entries.empty() && upTo)
        read = std::max(*read, upTo->seq);
    if (*read != 0)
        set(room, *read);
    tell(room, messages);
}

void ReadMarks::read(const QString &room, MessageModel &messages, const std::optional<RoomPosition> &upTo)
{
    m_unread.remove(room);
    tell(room, messages);
    if (!upTo)
        return;
    set(room, upTo->seq);
    count(room, upTo->seq);
}

void ReadMarks::markFirst(const QString &room, MessageModel &messages)
{
    const Unread &unread = m_unread[room];
    messages.setMarker(unread.entries.empty() ? std::nullopt : std::optional(unread.entries.front().key));
}

void ReadMarks::numberedAnew(const QString &room)
{
    for (Entry &each : m_unread[room].entries) {
        each.missing = false;
        each.from = each.to = 0;
    }
    set(room, 0);
    m_counted.remove(room); // how much of it is new to us is not known
}

void ReadMarks::forget(const QString &room)
{
    m_unread.remove(room);
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

void ReadMarks::tell(const QString &room, MessageModel &messages)
{
    const Unread &unread = m_unread[room];
    m_rooms.setUnread(room, unread.messages, unread.mentions);
    messages.setUnread(
        {unread.messages, unread.mentions, unread.entries.empty() ? 0 : unread.entries.front().key});
}

} // namespace parlor::gui
