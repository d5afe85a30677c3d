// SPDX-License-Identifier: MIT
#include "client-cli/probe/probeconnection.h"

#include "shared/client/fromwire.h"
#include "shared/protocol/decoder.h"
#include "shared/protocol/encoder.h"

namespace parlor::cli {

namespace {

LinkRequest linkRequest(const ProbeConnection::Settings &settings)
{
    LinkRequest request{.url = settings.url,
                        .tls = settings.tls,
                        .subprotocols = {"parlor.v2"}, // whose first frame names the chat
                        .fields = {{"User-Agent", "parlor-cli/" PARLOR_VERSION}},
                        .connectTimeout = settings.timeout,
                        .choice = websocket::UpgradeRequest::Choice::Optional};
    if (!settings.cookies.isEmpty())
        request.fields.push_back({"Cookie", settings.cookies.toStdString()});
    return request;
}

} // namespace

ProbeConnection::ProbeConnection(const Settings &settings, QObject *parent)
    : QObject(parent)
    , m_url(settings.url)
    , m_token(settings.token)
    , m_link(linkRequest(settings))
{
    m_result.carriedCookie = !settings.cookies.isEmpty();
    m_deadline.setSingleShot(true);
    m_deadline.setInterval(settings.timeout);
    connect(&m_deadline, &QTimer::timeout, this, [this] {
        m_link.abort(
            {{0, {}, describeTimeout(std::chrono::milliseconds(m_deadline.interval()), m_url).text}});
    });
    connect(&m_link, &Link::textReceived, this, &ProbeConnection::onText);
    connect(&m_link, &Link::ended, this, &ProbeConnection::onEnded);
}

void ProbeConnection::start()
{
    m_clock.start();
    m_deadline.start();
    m_link.open();
}

void ProbeConnection::onText(const QByteArray &utf8)
{
    Decoder decoder(0);
    const auto frame = decoder.frame({utf8.data(), static_cast<std::size_t>(utf8.size())});
    const auto *connection = frame ? std::get_if<frame::Connection>(&*frame) : nullptr;
    if (m_result.host.isEmpty()) {
        if (connection && !connection->hostname.empty())
            return greet(*connection);
        return m_link.abort(
            {{0,
              {},
              tr("%1 speaks WebSocket, but its first frame does not name a host: it is no chat server of "
                 "this kind; check the address")
                  .arg(displayHost(m_url))}});
    }
    const auto *ack = frame ? std::get_if<frame::Ack>(&*frame) : nullptr;
    if (const auto *auth = ack ? std::get_if<frame::AuthAck>(&ack->body) : nullptr) {
        m_result.signedInAs = fromwire::text(auth->username);
        if (const std::string_view role = auth->role; !role.empty())
            m_result.signedInAs += QStringLiteral(", ") + fromwire::text(role);
        m_link.close();
    } else if (const auto *error = frame ? std::get_if<frame::Error>(&*frame) : nullptr) {
        failToSignIn(
            tr("%1 refused the token: %2 (%3)")
                .arg(displayHost(m_url), fromwire::text(error->message), fromwire::text(error->code)));
        m_link.close();
    }
}

void ProbeConnection::greet(const frame::Connection &connection)
{
    m_result.host = fromwire::text(connection.hostname);
    if (connection.terms) {
        m_result.chat = fromwire::text(connection.terms->chat);
        m_result.needsToken = connection.terms->needsToken;
    }
    m_result.connectTime = std::chrono::nanoseconds(m_clock.nsecsElapsed());
    if (!m_result.needsToken || m_token.isEmpty()) {
        m_deadline.stop();
        m_link.close();
        return;
    }
    const std::string token = m_token.toStdString();
    std::string json;
    encode(json, Request{1, request::Auth{.token = token}});
    m_link.send(json);
}

void ProbeConnection::failToSignIn(const QString &why)
{
    m_result.host.clear();
    m_result.failure = why;
}

void ProbeConnection::onEnded(const LinkEnd &end)
{
    m_deadline.stop();
    const CloseInfo &info = end.info;
    if (m_result.needsToken && !m_token.isEmpty() && m_result.signedInAs.isEmpty()) {
        if (m_result.failure.isEmpty())
            failToSignIn(
                tr("%1 named its host, but did not answer the token: %2").arg(displayHost(m_url), info.text));
    } else if (m_result.host.isEmpty()) {
        m_result.failure = info.text;
        if (info.code != 0 && end.refused == LinkEnd::By::Peer)
            m_result.failure =
                tr("%1 closed the connection before it named its host: %2 (code %3%4)")
                    .arg(displayHost(m_url), info.text)
                    .arg(info.code)
                    .arg(info.reason.isEmpty() ? QString() : QStringLiteral(", %1").arg(info.reason));
    }
    QByteArrayList fields;
    for (const std::string_view each : m_link.response().values("set-cookie"))
        fields.append(QByteArray(each.data(), static_cast<qsizetype>(each.size())));
    const auto cookies = QNetworkCookie::parseCookies(fields.join('\n'));
    for (const QNetworkCookie &each : cookies)
        m_result.setCookies.append(QString::fromUtf8(each.name()));
    Q_EMIT finished(m_result, cookies);
}

} // namespace parlor::cli
