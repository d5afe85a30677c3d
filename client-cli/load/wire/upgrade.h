// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/wire/cookiejar.h"
#include "client-cli/load/wire/target.h"
#include "shared/websocket/handshake.h"

namespace parlor::cli::load {

/// A header that a person wants in the upgrade: "X-Tenant: blue". Refused are the handshake's own.
[[nodiscard]] Result<websocket::HeadField> parseHeader(std::string_view text);

/// What a user asks the server for. `cookies` may be null. permessage-deflate is not offered: a run counts
/// and checks messages, and inflating them would take the time that it measures with.
[[nodiscard]] websocket::UpgradeRequest upgradeRequest(const Target &target, std::string_view subprotocol,
                                                       const CookieJar *cookies);

/// For people: why an upgrade came to nothing, and what to do.
[[nodiscard]] std::string refusalText(const websocket::ClientHandshake &handshake);

} // namespace parlor::cli::load
