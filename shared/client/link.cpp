// SPDX-License-Identifier: MIT
#include "shared/client/link.h"

#include "shared/protocol/closecode.h"
#include "shared/protocol/limits.h"

#include <QCoreApplication>
#include <QSslConfiguration>
#include <QTcpSocket>
#include <QWebSocketHandshakeOptions>

#include <algorithm>
#include <array>

namespace parlor {

namespace {

/// How long our Close may need to leave.
constexpr std::chrono::milliseconds kCloseLinger{2'000};
/// The answer to our handshake. QWebSocket bounds it only once a line has ended.
constexpr qint64 kMaxHeadBytes = 32 * 1024;

/// Where a server breaks the protocol QWebSocket closes by itself, and keeps its own words as the reason:
/// nothing else tells its Close from the server's.
bool isQtsOwn(const QString &reason)
{
    static constexpr std::array kFrame{"Rsv field is non-zero",
                                       "Used reserved opcode",
                                       "Maximum framesize exceeded",
                                       "Invalid opcode detected: %1",
                                       "Error occurred while reading header from the network: %1",
                                       "Error occurred while reading from the network: %1",
                                       "Control frame is larger than 125 bytes",
                                       "Control frames cannot be fragmented",
                                       "Lengths smaller than 126 must be expressed as one byte.",
                                       "Highest bit of payload length is not 0.",
                                       "Lengths smaller than 65536 (2^16) must be expressed as 2 bytes."};
    static constexpr std::array kProcessor{
        "Received Continuation frame, while there is nothing to continue.",
        "All data frames after the initial data frame must have opcode 0 (continuation).",
        "Received message is too big.",
        "Invalid UTF-8 code encountered.",
        "Timeout when reading data from socket.",
        "Payload of close frame is too small.",
        "Invalid close code %1 detected."};
    const auto isOneOf = [&reason](const char *context, const auto &texts) {
        return std::any_of(texts.begin(), texts.end(), [&](const char *text) {
            const QString words = QCoreApplication::translate(context, text);
            const auto until = words.indexOf(QLatin1String("%1"));
            return reason.startsWith(until < 0 ? words : words.left(until));
        });
    };
    return isOneOf("QWebSocketFrame", kFrame) || isOneOf("QWebSocketDataProcessor", kProcessor);
}

} // namespace

Link::Link(const QUrl &url, std::chrono::milliseconds connectTimeout, QObject *parent)
    : QObject(parent)
    , m_url(url)
    , m_connectTimeout(connectTimeout)
{
    m_timer.setSingleShot(true);
    m_socket.setMaxAllowedIncomingFrameSize(limits::kClientFrameBytes);
    m_socket.setMaxAllowedIncomingMessageSize(limits::kClientFrameBytes);
    connect(&m_socket, &QWebSocket::connected, this, &Link::onConnected);
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
    connect(&m_socket, &QWebSocket::errorOccurred, this, &Link::onError);
#else
    connect(&m_socket, qOverload<QAbstractSocket::SocketError>(&QWebSocket::error), this, &Link::onError);
#endif
    connect(&m_socket, &QWebSocket::sslErrors, this, &Link::onTlsErrors);
    connect(&m_socket, &QWebSocket::aboutToClose, this, [this] { m_closeSeen = true; });
    connect(&m_socket, &QWebSocket::disconnected, this, &Link::onDisconnected);
    connect(&m_socket, &QWebSocket::textMessageReceived, this, [this](const QString &text) {
        if (!m_finished)
            Q_EMIT textReceived(text.toUtf8());
    });
    connect(&m_timer, &QTimer::timeout, this, [this] {
        if (m_connected) {
            finish({{static_cast<quint16>(CloseCode::Normal), {}, {}}});
            return;
        }
        const auto failure = describeTimeout(m_connectTimeout, m_url);
        finish({{0, {}, failure.text}, failure.outlook});
    });
}

Link::~Link()
{
    // Its end is nobody's business any more, and the slots' members are gone before m_socket is.
    m_socket.disconnect(this);
}

void Link::open(const std::optional<QSslConfiguration> &tls)
{
    if (tls)
        m_socket.setSslConfiguration(*tls);
    QWebSocketHandshakeOptions options;
    options.setSubprotocols({QStringLiteral("parlor.v2")});
    m_timer.start(m_connectTimeout);
    m_socket.open(m_url, options);
    // QWebSocket says nothing of the bytes of a frame that is not complete yet, nor of the server's pings.
    if (auto *tcp = m_socket.findChild<QTcpSocket *>()) {
        tcp->setReadBufferSize(kMaxHeadBytes);
        connect(tcp, &QTcpSocket::readyRead, this, [this, tcp] { onBytes(tcp->bytesAvailable()); });
    }
}

void Link::send(const std::string &json)
{
    if (m_connected && !m_finished)
        m_socket.sendTextMessage(QString::fromStdString(json));
}

void Link::close()
{
    if (!m_connected) {
        finish({{0, {}, {}}});
        return;
    }
    m_timer.start(kCloseLinger);
    m_socket.close(QWebSocketProtocol::CloseCodeNormal);
}

void Link::abort(const LinkEnd &end)
{
    finish(end);
}

void Link::onConnected()
{
    if (m_finished)
        return;
    m_timer.stop();
    m_connected = true;
    if (auto *tcp = m_socket.findChild<QTcpSocket *>())
        tcp->setReadBufferSize(0); // from here on the limits of frames hold
    Q_EMIT opened();
}

void Link::onBytes(qint64 unread)
{
    if (m_finished)
        return;
    // QWebSocket has read before us, unless the head is not complete.
    if (!m_connected && unread >= kMaxHeadBytes) {
        const auto failure = describeNoHandshake(m_url);
        finish({{0, {}, failure.text}, failure.outlook});
        return;
    }
    Q_EMIT bytesArrived();
}

void Link::onError(QAbstractSocket::SocketError error)
{
    if (m_connected)
        return; // disconnected follows
    if (error == QAbstractSocket::RemoteHostClosedError) {
        onDisconnected();
        return;
    }
    const auto failure = m_tlsProblem.isEmpty() ? describeFailure(error, m_socket.errorString(), m_url)
                                                : describeUntrusted(m_tlsProblem, m_url);
    finish({{0, {}, failure.text, failure.httpStatus}, failure.outlook});
}

void Link::onTlsErrors(const QList<QSslError> &errors)
{
    m_tlsProblem = describeCertificateErrors(errors, m_socket.sslConfiguration().peerCertificate());
}

void Link::onDisconnected()
{
    if (m_connected) {
        finishClosed();
        return;
    }
    // The reason comes later: an error signal, or what the peer had still sent, which QWebSocket reads in an
    // event.
    QMetaObject::invokeMethod(
        this,
        [this] {
            if (m_connected) {
                finishClosed();
                return;
            }
            const auto failure = m_tlsProblem.isEmpty()
                                     ? describeFailure(QAbstractSocket::RemoteHostClosedError, {}, m_url)
                                     : describeUntrusted(m_tlsProblem, m_url);
            finish({{0, {}, failure.text}, failure.outlook});
        },
        Qt::QueuedConnection);
}

void Link::finishClosed()
{
    // Without a Close frame closeCode() still says 1000.
    auto code = static_cast<quint16>(CloseCode::Abnormal);
    QString reason;
    if (m_closeSeen) {
        code = m_socket.closeCode();
        reason = m_socket.closeReason();
    }
    if (isQtsOwn(reason)) {
        finish({.info = {code, {}, describeRefused(code, reason, m_url)}, .refused = LinkEnd::By::Us});
        return;
    }
    const std::string_view text = describe(code);
    finish({{code, reason, QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()))}});
}

void Link::finish(const LinkEnd &end)
{
    if (m_finished)
        return;
    m_finished = true;
    m_timer.stop();
    m_socket.abort();
    Q_EMIT ended(end);
}

} // namespace parlor
