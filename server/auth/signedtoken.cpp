// SPDX-License-Identifier: MIT
#include "server/auth/signedtoken.h"

namespace parlor {

Authenticator::Refused refusal(const Error &error)
{
    return {error.text, error.code == ErrorCode::TokenExpired};
}

Authenticator::Refused unchecked(std::chrono::milliseconds retryAfter)
{
    return {"the server cannot check the token at present: it does not have its key; try again later", false,
            retryAfter};
}

Authenticator::Verdict verdict(const KeySet &keys, const CompactToken &read, std::string_view token,
                               const std::function<Result<Grant>(StrictObject &claims)> &judge)
{
    const auto key = keys.find(read.kid(), read.algorithm());
    if (!key)
        return refusal(key.error());
    const auto content = key->verified(token);
    if (!content)
        return Authenticator::Refused{
            "the token's signature is wrong: the token was changed, or is of another "
            "issuer; get a new one"};
    StrictDocument document;
    auto claims = document.parse(*content, "the token's content");
    if (!claims)
        return refusal({ErrorCode::AuthInvalid, claims.error().text + "; get a new token"});
    auto grant = judge(*claims);
    if (!grant)
        return refusal(grant.error());
    return *std::move(grant);
}

} // namespace parlor
