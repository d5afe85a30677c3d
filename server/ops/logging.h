// SPDX-License-Identifier: MIT
#pragma once

#include "server/ops/options.h"

#include <QLoggingCategory>

/// The server's logging categories. Message bodies and tokens never go to a log.
namespace parlor::log {

Q_DECLARE_LOGGING_CATEGORY(server)  // start, stop, drain, configuration
Q_DECLARE_LOGGING_CATEGORY(accept)  // listening sockets, admission
Q_DECLARE_LOGGING_CATEGORY(session) // one client: opened, closed, cut

/// Sends all Qt messages of this level and above to stderr, a line each: text, or one JSON object.
/// Process-wide; call it once, before threads start. Control characters of a message are escaped, so that no
/// client can forge a line.
void start(LogLevel level, LogFormat format);

} // namespace parlor::log
