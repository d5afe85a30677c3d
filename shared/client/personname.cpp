// SPDX-License-Identifier: MIT
#include "shared/client/personname.h"

#include "shared/protocol/ulid.h"

namespace parlor {

namespace {

constexpr qsizetype kTail = 4;

} // namespace

bool isGuest(const QString &username)
{
    return username.size() == static_cast<qsizetype>(Ulid::kTextLength) &&
           Ulid::parse(username.toStdString());
}

QString personName(const QString &username)
{
    return isGuest(username) ? QStringLiteral("Guest %1").arg(username.right(kTail)) : username;
}

QString hueKey(const QString &session, const QString &user, const QString &username,
               const QSet<QString> &namesakes)
{
    const QString &who = user.isEmpty() ? session : user;
    if (who != session)
        return who;
    const QString name = personName(username);
    return namesakes.contains(name) ? who : name;
}

} // namespace parlor
