// SPDX-License-Identifier: MIT
#include "shared/client/proxy.h"

#include <QCoreApplication>
#include <QHostAddress>
#include <QNetworkProxyFactory>
#include <QNetworkProxyQuery>
#include <QRegularExpression>

namespace parlor {

namespace {

class ProxyText
{
    Q_DECLARE_TR_FUNCTIONS(parlor::Proxy)
};

/// Whether one entry of `no_proxy` covers the host: a name and what ends in it, an address, or a network.
bool covers(QString entry, const QUrl &url)
{
    const QString host = url.host(QUrl::FullyEncoded).toLower();
    const QHostAddress address(host);
    if (entry == QLatin1String("*"))
        return true;
    if (const auto network = QHostAddress::parseSubnet(entry); entry.contains(QLatin1Char('/')))
        return !address.isNull() && network.second >= 0 && address.isInSubnet(network);
    static const QRegularExpression withPort(QStringLiteral("^(\\[.*\\]|[^:]*):(\\d+)$"));
    if (const auto match = withPort.match(entry); match.hasMatch()) {
        if (match.captured(2).toInt() != url.port(url.scheme() == QLatin1String("wss") ? 443 : 80))
            return false;
        entry = match.captured(1);
    }
    if (entry.startsWith(QLatin1Char('[')) && entry.endsWith(QLatin1Char(']')))
        entry = entry.mid(1, entry.size() - 2);
    if (!address.isNull())
        return address == QHostAddress(entry);
    while (entry.startsWith(QLatin1Char('.')))
        entry.remove(0, 1);
    return !entry.isEmpty() && (host == entry || host.endsWith(QLatin1Char('.') + entry));
}

bool isExempt(const QString &list, const QUrl &url)
{
    static const QRegularExpression separator(QStringLiteral("[,\\s]+"));
    const QStringList entries = list.toLower().split(separator, Qt::SkipEmptyParts);
    return std::any_of(entries.begin(), entries.end(),
                       [&url](const QString &entry) { return covers(entry, url); });
}

Result<Proxy> parse(const QString &name, const QString &value)
{
    const auto wrong = [&name](const QString &why) {
        return Error{ErrorCode::BadRequest,
                     ProxyText::tr("%1 %2; set it to http://HOST:PORT or socks5://HOST:PORT, or to nothing")
                         .arg(name, why)
                         .toStdString()};
    };
    // As tolerant as curl: a Windows domain's user has a backslash in it.
    const QUrl url(value.contains(QLatin1String("://")) ? value : QLatin1String("http://") + value);
    // The value may hold a password, so that it is not repeated.
    if (!url.isValid() || url.host().isEmpty())
        return wrong(ProxyText::tr("is not the address of a proxy"));
    const bool isHttp = url.scheme() == QLatin1String("http");
    static const QStringList socks{QStringLiteral("socks5"), QStringLiteral("socks5h"),
                                   QStringLiteral("socks")};
    if (!isHttp && !socks.contains(url.scheme()))
        return wrong(
            ProxyText::tr("names a proxy of the kind %1, which this client cannot use").arg(url.scheme()));
    return Proxy{QNetworkProxy(isHttp ? QNetworkProxy::HttpProxy : QNetworkProxy::Socks5Proxy,
                               url.host(QUrl::FullyEncoded), static_cast<quint16>(url.port(1080)),
                               url.userName(QUrl::FullyDecoded), url.password(QUrl::FullyDecoded)),
                 name};
}

Proxy ofTheDesktop(const QUrl &url)
{
    QUrl web = url;
    web.setScheme(url.scheme() == QLatin1String("wss") ? QStringLiteral("https") : QStringLiteral("http"));
    const auto found = QNetworkProxyFactory::systemProxyForQuery(QNetworkProxyQuery(web)).value(0);
    if (found.type() == QNetworkProxy::Socks5Proxy)
        return {found, ProxyText::tr("the system's settings")};
    if (found.type() == QNetworkProxy::HttpProxy || found.type() == QNetworkProxy::HttpCachingProxy)
        return {QNetworkProxy(QNetworkProxy::HttpProxy, found.hostName(), found.port(), found.user(),
                              found.password()),
                ProxyText::tr("the system's settings")};
    return {};
}

} // namespace

QString Proxy::hostAndPort() const
{
    const QString host = address.hostName();
    return QStringLiteral("%1:%2")
        .arg(host.contains(QLatin1Char(':')) ? QStringLiteral("[%1]").arg(host) : host)
        .arg(address.port());
}

QString Proxy::text() const
{
    return QStringLiteral("%1 (%2)").arg(hostAndPort(), source);
}

std::optional<Result<Proxy>> proxyInVariables(const QUrl &url, const QProcessEnvironment &environment)
{
    if (isExempt(environment.value(QStringLiteral("no_proxy"), environment.value(QStringLiteral("NO_PROXY"))),
                 url))
        return Proxy{};
    QStringList names{QStringLiteral("all_proxy"), QStringLiteral("ALL_PROXY")};
    // HTTP_PROXY is what a CGI program gets from a request's field "Proxy".
    if (url.scheme() == QLatin1String("wss"))
        names = QStringList{QStringLiteral("https_proxy"), QStringLiteral("HTTPS_PROXY")} + names;
    else
        names.prepend(QStringLiteral("http_proxy"));
    for (const QString &name : std::as_const(names)) {
        if (!environment.contains(name))
            continue;
        const QString value = environment.value(name).trimmed();
        if (value.isEmpty())
            return Proxy{}; // the way to say that there is none
        return parse(name, value);
    }
    // What answers for the desktop reads these variables, too, and by other rules.
    const QStringList all{QStringLiteral("http_proxy"), QStringLiteral("HTTP_PROXY"),
                          QStringLiteral("https_proxy"), QStringLiteral("HTTPS_PROXY")};
    const bool isSet =
        std::any_of(all.begin(), all.end(), [&](const QString &name) { return environment.contains(name); });
    return isSet ? std::optional<Result<Proxy>>(Proxy{}) : std::nullopt;
}

Result<Proxy> proxyFor(const QUrl &url, const QProcessEnvironment &environment)
{
    const auto named = proxyInVariables(url, environment);
    return named ? *named : ofTheDesktop(url);
}

} // namespace parlor
