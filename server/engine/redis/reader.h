// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/messagestore.h"
#include "server/engine/redis/commands.h"
#include "server/engine/redis/entries.h"
#include "server/engine/redis/keys.h"

namespace parlor::redis {

/// Reads what a MessageStore is asked for. The store's thread.
class Reader
{
public:
    Reader(Commands &commands, const Keys &keys)
        : m_commands(commands)
        , m_keys(keys)
    {
    }

    /// As the end of a Range: up to the newest.
    static constexpr std::uint64_t kNewest = ~0ULL;
    /// Which events of a room: numbers, both inclusive.
    struct Range
    {
        std::uint64_t from = 0;
        std::uint64_t to = 0;
        std::size_t most = 0;
        EntryReader::Order order = EntryReader::Order::OldestFirst;
    };
    /// Events of a room, tombstones among them, the oldest first.
    struct Page
    {
        std::vector<HistoryRing::Entry> entries{};
        std::size_t wrong = 0;     ///< entries that are not events
        bool isCut = false;        ///< there may be more …
        std::uint64_t lastSeq = 0; ///< … behind this one, in the order of the range
    };
    /// `page` is null where it could not be read; the reply says why.
    using PageThen = std::function<void(Page *page, const Reply &reply)>;
    void page(const std::string &room, const Range &range, PageThen then);

    void messages(const std::string &room, const MessageRange &range, MessageStore::Amount amount,
                  MessageStore::Then<StoredMessages> then);
    void rooms(const std::string &prefix, const std::string &after, std::size_t most,
               MessageStore::Then<MessageStore::Listing> then);

private:
    Commands &m_commands;
    const Keys &m_keys;
    EntryReader m_entries;
};

} // namespace parlor::redis
