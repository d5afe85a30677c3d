// SPDX-License-Identifier: MIT
#pragma once

#include "server/http/requesthead.h"

#include <cstdint>
#include <string>
#include <variant>

namespace parlor {

/// Where a request says who sends it.
enum class CredentialField : std::uint8_t {
    None,         ///< nobody looks
    Bearer,       ///< Authorization: Bearer (RFC 6750 section 2.1)
    LoadBalancer, ///< X-Amzn-Oidc-Data, which counts only if a trusted proxy wrote it
};

/// The token of a request; empty: it has none. `isFromProxy`: the TCP peer is a trusted proxy.
[[nodiscard]] std::variant<std::string, HttpError> credentialOf(const RequestHead &head,
                                                                CredentialField field, bool isFromProxy);

} // namespace parlor
