// SPDX-License-Identifier: MIT
#pragma once

#include "server/auth/grant.h"
#include "server/auth/strictjson.h"
#include "shared/protocol/result.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace parlor {

/// What claims have to say, and what they mean. Immutable; any thread.
struct ClaimRules
{
    std::optional<std::string> audience{}; ///< nullopt: any
    std::optional<std::string> issuer{};   ///< nullopt: any
    std::string name = "name";             ///< claims: StrictObject::at()
    std::string roles = "roles";
    std::string rooms = "rooms";
    std::vector<std::string> moderators{}; ///< users
    std::vector<std::string> admins{};

    /// The role that the operator gave this user, whatever the token says.
    [[nodiscard]] Role appointed(std::string_view user) const;
    /// Checks exp, nbf, iat, aud and iss, and reads the grant. The error is token_expired or auth_invalid.
    [[nodiscard]] Result<Grant> grantOfToken(StrictObject &claims, std::chrono::milliseconds now) const;
    /// Reads sub, name, roles and rooms only. Of the names the first that is a valid one counts.
    [[nodiscard]] Result<Grant> grant(StrictObject &claims, const std::vector<std::string> &nameClaims) const;
};

/// nullopt: it has not expired. `what`: `the token`.
[[nodiscard]] std::optional<Error> expired(const std::string &what, std::chrono::milliseconds expires,
                                           std::chrono::milliseconds now);

} // namespace parlor
