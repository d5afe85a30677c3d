// SPDX-License-Identifier: MIT
#include "server/auth/tokenauthenticator.h"

#include "server/auth/signedtoken.h"

namespace parlor {

TokenAuthenticator::TokenAuthenticator(KeyRing &keys, ClaimRules rules)
    : m_keys(keys)
    , m_rules(std::move(rules))
{
}

Authenticator::Verdict TokenAuthenticator::check(std::string_view token, std::chrono::milliseconds now)
{
    const auto read = CompactToken::read(token, Padding::Refused);
    if (!read)
        return refusal(read.error());
    const KeyRing::Found found = m_keys.lookUp(read->kid());
    if (found.isAwaited)
        return KeyAwaited{};
    if (found.retryAfter)
        return unchecked(*found.retryAfter);
    return verdict(*found.keys, *read, token,
                   [this, now](StrictObject &claims) { return m_rules.grantOfToken(claims, now); });
}

} // namespace parlor
