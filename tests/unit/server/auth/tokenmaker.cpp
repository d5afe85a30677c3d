// SPDX-License-Identifier: MIT
#include "tests/unit/server/auth/tokenmaker.h"

#include <QJsonDocument>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

namespace parlor::test {

namespace {

const unsigned char *bytesOf(const QByteArray &bytes)
{
    return reinterpret_cast<const unsigned char *>(bytes.constData());
}

QByteArray numberOf(const EVP_PKEY *key, const char *name)
{
    BIGNUM *number = nullptr;
    if (EVP_PKEY_get_bn_param(key, name, &number) != 1)
        qFatal("the key has no %s", name);
    QByteArray bytes(BN_num_bytes(number), '\0');
    BN_bn2bin(number, reinterpret_cast<unsigned char *>(bytes.data()));
    BN_free(number);
    return bytes;
}

/// The two numbers of a signature in DER, `size` bytes each.
QByteArray rawSignature(const QByteArray &der, qsizetype size)
{
    const unsigned char *at = bytesOf(der);
    ECDSA_SIG *signature = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
    QByteArray raw(2 * size, '\0');
    auto *out = reinterpret_cast<unsigned char *>(raw.data());
    BN_bn2binpad(ECDSA_SIG_get0_r(signature), out, static_cast<int>(size));
    BN_bn2binpad(ECDSA_SIG_get0_s(signature), out + size, static_cast<int>(size));
    ECDSA_SIG_free(signature);
    return raw;
}

} // namespace

QByteArray base64Url(const QByteArray &bytes)
{
    return bytes.toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
}

QByteArray json(const QJsonObject &object)
{
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

TokenKey::TokenKey(EVP_PKEY *key)
    : m_key(key, EVP_PKEY_free)
{
}

TokenKey TokenKey::rsa(int bits)
{
    return TokenKey(EVP_RSA_gen(static_cast<unsigned>(bits)));
}

TokenKey TokenKey::ec(const char *curve)
{
    return TokenKey(EVP_EC_gen(curve));
}

TokenKey TokenKey::ed25519()
{
    return TokenKey(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
}

TokenKey TokenKey::secret(const QByteArray &secret)
{
    TokenKey key(nullptr);
    key.m_secret = secret;
    return key;
}

QByteArray TokenKey::signature(const QByteArray &algorithm, const QByteArray &text) const
{
    const EVP_MD *digest = algorithm.endsWith("512")   ? EVP_sha512()
                           : algorithm.endsWith("384") ? EVP_sha384()
                                                       : EVP_sha256();
    if (algorithm.startsWith("HS")) {
        QByteArray mac(EVP_MAX_MD_SIZE, '\0');
        unsigned size = 0;
        HMAC(digest, m_secret.constData(), static_cast<int>(m_secret.size()), bytesOf(text),
             static_cast<std::size_t>(text.size()), reinterpret_cast<unsigned char *>(mac.data()), &size);
        mac.truncate(size);
        return mac;
    }
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *options = nullptr; // the context owns it
    const bool isEd = algorithm == "EdDSA";
    EVP_DigestSignInit(context, &options, isEd ? nullptr : digest, nullptr, m_key.get());
    if (algorithm.startsWith("PS")) {
        EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING);
        EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST);
    }
    std::size_t size = 0;
    EVP_DigestSign(context, nullptr, &size, bytesOf(text), static_cast<std::size_t>(text.size()));
    QByteArray made(static_cast<qsizetype>(size), '\0');
    if (EVP_DigestSign(context, reinterpret_cast<unsigned char *>(made.data()), &size, bytesOf(text),
                       static_cast<std::size_t>(text.size())) != 1)
        qFatal("cannot sign with %s", algorithm.constData());
    EVP_MD_CTX_free(context);
    made.truncate(static_cast<qsizetype>(size));
    if (EVP_PKEY_get_base_id(m_key.get()) == EVP_PKEY_EC)
        return rawSignature(made, (EVP_PKEY_get_bits(m_key.get()) + 7) / 8);
    return made;
}

QByteArray TokenKey::token(const QByteArray &header, const QByteArray &content,
                           const QByteArray &algorithm) const
{
    const QByteArray text = base64Url(header) + '.' + base64Url(content);
    return text + '.' + base64Url(signature(algorithm, text));
}

QByteArray TokenKey::token(const QJsonObject &header, const QJsonObject &claims) const
{
    return token(json(header), json(claims), header[QStringLiteral("alg")].toString().toLatin1());
}

QJsonObject TokenKey::jwk() const
{
    const auto text = [this](const char *name, qsizetype least) {
        return QString::fromLatin1(base64Url(numberOf(m_key.get(), name).rightJustified(least, '\0')));
    };
    if (EVP_PKEY_get_base_id(m_key.get()) == EVP_PKEY_RSA)
        return {{QStringLiteral("kty"), QStringLiteral("RSA")},
                {QStringLiteral("n"), text(OSSL_PKEY_PARAM_RSA_N, 0)},
                {QStringLiteral("e"), text(OSSL_PKEY_PARAM_RSA_E, 0)}};
    const int bits = EVP_PKEY_get_bits(m_key.get());
    return {{QStringLiteral("kty"), QStringLiteral("EC")},
            {QStringLiteral("crv"), QStringLiteral("P-%1").arg(bits)},
            {QStringLiteral("x"), text(OSSL_PKEY_PARAM_EC_PUB_X, (bits + 7) / 8)},
            {QStringLiteral("y"), text(OSSL_PKEY_PARAM_EC_PUB_Y, (bits + 7) / 8)}};
}

QByteArray TokenKey::pem() const
{
    BIO *out = BIO_new(BIO_s_mem());
    PEM_write_bio_PUBKEY(out, m_key.get());
    char *data = nullptr;
    const long size = BIO_get_mem_data(out, &data);
    const QByteArray pem(data, static_cast<qsizetype>(size));
    BIO_free(out);
    return pem;
}

} // namespace parlor::test
