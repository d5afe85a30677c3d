// SPDX-License-Identifier: MIT
#include "client-cli/probe/probeconnection.h"

#include "shared/client/linkfailure.h"
#include "shared/protocol/closecode.h"
#include "shared/protocol/decoder.h"
#include "shared/protocol/limits.h"

#include <QRandomGenerator>

#include <array>
#include <bit>
#include <cstring>

namespace parlor::cli {

namespace {

constexpr websocket::ReaderLimits kFrames{limits::kClientFrameBytes, 0};
/// How long the server's part of the closing handshake may take.
constexpr std::chrono::milliseconds kGoodbye{1'000};

QByteArray hostField(const QUrl &url)
{
    QByteArray host = url.host(QUrl::FullyEncoded).toLatin1();
    if (host.contains(':') && !host.startsWith('['))
        host = '[' + host + ']';
    if (url.port() > 0)
        host += ':' + QByteArray::number(url.port());
    return host;
}

quint16 portOf(const QUrl &url)
{
    return static_cast<quint16>(url.port(url.scheme() == QLatin1String("wss") ? 443 : 80));
}

websocket::ClientHandshake::Nonce randomNonce()
{
    std::array<quint32, 4> words{};
    QRandomGenerator::system()->fillRange(words.data(), static_cast<qsizetype>(words.size()));
    return std::bit_cast<websocket::ClientHandshake::Nonce>(words);
}

QString fromUtf8(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

} // namespace

ProbeConnection::ProbeConnection(const Settings &settings, QObject *parent)
    : QObject(parent)
    , m_settings(settings)
    , m_reader(websocket::Role::Client, kFrames)
{
    m_result.carriedCookie = !settings.cookies.isEmpty();
    m_deadline.setSingleShot(true);
    connect(&m_deadline, &QTimer::timeout, this, [this] {
        if (m_state == State::Leaving)
            report();
        else
            fail(describeTimeout(m_settings.timeout, m_settings.url).text);
    });
    connect(&m_socket, &QSslSocket::sslErrors, this, [this](const QList<QSslError> &errors) {
        m_tlsProblem = describeCertificateErrors(errors, m_socket.sslConfiguration().peerCertificate());
    });
    connect(&m_socket, &QSslSocket::readyRead, this, &ProbeConnection::onReadyRead);
    connect(&m_socket, &QSslSocket::errorOccurred, this, &ProbeConnection::onError);
}

ProbeConnection::~ProbeConnection()
{
    // Its end is nobody's business any more, and the slots' members are gone before m_socket is.
    m_socket.disconnect(this);
}

void ProbeConnection::start()
{
    const QUrl &url = m_settings.url;
    m_clock.start();
    m_deadline.start(m_settings.timeout);
    if (url.scheme() == QLatin1String("wss")) {
        if (m_settings.tls)
            m_socket.setSslConfiguration(*m_settings.tls);
        connect(&m_socket, &QSslSocket::encrypted, this, &ProbeConnection::sendUpgrade);
        m_socket.connectToHostEncrypted(url.host(), portOf(url));
    } else {
        connect(&m_socket, &QSslSocket::connected, this, &ProbeConnection::sendUpgrade);
        m_socket.connectToHost(url.host(), portOf(url));
    }
}

void ProbeConnection::sendUpgrade()
{
    const QUrl &url = m_settings.url;
    m_state = State::Head;
    QByteArray target = url.path(QUrl::FullyEncoded).toLatin1();
    if (url.hasQuery())
        target += '?' + url.query(QUrl::FullyEncoded).toLatin1();
    websocket::UpgradeRequest request{hostField(url).toStdString(),
                                      target.toStdString(),
                                      {},
                                      {{"User-Agent", "parlor-cli/" PARLOR_VERSION}}};
    if (!m_settings.cookies.isEmpty())
        request.fields.push_back({"Cookie", m_settings.cookies.toStdString()});
    m_handshake.emplace(std::move(request), randomNonce());
    m_socket.write(QByteArray::fromStdString(m_handshake->request()));
}

void ProbeConnection::onReadyRead()
{
    QByteArray bytes = m_socket.readAll();
    if (m_state == State::Head) {
        const std::size_t used = m_handshake->feed({bytes.data(), static_cast<std::size_t>(bytes.size())});
        if (m_handshake->state() == websocket::ClientHandshake::State::Waiting)
            return;
        bytes.remove(0, static_cast<qsizetype>(used));
        onHead();
    }
    if (m_state != State::Frames)
        return; // what follows our goodbye is not read
    m_reader.feed({bytes.data(), static_cast<std::size_t>(bytes.size())}, *this);
    if (m_reader.violation() && m_state == State::Frames)
        fail(tr("%1 broke the WebSocket protocol: %2; is a proxy in between at fault?")
                 .arg(displayHost(m_settings.url), fromUtf8(m_reader.violation()->reason)));
}

void ProbeConnection::onHead()
{
    using Reason = websocket::Refusal::Reason;
    QByteArrayList cookies;
    for (const std::string_view each : m_handshake->response().values("set-cookie"))
        cookies.append(QByteArray(each.data(), static_cast<qsizetype>(each.size())));
    m_cookies = QNetworkCookie::parseCookies(cookies.join('\n'));
    for (const QNetworkCookie &each : std::as_const(m_cookies))
        m_result.setCookies.append(QString::fromUtf8(each.name()));
    if (m_handshake->state() == websocket::ClientHandshake::State::Open) {
        m_state = State::Frames;
        return;
    }
    const QString host = displayHost(m_settings.url);
    switch (const websocket::Refusal &why = m_handshake->refusal(); why.reason) {
    case Reason::NotHttp:
    case Reason::Malformed:
    case Reason::HeadTooLarge:
    case Reason::TooManyFields:
        fail(tr("%1 answered, but not in HTTP: no chat server listens there; check host and port, and "
                "whether it wants %2://")
                 .arg(host, m_settings.url.scheme() == QLatin1String("wss") ? QLatin1String("ws")
                                                                            : QLatin1String("wss")));
        break;
    case Reason::Status: {
        const websocket::ResponseHead &head = m_handshake->response();
        const QString detail =
            QStringLiteral("%1 (%2)")
                .arg(head.status)
                .arg(QString::fromLatin1(head.reason.data(), static_cast<qsizetype>(head.reason.size())));
        fail(describeFailure(QAbstractSocket::ConnectionRefusedError, detail, m_settings.url).text);
        break;
    }
    default:
        fail(tr("%1 answered the WebSocket handshake wrongly (%2); is a cache or proxy in between at fault?")
                 .arg(host, fromUtf8(why.text)));
    }
}

void ProbeConnection::onError(QAbstractSocket::SocketError error)
{
    if (m_state == State::Leaving) {
        report();
        return;
    }
    fail((m_tlsProblem.isEmpty() ? describeFailure(error, m_socket.errorString(), m_settings.url)
                                 : describeUntrusted(m_tlsProblem, m_settings.url))
             .text);
}

websocket::Flow ProbeConnection::onText(std::string_view message)
{
    Decoder decoder(0);
    const auto frame = decoder.frame(message);
    const auto *connection = frame ? std::get_if<frame::Connection>(&*frame) : nullptr;
    if (connection && !connection->hostname.empty())
        succeed(fromUtf8(connection->hostname));
    else
        fail(tr("%1 speaks WebSocket, but its first frame does not name a host: it is no chat server of this "
                "kind; check the address")
                 .arg(displayHost(m_settings.url)));
    return websocket::Flow::Stop;
}

websocket::Flow ProbeConnection::onBinary(std::string_view)
{
    return onText({});
}

void ProbeConnection::onClose(std::optional<std::uint16_t> code, std::string_view reason)
{
    const QString what = fromUtf8(describe(code.value_or(1005)));
    fail(tr("%1 closed the connection before it named its host: %2 (code %3%4)")
             .arg(displayHost(m_settings.url), what)
             .arg(code.value_or(1005))
             .arg(reason.empty() ? QString() : QStringLiteral(", %1").arg(fromUtf8(reason))));
}

void ProbeConnection::succeed(const QString &host)
{
    m_result.host = host;
    m_result.connectTime = std::chrono::nanoseconds(m_clock.nsecsElapsed());
    leave();
}

void ProbeConnection::fail(const QString &why)
{
    m_result.failure = why;
    report();
}

void ProbeConnection::leave()
{
    m_state = State::Leaving;
    m_deadline.start(kGoodbye);
    websocket::MaskKey key{};
    const quint32 random = QRandomGenerator::system()->generate();
    std::memcpy(key.data(), &random, key.size());
    std::string close;
    websocket::appendMaskedFrame(close, websocket::Opcode::Close, "\x03\xe8", key); // 1000
    m_socket.write(close.data(), static_cast<qint64>(close.size()));
}

void ProbeConnection::report()
{
    if (m_state == State::Done)
        return;
    m_state = State::Done;
    m_deadline.stop();
    m_socket.abort();
    Q_EMIT finished(m_result, m_cookies);
}

} // namespace parlor::cli
