// SPDX-License-Identifier: MIT
#include "server/http/handshake.h"

#include "server/http/characters.h"
#include "server/http/endpoints.h"
#include "server/http/headsocket.h"

#include <QCoreApplication>
#include <QSet>
#include <QWebSocket>
#include <QWebSocketCorsAuthenticator>
#include <QWebSocketServer>

#include <cassert>

namespace parlor {

namespace {

constexpr int kPendingConnections = 1024; // one is taken at once; Qt's default of 30 drops the rest silently
constexpr std::string_view kFirstHead = "GET /ws HTTP/1.1\r\n"
                                        "Host: localhost\r\n"
                                        "Upgrade: websocket\r\n"
                                        "Connection: Upgrade\r\n"
                                        "Sec-WebSocket-Version: 13\r\n"
                                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                                        "\r\n";

void append(QByteArray &bytes, std::string_view text)
{
    bytes.append(text.data(), static_cast<qsizetype>(text.size()));
}

/// The request as QWebSocketServer understands it: of several Connection fields it sees only one, in Upgrade
/// it wants no list, and whatever it dislikes it closes without a word. Cookies and tokens do not reach it.
QByteArray normalForm(const RequestHead &head)
{
    QByteArray form = "GET /ws HTTP/1.1\r\n"
                      "Host: localhost\r\n"
                      "Upgrade: websocket\r\n"
                      "Connection: Upgrade\r\n"
                      "Sec-WebSocket-Version: 13\r\n"
                      "Sec-WebSocket-Key: ";
    append(form, head.field("sec-websocket-key").value_or(""));
    if (const auto origin = head.field("origin")) {
        form += "\r\nOrigin: ";
        append(form, *origin);
    }
    const char *separator = "\r\nSec-WebSocket-Protocol: ";
    for (const auto &[name, value] : head.fields) {
        if (!http::equalIgnoringCase(name, "sec-websocket-protocol"))
            continue;
        form += separator;
        append(form, value);
        separator = ", ";
    }
    form += "\r\n\r\n";
    return form;
}

} // namespace

struct Handshake::Private
{
    explicit Private(const std::vector<std::string> &allowed);
    void authenticate(QWebSocketCorsAuthenticator &authenticator);
    void takeConnections();

    QSet<QString> allowedOrigins;
    QWebSocketServer server{QStringLiteral("parlor"), QWebSocketServer::NonSecureMode};
    HeadSocket *current = nullptr;
    Answer answer;
    bool originRefused = false;
};

Handshake::Private::Private(const std::vector<std::string> &allowed)
{
    for (const std::string &origin : allowed)
        allowedOrigins.insert(QString::fromStdString(origin));
    server.setMaxPendingConnections(kPendingConnections);
    server.setSupportedSubprotocols({QStringLiteral("parlor.v2")});
    // Both direct: the verdict is read, and the QWebSocket gone, before handleConnection's work is over.
    QObject::connect(
        &server, &QWebSocketServer::originAuthenticationRequired, &server,
        [this](QWebSocketCorsAuthenticator *authenticator) { authenticate(*authenticator); },
        Qt::DirectConnection);
    QObject::connect(
        &server, &QWebSocketServer::newConnection, &server, [this] { takeConnections(); },
        Qt::DirectConnection);
}

void Handshake::Private::authenticate(QWebSocketCorsAuthenticator &authenticator)
{
    const QString origin = authenticator.origin();
    originRefused = !origin.isEmpty() && !allowedOrigins.isEmpty() && !allowedOrigins.contains(origin);
    authenticator.setAllowed(!originRefused);
}

void Handshake::Private::takeConnections()
{
    while (const std::unique_ptr<QWebSocket> socket{server.nextPendingConnection()}) {
        // Before the QWebSocket goes: its destructor writes a Close frame.
        answer = {true, current->written(), socket->subprotocol().toStdString(), {}};
    }
}

Handshake::Handshake(std::vector<std::string> allowedOrigins)
    : d(std::make_unique<Private>(allowedOrigins))
{
    (void)answer(kFirstHead);
}

Handshake::~Handshake() = default;

Handshake::Answer Handshake::answer(std::string_view head)
{
    HeadReader reader({head.size(), head.size()});
    if (reader.feed(head) != HeadReader::Status::Complete)
        return {false, {}, {}, {400, "the WebSocket handshake is malformed"}};
    return answer(reader.head());
}

Handshake::Answer Handshake::answer(const RequestHead &head)
{
    HeadSocket socket(normalForm(head));
    d->current = &socket;
    d->answer = {};
    d->originRefused = false;
    d->server.handleConnection(&socket);                              // queues the handshake
    QCoreApplication::sendPostedEvents(&d->server, QEvent::MetaCall); // and this runs it
    socket.setParent(nullptr); // the server adopted it; the stack owns it
    d->current = nullptr;
    if (!d->answer.accepted) {
        d->answer.error = d->originRefused ? HttpError{403, "this Origin may not connect here"}
                                           : HttpError{400, "the WebSocket handshake is malformed"};
    }
    return std::exchange(d->answer, {});
}

} // namespace parlor
