// SPDX-License-Identifier: MIT
#pragma once

#include "server/auth/authenticator.h"
#include "server/auth/claimrules.h"
#include "server/auth/keyring.h"

namespace parlor {

/// Checks JWTs (RFC 7519, with RFC 8725). Any thread.
class TokenAuthenticator final : public Authenticator
{
public:
    /// `keys` outlives it.
    TokenAuthenticator(KeyRing &keys, ClaimRules rules);

    [[nodiscard]] Verdict check(std::string_view token, std::chrono::milliseconds now) override;
    [[nodiscard]] Role appointed(std::string_view user) const override { return m_rules.appointed(user); }

private:
    KeyRing &m_keys;
    const ClaimRules m_rules;
};

} // namespace parlor
