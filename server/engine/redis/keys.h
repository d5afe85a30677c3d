// SPDX-License-Identifier: MIT
#pragma once

#include "shared/protocol/ulid.h"

#include <optional>
#include <string>
#include <string_view>

namespace parlor::redis {

/// The names of all keys and channels of a chat. Those of a room share its hash tag, so that a cluster of
/// Redis keeps them together.
struct Keys
{
    std::string prefix;

    /// Names the chat. Drawn by the first server.
    [[nodiscard]] std::string epoch() const { return prefix + "epoch"; }
    /// Signs resume tokens. Drawn by the first server.
    [[nodiscard]] std::string secret() const { return prefix + "secret"; }
    /// A sorted set of names.
    [[nodiscard]] std::string rooms() const { return prefix + "rooms"; }
    /// A server that drops old messages of all rooms holds it.
    [[nodiscard]] std::string sweep() const { return prefix + "sweep"; }
    /// A hash: version, and a field for each ban, mute and slow room (see sanctiontext.h).
    [[nodiscard]] std::string sanctions() const { return prefix + "sanctions"; }
    /// A channel for all servers.
    [[nodiscard]] std::string control() const { return prefix + "ctl"; }

    /// A stream of messages: ids `<seq>-0`; fields i (ULID), k (idempotency key), t (ms since 1970), f
    /// (frame).
    [[nodiscard]] std::string stream(std::string_view room) const { return of(room, "s"); }
    /// A sorted set of what is left of deleted messages, by their numbers: "seq id ms" of the deletion, a
    /// line feed, and what a channel says of a message.
    [[nodiscard]] std::string tombstones(std::string_view room) const { return of(room, "d"); }
    /// A hash: epoch, seq and id of the newest message, floor ("seq id" of the newest that was dropped).
    [[nodiscard]] std::string top(std::string_view room) const { return of(room, "t"); }
    /// A string "seq id ms", for ten minutes: what became of a (user, cid).
    [[nodiscard]] std::string record(std::string_view room, std::string_view idempotencyKey) const
    {
        return of(room, "c:").append(idempotencyKey);
    }
    /// A sorted set of servers with members in the room, by the second until which they are believed in.
    [[nodiscard]] std::string servers(std::string_view room) const { return of(room, "p"); }
    /// A hash of client ids: who is in the room on one server.
    [[nodiscard]] std::string members(std::string_view room, const Ulid &server) const
    {
        return of(room, "p:").append(server.toString());
    }
    /// Counts the changes of who is in the room.
    [[nodiscard]] std::string version(std::string_view room) const { return of(room, "v"); }
    [[nodiscard]] std::string channel(std::string_view room) const { return of(room, "m"); }
    /// The room of a channel; nullopt: it is another channel.
    [[nodiscard]] std::optional<std::string> roomOf(std::string_view channel) const
    {
        constexpr std::string_view kEnd = "}:m";
        if (!channel.starts_with(prefix + '{') || !channel.ends_with(kEnd))
            return std::nullopt;
        channel.remove_prefix(prefix.size() + 1);
        channel.remove_suffix(kEnd.size());
        return std::string(channel);
    }

private:
    [[nodiscard]] std::string of(std::string_view room, std::string_view what) const
    {
        std::string key;
        key.reserve(prefix.size() + room.size() + what.size() + 3);
        key.append(prefix).append("{").append(room).append("}:").append(what);
        return key;
    }
};

} // namespace parlor::redis
