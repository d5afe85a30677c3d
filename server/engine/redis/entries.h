// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/history.h"
#include "server/engine/redis/reply.h"
#include "shared/protocol/decoder.h"

#include <optional>
#include <string_view>
#include <vector>

namespace parlor::redis {

/// Of a message's frame; a longer one is nobody's message. Clients may say 64 MiB at most.
inline constexpr std::size_t kLongestFrame = 65 * 1024 * 1024;

/// A decimal number; 0 if it is none.
[[nodiscard]] std::uint64_t number(std::string_view text);
/// Takes the text up to the next `end` off, and the end with it.
[[nodiscard]] std::string_view takeUntil(std::string_view &text, char end);
/// "seq id", as a floor is kept.
[[nodiscard]] MessagePlace place(std::string_view text);
[[nodiscard]] MessagePlace place(std::string_view seq, std::string_view id);

/// A message as a channel tells it.
struct Echo
{
    Ulid before; ///< the message that it follows; null: it is the first
    HistoryRing::Entry entry{};
};

/// Reads messages of Redis. Others may write there, too: what is not a message of the room with this number
/// and id is not taken. One thread.
class EntryReader
{
public:
    /// What a script has published. nullopt: it is not one of ours.
    [[nodiscard]] std::optional<Echo> echo(const std::string &room, std::string_view text);
    /// Entries of a stream, the oldest first.
    struct Entries
    {
        std::vector<HistoryRing::Entry> entries{};
        std::size_t wrong = 0; ///< entries that are not messages
    };
    enum class Order : std::uint8_t { OldestFirst, NewestFirst };
    [[nodiscard]] Entries entries(const std::string &room, const Reply &reply, Order order);

private:
    [[nodiscard]] bool isMessage(const std::string &room, const HistoryRing::Entry &entry);
    [[nodiscard]] std::optional<HistoryRing::Entry> entry(const std::string &room, const Reply &reply);

    Decoder m_decoder{0};
};

} // namespace parlor::redis
