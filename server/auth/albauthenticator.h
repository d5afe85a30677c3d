// SPDX-License-Identifier: MIT
#pragma once

#include "server/auth/authenticator.h"
#include "server/auth/claimrules.h"
#include "server/auth/keyring.h"

#include <chrono>
#include <string>

namespace parlor {

/// Checks what an Application Load Balancer says in x-amzn-oidc-data of somebody whom it has signed in. Any
/// thread.
class AlbAuthenticator final : public Authenticator
{
public:
    /// `keys` outlives it. Only what the load balancer `arn` has signed counts. `life`: how long a session
    /// lasts.
    AlbAuthenticator(KeyRing &keys, ClaimRules rules, std::string arn, std::chrono::milliseconds life);

    [[nodiscard]] Verdict check(std::string_view token, std::chrono::milliseconds now) override;
    [[nodiscard]] Role appointed(std::string_view user) const override { return m_rules.appointed(user); }
    [[nodiscard]] bool mayComeLater() const override { return false; }
    [[nodiscard]] std::string missing() const override
    {
        return "the load balancer has not signed you in; come through its address, and let it authenticate "
               "this "
               "path";
    }

private:
    KeyRing &m_keys;
    const ClaimRules m_rules;
    const std::string m_arn;
    const std::chrono::milliseconds m_life;
};

} // namespace parlor
