// SPDX-License-Identifier: MIT
#include "server/auth/albauthenticator.h"

#include "server/auth/signedtoken.h"

namespace parlor {

namespace {

/// What stands in the header, and not among the claims.
Result<void> checkHeader(StrictObject &header, const ClaimRules &rules, const std::string &arn,
                         std::chrono::milliseconds now)
{
    const auto expires = header.time("exp");
    const auto signer = header.text("signer");
    const auto issuer = header.text("iss");
    const auto client = header.text("client");
    if (!expires)
        header.fail("the load balancer does not say until when it vouches for you (exp); see what stands "
                    "between it and this server");
    else if (signer != arn)
        header.fail(
            "what signed you in is not this server's load balancer (signer); come through its address, "
            "or correct alb-arn");
    else if (rules.issuer && issuer != *rules.issuer)
        header.fail("the load balancer has signed you in with another issuer than " +
                    inQuotes(*rules.issuer) + " (iss)");
    else if (rules.audience && client != *rules.audience)
        header.fail("the load balancer has signed you in as another client than " +
                    inQuotes(*rules.audience));
    if (header.mistake())
        return Error{ErrorCode::AuthInvalid, *header.mistake()};
    if (auto error = expired("the load balancer's word for you", *expires, now))
        return *std::move(error);
    return {};
}

} // namespace

AlbAuthenticator::AlbAuthenticator(KeyRing &keys, ClaimRules rules, std::string arn,
                                   std::chrono::milliseconds life)
    : m_keys(keys)
    , m_rules(std::move(rules))
    , m_arn(std::move(arn))
    , m_life(life)
{
}

Authenticator::Verdict AlbAuthenticator::check(std::string_view token, std::chrono::milliseconds now)
{
    auto read = CompactToken::read(token, Padding::Allowed);
    if (!read)
        return refusal(read.error());
    if (const auto checked = checkHeader(read->header(), m_rules, m_arn, now); !checked)
        return refusal(checked.error());
    if (!read->kid())
        return Refused{"the load balancer does not say which of its keys it has signed with (kid)"};
    const KeyRing::Found found = m_keys.lookUp(read->kid());
    if (found.isAwaited)
        return KeyAwaited{};
    if (found.retryAfter)
        return unchecked(*found.retryAfter);
    return verdict(*found.keys, *read, token, [this, now](StrictObject &claims) {
        auto grant = m_rules.grant(claims, {m_rules.name, "preferred_username", "email"});
        if (grant)
            grant->expires = now + m_life;
        return grant;
    });
}

} // namespace parlor
