// SPDX-License-Identifier: MIT
#include "server/auth/verificationkey.h"

#include <QByteArray>

#include <cjose/cjose.h>

#include <algorithm>
#include <array>

namespace parlor {

namespace {

constexpr std::size_t kMinSecretBytes = 32;
constexpr qsizetype kMinModulusBytes = 256; // 2048 bits, RFC 7518 §3.3
constexpr qsizetype kMaxModulusBytes = 1024;
constexpr qsizetype kMaxExponentBytes = 8;

struct Curve
{
    std::string_view name;
    cjose_jwk_ec_curve number;
    qsizetype bytes; ///< of a coordinate
    std::string_view algorithm;
};
constexpr std::array kCurves{Curve{"P-256", CJOSE_JWK_EC_P_256, 32, "ES256"},
                             Curve{"P-384", CJOSE_JWK_EC_P_384, 48, "ES384"},
                             Curve{"P-521", CJOSE_JWK_EC_P_521, 66, "ES512"}};
constexpr std::array<std::string_view, 6> kRsaAlgorithms{"RS256", "PS256", "RS384",
                                                         "RS512", "PS384", "PS512"};

/// A key of P-256 in DER (RFC 5480) begins so; its two coordinates follow.
constexpr std::string_view kP256Prefix("\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86"
                                       "\x48\xce\x3d\x03\x01\x07\x03\x42\x00\x04",
                                       27);

Error unusable(std::string why)
{
    return {ErrorCode::AuthInvalid, std::move(why)};
}

/// Bytes in base64url; empty if it is none.
QByteArray bytesOf(std::optional<std::string_view> text)
{
    if (!text)
        return {};
    const auto decoded = QByteArray::fromBase64Encoding(
        QByteArray(text->data(), static_cast<qsizetype>(text->size())),
        QByteArray::Base64UrlEncoding | QByteArray::AbortOnBase64DecodingErrors);
    return decoded ? decoded.decoded : QByteArray();
}

uint8_t *data(QByteArray &bytes)
{
    return reinterpret_cast<uint8_t *>(bytes.data());
}

cjose_jwk_t *rsaKey(StrictObject &jwk)
{
    QByteArray modulus = bytesOf(jwk.text("n"));
    QByteArray exponent = bytesOf(jwk.text("e"));
    while (modulus.startsWith('\0'))
        modulus.remove(0, 1);
    while (exponent.startsWith('\0'))
        exponent.remove(0, 1);
    // With an exponent of 1 a text were its own signature.
    const bool isExponent = !exponent.isEmpty() && exponent.size() <= kMaxExponentBytes &&
                            (exponent.back() & 1) != 0 && exponent != QByteArray(1, '\1');
    if (!isExponent || modulus.size() < kMinModulusBytes || modulus.size() > kMaxModulusBytes) {
        jwk.fail("it is no RSA key of 2048 to 8192 bits");
        return nullptr;
    }
    cjose_jwk_rsa_keyspec spec{};
    spec.n = data(modulus);
    spec.nlen = static_cast<std::size_t>(modulus.size());
    spec.e = data(exponent);
    spec.elen = static_cast<std::size_t>(exponent.size());
    return cjose_jwk_create_RSA_spec(&spec, nullptr);
}

cjose_jwk_t *ecKey(const Curve &curve, QByteArray x, QByteArray y)
{
    if (x.size() != curve.bytes || y.size() != curve.bytes)
        return nullptr;
    cjose_jwk_ec_keyspec spec{};
    spec.crv = curve.number;
    spec.x = data(x);
    spec.xlen = static_cast<std::size_t>(x.size());
    spec.y = data(y);
    spec.ylen = static_cast<std::size_t>(y.size());
    return cjose_jwk_create_EC_spec(&spec, nullptr);
}

/// Whether key_ops, if it is there, has "verify".
bool isForVerifying(StrictObject &jwk)
{
    const auto member = jwk.find("key_ops");
    if (!member)
        return true;
    simdjson::dom::array operations;
    if (member->get(operations) != simdjson::SUCCESS)
        return false;
    return std::any_of(operations.begin(), operations.end(), [](simdjson::dom::element each) {
        std::string_view text;
        return each.get(text) == simdjson::SUCCESS && text == "verify";
    });
}

} // namespace

VerificationKey::VerificationKey(_cjose_jwk_int *key, std::optional<std::string> kid,
                                 std::vector<std::string> algorithms)
    : m_key(key, [](cjose_jwk_t *released) { cjose_jwk_release(released); })
    , m_kid(std::move(kid))
    , m_algorithms(std::move(algorithms))
{
}

Result<VerificationKey> VerificationKey::ofSecret(std::string_view secret)
{
    if (secret.size() < kMinSecretBytes)
        return unusable("the secret has " + std::to_string(secret.size()) +
                        " bytes; HS256 needs at least 32");
    cjose_jwk_t *key =
        cjose_jwk_create_oct_spec(reinterpret_cast<const uint8_t *>(secret.data()), secret.size(), nullptr);
    if (!key)
        return unusable("the secret is no key");
    return VerificationKey(key, std::nullopt, {"HS256"});
}

Result<VerificationKey> VerificationKey::ofJwk(StrictObject &jwk)
{
    const std::string kty(jwk.text("kty").value_or(""));
    const auto use = jwk.text("use");
    const auto algorithm = jwk.text("alg");
    std::optional<std::string> kid;
    if (const auto text = jwk.text("kid"))
        kid = *text;
    if (!jwk.mistake() && ((use && *use != "sig") || !isForVerifying(jwk)))
        jwk.fail("it is not for signatures");

    cjose_jwk_t *key = nullptr;
    std::vector<std::string> algorithms;
    if (kty == "RSA") {
        key = rsaKey(jwk);
        if (!algorithm)
            algorithms = {"RS256", "PS256"};
        else if (std::ranges::find(kRsaAlgorithms, *algorithm) != kRsaAlgorithms.end())
            algorithms = {std::string(*algorithm)};
    } else if (kty == "EC") {
        const std::string name(jwk.text("crv").value_or(""));
        if (const auto curve = std::ranges::find(kCurves, name, &Curve::name); curve != kCurves.end()) {
            key = ecKey(*curve, bytesOf(jwk.text("x")), bytesOf(jwk.text("y")));
            if (!algorithm || *algorithm == curve->algorithm)
                algorithms = {std::string(curve->algorithm)};
        } else {
            jwk.fail("its curve " + inQuotes(name) + " is none of P-256, P-384 and P-521");
        }
    } else if (kty == "oct") {
        jwk.fail("it is a secret, which does not belong into a JWKS; give it with auth-secret-file");
    } else {
        jwk.fail("its kty " + inQuotes(kty) + " is none of RSA and EC");
    }
    VerificationKey made(key, std::move(kid), std::move(algorithms));
    if (jwk.mistake())
        return unusable(*jwk.mistake());
    if (!key)
        return unusable("it is no valid key");
    if (made.m_algorithms.empty())
        return unusable("its alg " + inQuotes(algorithm.value_or("")) + " is none for such a key");
    return made;
}

Result<VerificationKey> VerificationKey::ofPem(std::string_view pem, std::string kid)
{
    constexpr std::string_view kBegin = "-----BEGIN PUBLIC KEY-----";
    constexpr std::string_view kEnd = "-----END PUBLIC KEY-----";
    const std::size_t begin = pem.find(kBegin);
    const std::size_t end = pem.find(kEnd);
    if (begin == std::string_view::npos || end == std::string_view::npos || end < begin)
        return unusable("it is no public key in PEM");
    const std::string_view base64 = pem.substr(begin + kBegin.size(), end - begin - kBegin.size());
    const QByteArray der =
        QByteArray::fromBase64(QByteArray(base64.data(), static_cast<qsizetype>(base64.size())));
    const Curve &p256 = kCurves.front();
    const auto prefix = static_cast<qsizetype>(kP256Prefix.size());
    cjose_jwk_t *key = nullptr;
    if (der.size() == prefix + 2 * p256.bytes && der.startsWith(QByteArray(kP256Prefix.data(), prefix)))
        key = ecKey(p256, der.mid(prefix, p256.bytes), der.right(p256.bytes));
    if (!key)
        return unusable("it is no public key of the curve P-256");
    return VerificationKey(key, std::move(kid), {"ES256"});
}

bool VerificationKey::isSecret() const
{
    return cjose_jwk_get_kty(m_key.get(), nullptr) == CJOSE_JWK_KTY_OCT;
}

std::optional<std::string> VerificationKey::verified(std::string_view compact) const
{
    const std::unique_ptr<cjose_jws_t, decltype(&cjose_jws_release)> jws(
        cjose_jws_import(compact.data(), compact.size(), nullptr), cjose_jws_release);
    uint8_t *content = nullptr; // jws owns it
    std::size_t size = 0;
    if (!jws || !cjose_jws_verify(jws.get(), m_key.get(), nullptr) ||
        !cjose_jws_get_plaintext(jws.get(), &content, &size, nullptr))
        return std::nullopt;
    return std::string(reinterpret_cast<const char *>(content), size);
}

} // namespace parlor
