// SPDX-License-Identifier: MIT
#include "shared/client/link.h"

#include "shared/client/fromwire.h"
#include "shared/protocol/closecode.h"
#include "shared/protocol/limits.h"

#include <QRandomGenerator>

#include <array>
#include <bit>
#include <utility>

namespace parlor {

using websocket::Flow;
using websocket::Opcode;

namespace {

/// Bytes that wait to leave; past it a ping waits for its answer.
constexpr qint64 kMostWaitingPongs = 64 * 1024;
/// How long a Close may need: ours to be answered, or the answer to the server's to leave.
constexpr std::chrono::milliseconds kCloseLinger{2'000};
constexpr websocket::Violation kBinary{1003, "a binary message"};
constexpr websocket::ReaderLimits kLimits{.messageBytes = limits::kClientFrameBytes, .fragments = 4096};

/// A name or an address, as a Host field and a CONNECT have it: without a zone, which means something on this
/// machine alone (RFC 6874 §4).
std::string hostOf(const QUrl &url)
{
    const std::string host = url.host(QUrl::FullyEncoded).toStdString();
    return host.find(':') == std::string::npos ? host : '[' + host.substr(0, host.find('%')) + ']';
}

quint16 portOf(const QUrl &url)
{
    return static_cast<quint16>(url.port(url.scheme() == QLatin1String("wss") ? 443 : 80));
}

websocket::UpgradeRequest upgradeRequest(const LinkRequest &request)
{
    const QUrl &url = request.url;
    std::string target = url.path(QUrl::FullyEncoded).toStdString();
    if (url.hasQuery())
        target += '?' + url.query(QUrl::FullyEncoded).toStdString();
    return {.host = hostOf(url) + (url.port() < 0 ? "" : ':' + std::to_string(url.port())),
            .target = target.empty() ? "/" : target,
            .subprotocols = request.subprotocols,
            .fields = request.fields,
            .choice = request.choice};
}

websocket::ClientHandshake::Nonce randomNonce()
{
    std::array<quint32, 4> words{};
    QRandomGenerator::system()->fillRange(words.data(), static_cast<qsizetype>(words.size()));
    return std::bit_cast<websocket::ClientHandshake::Nonce>(words);
}

/// The payload of a Close without a reason.
std::string codeBytes(std::uint16_t code)
{
    return {static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
}

} // namespace

Link::Link(LinkRequest request, QObject *parent)
    : QObject(parent)
    , m_request(std::move(request))
    , m_handshake(upgradeRequest(m_request), randomNonce())
    , m_reader(websocket::Role::Client, kLimits)
{
    m_timer.setSingleShot(true);
    connect(&m_socket, &QSslSocket::connected, this, &Link::onConnected);
    connect(&m_socket, &QSslSocket::encrypted, this, &Link::sendUpgrade);
    connect(&m_socket, &QSslSocket::readyRead, this, &Link::onReadyRead);
    connect(&m_socket, &QSslSocket::bytesWritten, this, &Link::pong);
    connect(&m_socket, &QSslSocket::encryptedBytesWritten, this, &Link::pong);
    connect(&m_socket, &QSslSocket::errorOccurred, this, &Link::onError);
    connect(&m_socket, &QSslSocket::disconnected, this, [this] {
        if (m_stage >= Stage::Open)
            onGone();
        else
            onError(QAbstractSocket::RemoteHostClosedError);
    });
    connect(&m_socket, &QSslSocket::sslErrors, this, [this](const QList<QSslError> &errors) {
        m_tlsProblem = describeCertificateErrors(errors, m_socket.sslConfiguration().peerCertificate());
    });
    connect(&m_timer, &QTimer::timeout, this, [this] {
        if (m_stage >= Stage::Open)
            onGone();
        else if (m_proxy.isUsed() && m_stage <= Stage::Tunnelling)
            fail(describeProxyFailure(
                m_proxy,
                tr("no answer within %1 s")
                    .arg(std::chrono::duration<double>(m_request.connectTimeout).count()),
                m_request.url));
        else
            fail(describeTimeout(m_request.connectTimeout, m_request.url));
    });
}

Link::~Link()
{
    // Its end is nobody's business any more, and the slots' members are gone before m_socket is.
    m_socket.disconnect(this);
}

void Link::open()
{
    m_timer.start(m_request.connectTimeout);
    const QUrl &url = m_request.url;
    if (auto proxy = proxyFor(url)) {
        m_proxy = *proxy;
    } else {
        fail({LinkFailure::Outlook::Lasting,
              tr("no connection to %1: %2").arg(displayHost(url), fromwire::text(proxy.error().text))});
        return;
    }
    if (m_request.tls)
        m_socket.setSslConfiguration(*m_request.tls);
    // An HTTP proxy's answers are for us to read: QTcpSocket makes other errors of them.
    const QNetworkProxy &proxy = m_proxy.address;
    const bool isHttp = proxy.type() == QNetworkProxy::HttpProxy;
    m_socket.setProxy(isHttp ? QNetworkProxy(QNetworkProxy::NoProxy) : proxy);
    if (isHttp)
        m_socket.connectToHost(proxy.hostName(), proxy.port());
    else
        m_socket.connectToHost(url.host().contains(QLatin1Char(':')) ? url.host() // with its zone
                                                                     : url.host(QUrl::FullyEncoded),
                               portOf(url));
}

void Link::onConnected()
{
    m_socket.setSocketOption(QAbstractSocket::LowDelayOption, 1);
    const QNetworkProxy &proxy = m_proxy.address;
    if (proxy.type() != QNetworkProxy::HttpProxy) {
        startTls();
        return;
    }
    m_stage = Stage::Tunnelling;
    const QByteArray target =
        QByteArray::fromStdString(hostOf(m_request.url)) + ':' + QByteArray::number(portOf(m_request.url));
    QByteArray request = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n";
    if (!proxy.user().isEmpty())
        request += "Proxy-Authorization: Basic " +
                   (proxy.user() + QLatin1Char(':') + proxy.password()).toUtf8().toBase64() + "\r\n";
    m_socket.write(request + "\r\n");
}

void Link::startTls()
{
    if (m_request.url.scheme() != QLatin1String("wss")) {
        sendUpgrade();
        return;
    }
    m_stage = Stage::Encrypting;
    m_socket.setPeerVerifyName(m_request.url.host(QUrl::FullyEncoded)); // and not the proxy's name
    m_socket.startClientEncryption();
}

void Link::sendUpgrade()
{
    m_stage = Stage::Upgrading;
    m_socket.write(QByteArray::fromStdString(m_handshake.request()));
}

void Link::send(std::string_view json)
{
    if (m_stage == Stage::Open)
        sendFrame(Opcode::Text, json);
}

void Link::close()
{
    if (m_stage < Stage::Open) {
        finish({{0, {}, {}}});
        return;
    }
    if (m_stage != Stage::Open)
        return;
    m_stage = Stage::Closing;
    m_timer.start(kCloseLinger);
    sendFrame(Opcode::Close, codeBytes(static_cast<std::uint16_t>(CloseCode::Normal)));
}

void Link::abort(const LinkEnd &end)
{
    finish(end);
}

void Link::onReadyRead()
{
    QByteArray bytes = m_socket.readAll();
    if (m_stage == Stage::Tunnelling) {
        readTunnel(bytes);
        return;
    }
    std::span<char> rest(bytes.data(), static_cast<std::size_t>(bytes.size()));
    if (m_stage == Stage::Upgrading)
        rest = readHead(rest);
    if (m_stage != Stage::Open && m_stage != Stage::Closing)
        return;
    readFrames(rest);
    if (m_stage == Stage::Open)
        Q_EMIT bytesArrived();
}

void Link::readTunnel(const QByteArray &bytes)
{
    m_tunnel.feed({bytes.data(), static_cast<std::size_t>(bytes.size())});
    if (m_tunnel.state() == websocket::ResponseReader::State::Waiting)
        return;
    const int status = m_tunnel.head().status;
    if (m_tunnel.state() == websocket::ResponseReader::State::Whole && status >= 200 && status < 300)
        startTls();
    else
        fail(describeProxyRefusal(m_proxy, m_tunnel, m_request.url));
}

std::span<char> Link::readHead(std::span<char> bytes)
{
    using State = websocket::ClientHandshake::State;
    const std::size_t used = m_handshake.feed({bytes.data(), bytes.size()});
    if (m_handshake.state() == State::Refused) {
        // The record of an alert (RFC 8446 §5.1): the server took our request for a TLS handshake.
        const bool isTls =
            m_handshake.refusal().reason == websocket::Refusal::Reason::NotHttp && bytes[0] == '\x15';
        fail(isTls ? describeFailure(QAbstractSocket::RemoteHostClosedError, {}, m_request.url)
                   : describeRefusal(m_handshake.refusal(), m_handshake.response(), m_request.url));
        return {};
    }
    if (m_handshake.state() == State::Open) {
        m_timer.stop();
        m_stage = Stage::Open;
        Q_EMIT opened();
    }
    return bytes.subspan(used);
}

void Link::readFrames(std::span<char> bytes)
{
    m_reader.feed(bytes, *this);
    if (m_stage == Stage::Ended)
        return;
    if (const auto *violation = m_sentBinary ? &kBinary : m_reader.violation()) {
        sendFrame(Opcode::Close, codeBytes(violation->closeCode));
        m_socket.flush();
        finish({.info = {violation->closeCode,
                         {},
                         describeViolation(violation->closeCode, fromwire::text(violation->reason),
                                           m_request.url)},
                .refused = LinkEnd::By::Us});
    } else if (m_peerClose) {
        if (m_stage == Stage::Open) {
            m_stage = Stage::Closing;
            m_timer.start(kCloseLinger);
            sendFrame(Opcode::Close, m_peerClose->code == 1005 ? "" : codeBytes(m_peerClose->code));
        }
        m_socket.disconnectFromHost(); // once that has left
    }
}

void Link::onError(QAbstractSocket::SocketError error)
{
    if (m_stage >= Stage::Open)
        onGone();
    else if (!m_tlsProblem.isEmpty())
        fail(describeUntrusted(m_tlsProblem, m_request.url));
    else if (m_proxy.isUsed() && m_stage <= Stage::Tunnelling)
        fail(describeProxyFailure(m_proxy, m_socket.errorString(), m_request.url));
    else if (m_proxy.isUsed() && error == QAbstractSocket::RemoteHostClosedError)
        fail(describeProxyFailure(m_proxy, tr("the connection ended before the chat began"), m_request.url));
    else
        fail(describeFailure(error, m_socket.errorString(), m_request.url));
}

/// The connection is no more, after it had been open.
void Link::onGone()
{
    if (m_peerClose) {
        finish({*m_peerClose});
        return;
    }
    const auto code = m_stage == Stage::Closing ? CloseCode::Normal : CloseCode::Abnormal;
    finish({{static_cast<quint16>(code), {}, fromwire::text(describe(static_cast<quint16>(code)))}});
}

void Link::sendFrame(Opcode opcode, std::string_view payload)
{
    const auto key = std::bit_cast<websocket::MaskKey>(QRandomGenerator::system()->generate());
    std::string frame;
    websocket::appendMaskedFrame(frame, opcode, payload, key);
    m_socket.write(frame.data(), static_cast<qint64>(frame.size()));
}

void Link::fail(LinkFailure failure)
{
    if (m_proxy.isUsed() && !failure.text.contains(m_proxy.text()))
        failure.text += tr("; the connection was made through the proxy %1").arg(m_proxy.text());
    finish({{0, {}, failure.text, failure.httpStatus}, failure.outlook});
}

void Link::finish(const LinkEnd &end)
{
    if (m_stage == Stage::Ended)
        return;
    m_stage = Stage::Ended;
    m_timer.stop();
    m_socket.abort();
    Q_EMIT ended(end);
}

Flow Link::flow() const
{
    return m_stage == Stage::Ended ? Flow::Stop : Flow::Continue;
}

Flow Link::onText(std::string_view message)
{
    if (m_stage == Stage::Open)
        Q_EMIT textReceived(QByteArray(message.data(), static_cast<qsizetype>(message.size())));
    return flow();
}

Flow Link::onBinary(std::string_view)
{
    m_sentBinary = true;
    return Flow::Stop;
}

Flow Link::onPing(std::string_view payload)
{
    m_owedPong = payload;
    pong();
    return flow();
}

/// Answers the newest ping, as soon as there is room (RFC 6455 §5.5.3): who reads nothing gets no more.
void Link::pong()
{
    const qint64 waiting = m_socket.bytesToWrite() + m_socket.encryptedBytesToWrite();
    if (m_owedPong && m_stage == Stage::Open && waiting < kMostWaitingPongs)
        sendFrame(Opcode::Pong, *std::exchange(m_owedPong, {}));
}

Flow Link::onPong(std::string_view)
{
    return flow();
}

void Link::onClose(std::optional<std::uint16_t> code, std::string_view reason)
{
    const std::uint16_t number = code.value_or(1005);
    m_peerClose = CloseInfo{number, fromwire::text(reason), fromwire::text(describe(number))};
}

} // namespace parlor
