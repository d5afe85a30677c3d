// SPDX-License-Identifier: MIT
#pragma once

#include "server/auth/strictjson.h"
#include "shared/protocol/result.h"

#include <optional>
#include <string>
#include <string_view>

namespace parlor {

/// Whether base64url has = at its end: an Application Load Balancer writes it so, against RFC 7515 §2.
enum class Padding : std::uint8_t { Refused, Allowed };

/// A JWS in its compact form (RFC 7515 §7.1) whose signature nobody has checked yet.
class CompactToken
{
public:
    /// Refuses what is none, what is larger than 8 KiB, and what asks for more than a signature.
    [[nodiscard]] static Result<CompactToken> read(std::string_view token, Padding padding);

    [[nodiscard]] const std::string &algorithm() const { return m_algorithm; }
    [[nodiscard]] const std::optional<std::string> &kid() const { return m_kid; }
    [[nodiscard]] StrictObject &header() { return *m_header; }

private:
    StrictDocument m_document;
    std::optional<StrictObject> m_header;
    std::string m_algorithm;
    std::optional<std::string> m_kid;
};

} // namespace parlor
