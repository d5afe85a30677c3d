// SPDX-License-Identifier: MIT
#pragma once

#include "shared/protocol/result.h"

#include <QUrl>

namespace parlor {

/// The WebSocket address that a person means: `localhost:8000` is `ws://localhost:8000/ws`. The error says
/// what is wrong with the text.
[[nodiscard]] Result<QUrl> parseServerUrl(const QString &text);
/// What goes there stays on this machine.
[[nodiscard]] bool isLoopback(const QUrl &url);

} // namespace parlor
