// SPDX-License-Identifier: MIT
#pragma once

class QUrl;

namespace parlor::cli {

// A line on stderr about the way to a server.

/// Where connections go through a proxy, so that nobody looks for its faults elsewhere. One that is set
/// wrongly is told of when it is used.
void tellOfProxy(const QUrl &url);
/// Whoever is on the way can read a token that goes there.
void warnOfReadableToken(const QUrl &url);
/// `load` measures the server, and connects to it directly: where a variable names a proxy, people should
/// know.
void tellOfUnusedProxy(const QUrl &url);

} // namespace parlor::cli
