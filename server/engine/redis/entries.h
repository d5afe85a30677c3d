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

/// What is left of a deleted message, as a channel would tell it, but for the deletion's number between head
/// and tail.
struct TombstoneText
{
    std::string head;
    std::string tail;
};
/// `tombstone`: the deletion has the number 1 there.
[[nodiscard]] TombstoneText tombstoneText(const HistoryRing::Entry &tombstone);

/// Reads messages and deletions of Redis. Others may write there, too: what is not an event of the room with
/// this number and id is not taken. One thread.
class EntryReader
{
public:
    /// What a script has published. nullopt: it is not one of ours.
    [[nodiscard]] std::optional<Echo> echo(const std::string &room, std::string_view text);
    /// The oldest first.
    struct Entries
    {
        std::vector<HistoryRing::Entry> entries{};
        std::size_t wrong = 0; ///< what is neither message nor deletion
    };
    enum class Order : std::uint8_t { OldestFirst, NewestFirst };
    /// Of a stream.
    [[nodiscard]] Entries entries(const std::string &room, const Reply &reply, Order order);
    /// Of a set of tombstones.
    [[nodiscard]] Entries tombstones(const std::string &room, const Reply &reply, Order order);

private:
    [[nodiscard]] bool isEvent(const std::string &room, HistoryRing::Entry &entry);
    [[nodiscard]] std::optional<HistoryRing::Entry> entry(const std::string &room, const Reply &reply);
    template <typename Read>
    [[nodiscard]] static Entries read(const Reply &reply, Order order, Read each);

    Decoder m_decoder{0};
};

} // namespace parlor::redis
