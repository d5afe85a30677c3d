// SPDX-License-Identifier: MIT
#include "server/chat/resumetokens.h"

#include "shared/protocol/limits.h"

#include <QCryptographicHash>
#include <QDataStream>
#include <QIODevice>
#include <QMessageAuthenticationCode>

#include <algorithm>

namespace parlor {

namespace {

constexpr quint8 kVersion = 1;
constexpr auto kBase64 = QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals;
constexpr std::size_t kMaxToken = 2048;
/// A clock of another instance may be ahead of ours.
constexpr std::chrono::minutes kClockSkew{5};

bool equalInConstantTime(const QByteArray &a, const QByteArray &b)
{
    if (a.size() != b.size())
        return false;
    unsigned difference = 0;
    for (qsizetype i = 0; i < a.size(); ++i)
        difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
    return difference == 0;
}

QByteArray bytes(std::string_view text)
{
    return {text.data(), static_cast<qsizetype>(text.size())};
}

std::string written(const QByteArray &payload, const QByteArray &signature)
{
    return payload.toBase64(kBase64).toStdString() + '.' + signature.toBase64(kBase64).toStdString();
}

std::optional<QByteArray> decoded(QByteArrayView base64)
{
    auto result = QByteArray::fromBase64Encoding(base64.toByteArray(),
                                                 kBase64 | QByteArray::AbortOnBase64DecodingErrors);
    if (result.decodingStatus != QByteArray::Base64DecodingStatus::Ok)
        return std::nullopt;
    return std::move(result.decoded);
}

} // namespace

ResumeTokens::ResumeTokens(std::string_view secret, WallClock clock)
    : m_secret(bytes(secret))
    , m_keyId(QCryptographicHash::hash(m_secret, QCryptographicHash::Sha256).first(4))
    , m_clock(std::move(clock))
{
}

QByteArray ResumeTokens::sign(const QByteArray &payload) const
{
    return QMessageAuthenticationCode::hash(payload, m_secret, QCryptographicHash::Sha256);
}

std::string ResumeTokens::issue(const Identity &identity) const
{
    QByteArray payload;
    QDataStream out(&payload, QIODevice::WriteOnly);
    out.setVersion(QDataStream::Qt_6_4);
    out << kVersion << m_keyId << static_cast<qint64>(m_clock().count()) << bytes(identity.clientId())
        << bytes(identity.user()) << bytes(identity.username());
    return written(payload, sign(payload));
}

std::optional<Identity> ResumeTokens::verify(std::string_view token) const
{
    const std::size_t dot = token.find('.');
    if (token.size() > kMaxToken || dot == std::string_view::npos)
        return std::nullopt;
    const auto payload = decoded(QByteArrayView(token.data(), static_cast<qsizetype>(dot)));
    const auto signature =
        decoded(QByteArrayView(token.data() + dot + 1, static_cast<qsizetype>(token.size() - dot - 1)));
    if (!payload || !signature || !equalInConstantTime(sign(*payload), *signature))
        return std::nullopt;
    if (written(*payload, *signature) != token)
        return std::nullopt; // base64 can be spelled in several ways

    quint8 version = 0;
    QByteArray keyId;
    qint64 issued = 0;
    QByteArray clientId;
    QByteArray user;
    QByteArray username;
    QDataStream in(*payload);
    in.setVersion(QDataStream::Qt_6_4);
    in >> version >> keyId >> issued >> clientId >> user >> username;
    if (in.status() != QDataStream::Ok || !in.atEnd() || version != kVersion || keyId != m_keyId)
        return std::nullopt;
    const auto age = m_clock() - std::chrono::milliseconds(issued);
    if (age > limits::kResumeTokenLifetime || age < -kClockSkew)
        return std::nullopt;
    return Identity{clientId.toStdString(), user.toStdString(), username.toStdString()};
}

} // namespace parlor
