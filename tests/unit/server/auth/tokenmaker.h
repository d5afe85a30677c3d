// SPDX-License-Identifier: MIT
#pragma once

#include <QByteArray>
#include <QJsonObject>

#include <openssl/evp.h>

#include <chrono>
#include <memory>

namespace parlor::test {

/// What the clock says in these tests.
inline constexpr std::chrono::milliseconds kNow{1'800'000'000'000};
inline constexpr double kNowSeconds = 1'800'000'000;

[[nodiscard]] QByteArray base64Url(const QByteArray &bytes);
[[nodiscard]] QByteArray json(const QJsonObject &object);

/// An issuer's key: signs tokens, and has its public half as a JWK and in PEM.
class TokenKey
{
public:
    [[nodiscard]] static TokenKey rsa(int bits = 2048);
    [[nodiscard]] static TokenKey ec(const char *curve = "P-256");
    [[nodiscard]] static TokenKey ed25519();
    [[nodiscard]] static TokenKey secret(const QByteArray &secret);

    /// By one of RFC 7518's algorithms, whatever the key is for.
    [[nodiscard]] QByteArray signature(const QByteArray &algorithm, const QByteArray &text) const;
    /// A JWS of these parts, each as it stands.
    [[nodiscard]] QByteArray token(const QByteArray &header, const QByteArray &content,
                                   const QByteArray &algorithm) const;
    /// A JWT; `header` has alg.
    [[nodiscard]] QByteArray token(const QJsonObject &header, const QJsonObject &claims) const;
    /// With kty and the numbers only.
    [[nodiscard]] QJsonObject jwk() const;
    [[nodiscard]] QByteArray pem() const;

private:
    explicit TokenKey(EVP_PKEY *key);

    std::shared_ptr<EVP_PKEY> m_key;
    QByteArray m_secret;
};

} // namespace parlor::test
