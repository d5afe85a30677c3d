// SPDX-License-Identifier: MIT
#pragma once

class QUrl;

namespace parlor::cli {

// A line on stderr where a proxy is set for this address, so that nobody looks for its faults elsewhere. One
// that is set wrongly is told of when it is used.

/// The connections go through it.
void tellOfProxy(const QUrl &url);
/// `load` measures the server, and connects to it directly.
void tellOfUnusedProxy(const QUrl &url);

} // namespace parlor::cli
