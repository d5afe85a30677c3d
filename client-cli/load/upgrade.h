// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/loadoptions.h"

#include <optional>
#include <string>
#include <string_view>

/// A client's opening handshake (RFC 6455 §4.1). Pure.
namespace parlor::cli::load {

/// 16 random bytes in base64.
[[nodiscard]] std::string upgradeKey(std::uint64_t high, std::uint64_t low);
/// `subprotocol` may be empty.
[[nodiscard]] std::string upgradeRequest(const Target &target, std::string_view key,
                                         std::string_view subprotocol);
/// nullopt: the server's response head, to its empty line, opens the connection; else why it does not.
[[nodiscard]] std::optional<std::string> whyNotUpgraded(std::string_view head, std::string_view key,
                                                        std::string_view subprotocol);

} // namespace parlor::cli::load
