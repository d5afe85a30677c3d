// SPDX-License-Identifier: MIT
#pragma once

#include "server/auth/strictjson.h"
#include "shared/protocol/result.h"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct _cjose_jwk_int;

namespace parlor {

/// A key that tells whether a token is of its issuer. It says by itself which algorithms it is for, so that
/// no token can choose. Immutable; any thread.
class VerificationKey
{
public:
    /// HS256 with the bytes of this text, at least 32.
    [[nodiscard]] static Result<VerificationKey> ofSecret(std::string_view secret);
    /// A member of a JWKS (RFC 7517 §4). Of a private key only the public half is taken.
    [[nodiscard]] static Result<VerificationKey> ofJwk(StrictObject &jwk);
    /// ES256 with a public key in PEM, as an Application Load Balancer's.
    [[nodiscard]] static Result<VerificationKey> ofPem(std::string_view pem, std::string kid);

    /// Unset: it fits every kid if it is the secret, else none.
    [[nodiscard]] const std::optional<std::string> &kid() const { return m_kid; }
    [[nodiscard]] std::span<const std::string> algorithms() const { return m_algorithms; }
    [[nodiscard]] bool isSecret() const;
    /// The content of this JWS in its compact form; nullopt: the signature is not of this key, by the
    /// algorithm that the JWS names. Whether the key is for that one is the caller's to ask.
    [[nodiscard]] std::optional<std::string> verified(std::string_view compact) const;

private:
    VerificationKey(_cjose_jwk_int *key, std::optional<std::string> kid, std::vector<std::string> algorithms);

    std::shared_ptr<_cjose_jwk_int> m_key;
    std::optional<std::string> m_kid;
    std::vector<std::string> m_algorithms;
};

} // namespace parlor
