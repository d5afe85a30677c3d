// SPDX-License-Identifier: MIT
#include "server/auth/authentication.h"

#include "server/auth/albauthenticator.h"
#include "server/auth/tokenauthenticator.h"
#include "server/ops/logging.h"

namespace parlor {

namespace {

KeySource keySource(const Options &options)
{
    if (options.auth == AuthChoice::Alb)
        return keysource::PemUrls{options.albKeysUrl.value()};
    if (options.authSecretFile)
        return keysource::SecretFile{*options.authSecretFile};
    const std::string &jwks = *options.authJwks;
    if (jwks.find("://") != std::string::npos)
        return keysource::JwksUrl{QUrl(QString::fromStdString(jwks))};
    return keysource::JwksFile{jwks};
}

ClaimRules claimRules(const Options &options)
{
    return {.audience = options.authAudience,
            .issuer = options.authIssuer,
            .name = options.authNameClaim,
            .roles = options.authRolesClaim,
            .rooms = options.authRoomsClaim,
            .moderators = options.moderators,
            .admins = options.admins};
}

} // namespace

Authentication::Authentication(const Options &options)
    : m_keys(keySource(options), {})
{
    if (options.auth == AuthChoice::Alb)
        m_authenticator = std::make_unique<AlbAuthenticator>(m_keys, claimRules(options),
                                                             options.albArn.value(), options.sessionLife);
    else
        m_authenticator = std::make_unique<TokenAuthenticator>(m_keys, claimRules(options));
    connect(&m_keys, &KeyRing::refreshed, this, &Authentication::keysRefreshed);
}

Result<std::unique_ptr<Authentication>> Authentication::make(const Options &options)
{
    if (options.auth == AuthChoice::Open)
        return std::unique_ptr<Authentication>();
    std::unique_ptr<Authentication> made(new Authentication(options));
    const auto loaded = made->reload();
    if (!loaded)
        return loaded.error();
    qCInfo(log::server, "tokens are checked: %s", loaded->c_str());
    return made;
}

} // namespace parlor
