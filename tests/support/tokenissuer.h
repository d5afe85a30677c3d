// SPDX-License-Identifier: MIT
#pragma once

#include <QByteArray>
#include <QJsonObject>
#include <QString>
#include <QStringList>
#include <QTemporaryDir>

namespace parlor::test {

/// Signs tokens with a secret of its own (HS256), for servers that are started with its arguments().
class TokenIssuer
{
public:
    TokenIssuer();

    /// For a server that lets in only whom this issuer vouches for.
    [[nodiscard]] QStringList arguments() const;
    /// Of this user, for an hour; `claims` are added, or take the place of these.
    [[nodiscard]] QByteArray token(const QString &user, const QJsonObject &claims = {}) const;
    /// The path of a file with such a token.
    [[nodiscard]] QString tokenFile(const QString &user, const QJsonObject &claims = {}) const;

private:
    [[nodiscard]] QString write(const QString &name, const QByteArray &contents) const;

    QTemporaryDir m_folder;
    QByteArray m_secret;
    QString m_secretFile;
};

} // namespace parlor::test
