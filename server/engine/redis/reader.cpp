// SPDX-License-Identifier: MIT
#include "server/engine/redis/reader.h"

#include "shared/protocol/limits.h"
#include "shared/protocol/values.h"

#include <utility>

namespace parlor::redis {

namespace {

Error unread(const Reply &reply)
{
    return {ErrorCode::Unavailable, reply.isError() ? std::string(reply.text()) : "Redis does not answer"};
}

struct Page
{
    std::vector<HistoryRing::Entry> entries;
    std::size_t size = 0;      ///< with what is no message
    std::uint64_t lastSeq = 0; ///< of the last one of these
};

/// Of an entry of a stream.
std::string idOf(std::uint64_t seq)
{
    return std::to_string(seq) + "-0";
}

/// Without what others wrote.
MessageStore::Listing namesOnly(MessageStore::Listing listing)
{
    std::erase_if(listing, [](const auto &each) { return each.name.empty(); });
    return listing;
}

} // namespace

void Reader::messages(const std::string &room, const MessageRange &range, MessageStore::Amount amount,
                      MessageStore::Then<StoredMessages> then)
{
    const std::size_t most =
        amount == MessageStore::Amount::Page ? limits::kHistoryPage : HistoryRing::kMaxMessages;
    const auto order = range.from ? EntryReader::Order::OldestFirst : EntryReader::Order::NewestFirst;
    const auto page = std::make_shared<std::optional<Page>>();
    const auto onPage = [this, room, order, page, then](const Reply &reply) {
        if (!reply.isArray())
            return;
        std::string_view lastId = reply[reply.size() - 1][0].text();
        *page =
            Page{m_entries.entries(room, reply, order).entries, reply.size(), number(takeUntil(lastId, '-'))};
    };
    if (range.from) {
        m_commands.send({"XRANGE", m_keys.stream(room), idOf(*range.from), idOf(range.top), "COUNT",
                         std::to_string(most)},
                        onPage);
    } else {
        m_commands.send(
            {"XREVRANGE", m_keys.stream(room), idOf(*range.before - 1), "-", "COUNT", std::to_string(most)},
            onPage);
    }
    // Behind the page: what was dropped before it was read is below the floor.
    m_commands.send({"HMGET", m_keys.top(room), "floor", "seq"},
                    [range, most, page, then](const Reply &reply) {
                        // A top that went back is of another history: the next proof sees that, too.
                        const bool isOther = !reply[1].isNil() && number(reply[1].text()) < range.top;
                        if (!*page || !reply.isArray() || isOther)
                            return then(unread(reply));
                        StoredMessages messages;
                        messages.floor = place(reply[0].text());
                        auto &stretch = messages.stretch;
                        stretch.entries = std::move((*page)->entries);
                        const bool isCut = (*page)->size == most;
                        if (range.from) {
                            stretch.begin = *range.from;
                            stretch.end = isCut ? (*page)->lastSeq + 1 : range.top + 1;
                        } else {
                            stretch.end = *range.before;
                            stretch.begin = isCut ? (*page)->lastSeq : messages.floor.seq + 1;
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
