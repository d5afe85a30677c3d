// SPDX-License-Identifier: MIT
// The load generator's connections against servers that do what a test says: over TCP, and inside TLS.
#include "tests/support/testclass.h"
#include "tests/unit/client-cli/load/wireclient.h"

#include <QTest>

#include <atomic>
#include <csignal>
#include <malloc.h>
#include <mutex>

using namespace parlor;
using namespace parlor::cli::load;
using namespace parlor::cli::load::test;
using namespace Qt::StringLiterals;

class TestLoadWire : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void talks_data();
    void talks();
    void refusals_data();
    void refusals();
    void silenceHasAName_data();
    void silenceHasAName();
    void nobodyListens();
    void garbageAfterTheUpgrade();
    void ends_data();
    void ends();
    void manyFrames_data();
    void manyFrames();
    void longestMessageIsSent();
    void slowServerTakesAll_data();
    void slowServerTakesAll();
    void idleConnectionIsSmall();

private:
    ServerContext m_context;
};

void TestLoadWire::initTestCase()
{
    ::signal(SIGPIPE, SIG_IGN); // as main() does
    m_context = serverContext();
    QVERIFY(m_context);
}

void TestLoadWire::talks_data()
{
    addWires();
}

void TestLoadWire::talks()
{
    QFETCH(bool, isTls);
    LoopbackServer server(
        [](Peer &peer) {
            const std::string head = peer.receiveHead();
            // The first frame comes with the head's last bytes, and a ping in between.
            peer.send(switching(head, "Sec-WebSocket-Protocol: parlor.v2\r\n") + textFrame("first") +
                      std::string("\x89\x02hi", 4) + textFrame("second"));
            const std::string pong = peer.receiveSome();
            peer.send(textFrame("pong of " + std::to_string(pong.size())));
            peer.send(textFrame("frame of " + std::to_string(peer.receiveSome().size())));
            peer.waitForEnd();
        },
        isTls ? m_context.get() : nullptr);
    QVERIFY(server.isListening());
    ClientLoop loop;
    TestClient client(loop);
    const Target target = isTls ? trustingTarget() : plainTarget();
    QVERIFY(client.connection.open(server.address(), target, "parlor.v2", 0));
    QVERIFY(!client.connection.sendText("too early"));
    QVERIFY(loop.until([&] { return client.texts.size() == 3 || client.end; }));
    QVERIFY(client.isTcpConnected);
    QCOMPARE(client.isSecured, isTls);
    QVERIFY(client.isConnected);
    QVERIFY(client.connection.sendText("hello"));
    QVERIFY(loop.until([&] { return client.texts.size() == 4 || client.end; }));
    // A masked frame has 6 bytes before its payload.
    QCOMPARE(client.texts, (std::vector<std::string>{"first", "second", "pong of 8", "frame of 11"}));
    QVERIFY(loop.sent > 0 && loop.received > 0);
    client.connection.abort();
    QVERIFY(!client.end);
}

void TestLoadWire::refusals_data()
{
    QTest::addColumn<QByteArray>("answer");
    QTest::addColumn<QString>("reason");
    QTest::newRow("404") << QByteArray("HTTP/1.1 404 Not Found\r\n\r\n")
                         << "HTTP 404 Not Found: the server has nothing at this path";
    QTest::newRow("503") << QByteArray("HTTP/1.1 503 Service Unavailable\r\n\r\n")
                         << "HTTP 503 Service Unavailable: no server is ready there, or it is full";
    QTest::newRow("401") << QByteArray("HTTP/1.1 401 Unauthorized\r\n\r\n")
                         << "give a valid token with --token-file FILE";
    QTest::newRow("redirect") << QByteArray("HTTP/1.1 301 Moved\r\nLocation: https://chat.example/ws\r\n\r\n")
                              << "the server answers 301 to https://chat.example/ws: give that address";
    QTest::newRow("redirect to nowhere")
        << QByteArray("HTTP/1.1 302 Found\r\n\r\n") << "the server answers 302, and does not say where to go";
    QTest::newRow("a page") << QByteArray("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi") << "HTTP 200 OK";
    QTest::newRow("no HTTP") << QByteArray("220 mail.example ESMTP\r\n\r\n")
                             << "an answer that is not HTTP/1.1; is there a WebSocket server";
    QTest::newRow("wrong accept") << QByteArray("HTTP/1.1 101 S\r\nUpgrade: websocket\r\n"
                                                "Connection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n")
                                  << "101 with a wrong Sec-WebSocket-Accept";
    QTest::newRow("closed at once") << QByteArray() << "the server ended the connection instead of answering";
}

void TestLoadWire::refusals()
{
    QFETCH(QByteArray, answer);
    QFETCH(QString, reason);
    LoopbackServer server([&answer](Peer &peer) {
        static_cast<void>(peer.receiveHead());
        peer.send({answer.constData(), static_cast<std::size_t>(answer.size())});
    });
    QVERIFY(server.isListening());
    ClientLoop loop;
    TestClient client(loop);
    const Target target = plainTarget();
    QVERIFY(client.connection.open(server.address(), target, {}, 0));
    QVERIFY(loop.until([&] { return client.end.has_value(); }));
    QVERIFY(!client.isConnected);
    QCOMPARE(client.end->stage, ConnectionEnd::Stage::Upgrading);
    QVERIFY2(QString::fromStdString(client.end->reason).contains(reason), client.end->reason.c_str());
}

void TestLoadWire::silenceHasAName_data()
{
    addWires();
}

void TestLoadWire::silenceHasAName()
{
    QFETCH(bool, isTls);
    LoopbackServer server([](Peer &peer) { peer.hold(); }); // and says nothing
    QVERIFY(server.isListening());
    ClientLoop loop;
    TestClient client(loop);
    const Target target = isTls ? trustingTarget() : plainTarget();
    QVERIFY(client.connection.open(server.address(), target, {}, 0));
    QCOMPARE(client.connection.lateness(), std::string_view("no connection in time"));
    QVERIFY(loop.until([&] { return client.connection.isConnected(); }));
    QCOMPARE(
        client.connection.lateness(),
        isTls ? std::string_view("the server took the connection, but did not end the TLS handshake in time")
              : std::string_view("the server took the connection, but did not answer the upgrade in time"));
    QVERIFY(!client.end);
}

void TestLoadWire::nobodyListens()
{
    Address address;
    {
        const LoopbackServer server([](Peer &) {});
        address = server.address();
    }
    ClientLoop loop;
    TestClient client(loop);
    const Target target = plainTarget();
    const auto opened = client.connection.open(address, target, {}, 0);
    if (opened) {
        QVERIFY(loop.until([&] { return client.end.has_value(); }));
        QCOMPARE(client.end->stage, ConnectionEnd::Stage::Connecting);
        QCOMPARE(client.end->reason, std::string("Connection refused"));
    } else {
        QCOMPARE(opened.error().text, std::string("Connection refused"));
    }
}

void TestLoadWire::garbageAfterTheUpgrade()
{
    LoopbackServer server([](Peer &peer) {
        peer.send(switching(peer.receiveHead()) + "<html>\r\n");
        peer.waitForEnd();
    });
    QVERIFY(server.isListening());
    ClientLoop loop;
    TestClient client(loop);
    const Target target = plainTarget();
    QVERIFY(client.connection.open(server.address(), target, {}, 0));
    QVERIFY(loop.until([&] { return client.end.has_value(); }));
    QVERIFY(client.isConnected);
    QCOMPARE(client.end->stage, ConnectionEnd::Stage::Open);
    QCOMPARE(client.end->closeCode, 1002);
    QCOMPARE(client.end->reason, std::string("the server broke the protocol: reserved bits are set"));
}

void TestLoadWire::ends_data()
{
    QTest::addColumn<bool>("isTls");
    QTest::addColumn<QString>("how");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("reason");
    for (const bool isTls : {false, true}) {
        const char *wire = isTls ? "TLS" : "TCP";
        QTest::addRow("Close, %s", wire) << isTls << "close" << 1001 << "bye";
        QTest::addRow("end, %s", wire) << isTls << "end" << 1006 << "";
        QTest::addRow("reset, %s", wire) << isTls << "reset" << 1006 << "Connection reset by peer";
    }
}

void TestLoadWire::ends()
{
    QFETCH(bool, isTls);
    QFETCH(QString, how);
    QFETCH(int, code);
    QFETCH(QString, reason);
    LoopbackServer server(
        [&how](Peer &peer) {
            peer.send(switching(peer.receiveHead()));
            if (peer.receiveSome().empty()) // the client is open, and has said so
                return;
            if (how == u"close"_s) {
                peer.send(std::string("\x88\x05\x03\xE9"
                                      "bye",
                                      7));
                static_cast<void>(peer.receiveSome());
            } else if (how == u"reset"_s) {
                peer.resetAtEnd();
            }
        },
        isTls ? m_context.get() : nullptr);
    QVERIFY(server.isListening());
    ClientLoop loop;
    TestClient client(loop);
    const Target target = isTls ? trustingTarget() : plainTarget();
    QVERIFY(client.connection.open(server.address(), target, {}, 0));
    QVERIFY(loop.until([&] { return client.isConnected || client.end; }));
    QVERIFY(client.connection.sendText("here"));
    QVERIFY(loop.until([&] { return client.end.has_value(); }));
    QCOMPARE(client.end->stage, ConnectionEnd::Stage::Open);
    QCOMPARE(int(client.end->closeCode), code);
    QCOMPARE(QString::fromStdString(client.end->reason), reason);
}

void TestLoadWire::manyFrames_data()
{
    addWires();
}

/// More than one turn's reads take, from a server that never pauses, and then is silent: nothing stays
/// behind.
void TestLoadWire::manyFrames()
{
    QFETCH(bool, isTls);
    constexpr std::size_t kFrames = 10'000;
    LoopbackServer server(
        [](Peer &peer) {
            std::string all = switching(peer.receiveHead());
            for (std::size_t i = 0; i < kFrames; ++i)
                all += textFrame(std::string(100 + i % 400, 'x'));
            peer.send(all);
            peer.waitForEnd();
        },
        isTls ? m_context.get() : nullptr);
    QVERIFY(server.isListening());
    ClientLoop loop;
    TestClient client(loop);
    client.keepsTexts = false;
    const Target target = isTls ? trustingTarget() : plainTarget();
    QVERIFY(client.connection.open(server.address(), target, {}, 0));
    QVERIFY(loop.until([&] { return client.textCount == kFrames || client.end; }));
    QCOMPARE(client.textCount, kFrames);
    QVERIFY(!client.end);
}

void TestLoadWire::longestMessageIsSent()
{
    LoopbackServer server([](Peer &peer) {
        peer.send(switching(peer.receiveHead()));
        peer.waitForEnd();
    });
    QVERIFY(server.isListening());
    ClientLoop loop;
    TestClient client(loop);
    const Target target = plainTarget();
    QVERIFY(client.connection.open(server.address(), target, {}, 0));
    QVERIFY(loop.until([&] { return client.isConnected || client.end; }));
    // A content of v1's most, as JSON.
    const std::uint64_t before = loop.sent;
    QVERIFY(client.connection.sendText(std::string(66'000, 'x')));
    QVERIFY(loop.until([&] { return loop.sent - before > 66'000 || client.end; }));
    QVERIFY(!client.end);
    client.connection.abort();
}

void TestLoadWire::slowServerTakesAll_data()
{
    addWires();
}

/// A server that reads nothing for a while: what is sent meanwhile waits, within its bound, and all that was
/// taken comes.
void TestLoadWire::slowServerTakesAll()
{
    QFETCH(bool, isTls);
    std::mutex mutex;
    mutex.lock(); // until the client is full
    std::atomic<std::uint64_t> got = 0;
    LoopbackServer server(
        [&](Peer &peer) {
            peer.send(switching(peer.receiveHead()));
            const std::lock_guard wait(mutex);
            for (std::string some = peer.receiveSome(); !some.empty(); some = peer.receiveSome())
                got += some.size();
        },
        isTls ? m_context.get() : nullptr);
    QVERIFY(server.isListening());
    ClientLoop loop;
    TestClient client(loop);
    const Target target = isTls ? trustingTarget() : plainTarget();
    const bool isOpening = bool(client.connection.open(server.address(), target, {}, 0));
    const bool isOpen = isOpening && loop.until([&] { return client.isConnected || client.end; });
    const std::string text(10'000, 'x');
    std::uint64_t taken = 0;
    while (isOpen && client.connection.sendText(text)) {
        taken += text.size() + 8; // the header of such a frame
        static_cast<void>(loop.poller.wait({}));
    }
    mutex.unlock();
    QVERIFY(isOpen);
    QVERIFY(taken > 64 * 1024);
    QVERIFY(loop.until([&] { return got == taken || client.end; }));
    QCOMPARE(got.load(), taken);
    client.connection.abort();
}

/// Without TLS. Sanitizers have an allocator that does not say.
void TestLoadWire::idleConnectionIsSmall()
{
    constexpr std::size_t kClients = 200;
    LoopbackServer server([](Peer &peer) {
        peer.send(switching(peer.receiveHead()) + textFrame(std::string(300, 'x')));
        peer.hold();
    });
    QVERIFY(server.isListening());
    ClientLoop loop;
    Target target = plainTarget();
    target.token = std::string(1000, 't');
    std::vector<std::unique_ptr<TestClient>> clients;
    for (std::size_t i = 0; i < kClients; ++i)
        clients.push_back(std::make_unique<TestClient>(loop));
    const std::size_t before = ::mallinfo2().uordblks;
    for (const auto &client : clients)
        QVERIFY(client->connection.open(server.address(), target, {}, 0));
    std::size_t heard = 0;
    QVERIFY(loop.until([&] {
        for (const auto &client : clients) {
            heard += client->texts.size();
            client->texts = {};
        }
        return heard == kClients;
    }));
    for (const auto &client : clients)
        QVERIFY(client->connection.sendText("hello"));
    const auto heap =
        static_cast<std::int64_t>(::mallinfo2().uordblks - before) / static_cast<std::int64_t>(kClients);
    const auto size = static_cast<std::int64_t>(sizeof(WebSocketClient));
    qInfo("an idle connection: %lld bytes, and %lld on the heap", static_cast<long long>(size),
          static_cast<long long>(heap));
    QVERIFY(size + heap <= 512);
}

PARLOR_TEST(TestLoadWire)
#include "tst_load_wire.moc"
