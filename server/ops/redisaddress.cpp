// SPDX-License-Identifier: MIT
#include "server/ops/redisaddress.h"

#include <QUrl>
#include <QUrlQuery>

namespace parlor::redis {

namespace {

constexpr const char *kForms = "; write redis://HOST:PORT, rediss://HOST:PORT or unix:/PATH";

Error wrong(const std::string &why)
{
    return {ErrorCode::BadRequest, "the address of Redis " + why + kForms};
}

/// Takes what is behind the host, or behind `db=`; empty is database 0.
bool parseDatabase(const QString &text, unsigned &database)
{
    bool isNumber = text.isEmpty();
    if (!text.isEmpty())
        database = text.toUInt(&isNumber);
    return isNumber;
}

} // namespace

std::string Address::text() const
{
    Address anonymous = *this;
    anonymous.user.clear();
    return anonymous.textWithUser();
}

std::string Address::textWithUser() const
{
    QUrl url;
    url.setUserName(user.empty() ? QString() : QString::fromStdString(user));
    if (kind == Kind::Unix) {
        url.setScheme(QStringLiteral("unix"));
        url.setPath(QString::fromStdString(path));
        if (database != 0)
            url.setQuery(QStringLiteral("db=%1").arg(database));
    } else {
        url.setScheme(kind == Kind::Tls ? QStringLiteral("rediss") : QStringLiteral("redis"));
        url.setHost(QString::fromStdString(host));
        url.setPort(port);
        if (database != 0)
            url.setPath(QStringLiteral("/%1").arg(database));
    }
    return url.toString(QUrl::FullyEncoded).toStdString();
}

Result<Address> parseAddress(const std::string &text)
{
    const QUrl url(QString::fromStdString(text), QUrl::StrictMode);
    if (!url.isValid())
        return wrong("is not valid (in a user or password write %40 for @, %2F for /, %3A for :, %25 for %)");
    Address address;
    address.user = url.userName(QUrl::FullyDecoded).toStdString();
    address.password = url.password(QUrl::FullyDecoded).toStdString();
    if (url.hasFragment())
        return wrong("has a part after '#'; write %23 for # in a password");
    if (url.scheme() == QLatin1String("unix")) {
        address.kind = Address::Kind::Unix;
        address.path = url.path(QUrl::FullyDecoded).toStdString();
        const QUrlQuery query(url);
        if (!url.host().isEmpty() || !address.path.starts_with('/') || address.path.starts_with("//"))
            return wrong("has no absolute path with one slash at its beginning");
        if (url.hasQuery() && (query.queryItems().size() != 1 || !query.hasQueryItem(QStringLiteral("db"))))
            return wrong("has something else than db=NUMBER after '?'");
        if (!parseDatabase(query.queryItemValue(QStringLiteral("db")), address.database))
            return wrong("has a database that is no number");
        return address;
    }
    if (url.scheme() == QLatin1String("rediss"))
        address.kind = Address::Kind::Tls;
    else if (url.scheme() != QLatin1String("redis"))
        return wrong("does not begin with redis://, rediss:// or unix:");
    address.host = url.host(QUrl::FullyEncoded).toStdString();
    address.port = static_cast<std::uint16_t>(url.port(6379));
    if (address.host.empty())
        return wrong("names no host");
    if (address.port == 0)
        return wrong("has port 0");
    if (url.hasQuery())
        return wrong("has a part after '?'");
    if (!parseDatabase(url.path().mid(1), address.database))
        return wrong("has a database that is no number");
    return address;
}

} // namespace parlor::redis
