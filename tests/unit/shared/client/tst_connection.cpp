// SPDX-License-Identifier: MIT
#include "connectproxy.h"
#include "scriptedserver.h"
#include "shared/client/chatclient.h"
#include "shared/client/memoryoutbox.h"
#include "tests/support/testclass.h"

#include <QCryptographicHash>
#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QSslKey>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>

using namespace parlor;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

/// Answers every connection with the same bytes, after the request has come.
class CannedServer : public QTcpServer
{
public:
    explicit CannedServer(const QByteArray &answer)
    {
        connect(this, &QTcpServer::newConnection, this, [this, answer] {
            QTcpSocket *socket = nextPendingConnection();
            connect(socket, &QTcpSocket::readyRead, socket, [socket, answer] {
                socket->readAll();
                socket->write(answer);
                socket->disconnectFromHost();
            });
        });
        if (!listen(QHostAddress::LocalHost))
            qFatal("cannot listen");
    }
    [[nodiscard]] QUrl url() const { return QUrl(u"ws://127.0.0.1:%1/ws"_s.arg(serverPort())); }
};

/// Answers with a beginning and then, without a pause, the same again and again.
class EndlessServer : public QTcpServer
{
public:
    EndlessServer(const QByteArray &beginning, const QByteArray &rest)
    {
        connect(this, &QTcpServer::newConnection, this, [this, beginning, rest] {
            QTcpSocket *socket = nextPendingConnection();
            connect(socket, &QTcpSocket::bytesWritten, this, [this, socket, rest](qint64 bytes) {
                m_written += bytes;
                if (socket->bytesToWrite() < 65536)
                    socket->write(rest);
            });
            socket->write(beginning);
        });
        if (!listen(QHostAddress::LocalHost))
            qFatal("cannot listen");
    }
    [[nodiscard]] QUrl url() const { return QUrl(u"ws://127.0.0.1:%1/ws"_s.arg(serverPort())); }
    [[nodiscard]] qint64 written() const { return m_written; }

private:
    qint64 m_written = 0;
};

/// What our server answers to an upgrade; {accept} stands for the proof of the request's key.
const QByteArray kAnswer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                           "Sec-WebSocket-Protocol: parlor.v2\r\nSec-WebSocket-Accept: {accept}\r\n\r\n";

/// Answers an upgrade and sends bytes right behind it.
class UpgradingServer : public QTcpServer
{
public:
    explicit UpgradingServer(const QByteArray &frames, const QByteArray &answer = kAnswer)
    {
        connect(this, &QTcpServer::newConnection, this, [this, frames, answer] {
            QTcpSocket *socket = nextPendingConnection();
            connect(socket, &QTcpSocket::readyRead, socket, [socket, frames, answer] {
                const QByteArray request = socket->readAll();
                if (!request.startsWith("GET"))
                    return;
                const qsizetype at = request.indexOf("Sec-WebSocket-Key: ") + 19;
                const QByteArray salted = request.mid(at, request.indexOf('\r', at) - at) +
                                          "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455 §1.3
                const QByteArray accept =
                    QCryptographicHash::hash(salted, QCryptographicHash::Sha1).toBase64();
                socket->write(QByteArray(answer).replace("{accept}", accept) + frames);
            });
        });
        if (!listen(QHostAddress::LocalHost))
            qFatal("cannot listen");
    }
    [[nodiscard]] QUrl url() const { return QUrl(u"ws://127.0.0.1:%1/ws"_s.arg(serverPort())); }
};

} // namespace

/// From the address to the end of a connection: what the client makes of each way to fail, and whether it
/// comes back.
class TestConnection : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void statesOnTheWayToReady();
    void firstFrameBesideTheHandshakeIsNotLost();
    void handshakesThatOpen_data();
    void handshakesThatOpen();
    void handshakesThatDoNot_data();
    void handshakesThatDoNot();
    void announcedFrameIsRefusedBeforeItComes();
    void failedAttempts_data();
    void failedAttempts();
    void nobodyListens();
    void hostIsNotFound();
    void endlessAnswerIsCutOff_data();
    void endlessAnswerIsCutOff();
    void silentPeerTimesOut();
    void silentServerTimesOut();
    void olderServerIsRefused();
    void otherProtocolIsRefused();
    void closeCodes_data();
    void closeCodes();
    void lostConnectionIs1006();
    void advisedDelayCountsFromTheClose();
    void adviceIsForItsCloseOnly();
    void adviceMakesNoLoop();
    void adviceIsBounded();
    void withoutAdviceBacksOff();
    void backoffGrowsUntilASessionIsStable();
    void maxAttemptsEndsIt();
    void shortSessionsAreFailedAttempts();
    void giveUpOnFirstKeepsTryingLater();
    void deadLinkIsNoticed();
    void anyByteShowsLife();
    void unansweredFrameIsFollowedByAPing();
    void pingIntervalIsBounded();
    void ownCloseIs1000();
    void closesWhileConnecting();
    void closesWhileWaiting();
    void reconnectNowSkipsTheDelay();
    void tooBigAFrameEndsTheConnection();
    void whatWeRefuseIsNotTheServersWord_data();
    void whatWeRefuseIsNotTheServersWord();
    void megabyteIsAccepted();
    void openElsewhereFromASlot();
    void closesFromASlot();
    void otherServerWhileReady();
    void otherNameWhileReady();
    void certificateDecides();
    void tlsToAPlainPort();

private:
    /// Sign-ins as Ready are awaited by every test that goes so far.
    void connectTo(ScriptedServer &server);
    [[nodiscard]] CloseInfo lastEnd() const { return m_ended->last().at(0).value<CloseInfo>(); }
    template <typename State>
    [[nodiscard]] bool is() const
    {
        return std::holds_alternative<State>(m_client->state());
    }

    ClientOptions m_options;
    /// The latest wait, which may be over between two looks of QTRY_….
    std::optional<state::WaitingToReconnect> m_waited;
    std::unique_ptr<MemoryOutbox> m_outbox;
    std::unique_ptr<ChatClient> m_client;
    std::unique_ptr<QSignalSpy> m_ended;
    void makeClient();
};

void TestConnection::init()
{
    m_options = ClientOptions{};
    m_options.backoff = {20ms, 40ms};
    m_options.random = [] { return 1.0; };
    makeClient();
}

void TestConnection::makeClient()
{
    m_ended.reset();
    m_client.reset();
    m_outbox = std::make_unique<MemoryOutbox>();
    m_client = std::make_unique<ChatClient>(m_options, *m_outbox);
    m_ended = std::make_unique<QSignalSpy>(m_client.get(), &ChatClient::connectionEnded);
    m_waited.reset();
    connect(m_client.get(), &ChatClient::stateChanged, this, [this](const ConnectionState &state) {
        if (const auto *waiting = std::get_if<state::WaitingToReconnect>(&state))
            m_waited = *waiting;
    });
}

void TestConnection::connectTo(ScriptedServer &server)
{
    m_client->connectToServer(server.url(), {u"alice"_s, {}, {}});
    QVERIFY(server.authenticate());
    QTRY_VERIFY(m_client->isReady());
}

void TestConnection::statesOnTheWayToReady()
{
    ScriptedServer server;
    QList<std::size_t> states;
    connect(m_client.get(), &ChatClient::stateChanged, this,
            [&states](const ConnectionState &state) { states.append(state.index()); });
    QVERIFY(is<state::Disconnected>());
    connectTo(server);
    QCOMPARE(states, (QList<std::size_t>{ConnectionState(state::Connecting{}).index(),
                                         ConnectionState(state::Authenticating{}).index(),
                                         ConnectionState(state::Ready{}).index()}));
    QCOMPARE(server.lastSubprotocols(), u"parlor.v2"_s);
    QCOMPARE(m_client->server().hostname, u"host1"_s);
}

void TestConnection::firstFrameBesideTheHandshakeIsNotLost()
{
    // Our server sends the 101 and the greeting in one segment.
    const QByteArray frame = R"({"type":"connection","status":"connected","client_id":"x","hostname":"h"})";
    const UpgradingServer server(QByteArray("\x81") + char(frame.size()) + frame);
    QSignalSpy frames(m_client.get(), &ChatClient::frameReceived);
    m_client->connectToServer(server.url(), {});
    QTRY_COMPARE(frames.size(), 1);
}

void TestConnection::handshakesThatOpen_data()
{
    QTest::addColumn<QByteArray>("answer");
    const auto row = [](const char *name, const char *before, const char *after) {
        QVERIFY(kAnswer.contains(before));
        QTest::newRow(name) << QByteArray(kAnswer).replace(before, after);
    };
    row("a list in Connection", "Connection: Upgrade", "Connection: keep-alive, Upgrade");
    row("two Connection fields", "Connection: Upgrade", "Connection: keep-alive\r\nConnection: upgrade");
    row("other case", "Upgrade: websocket", "UPGRADE:WebSocket");
    row("no reason", "101 Switching Protocols", "101");
    row("news before it", "HTTP/1.1 101", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 101");
    row("other fields", "Connection: Upgrade", "Connection: Upgrade\r\nServer: nginx\r\nVia: 1.1 x");
}

void TestConnection::handshakesThatOpen()
{
    QFETCH(QByteArray, answer);
    const UpgradingServer server({}, answer);
    m_client->connectToServer(server.url(), {});
    QTRY_VERIFY(is<state::Authenticating>());
}

void TestConnection::handshakesThatDoNot_data()
{
    QTest::addColumn<QByteArray>("answer");
    QTest::addColumn<QString>("says");
    const auto row = [](const char *name, const char *before, const QByteArray &after, const char *says) {
        QVERIFY(kAnswer.contains(before));
        QTest::newRow(name) << QByteArray(kAnswer).replace(before, after) << QString::fromUtf8(says);
    };
    row("no Upgrade", "Upgrade: websocket\r\n", {}, "101 without Upgrade: websocket");
    row("no Connection", "Connection: Upgrade", "Connection: close", "101 without Connection: Upgrade");
    row("other sub-protocol", "parlor.v2", "mqtt", "a sub-protocol that was not offered");
    row("no sub-protocol", "Sec-WebSocket-Protocol: parlor.v2\r\n", {}, "not parlor.v2");
    row("HTTP/1.0", "HTTP/1.1", "HTTP/1.0", "101 in HTTP/1.0");
    row("120 fields", "Upgrade: websocket\r\n",
        QByteArray("X-Field: x\r\n").repeated(120) + "Upgrade: websocket\r\n", "more than 100 fields");
    row("20 kB", "Upgrade: websocket\r\n", "X: " + QByteArray(20'000, 'x') + "\r\nUpgrade: websocket\r\n",
        "without an end in 16384 bytes");
    row("a wrong proof", "{accept}", "AAAA", "a wrong Sec-WebSocket-Accept");
    row("an extension", "Upgrade: websocket\r\n",
        "Upgrade: websocket\r\nSec-WebSocket-Extensions: permessage-deflate\r\n",
        "an extension that was not offered");
}

void TestConnection::handshakesThatDoNot()
{
    QFETCH(QByteArray, answer);
    QFETCH(QString, says);
    const UpgradingServer server({}, answer);
    m_client->connectToServer(server.url(), {});
    QTRY_VERIFY(is<state::Stopped>());
    QVERIFY2(lastEnd().text.contains(says), qUtf8Printable(lastEnd().text));
    QVERIFY2(lastEnd().text.contains(u"127.0.0.1:%1"_s.arg(server.serverPort())),
             qUtf8Printable(lastEnd().text));
    QVERIFY2(!lastEnd().text.contains(u"no server listens"_s), qUtf8Printable(lastEnd().text));
}

void TestConnection::announcedFrameIsRefusedBeforeItComes()
{
    m_options.backoff = {1h, 1h};
    makeClient();
    const UpgradingServer server(QByteArray::fromHex("817f0000000000200000")); // 2 MiB to follow
    m_client->connectToServer(server.url(), {});
    QTRY_COMPARE(m_ended->size(), 1);
    QCOMPARE(lastEnd().code, 1009);
}

void TestConnection::failedAttempts_data()
{
    QTest::addColumn<QByteArray>("answer");
    QTest::addColumn<QString>("text");
    QTest::addColumn<bool>("triesAgain");
    const auto http = [](const char *status) -> QByteArray {
        return QByteArray("HTTP/1.1 ") + status + "\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
    };
    QTest::newRow("404") << http("404 Not Found") << u"no chat at /ws (HTTP 404)"_s << false;
    QTest::newRow("403") << http("403 Forbidden") << u"does not admit"_s << false;
    QTest::newRow("200") << http("200 OK") << u"not a chat server (HTTP 200)"_s << false;
    QTest::newRow("301") << http("301 Moved Permanently") << u"redirects"_s << false;
    QTest::newRow("400") << http("400 Bad Request") << u"not a chat server (HTTP 400)"_s << false;
    QTest::newRow("429") << http("429 Too Many Requests")
                         << u"too many connections from this address (HTTP 429)"_s << true;
    QTest::newRow("502") << http("502 Bad Gateway") << u"proxy"_s << true;
    QTest::newRow("503") << http("503 Service Unavailable") << u"takes no connections now (HTTP 503)"_s
                         << true;
    QTest::newRow("no HTTP") << QByteArray("SSH-2.0-OpenSSH_9.2\r\n")
                             << u"what it sent is no WebSocket handshake"_s << false;
    QTest::newRow("TLS") << QByteArray("\x15\x03\x03\x00\x02\x02\x46", 7)
                         << u"most likely it wants wss://127.0.0.1"_s << true;
    QTest::newRow("half a head") << QByteArray("HTTP/1.1 101 Switching Protocols\r\nUpgr")
                                 << u"closed the connection before the chat began"_s << true;
    QTest::newRow("nothing") << QByteArray() << u"closed the connection before the chat began"_s << true;
}

void TestConnection::failedAttempts()
{
    QFETCH(QByteArray, answer);
    QFETCH(QString, text);
    QFETCH(bool, triesAgain);
    const CannedServer server(answer);
    m_client->connectToServer(server.url(), {});
    QTRY_VERIFY(!m_ended->isEmpty());
    const CloseInfo info = lastEnd();
    QCOMPARE(info.code, 0);
    QCOMPARE(info.httpStatus, text.contains(u"(HTTP "_s)
                                  ? QString::fromUtf8(QTest::currentDataTag()).toUShort()
                                  : info.httpStatus);
    QVERIFY2(info.text.contains(text), qUtf8Printable(info.text));
    QVERIFY2(info.text.contains(u"127.0.0.1:%1"_s.arg(server.serverPort())), qUtf8Printable(info.text));
    if (triesAgain)
        QTRY_VERIFY(m_ended->size() >= 3);
    else
        QVERIFY(is<state::Stopped>());
}

void TestConnection::nobodyListens()
{
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    const QUrl url(u"ws://127.0.0.1:%1/ws"_s.arg(server.serverPort()));
    server.close();
    m_client->connectToServer(url, {});
    QTRY_VERIFY(m_ended->size() >= 2);
    QVERIFY2(lastEnd().text.contains(u"no server listens"_s), qUtf8Printable(lastEnd().text));
}

void TestConnection::hostIsNotFound()
{
    m_client->connectToServer(QUrl(u"ws://nobody.invalid/ws"_s), {});
    QTRY_VERIFY_WITH_TIMEOUT(!m_ended->isEmpty(), 20000);
    QVERIFY2(lastEnd().text.contains(u"nobody.invalid"_s), qUtf8Printable(lastEnd().text));
}

void TestConnection::endlessAnswerIsCutOff_data()
{
    QTest::addColumn<QByteArray>("beginning");
    QTest::addColumn<QByteArray>("rest");
    QTest::newRow("one line") << QByteArray("HTTP/1.1 101 ") << QByteArray(65536, 'a');
    QTest::newRow("fields") << QByteArray("HTTP/1.1 101 Switching Protocols\r\n")
                            << QByteArray("X-A: " + QByteArray(1000, 'a') + "\r\n").repeated(64);
}

void TestConnection::endlessAnswerIsCutOff()
{
    QFETCH(QByteArray, beginning);
    QFETCH(QByteArray, rest);
    const EndlessServer server(beginning, rest);
    m_client->connectToServer(server.url(), {});
    QTRY_VERIFY(!m_ended->isEmpty());
    QVERIFY2(lastEnd().text.contains(u"without an end in 16384 bytes"_s), qUtf8Printable(lastEnd().text));
    QVERIFY(is<state::Stopped>());
    // What the kernel's buffers took, and not what 10 s would have brought.
    QVERIFY2(server.written() < 16 * 1024 * 1024, qPrintable(QString::number(server.written())));
}

void TestConnection::silentPeerTimesOut()
{
    m_options.connectTimeout = 50ms;
    makeClient();
    QTcpServer server; // accepts, reads nothing, says nothing
    QVERIFY(server.listen(QHostAddress::LocalHost));
    m_client->connectToServer(QUrl(u"ws://127.0.0.1:%1/ws"_s.arg(server.serverPort())), {});
    QTRY_VERIFY(!m_ended->isEmpty());
    QVERIFY2(lastEnd().text.contains(u"no answer from 127.0.0.1:%1 within 0.05 s"_s.arg(server.serverPort())),
             qUtf8Printable(lastEnd().text));
    QTRY_VERIFY(m_ended->size() >= 2);
}

void TestConnection::silentServerTimesOut()
{
    m_options.connectTimeout = 100ms;
    makeClient();
    ScriptedServer server(ScriptedServer::Manners::SaysNothing);
    m_client->connectToServer(server.url(), {});
    QTRY_VERIFY(!m_ended->isEmpty());
    QVERIFY2(lastEnd().text.contains(u"said nothing for 0.1 s"_s), qUtf8Printable(lastEnd().text));
    QTRY_VERIFY(server.connections() >= 2);
}

void TestConnection::olderServerIsRefused()
{
    ScriptedServer server(ScriptedServer::Manners::SaysNothing);
    m_client->connectToServer(server.url(), {});
    QTRY_VERIFY(server.isConnected());
    server.sendText(uR"({"type":"connection","status":"connected","client_id":"1","hostname":"old"})"_s);
    QTRY_VERIFY(is<state::Stopped>());
    QVERIFY2(lastEnd().text.contains(u"first version"_s), qUtf8Printable(lastEnd().text));
    QTRY_COMPARE(server.closeCode(), std::optional<quint16>(1000));
}

void TestConnection::otherProtocolIsRefused()
{
    ScriptedServer server(ScriptedServer::Manners::SaysNothing);
    m_client->connectToServer(server.url(), {});
    QTRY_VERIFY(server.isConnected());
    server.sendText(u"hello"_s);
    QTRY_VERIFY(is<state::Stopped>());
    QVERIFY2(lastEnd().text.contains(u"not a chat server"_s), qUtf8Printable(lastEnd().text));
}

void TestConnection::closeCodes_data()
{
    QTest::addColumn<int>("code");
    QTest::addColumn<bool>("comesBack");
    QTest::newRow("1000") << 1000 << false;
    QTest::newRow("1001 going away") << 1001 << true;
    QTest::newRow("1003 binary") << 1003 << false;
    QTest::newRow("1009 too big") << 1009 << false;
    QTest::newRow("1011") << 1011 << true;
    QTest::newRow("4001 auth") << 4001 << false;
    QTest::newRow("4007 replaced") << 4007 << false;
    QTest::newRow("4042 unknown, of the refusals") << 4042 << false;
    QTest::newRow("4100 overload") << 4100 << true;
    QTest::newRow("4102 slow") << 4102 << true;
    QTest::newRow("4177 unknown, of the back-offs") << 4177 << true;
    QTest::newRow("4200 shutdown") << 4200 << true;
    QTest::newRow("4299 unknown, of the restarts") << 4299 << true;
}

void TestConnection::closeCodes()
{
    QFETCH(int, code);
    QFETCH(bool, comesBack);
    ScriptedServer server;
    connectTo(server);
    server.close(static_cast<quint16>(code), u"because"_s);
    QTRY_COMPARE(m_ended->size(), 1);
    QCOMPARE(lastEnd().code, code);
    QCOMPARE(lastEnd().reason, u"because"_s);
    QVERIFY(!lastEnd().text.isEmpty());
    if (comesBack) {
        QTRY_COMPARE(server.connections(), 2);
    } else {
        QTRY_VERIFY(is<state::Stopped>());
        QCOMPARE(std::get<state::Stopped>(m_client->state()).why.code, code);
    }
}

void TestConnection::lostConnectionIs1006()
{
    ScriptedServer server;
    connectTo(server);
    server.drop();
    QTRY_COMPARE(m_ended->size(), 1);
    QCOMPARE(lastEnd().code, 1006);
    QTRY_COMPARE(server.connections(), 2);
}

void TestConnection::advisedDelayCountsFromTheClose()
{
    ScriptedServer server;
    connectTo(server);
    QSignalSpy announced(m_client.get(), &ChatClient::reconnectAnnounced);
    server.send({{u"type"_s, u"reconnect"_s}, {u"reason"_s, u"shutdown"_s}, {u"delay_ms"_s, 77}});
    QTRY_COMPARE(announced.size(), 1);
    QVERIFY2(m_client->isReady(), "it is served until the Close");
    server.close(4200);
    QTRY_VERIFY(m_waited);
    QCOMPARE(m_waited->delay, 77ms);
    QTRY_COMPARE(server.connections(), 2);

    // The advice was for that Close only.
    m_waited.reset();
    QVERIFY(server.authenticate());
    QTRY_VERIFY(m_client->isReady());
    server.close(4200);
    QTRY_VERIFY(m_waited);
    QVERIFY(m_waited->delay != 77ms);
}

void TestConnection::adviceIsForItsCloseOnly()
{
    ScriptedServer server;
    connectTo(server);
    QSignalSpy announced(m_client.get(), &ChatClient::reconnectAnnounced);
    server.send({{u"type"_s, u"reconnect"_s}, {u"reason"_s, u"shutdown"_s}, {u"delay_ms"_s, 77}});
    QTRY_COMPARE(announced.size(), 1);
    server.drop();
    QTRY_VERIFY(m_waited);
    QCOMPARE(m_waited->delay, 20ms);
}

void TestConnection::adviceMakesNoLoop()
{
    m_options.backoff = {5ms, 10s};
    makeClient();
    ScriptedServer server;
    connectTo(server);
    QList<std::chrono::milliseconds> delays;
    connect(m_client.get(), &ChatClient::stateChanged, this, [&delays](const ConnectionState &state) {
        if (const auto *waiting = std::get_if<state::WaitingToReconnect>(&state))
            delays.append(waiting->delay);
    });
    for (int i = 0; i < 3; ++i) {
        server.send({{u"type"_s, u"reconnect"_s}, {u"reason"_s, u"shutdown"_s}, {u"delay_ms"_s, 0}});
        server.close(4200);
        QVERIFY(server.authenticate());
        QTRY_VERIFY(m_client->isReady());
    }
    QCOMPARE(delays, (QList<std::chrono::milliseconds>{5ms, 10ms, 20ms}));
}

void TestConnection::adviceIsBounded()
{
    ScriptedServer server;
    connectTo(server);
    QSignalSpy announced(m_client.get(), &ChatClient::reconnectAnnounced);
    server.send({{u"type"_s, u"reconnect"_s}, {u"reason"_s, u"shutdown"_s}, {u"delay_ms"_s, qint64(1e15)}});
    server.close(4200);
    QTRY_VERIFY(m_waited);
    QCOMPARE(m_waited->delay, 60s);
    QCOMPARE(announced.at(0).at(1).value<std::chrono::milliseconds>(), 60s);
}

void TestConnection::withoutAdviceBacksOff()
{
    ScriptedServer server;
    connectTo(server);
    server.close(4201);
    QTRY_VERIFY(m_waited);
    QCOMPARE(m_waited->delay, 20ms);
    QCOMPARE(m_waited->attempt, 2);
    QCOMPARE(m_waited->why.code, 4201);
}

void TestConnection::backoffGrowsUntilASessionIsStable()
{
    m_options.backoff = {5ms, 10s};
    m_options.stableAfter = 60s;
    makeClient();
    ScriptedServer server;
    connectTo(server);
    QList<std::chrono::milliseconds> delays;
    QList<int> attempts;
    connect(m_client.get(), &ChatClient::stateChanged, this, [&](const ConnectionState &state) {
        if (const auto *waiting = std::get_if<state::WaitingToReconnect>(&state)) {
            delays.append(waiting->delay);
            attempts.append(waiting->attempt);
        }
    });
    for (int i = 0; i < 3; ++i) {
        server.close(4100);
        QVERIFY(server.authenticate());
        QTRY_VERIFY(m_client->isReady());
    }
    QCOMPARE(delays, (QList<std::chrono::milliseconds>{5ms, 10ms, 20ms}));
    QCOMPARE(attempts, (QList<int>{2, 2, 2})); // the server was reached each time

    m_options.stableAfter = 0ms;
    makeClient();
    delays.clear();
    connectTo(server);
    connect(m_client.get(), &ChatClient::stateChanged, this, [&delays](const ConnectionState &state) {
        if (const auto *waiting = std::get_if<state::WaitingToReconnect>(&state))
            delays.append(waiting->delay);
    });
    for (int i = 0; i < 3; ++i) {
        QCoreApplication::processEvents(); // the session is stable as soon as it lives
        QTRY_VERIFY(m_client->isReady());
        server.close(4100);
        QVERIFY(server.authenticate());
        QTRY_VERIFY(m_client->isReady());
    }
    QCOMPARE(delays, (QList<std::chrono::milliseconds>{5ms, 5ms, 5ms}));
}

void TestConnection::maxAttemptsEndsIt()
{
    m_options.maxAttempts = 3;
    makeClient();
    const CannedServer server("HTTP/1.1 503 Service Unavailable\r\n\r\n");
    m_client->connectToServer(server.url(), {});
    QTRY_VERIFY(is<state::Stopped>());
    QCOMPARE(m_ended->size(), 3);
    m_client->reconnectNow();
    QTRY_COMPARE(m_ended->size(), 6);
}

void TestConnection::shortSessionsAreFailedAttempts()
{
    m_options.maxAttempts = 3;
    makeClient();
    ScriptedServer server;
    connectTo(server);
    for (int i = 0; i < 2; ++i) {
        server.close(4100);
        QVERIFY(server.authenticate());
        QTRY_VERIFY(m_client->isReady());
    }
    server.close(4100);
    QTRY_VERIFY(is<state::Stopped>());
}

void TestConnection::giveUpOnFirstKeepsTryingLater()
{
    m_options.firstFailure = FirstFailure::GiveUp;
    makeClient();
    const CannedServer full("HTTP/1.1 503 Service Unavailable\r\n\r\n");
    m_client->connectToServer(full.url(), {});
    QTRY_VERIFY(is<state::Stopped>());
    QCOMPARE(m_ended->size(), 1);

    ScriptedServer server;
    connectTo(server);
    server.drop();
    QTRY_COMPARE(server.connections(), 2);
}

void TestConnection::deadLinkIsNoticed()
{
    m_options.deadAfter = 50ms;
    m_options.minPingInterval = 10ms;
    makeClient();
    ScriptedServer server;
    server.setTerm(u"ping_ms"_s, 20);
    QSignalSpy roundTrips(m_client.get(), &ChatClient::roundTripMeasured);
    connectTo(server);
    QTRY_VERIFY(roundTrips.size() >= 3);
    QVERIFY(m_client->isReady());
    server.answerPings(false);
    QTRY_COMPARE(m_ended->size(), 1);
    QCOMPARE(lastEnd().code, 1006);
    QVERIFY2(lastEnd().text.contains(u"has not answered for 0.05 s"_s), qUtf8Printable(lastEnd().text));
    server.answerPings(true);
    QVERIFY(server.authenticate());
    QTRY_VERIFY(m_client->isReady());
}

void TestConnection::anyByteShowsLife()
{
    m_options.deadAfter = 150ms;
    m_options.minPingInterval = 10ms;
    makeClient();
    ScriptedServer server;
    server.answerPings(false);
    server.setTerm(u"ping_ms"_s, 20);
    connectTo(server);
    QTimer chatter;
    connect(&chatter, &QTimer::timeout, this, [&server] {
        server.send({{u"type"_s, u"server_state"_s}, {u"cluster"_s, u"ok"_s}});
    });
    chatter.start(10ms);
    QTRY_VERIFY(server.pings() >= 20); // more than twice the time that would end a dead link
    QVERIFY(m_ended->isEmpty());
    chatter.stop();
    QTRY_COMPARE(m_ended->size(), 1);
}

void TestConnection::unansweredFrameIsFollowedByAPing()
{
    m_options.doubtAfter = 50ms;
    m_options.deadAfter = 50ms;
    makeClient();
    ScriptedServer server; // wants a ping every 25 s
    QSignalSpy roundTrips(m_client.get(), &ChatClient::roundTripMeasured);
    connectTo(server);
    QTRY_COMPARE(roundTrips.size(), 1);
    m_client->directory().requestRooms();
    QTRY_COMPARE(roundTrips.size(), 2); // it only takes its time
    QVERIFY(m_client->isReady());
    server.answerPings(false);
    m_client->directory().requestRooms();
    QTRY_COMPARE(m_ended->size(), 1);
    QCOMPARE(lastEnd().code, 1006);
}

void TestConnection::pingIntervalIsBounded()
{
    ScriptedServer server;
    server.setTerm(u"ping_ms"_s, qint64(1e15)); // as a timer's, it would be negative
    QSignalSpy roundTrips(m_client.get(), &ChatClient::roundTripMeasured);
    QTest::failOnWarning(QRegularExpression(u"negative"_s));
    connectTo(server);
    QTRY_COMPARE(roundTrips.size(), 1);
}

void TestConnection::ownCloseIs1000()
{
    ScriptedServer server;
    connectTo(server);
    m_client->disconnectFromServer();
    QTRY_VERIFY(is<state::Disconnected>());
    QCOMPARE(m_ended->size(), 1);
    QCOMPARE(lastEnd().code, 1000);
    QTRY_COMPARE(server.closeCode(), std::optional<quint16>(1000));
    QCOMPARE(server.connections(), 1);
}

void TestConnection::closesWhileConnecting()
{
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    m_client->connectToServer(QUrl(u"ws://127.0.0.1:%1/ws"_s.arg(server.serverPort())), {});
    QVERIFY(is<state::Connecting>());
    m_client->disconnectFromServer();
    QTRY_VERIFY(is<state::Disconnected>());
}

void TestConnection::closesWhileWaiting()
{
    m_options.backoff = {1h, 1h};
    makeClient();
    ScriptedServer server;
    connectTo(server);
    server.drop();
    QTRY_VERIFY(is<state::WaitingToReconnect>());
    m_client->disconnectFromServer();
    QVERIFY(is<state::Disconnected>());
}

void TestConnection::reconnectNowSkipsTheDelay()
{
    m_options.backoff = {1h, 1h};
    makeClient();
    ScriptedServer server;
    connectTo(server);
    server.drop();
    QTRY_VERIFY(is<state::WaitingToReconnect>());
    m_client->reconnectNow();
    QVERIFY(server.authenticate(true));
    QTRY_VERIFY(m_client->isReady());
}

void TestConnection::tooBigAFrameEndsTheConnection()
{
    m_options.backoff = {1h, 1h};
    makeClient();
    ScriptedServer server;
    connectTo(server);
    server.sendText(QString(1024 * 1024 + 1, u'x'));
    QTRY_COMPARE(m_ended->size(), 1);
    QCOMPARE(lastEnd().code, 1009);
    QTRY_COMPARE(server.closeCode(), std::optional<quint16>(1009));
}

void TestConnection::whatWeRefuseIsNotTheServersWord_data()
{
    QTest::addColumn<QByteArray>("frames");
    QTest::addColumn<int>("code");
    const auto hex = [](const char *text) { return QByteArray::fromHex(text); };
    QTest::newRow("2 MiB announced") << hex("817f0000000000200000") << 1009;
    QTest::newRow("no UTF-8") << hex("8102fffe") << 1007;
    QTest::newRow("endless fragments") << hex("0100") + hex("0000").repeated(5000) << 1002;
    QTest::newRow("binary") << hex("82027b7d") << 1003;
    QTest::newRow("reserved bit") << hex("c1027b7d") << 1002;
    QTest::newRow("reserved opcode") << hex("83027b7d") << 1002;
    QTest::newRow("fragmented ping") << hex("0900") << 1002;
    QTest::newRow("nothing to continue") << hex("8000") << 1002;
    QTest::newRow("text within text") << hex("01017b81017d") << 1002;
    QTest::newRow("close code 999") << hex("880203e7") << 1002;
}

void TestConnection::whatWeRefuseIsNotTheServersWord()
{
    QFETCH(QByteArray, frames);
    QFETCH(int, code);
    const UpgradingServer server(frames);
    m_client->connectToServer(server.url(), {});
    QTRY_VERIFY(is<state::Stopped>());
    QCOMPARE(m_ended->size(), 3); // the first two may have been accidents
    QCOMPARE(lastEnd().code, code);
    QCOMPARE(lastEnd().reason, QString());
    QVERIFY2(lastEnd().text.startsWith(u"this client closed the connection: "_s),
             qUtf8Printable(lastEnd().text));
}

void TestConnection::megabyteIsAccepted()
{
    ScriptedServer server;
    connectTo(server);
    QSignalSpy frames(m_client.get(), &ChatClient::frameReceived);
    server.sendText(QString(1024 * 1024, u'x'));
    const auto isThere = [&frames] { // others may come behind it
        return std::ranges::any_of(
            frames, [](const auto &each) { return each.at(0).toByteArray().size() == 1024 * 1024; });
    };
    QTRY_VERIFY(isThere());
    QVERIFY(m_client->isReady());
}

void TestConnection::openElsewhereFromASlot()
{
    ScriptedServer first;
    ScriptedServer second;
    connectTo(first);
    connect(
        m_client.get(), &ChatClient::connectionEnded, this,
        [&] { m_client->connectToServer(second.url(), {}); }, Qt::SingleShotConnection);
    first.drop();
    QVERIFY(second.authenticate());
    QTRY_VERIFY(m_client->isReady());
    QCOMPARE(first.connections(), 1);
}

void TestConnection::closesFromASlot()
{
    ScriptedServer server;
    connectTo(server);
    connect(m_client.get(), &ChatClient::connectionEnded, m_client.get(), &ChatClient::disconnectFromServer);
    server.drop();
    QTRY_COMPARE(m_ended->size(), 1);
    QVERIFY(is<state::Disconnected>());
    QCOMPARE(server.connections(), 1);
}

void TestConnection::otherServerWhileReady()
{
    ScriptedServer first;
    ScriptedServer second;
    connectTo(first);
    m_client->connectToServer(second.url(), {u"alice"_s, {}, {}});
    QVERIFY(second.authenticate());
    QTRY_VERIFY(m_client->isReady());
    QCOMPARE(m_ended->size(), 1);
    QTRY_COMPARE(first.closeCode(), std::optional<quint16>(1000)); // off its lists at once
    QCOMPARE(first.connections(), 1);
}

void TestConnection::otherNameWhileReady()
{
    ScriptedServer server;
    connectTo(server);
    m_client->connectToServer(server.url(), {u"bob"_s, {}, {}});
    QVERIFY(server.authenticate());
    QTRY_VERIFY(m_client->isReady());
    QCOMPARE(m_client->session().username, u"bob"_s);
    QCOMPARE(m_ended->size(), 1);
    QCOMPARE(server.connections(), 2);
}

void TestConnection::certificateDecides()
{
    // GIVEN a wss server whose certificate nobody vouches for
    const QTemporaryDir folder;
    const QString keyFile = folder.filePath(u"key.pem"_s);
    const QString certificateFile = folder.filePath(u"certificate.pem"_s);
    QProcess openssl;
    openssl.start(u"openssl"_s,
                  {u"req"_s, u"-x509"_s, u"-newkey"_s, u"ec"_s, u"-pkeyopt"_s, u"ec_paramgen_curve:P-256"_s,
                   u"-nodes"_s, u"-subj"_s, u"/CN=localhost"_s, u"-addext"_s,
                   u"subjectAltName=DNS:localhost"_s, u"-keyout"_s, keyFile, u"-out"_s, certificateFile});
    QVERIFY2(openssl.waitForFinished() && openssl.exitCode() == 0, "openssl is needed to make a certificate");
    const auto certificates = QSslCertificate::fromPath(certificateFile);
    QCOMPARE(certificates.size(), 1);
    QFile key(keyFile);
    QVERIFY(key.open(QIODevice::ReadOnly));
    QSslConfiguration serverSide = QSslConfiguration::defaultConfiguration();
    serverSide.setLocalCertificate(certificates.first());
    serverSide.setPrivateKey(QSslKey(&key, QSsl::Ec));
    QWebSocketServer server(u"test"_s, QWebSocketServer::SecureMode);
    server.setSupportedSubprotocols({u"parlor.v2"_s});
    server.setSslConfiguration(serverSide);
    QVERIFY(server.listen(QHostAddress::LocalHost));
    const QUrl url(u"wss://localhost:%1/ws"_s.arg(server.serverPort()));

    // WHEN it is not trusted THEN there is no connection, and no second attempt
    m_client->connectToServer(url, {});
    QTRY_VERIFY(is<state::Stopped>());
    QVERIFY2(lastEnd().text.contains(u"no secure connection to localhost"_s), qUtf8Printable(lastEnd().text));
    QVERIFY2(lastEnd().text.contains(u"self"_s), qUtf8Printable(lastEnd().text));
    const QByteArray digest = certificates.value(0).digest(QCryptographicHash::Sha256).toHex(':').toUpper();
    QVERIFY2(lastEnd().text.contains(QString::fromLatin1(digest)), qUtf8Printable(lastEnd().text));
    QCOMPARE(m_ended->size(), 1);

    // WHEN it is THEN there is one
    QSslConfiguration clientSide = QSslConfiguration::defaultConfiguration();
    clientSide.addCaCertificates(certificates);
    m_client->connectToServer(url, {}, clientSide);
    QTRY_VERIFY(is<state::Authenticating>());

    // WHEN there is a proxy on the way THEN the certificate is still that of the server
    {
        const ConnectProxy proxy;
        qputenv("https_proxy", QByteArray("http://" + proxy.address()));
        m_client->connectToServer(url, {}, clientSide);
        qunsetenv("https_proxy");
        QTRY_VERIFY(is<state::Authenticating>());
        QCOMPARE(proxy.requests().size(), 1);
    }

    // WHEN a plain client comes to the TLS port THEN it hears that something is wrong with the port
    QUrl plain = url;
    plain.setScheme(u"ws"_s);
    m_client->connectToServer(plain, {}); // which ends the other one
    QTRY_VERIFY2(lastEnd().text.contains(u"most likely it wants wss://localhost:"_s),
                 qUtf8Printable(lastEnd().text));
}

void TestConnection::tlsToAPlainPort()
{
    const CannedServer server("HTTP/1.1 400 Bad Request\r\n\r\n");
    QUrl url = server.url();
    url.setScheme(u"wss"_s);
    m_client->connectToServer(url, {});
    QTRY_VERIFY(is<state::Stopped>());
    QVERIFY2(lastEnd().text.contains(u"not in TLS; most likely it wants ws://127.0.0.1:"_s),
             qUtf8Printable(lastEnd().text));
    QVERIFY(!lastEnd().text.contains(u"certificate"_s));
}

PARLOR_TEST_WITHIN(QCoreApplication, TestConnection)
#include "tst_connection.moc"
