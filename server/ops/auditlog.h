// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

/// Who did what to whom: moderators in the chat, and callers of the admin API. A line for each act, at every
/// log level. Any thread.
namespace parlor::auditlog {

enum class Way : std::uint8_t { Chat, Api };

struct Act
{
    std::string action;  ///< a word: kick, ban, delete, drain …
    std::string subject; ///< what it was done to: `user:eve`, `room:general`; never a message's text
    std::string by;      ///< the moderator's `user`, or the name of the API's key
    Way way = Way::Chat;
    std::string outcome = "done"; ///< or `dry_run`, or why not: the code of the error
    std::string reason{};         ///< that was given for it
};
void write(const Act &act);

} // namespace parlor::auditlog
