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
