// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string>
#include <string_view>

/// What Redis does in one step. All keys of a script belong to one room; keys.h says what they hold.
namespace parlor::redis {

struct Script
{
    explicit Script(std::string_view source);
    std::string text;
    std::string sha; ///< names it to EVALSHA
};

namespace scripts {

/// Gives a message the next number, keeps it and tells everybody; or says what it was the first time.
/// KEYS: stream, top, and the record, if the message has one.
/// ARGV: id, frame up to its number, frame behind it, idempotency key, time in ms, channel, epoch.
/// Answers {'kept', seq}, {'dup', record}, or {'epoch', the room's} where that is another.
extern const Script publish;

/// The same of a deletion, whose message becomes a tombstone. KEYS: stream, top, tombstones. ARGV: as above,
/// then number and id of the message, and the tombstone up to the deletion's number, and behind it.
/// Answers as above, or {'gone'} where there is no such message.
extern const Script erase;

/// KEYS: top, servers, version. Answers {epoch, seq, id, floor, version, roster}. The messages are read
/// beside it: a script takes ten times as long for them, and Redis serves nobody else meanwhile.
extern const Script load;

/// KEYS: servers, version. Answers {version, roster}; a roster is {server, {client, names, …}, …}.
extern const Script roster;

/// KEYS: top, version. Answers {epoch, seq, id, version}.
extern const Script prove;

/// Drops a room's messages up to a number, and those of before a time. KEYS: stream, top, tombstones.
/// ARGV: number (0: none), time in ms (0: none), channel. Answers how many.
extern const Script trim;

/// Who came and went on one server. KEYS: servers, members, version.
/// ARGV: channel, server, seconds until it is no longer believed in, then for each: + or the reason, client,
/// names.
extern const Script presence;

/// All who are in the room on one server. KEYS: as above. ARGV: channel, server, seconds as above, then for
/// each: client, names.
extern const Script restate;

/// The server is alive, and others may not be: their members are dropped, and all are told.
/// KEYS: servers, members, version. ARGV: channel, server, seconds as above, 1: it may judge others.
/// Answers whether the server's members are still known.
extern const Script refresh;

/// KEYS: top, servers. Answers {seq, members}.
extern const Script glance;

} // namespace scripts

/// All of them, to be loaded.
[[nodiscard]] std::span<const Script *const> allScripts();

} // namespace parlor::redis
