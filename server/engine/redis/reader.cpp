// SPDX-License-Identifier: MIT
#include "server/engine/redis/reader.h"

#include "shared/protocol/limits.h"
#include "shared/protocol/values.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace parlor::redis {

namespace {

Error unread(const Reply &reply)
{
    return {ErrorCode::Unavailable, reply.isError() ? std::string(reply.text()) : "Redis does not answer"};
}

/// Of an entry of a stream.
std::string idOf(std::uint64_t seq)
{
    return std::to_string(seq) + "-0";
}

/// All that is in both, up to where the first of them was cut. Where both have one, it was deleted meanwhile.
Reader::Page merged(Reader::Page messages, Reader::Page tombstones, const Reader::Range &range)
{
    const bool isOldestFirst = range.order == EntryReader::Order::OldestFirst;
    if (tombstones.entries.empty() && tombstones.wrong == 0)
        return messages;
    Reader::Page all;
    all.wrong = messages.wrong + tombstones.wrong;
    std::ranges::merge(tombstones.entries, messages.entries, std::back_inserter(all.entries), {},
                       &HistoryRing::Entry::seq, &HistoryRing::Entry::seq);
    const auto isSame = [](const auto &a, const auto &b) { return a.seq == b.seq; };
    all.entries.erase(std::unique(all.entries.begin(), all.entries.end(), isSame), all.entries.end());
    const auto cutAt = [&](std::uint64_t seq) {
        const bool isNearer = isOldestFirst ? seq < all.lastSeq : seq > all.lastSeq;
        if (!std::exchange(all.isCut, true) || isNearer)
            all.lastSeq = seq;
    };
    for (const Reader::Page *each : {&messages, &tombstones}) {
        if (each->isCut)
            cutAt(each->lastSeq);
    }
    if (all.entries.size() > range.most)
        cutAt(all.entries[isOldestFirst ? range.most - 1 : all.entries.size() - range.most].seq);
    std::erase_if(all.entries, [&all, isOldestFirst](const HistoryRing::Entry &each) {
        return all.isCut && (isOldestFirst ? each.seq > all.lastSeq : each.seq < all.lastSeq);
    });
    return all;
}

/// Without what others wrote.
MessageStore::Listing namesOnly(MessageStore::Listing listing)
{
    std::erase_if(listing, [](const auto &each) { return each.name.empty(); });
    return listing;
}

} // namespace

/// Tombstones are read behind the stream: what is deleted between the two is in both, and none is missing.
void Reader::page(const std::string &room, const Range &range, PageThen then)
{
    const bool isOldestFirst = range.order == EntryReader::Order::OldestFirst;
    const bool isOpen = range.to == kNewest;
    const std::string most = std::to_string(range.most);
    const auto command = [&](const char *name, const std::string &key, std::string from, std::string to) {
        if (!isOldestFirst)
            std::swap(from, to);
        return std::vector<std::string>{name, key, std::move(from), std::move(to)};
    };
    auto ofStream = command(isOldestFirst ? "XRANGE" : "XREVRANGE", m_keys.stream(room), idOf(range.from),
                            isOpen ? "+" : idOf(range.to));
    ofStream.insert(ofStream.end(), {"COUNT", most});
    auto ofTombstones = command(isOldestFirst ? "ZRANGEBYSCORE" : "ZREVRANGEBYSCORE", m_keys.tombstones(room),
                                std::to_string(range.from), isOpen ? "+inf" : std::to_string(range.to));
    ofTombstones.insert(ofTombstones.end(), {"LIMIT", "0", most});

    const auto messages = std::make_shared<std::optional<Page>>();
    m_commands.send(ofStream, [this, room, range, messages, then](const Reply &reply) {
        if (!reply.isArray())
            return then(nullptr, reply);
        auto [entries, wrong] = m_entries.entries(room, reply, range.order);
        std::string_view lastId = reply[reply.size() - 1][0].text();
        *messages =
            Page{std::move(entries), wrong, reply.size() == range.most, number(takeUntil(lastId, '-'))};
    });
    m_commands.send(ofTombstones, [this, room, range, messages, then](const Reply &reply) {
        if (!*messages)
            return;
        if (!reply.isArray())
            return then(nullptr, reply);
        auto [entries, wrong] = m_entries.tombstones(room, reply, range.order);
        Page tombstones{std::move(entries), wrong, reply.size() == range.most, 0};
        if (!tombstones.entries.empty()) {
            const auto &last = tombstones.entries;
            tombstones.lastSeq =
                range.order == EntryReader::Order::OldestFirst ? last.back().seq : last.front().seq;
        }
        Page all = merged(**messages, std::move(tombstones), range);
        then(&all, reply);
    });
}

void Reader::messages(const std::string &room, const MessageRange &range, MessageStore::Amount amount,
                      MessageStore::Then<StoredMessages> then)
{
    const std::size_t most =
        amount == MessageStore::Amount::Page ? limits::kHistoryPage : HistoryRing::kMaxMessages;
    const auto found = std::make_shared<std::optional<Page>>();
    page(room,
         range.from ? Range{*range.from, range.top, most, EntryReader::Order::OldestFirst}
                    : Range{0, *range.before - 1, most, EntryReader::Order::NewestFirst},
         [found](Page *page, const Reply &) {
             if (page)
                 *found = std::move(*page);
         });
    // Behind the page: what was dropped before it was read is below the floor.
    m_commands.send({"HMGET", m_keys.top(room), "floor", "seq"}, [range, found, then](const Reply &reply) {
        // A top that went back is of another history: the next proof sees that, too.
        const bool isOther = !reply[1].isNil() && number(reply[1].text()) < range.top;
        if (!*found || !reply.isArray() || isOther)
            return then(unread(reply));
        StoredMessages messages;
        messages.floor = place(reply[0].text());
        auto &stretch = messages.stretch;
        stretch.entries = std::move((*found)->entries);
        const bool isCut = (*found)->isCut;
        if (range.from) {
            stretch.begin = *range.from;
            stretch.end = isCut ? (*found)->lastSeq + 1 : range.top + 1;
        } else {
            stretch.end = *range.before;
            stretch.begin = isCut ? (*found)->lastSeq : messages.floor.seq + 1;
        }
        then(std::move(messages));
    });
}

void Reader::rooms(const std::string &prefix, const std::string &after, std::size_t most,
                   MessageStore::Then<MessageStore::Listing> then)
{
    const std::string from = after >= prefix && !after.empty() ? '(' + after : '[' + prefix;
    const std::string to = prefix.empty() ? "+" : '(' + prefix + "\xFF";
    const auto listed = [this, then = std::move(then)](const Reply &reply) {
        if (!reply.isArray())
            return then(unread(reply));
        const auto listing = std::make_shared<MessageStore::Listing>(reply.size());
        const auto missing = std::make_shared<std::size_t>(0);
        for (std::size_t i = 0; i < reply.size(); ++i) {
            auto &entry = (*listing)[i];
            entry.name = values::roomName(reply[i].text()) ? reply[i].text() : std::string_view();
            m_commands.run(scripts::glance, {m_keys.top(entry.name), m_keys.servers(entry.name)}, {},
                           [listing, missing, i](const Reply &room) {
                               if (!room.isArray())
                                   ++*missing;
                               (*listing)[i].seq = number(room[0].text());
                               (*listing)[i].count =
                                   static_cast<std::uint64_t>(room[1].integer().value_or(0));
                           });
        }
        // Scripts are answered in their order.
        m_commands.run(scripts::glance, {m_keys.top({}), m_keys.servers({})}, {},
                       [listing, missing, then](const Reply &last) {
                           if (*missing != 0 || !last.isArray())
                               then(unread(last));
                           else
                               then(namesOnly(std::move(*listing)));
                       });
    };
    m_commands.send({"ZRANGEBYLEX", m_keys.rooms(), from, to, "LIMIT", "0", std::to_string(most)}, listed);
}

} // namespace parlor::redis
