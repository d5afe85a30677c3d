// SPDX-License-Identifier: MIT
#include "shared/client/linkfailure.h"

#include "shared/client/fromwire.h"
#include "shared/protocol/closecode.h"
#include "shared/protocol/limits.h"

#include <QCoreApplication>
#include <QCryptographicHash>

namespace parlor {

namespace {

using Outlook = LinkFailure::Outlook;

class FailureText
{
    Q_DECLARE_TR_FUNCTIONS(parlor::LinkFailure)
};

/// OpenSSL's words where the bytes that came are no TLS record.
bool answeredInClear(const QString &detail)
{
    return detail.contains(QLatin1String("wrong version number")) ||
           detail.contains(QLatin1String("packet length too long")) ||
           detail.contains(QLatin1String("http request"));
}

LinkFailure describeStatus(int status, const QUrl &url)
{
    const QString host = displayHost(url);
    const auto failure = [status](Outlook outlook, const QString &text) {
        return LinkFailure{outlook, text, static_cast<quint16>(status)};
    };
    switch (status) {
    case 401:
    case 403:
        return failure(Outlook::WrongAddress,
                       FailureText::tr("%1 does not admit this client (HTTP %2); ask its operator for access")
                           .arg(host)
                           .arg(status));
    case 404:
        return failure(
            Outlook::WrongAddress,
            FailureText::tr(
                "%1 answered, but there is no chat at %2 (HTTP 404); check the address's path, usually /ws")
                .arg(host, url.path()));
    case 429:
        return failure(
            Outlook::Passing,
            FailureText::tr("%1 has too many connections from this address (HTTP 429); close others or wait")
                .arg(host));
    case 503:
        return failure(
            Outlook::Passing,
            FailureText::tr(
                "%1 takes no connections now (HTTP 503): it is full, starting or shutting down; try again "
                "in a moment")
                .arg(host));
    default:
        break;
    }
    if (status >= 500)
        return failure(Outlook::Passing,
                       FailureText::tr("%1 or a proxy before it failed (HTTP %2); try again in a moment")
                           .arg(host)
                           .arg(status));
    if (status >= 300 && status < 400)
        return failure(
            Outlook::WrongAddress,
            FailureText::tr(
                "%1 redirects elsewhere (HTTP %2), which a chat server does not; check the address, and "
                "whether it wants wss://")
                .arg(host)
                .arg(status));
    return failure(Outlook::WrongAddress,
                   FailureText::tr("%1 answered, but it is not a chat server (HTTP %2); check the address")
                       .arg(host)
                       .arg(status));
}

} // namespace

QString describeCertificateErrors(const QList<QSslError> &errors, QSslCertificate certificate)
{
    QStringList texts;
    for (const QSslError &each : errors) {
        if (certificate.isNull())
            certificate = each.certificate();
        texts.append(each.errorString());
    }
    texts.removeDuplicates();
    const QString problem = texts.join(QLatin1String("; "));
    if (certificate.isNull())
        return problem;
    const QByteArray digest = certificate.digest(QCryptographicHash::Sha256).toHex(':').toUpper();
    return FailureText::tr("%1 (certificate SHA-256 %2)").arg(problem, QString::fromLatin1(digest));
}

QString displayHost(const QUrl &url)
{
    const QString host =
        url.host().contains(QLatin1Char(':')) ? QStringLiteral("[%1]").arg(url.host()) : url.host();
    return url.port() < 0 ? host : QStringLiteral("%1:%2").arg(host).arg(url.port());
}

LinkFailure describeFailure(QAbstractSocket::SocketError error, const QString &detail, const QUrl &url)
{
    const QString host = displayHost(url);
    switch (error) {
    case QAbstractSocket::HostNotFoundError:
        return {
            Outlook::Passing,
            FailureText::tr("the host %1 was not found; check the address and the network").arg(url.host())};
    case QAbstractSocket::ConnectionRefusedError:
        return {Outlook::Passing,
                FailureText::tr("%1 refused the connection: no server listens there; check host "
                                "and port, or start the server")
                    .arg(host)};
    case QAbstractSocket::RemoteHostClosedError:
        if (url.scheme() == QLatin1String("wss"))
            return {
                Outlook::Passing,
                FailureText::tr(
                    "%1 closed the connection before the chat began; check that the port is a chat server's "
                    "and whether it wants ws://")
                    .arg(host)};
        return {Outlook::Passing,
                FailureText::tr(
                    "%1 closed the connection before the chat began; check that the port is a chat server's: "
                    "most likely it wants wss://%1")
                    .arg(host)};
    case QAbstractSocket::SslHandshakeFailedError:
    case QAbstractSocket::SslInternalError:
    case QAbstractSocket::SslInvalidUserDataError:
        if (answeredInClear(detail))
            return {
                Outlook::WrongAddress,
                FailureText::tr("%1 answered, but not in TLS; most likely it wants ws://%1, which encrypts "
                                "nothing (else check the port)")
                    .arg(host)};
        return {Outlook::WrongAddress,
                FailureText::tr(
                    "no secure connection to %1: %2; the two sides do not agree on TLS, or something in "
                    "between disturbs it; check the port, or ask the server's operator")
                    .arg(host, detail)};
    case QAbstractSocket::NetworkError:
        return {Outlook::Passing,
                FailureText::tr("%1 cannot be reached: %2; check the network").arg(host, detail)};
    default:
        return {Outlook::Passing, FailureText::tr("no connection to %1: %2").arg(host, detail)};
    }
}

LinkFailure describeUntrusted(const QString &problem, const QUrl &url)
{
    return {Outlook::Lasting,
            FailureText::tr(
                "no secure connection to %1: %2; if you trust its certificate, give its authority to this "
                "client")
                .arg(displayHost(url), problem)};
}

LinkFailure describeRefusal(const websocket::Refusal &refusal, const websocket::ResponseHead &answer,
                            const QUrl &url)
{
    using Reason = websocket::Refusal::Reason;
    const QString host = displayHost(url);
    switch (refusal.reason) {
    case Reason::Status:
        return describeStatus(answer.status, url);
    case Reason::NotHttp:
    case Reason::Malformed:
        return {Outlook::WrongAddress,
                FailureText::tr(
                    "%1 answered, but it is not a chat server: what it sent is no WebSocket handshake (%2); "
                    "check host and port, and whether it wants %3://")
                    .arg(host, fromwire::text(refusal.text),
                         url.scheme() == QLatin1String("wss") ? QLatin1String("ws") : QLatin1String("wss"))};
    case Reason::NoSubprotocol:
        return {Outlook::WrongAddress,
                FailureText::tr(
                    "%1 speaks WebSocket, but not parlor.v2: it is a server of the first version, or no chat "
                    "server; use a newer server, or check the address")
                    .arg(host)};
    default:
        return {Outlook::WrongAddress,
                FailureText::tr("%1 answered the WebSocket handshake wrongly (%2); check whether a proxy or "
                                "cache in between lets WebSockets through")
                    .arg(host, fromwire::text(refusal.text))};
    }
}

LinkFailure describeProxyFailure(const Proxy &proxy, const QString &detail, const QUrl &url)
{
    return {Outlook::Passing,
            FailureText::tr("no connection to %1 through the proxy %2: %3; check the proxy, or name %4 in "
                            "no_proxy to go without it")
                .arg(displayHost(url), proxy.text(), detail, url.host())};
}

namespace {

/// Of a 407.
QString describeMissingPassword(const Proxy &proxy, const websocket::ResponseHead &head, const QUrl &url)
{
    QStringList schemes;
    for (const std::string_view each : head.values("proxy-authenticate"))
        schemes.append(fromwire::text(each).section(QLatin1Char(' '), 0, 0));
    if (!schemes.isEmpty() && !schemes.contains(QLatin1String("Basic"), Qt::CaseInsensitive))
        return FailureText::tr(
                   "the proxy %1 lets nobody through to %2 who does not sign in by %3 (HTTP 407), "
                   "which this client cannot do; name %4 in no_proxy to go without the proxy")
            .arg(proxy.text(), displayHost(url), schemes.join(QLatin1String(" or ")), url.host());
    if (!proxy.address.user().isEmpty())
        return FailureText::tr("the proxy %1 does not accept the user name and password in its address (HTTP "
                               "407); correct them")
            .arg(proxy.text());
    return FailureText::tr("the proxy %1 wants a user name and a password (HTTP 407) before it lets anybody "
                           "through to %2; put them into its address: http://USER:PASSWORD@%3")
        .arg(proxy.text(), displayHost(url), proxy.hostAndPort());
}

} // namespace

LinkFailure describeProxyRefusal(const Proxy &proxy, const websocket::ResponseReader &answer, const QUrl &url)
{
    if (answer.state() == websocket::ResponseReader::State::Refused)
        return describeProxyFailure(
            proxy,
            FailureText::tr("it is no HTTP proxy, for it sent %1").arg(fromwire::text(answer.refusal().text)),
            url);
    const websocket::ResponseHead &head = answer.head();
    LinkFailure failure = describeProxyFailure(proxy,
                                               FailureText::tr("the proxy answered HTTP %1 %2")
                                                   .arg(head.status)
                                                   .arg(fromwire::text(head.reason))
                                                   .trimmed(),
                                               url);
    if (head.status == 407)
        failure.text = describeMissingPassword(proxy, head, url);
    if (head.status < 500)
        failure.outlook = Outlook::WrongAddress;
    return failure;
}

QString describeViolation(quint16 code, const QString &detail, const QUrl &url)
{
    const QString host = displayHost(url);
    if (code == static_cast<quint16>(CloseCode::MessageTooBig))
        return FailureText::tr(
                   "this client closed the connection: %1 sent a frame of more than %2 KiB; the fault is "
                   "the server's")
            .arg(host)
            .arg(limits::kClientFrameBytes / 1024);
    return FailureText::tr(
               "this client closed the connection: what %1 sent is not valid (%2); the fault is the "
               "server's")
        .arg(host, detail);
}

LinkFailure describeTimeout(std::chrono::milliseconds timeout, const QUrl &url)
{
    const double seconds = std::chrono::duration<double>(timeout).count();
    return {
        Outlook::Passing,
        FailureText::tr(
            "no answer from %1 within %2 s; check the address, the network and whether the server is well")
            .arg(displayHost(url))
            .arg(seconds)};
}

} // namespace parlor
