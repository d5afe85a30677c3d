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
    arrivedInView(message, key, messages);
    lookedAway(message.room, messages);
}

void ReadMarks::arrivedInView(const ChatMessage &message, quint64 key, const MessageModel &messages)
{
    const QString &room = message.room;
    if (!m_read.contains(room))
        set(room, message.seq - 1);
    std::deque<Entry> &inView = m_unread[room].inView;
    if (const auto missing = missingBefore(message, key))
        inView.push_back(*missing);
    inView.push_back({.key = key,
                      .from = message.seq,
                      .to = message.seq,
                      .mentions = messages.mentionsUs(message.text) ? 1 : 0});
    count(room, message.seq);
}

void ReadMarks::lookedAway(const QString &room, MessageModel &messages)
{
    Unread &unread = m_unread[room];
    if (unread.inView.empty())
        return;
    if (unread.entries.empty())
        messages.setMarker(unread.inView.front().key);
    for (const Entry &each : std::exchange(unread.inView, {}))
        add(unread, each);
    tell(room, messages);
}

void ReadMarks::missedBefore(const ChatMessage &message, quint64 key, MessageModel &messages)
{
    if (const auto missing = missingBefore(message, key))
        m_unread[message.room].inView.push_back(*missing);
    lookedAway(message.room, messages);
}

std::optional<ReadMarks::Entry> ReadMarks::missingBefore(const ChatMessage &message, quint64 key) const
{
    const auto counted = m_counted.constFind(message.room);
    if (counted == m_counted.cend() || message.seq <= *counted + 1)
        return std::nullopt;
    const quint64 first = *counted + 1;
    return Entry{
        .key = key, .from = first, .to = message.seq - 1, .count = message.seq - first, .missing = true};
}

void ReadMarks::add(Unread &unread, const Entry &entry)
{
    unread.messages += entry.count;
    unread.mentions += entry.mentions;
    unread.entries.push_back(entry);
}

void ReadMarks::takeFirst(Unread &unread)
{
    unread.messages -= unread.entries.front().count;
    unread.mentions -= unread.entries.front().mentions;
    unread.entries.pop_front();
}

void ReadMarks::passed(const ChatMessage &message)
{
    pass(message.room, message.seq);
}

void ReadMarks::moved(const QString &room, quint64 seq)
{
    const auto counted = m_counted.constFind(room);
    if (counted != m_counted.cend() && *counted + 1 == seq)
        pass(room, seq);
}

void ReadMarks::pass(const QString &room, quint64 seq)
{
    const Unread &unread = m_unread[room];
    if (unread.entries.empty() && unread.inView.empty())
        set(room, seq);
    count(room, seq);
}

void ReadMarks::deleted(const QString &room, quint64 key, MessageModel &messages)
{
    Unread &unread = m_unread[room];
    const auto isIt = [key](const Entry &each) { return each.key == key && !each.missing; };
    if (const auto it = std::ranges::find_if(unread.inView, isIt); it != unread.inView.end())
        it->mentions = 0;
    if (const auto it = std::ranges::find_if(unread.entries, isIt); it != unread.entries.end()) {
        unread.mentions -= std::exchange(it->mentions, 0);
        tell(room, messages);
    }
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
                             .mentions = index.data(MessageModel::MentionRole).toBool() ? 1 : 0});
    }
    const quint64 first = page.first.value_or(*page.before);
    if (first > rest.from && page.more) {
        rest.to = first - 1;
        rest.count = std::min(first - rest.from, rest.count - std::min<quint64>(rest.count, news.size()));
        for (const Entry &each : news)
            rest.mentions = std::max(0, rest.mentions - each.mentions);
        news.push_front(rest);
    }
    const bool isFirst = gap == unread.entries.begin();
    unread.messages = 0;
    unread.mentions = 0;
    for (const Entry &each : std::exchange(unread.entries, {})) {
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

void ReadMarks::trimmed(const QString &room, MessageModel &messages)
{
    const auto isGone = [&](const Entry &each) { return messages.rowOf(each.key) < 0; };
    Unread &unread = m_unread[room];
    if (!unread.inView.empty() && isGone(unread.inView.front()))
        lookedAway(room, messages);
    std::deque<Entry> &entries = unread.entries;
    const auto kept = std::ranges::partition_point(entries, isGone);
    if (kept == entries.begin())
        return;
    Entry above{.key = messages.index(0).data(MessageModel::KeyRole).toULongLong(), .count = 0};
    for (auto each = entries.begin(); each != kept; ++each) {
        above.from = above.from == 0 ? each->from : above.from;
        above.to = each->to;
        above.count += each->count;
        above.mentions += each->mentions;
    }
    // Our own messages at the end of what went are no entries, but a page that is brought has them.
    if (const auto first = messages.firstSeq(); first && above.to != 0)
        above.to = std::max(above.to, *first - 1);
    above.missing = above.to != 0;
    entries.erase(entries.begin(), kept);
    entries.push_front(above);
    markFirst(room, messages);
    tell(room, messages);
}

void ReadMarks::seen(const QString &room, int first, int last, MessageModel &messages,
                     const std::optional<RoomPosition> &upTo)
{
    Unread &unread = m_unread[room];
    const auto isHidden = [&](const Entry &each) {
        return messages.rowOf(each.key) > last || (each.missing && messages.mayHaveMoreAbove(each.key));
    };
    if (!unread.inView.empty()) {
        // All of it is in view, or its first is new.
        if (messages.rowOf(unread.inView.front().key) >= first &&
            std::ranges::none_of(unread.inView, isHidden)) {
            quint64 to = std::exchange(unread.inView, {}).back().to;
            if (upTo)
                to = std::max(to, upTo->seq);
            if (unread.entries.empty() && to != 0)
                set(room, to);
        } else {
            lookedAway(room, messages);
        }
    }
    // Whoever jumped over the first has not read it.
    if (unread.entries.empty() || std::max(0, messages.rowOf(unread.entries.front().key)) < first)
        return;
    std::optional<quint64> read;
    while (!unread.entries.empty() && !isHidden(unread.entries.front())) {
        read = unread.entries.front().to;
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
    for (std::deque<Entry> *entries : {&m_unread[room].entries, &m_unread[room].inView}) {
        for (Entry &each : *entries) {
            each.missing = false;
            each.from = each.to = 0;
        }
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
