// SPDX-License-Identifier: MIT
#include "tests/support/tokenissuer.h"

#include <QDateTime>
#include <QFile>
#include <QJsonDocument>
#include <QMessageAuthenticationCode>

namespace parlor::test {

namespace {

QByteArray base64Url(const QByteArray &bytes)
{
    return bytes.toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
}

QByteArray part(const QJsonObject &object)
{
    return base64Url(QJsonDocument(object).toJson(QJsonDocument::Compact));
}

} // namespace

TokenIssuer::TokenIssuer()
    : m_secret("do-not-log-a-secret-of-32-bytes-or-more")
    , m_secretFile(write(QStringLiteral("secret"), m_secret))
{
}

QStringList TokenIssuer::arguments() const
{
    return {QStringLiteral("--auth"), QStringLiteral("token"), QStringLiteral("--auth-secret-file"),
            m_secretFile};
}

QByteArray TokenIssuer::token(const QString &user, const QJsonObject &claims) const
{
    QJsonObject all{{QStringLiteral("sub"), user},
                    {QStringLiteral("exp"), QDateTime::currentSecsSinceEpoch() + 3600}};
    for (auto each = claims.constBegin(); each != claims.constEnd(); ++each)
        all.insert(each.key(), each.value());
    const QByteArray signedPart = part({{QStringLiteral("alg"), QStringLiteral("HS256")},
                                        {QStringLiteral("typ"), QStringLiteral("JWT")}}) +
                                  '.' + part(all);
    return signedPart + '.' +
           base64Url(QMessageAuthenticationCode::hash(signedPart, m_secret, QCryptographicHash::Sha256));
}

QString TokenIssuer::tokenFile(const QString &user, const QJsonObject &claims) const
{
    return write(user, token(user, claims));
}

QString TokenIssuer::write(const QString &name, const QByteArray &contents) const
{
    QFile file(m_folder.filePath(name));
    if (!file.open(QIODevice::WriteOnly) || file.write(contents) != contents.size() ||
        !file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner))
        qFatal("cannot write %s", qUtf8Printable(file.fileName()));
    return file.fileName();
}

} // namespace parlor::test
