// SPDX-License-Identifier: MIT
#include "shared/client/serverurl.h"

#include <QCoreApplication>
#include <QHostAddress>
#include <QRegularExpression>

namespace parlor {

namespace {

class UrlText
{
    Q_DECLARE_TR_FUNCTIONS(parlor::ServerUrl)
};

/// Why an address that was copied or mistyped would name another host than was meant; empty: nothing is seen.
/// Quotes none of it: it may have a password.
QString mistypedHost(const QString &text)
{
    static const QRegularExpression scheme(QStringLiteral("^(wss?)(:/|//)(?!/)"),
                                           QRegularExpression::CaseInsensitiveOption);
    if (const auto match = scheme.match(text); match.hasMatch())
        return UrlText::tr("the address begins with %1; write %2://HOST:PORT")
            .arg(match.captured(), match.captured(1).toLower());
    static const QRegularExpression authority(
        QStringLiteral("^(?:[A-Za-z][A-Za-z0-9+.-]*://)?(?:[^/?#]*@)?([^/?#]*)"));
    const QString host = authority.match(text).captured(1);
    static const QRegularExpression typographic(
        QStringLiteral("[\\x{2010}-\\x{201f}\\x{2212}\\x{ab}\\x{bb}]"));
    if (const auto match = typographic.match(host); match.hasMatch())
        return UrlText::tr("the address has %1 in it, which no host's name has; type it anew without")
            .arg(match.captured());
    if (host.count(QLatin1Char(':')) > 1 && !host.contains(QLatin1Char('[')))
        return UrlText::tr("an IPv6 address stands in brackets, as in ws://[::1]:8000");
    return {};
}

} // namespace

Result<QUrl> parseServerUrl(const QString &text)
{
    const auto wrong = [](const QString &why) { return Error{ErrorCode::BadRequest, why.toStdString()}; };
    const QString trimmed = text.trimmed();
    if (trimmed.isEmpty())
        return wrong(UrlText::tr("the server's address is empty; write it as ws://HOST:PORT or wss://HOST"));

    static const QRegularExpression scheme(QStringLiteral("^([A-Za-z][A-Za-z0-9+.-]*)://"));
    const auto match = scheme.match(trimmed);
    const QString given = match.captured(1).toLower();
    if (match.hasMatch() && given != QLatin1String("ws") && given != QLatin1String("wss")) {
        const bool isHttp = given == QLatin1String("http") || given == QLatin1String("https");
        const QString instead =
            isHttp ? UrlText::tr("; use %1:// instead")
                         .arg(given == QLatin1String("http") ? QLatin1String("ws") : QLatin1String("wss"))
                   : UrlText::tr("; use ws:// or wss://");
        return wrong(UrlText::tr("'%1' begins with %2://, which is no WebSocket address%3")
                         .arg(trimmed, given, instead));
    }

    if (const QString mistyped = mistypedHost(trimmed); !mistyped.isEmpty())
        return wrong(mistyped);

    QUrl url(match.hasMatch() ? trimmed : QStringLiteral("ws://") + trimmed, QUrl::StrictMode);
    if (!url.isValid()) {
        QString why = url.errorString().section(QLatin1Char(';'), 0, 0);
        if (why.isEmpty())
            why = UrlText::tr("not an address");
        return wrong(UrlText::tr("'%1' is not a valid address: %2").arg(trimmed, why));
    }
    if (url.host().isEmpty())
        return wrong(UrlText::tr("'%1' names no host; write it as ws://HOST:PORT").arg(trimmed));
    if (url.port() == 0)
        return wrong(UrlText::tr("'%1' has port 0; ports are 1 to 65535").arg(trimmed));
    if (!url.userInfo().isEmpty())
        return wrong(UrlText::tr("the address has a user name or password in it; leave them out"));
    if (url.hasFragment())
        return wrong(
            UrlText::tr("'%1' has a part after '#', which a WebSocket address must not have").arg(trimmed));
    url.setScheme(url.scheme().toLower());
    if (url.path().isEmpty() || url.path() == QLatin1String("/"))
        url.setPath(QStringLiteral("/ws"));
    return url;
}

bool isLoopback(const QUrl &url)
{
    return url.host() == QLatin1String("localhost") || QHostAddress(url.host()).isLoopback();
}

} // namespace parlor
