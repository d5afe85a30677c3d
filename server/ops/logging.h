// SPDX-License-Identifier: MIT
#pragma once

#include "server/ops/options.h"

#include <QLoggingCategory>

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

/// The server's log: lines on stderr. Message bodies and tokens never go there.
namespace parlor::log {

Q_DECLARE_LOGGING_CATEGORY(server)  // start, stop, drain, configuration
Q_DECLARE_LOGGING_CATEGORY(accept)  // listening sockets, admission
Q_DECLARE_LOGGING_CATEGORY(session) // one client: opened, closed, cut
Q_DECLARE_LOGGING_CATEGORY(access)  // --access-log: see accesslog.h
Q_DECLARE_LOGGING_CATEGORY(audit)   // see auditlog.h

/// Sends all Qt messages of this level and above to stderr, a line each: text, or one JSON object.
/// Process-wide; call it once, before threads start. Control characters of a message are escaped, so that no
/// client can forge a line. Nobody waits for whoever reads stderr: lines that find it full are left out and
/// counted. Where the journal reads stderr, each line begins with its priority
/// (sd-daemon(3)).
void start(const Options &options);
/// Level and access log are these from now on. Any thread.
void change(const Options &options);

struct Field
{
    std::string name; ///< a word
    std::variant<std::string, std::int64_t> value;
};

/// Something that happened, for programs: `connect address=192.0.2.7 protocol=parlor.v2`, or an object with
/// these members.
struct Event
{
    const QLoggingCategory &category;
    std::string name; ///< a word
    std::vector<Field> fields{};
    /// Any number of equal ones are written. Of others, and of all Qt messages, RepeatedLines::kMost are,
    /// until the next sayLeftOut().
    bool isOneOfMany = false;
};
/// At level info; whether it is wanted is the caller's to know. Any thread.
void write(const Event &event);

/// How often lines that were left out would have been repeated, and how many lines nobody read. Call it
/// every ten seconds or so.
void sayLeftOut();

} // namespace parlor::log
