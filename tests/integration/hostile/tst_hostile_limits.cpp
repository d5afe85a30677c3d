// SPDX-License-Identifier: MIT
#include "tests/integration/hostile/hostiletest.h"
#include "tests/support/httpexchange.h"
#include "tests/support/testclass.h"
#include "tests/support/tokenissuer.h"

#include <QFile>
#include <QTemporaryDir>

using namespace parlor::test;
using namespace Qt::StringLiterals;

/// Limits that connections share, limits that change while clients are connected, and what one client may
/// cost the others.
class LimitsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void newConnectionsOfAnAddress();
    void requestsOfAnAddress();
    void requestsOfAUser();
    void connectionsOfAUser();
    void pagesWaitForABudget();
    void bytesForOthers_data();
    void bytesForOthers();
    void reloadChangesLimits();
    void wrongReloadChangesNothing();
    void coreDumpsHoldNoMemory_data();
    void coreDumpsHoldNoMemory();

private:
    [[nodiscard]] static ServerProcess::Settings with(const QStringList &arguments)
    {
        return {.program = u"parlor-server"_s, .arguments = arguments};
    }
    /// Reads answers until each of so many requests has one; how many were refused.
    [[nodiscard]] static int refusals(RawChat &client, int requests);
};

int LimitsTest::refusals(RawChat &client, int requests)
{
    int refused = 0;
    while (requests > 0) {
        const auto answer = client.next();
        if (!answer)
            return -1;
        refused += answer->value("code"_L1) == "rate_limited"_L1 ? 1 : 0;
        --requests;
    }
    return refused;
}

void LimitsTest::newConnectionsOfAnAddress()
{
    ServerProcess server(with({u"--connect-rate"_s, u"0.01"_s, u"--connect-burst"_s, u"3"_s,
                               u"--trusted-proxy"_s, u"127.0.0.0/8"_s}));
    PARLOR_EXPECT(server.start());
    const QByteArray request = RawWebSocket::upgradeRequest("/ws", "X-Forwarded-For: 2001:db8::1\r\n");
    const QByteArray sameSubscriber = RawWebSocket::upgradeRequest("/ws", "X-Forwarded-For: 2001:db8::2\r\n");
    const QByteArray other = RawWebSocket::upgradeRequest("/ws", "X-Forwarded-For: 2001:db8:0:1::1\r\n");
    for (int i = 0; i < 3; ++i) {
        RawWebSocket client;
        PARLOR_EXPECT(client.open(server.port(), i == 0 ? sameSubscriber : request));
        client.socket().close();
    }
    const HttpReply refused = exchange(server.port(), request);
    QVERIFY2(refused.status == 429, refused.head.constData());
    PARLOR_EXPECT(refused.check());
    const int retry = refused.field("Retry-After").toInt();
    QVERIFY2(retry > 90 && retry <= 100, refused.head.constData());
    QCOMPARE(HostileTest::metricOf(server, "parlor_handshakes_total{result=\"too_fast\"}"), 1.0);
    RawWebSocket another;
    PARLOR_EXPECT(another.open(server.port(), other));
    another.socket().close();
    PARLOR_EXPECT(server.stop());
}

void LimitsTest::requestsOfAnAddress()
{
    constexpr int kRequests = 15;
    ServerProcess server(with({u"--rate"_s, u"0"_s, u"--address-rate"_s, u"0.001"_s, u"--address-burst"_s,
                               QString::number(kRequests), u"--trusted-proxy"_s, u"127.0.0.0/8"_s}));
    PARLOR_EXPECT(server.start());
    const auto asks = [](RawChat &client, int requests) {
        for (int i = 0; i < requests; ++i)
            (void)client.sendText(R"({"type":"ping","t":1})");
        return refusals(client, requests);
    };
    const QByteArray address = "X-Forwarded-For: 198.51.100.7\r\n";
    RawChat one;
    RawChat two;
    RawChat other;
    PARLOR_EXPECT(one.open(server.port(), Dialect::V2, address));
    PARLOR_EXPECT(two.open(server.port(), Dialect::V2, address));
    PARLOR_EXPECT(other.open(server.port(), Dialect::V2, "X-Forwarded-For: 198.51.100.8\r\n"));
    QCOMPARE(asks(one, 10), 0);
    QCOMPARE(asks(two, 10), 5);
    QCOMPARE(asks(other, 10), 0);
    QCOMPARE(HostileTest::metricOf(server, "parlor_address_limited_total"), 5.0);
    for (RawChat *client : {&one, &two, &other})
        PARLOR_EXPECT(client->closeNormally()); // nobody is cut for what others said
    PARLOR_EXPECT(server.stop());
}

/// Whatever addresses its sessions have.
void LimitsTest::requestsOfAUser()
{
    const TokenIssuer issuer;
    ServerProcess server(with(issuer.arguments() + QStringList{u"--rate"_s, u"0"_s, u"--user-rate"_s,
                                                               u"0.001"_s, u"--user-burst"_s, u"15"_s,
                                                               u"--trusted-proxy"_s, u"127.0.0.0/8"_s}));
    PARLOR_EXPECT(server.start());
    const auto comes = [&](RawChat &client, const QString &user, const QByteArray &address) -> Problem {
        const QByteArray fields = "X-Forwarded-For: " + address + "\r\n";
        if (auto problem = client.open(server.port(), Dialect::V2, fields); !problem.isEmpty())
            return problem;
        return client.authenticate({{u"token"_s, QString::fromLatin1(issuer.token(user))}}) ? Problem()
                                                                                            : client.why();
    };
    const auto asks = [](RawChat &client) {
        for (int i = 0; i < 10; ++i)
            (void)client.sendText(R"({"type":"ping","t":1})");
        return refusals(client, 10);
    };
    RawChat one;
    RawChat two;
    RawChat other;
    PARLOR_EXPECT(comes(one, u"ann"_s, "198.51.100.7"));
    PARLOR_EXPECT(comes(two, u"ann"_s, "203.0.113.9"));
    PARLOR_EXPECT(comes(other, u"bob"_s, "198.51.100.7"));
    QCOMPARE(asks(one), 0);
    QCOMPARE(asks(two), 5);
    QCOMPARE(asks(other), 0);
    QCOMPARE(HostileTest::metricOf(server, "parlor_user_limited_total"), 5.0);
    for (RawChat *client : {&one, &two, &other})
        PARLOR_EXPECT(client->closeNormally());
    PARLOR_EXPECT(server.stop());
}

/// The newest is refused, until another one has ended.
void LimitsTest::connectionsOfAUser()
{
    const TokenIssuer issuer;
    ServerProcess server(with(issuer.arguments() + QStringList{u"--max-connections-per-user"_s, u"2"_s}));
    PARLOR_EXPECT(server.start());
    const QJsonObject auth{{u"type"_s, u"auth"_s}, {u"token"_s, QString::fromLatin1(issuer.token(u"ann"_s))}};
    std::array<RawChat, 3> ann;
    for (RawChat &each : ann) {
        PARLOR_EXPECT(each.open(server.port(), Dialect::V2));
        QVERIFY(each.send(auth));
        if (&each != &ann[2])
            QVERIFY2(each.nextOf(u"ack"_s), qPrintable(each.why()));
    }
    PARLOR_EXPECT(ann[2].expectClose(4100));
    PARLOR_EXPECT(ann[0].closeNormally());
    RawChat again;
    PARLOR_EXPECT(again.open(server.port(), Dialect::V2));
    QVERIFY(again.send(auth));
    QVERIFY2(again.nextOf(u"ack"_s), qPrintable(again.why()));
    PARLOR_EXPECT(again.closeNormally());
    PARLOR_EXPECT(ann[1].closeNormally());
    PARLOR_EXPECT(server.stop());
}

/// A client that comes back from an old position gets all of it, at the pace of its requests.
void LimitsTest::pagesWaitForABudget()
{
    constexpr int kMessages = 200;
    QTemporaryDir folder;
    QFile file(folder.filePath(u"server.toml"_s));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write("rate = 0\ninbound-rate = 0\n") > 0);
    file.close();
    ServerProcess server(with({u"--config"_s, file.fileName()}));
    PARLOR_EXPECT(server.start());
    RawChat writer;
    PARLOR_EXPECT(writer.openAndJoin(server.port(), Dialect::V2, u"lobby"_s));
    const QString content(3'900, u'x');
    for (int i = 0; i < kMessages; ++i)
        PARLOR_EXPECT(writer.chats(u"lobby"_s, content));
    PARLOR_EXPECT(writer.closeNormally());
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write("# all by default\n") > 0);
    file.close();
    server.signal(SIGHUP);
    QTRY_VERIFY(server.errorText().contains(u"rate is 10 now, and was 0"_s));

    RawChat reader;
    PARLOR_EXPECT(reader.open(server.port(), Dialect::V2));
    QVERIFY(reader.sendText(R"({"type":"join","room":"lobby","history":1})"));
    const auto first = reader.nextOf(u"sync"_s);
    QVERIFY2(first, qPrintable(reader.why()));
    QVERIFY(reader.sendText(R"({"type":"leave","room":"lobby"})"));
    QVERIFY2(reader.nextOf(u"ack"_s), qPrintable(reader.why()));
    const QByteArray since = R"({"type":"join","room":"lobby","since":{"epoch":")" +
                             first->value("epoch"_L1).toString().toUtf8() + R"(","seq":0}})";
    QVERIFY(reader.sendText(since));
    int pages = 0;
    for (bool more = true; more; ++pages) {
        const auto page = reader.nextOf(u"sync"_s);
        QVERIFY2(page, qPrintable(reader.why()));
        more = page->value("more"_L1).toBool();
    }
    QVERIFY2(pages > 5, qPrintable(QString::number(pages)));
    QVERIFY(HostileTest::metricOf(server, "parlor_pages_delayed_total") > 0);
    PARLOR_EXPECT(reader.closeNormally());
    PARLOR_EXPECT(server.stop());
}

void LimitsTest::bytesForOthers_data()
{
    QTest::addColumn<QByteArray>("request");
    QTest::addColumn<int>("most");
    const QByteArray longest = QByteArray("\xf0\x9f\x98\x80").repeated(4'000); // 16 000 bytes
    const QByteArray controls = QByteArray("\\t").repeated(4'000);
    QTest::newRow("message") << R"({"type":"message","room":"r1","cid":"c","content":")" + longest + R"("})"
                             << 17'000;
    QTest::newRow("message, escaped")
        << R"({"type":"message","room":"r1","cid":"d","content":")" + controls + R"("})" << 10'000;
    QTest::newRow("typing") << QByteArray(R"({"type":"typing","room":"r1","on":true})") << 500;
    QTest::newRow("leave") << QByteArray(R"({"type":"leave","room":"r1"})") << 1'000;
    QTest::newRow("join") << QByteArray(R"({"type":"join","room":"r32"})") << 1'000;
    QTest::newRow("delete") << QByteArray(R"({"type":"delete","room":"r1",)") << 1'000;
    // In each room that both are in.
    QTest::newRow("nick") << R"({"type":"nick","username":")" + QByteArray("\xf0\x9f\x98\x80").repeated(32) +
                                 R"("})"
                          << 32 * 1'000;
}

/// What another member of all its rooms gets for one frame, by the kind of it: the largest frame of each
/// kind.
void LimitsTest::bytesForOthers()
{
    QFETCH(const QByteArray, request);
    QFETCH(const int, most);
    ServerProcess server(with({u"--ping"_s, u"0"_s}));
    PARLOR_EXPECT(server.start());
    RawChat sender;
    RawChat other;
    for (RawChat *client : {&sender, &other}) {
        PARLOR_EXPECT(client->open(server.port(), Dialect::V2));
        const int rooms = client == &sender ? 31 : 32; // the last one is for the join
        for (int room = 1; room <= rooms; ++room) {
            QVERIFY(client->sendText(R"({"type":"join","room":"r)" + QByteArray::number(room) + R"("})"));
            QVERIFY2(client->nextOf(u"sync"_s), qPrintable(client->why()));
        }
    }
    QVERIFY(sender.sendText(R"({"type":"message","room":"r1","cid":"first","content":"x"})"));
    const auto ack = sender.nextOf(u"ack"_s);
    QVERIFY2(ack, qPrintable(sender.why()));
    // The rest of a deletion of a message that both have.
    const QByteArray target = "\"seq\":" + QByteArray::number(ack->value("seq"_L1).toInteger()) +
                              ",\"id\":\"" + ack->value("id"_L1).toString().toLatin1() + "\"}";
    while (other.webSocket().readFrame(std::chrono::milliseconds(1'500))) // until presence of both has come
        continue;
    QVERIFY(sender.sendText(request.startsWith(R"({"type":"delete")") ? request + target : request));
    int bytes = 0;
    while (const auto frame = other.webSocket().readFrame(std::chrono::milliseconds(1'000)))
        bytes += int(frame->payload.size());
    QVERIFY2(bytes > 0 && bytes <= most, qPrintable(QString::number(bytes)));
    server.kill();
}

void LimitsTest::reloadChangesLimits()
{
    QTemporaryDir folder;
    QFile file(folder.filePath(u"server.toml"_s));
    const auto write = [&file](const QByteArray &text) {
        return file.open(QIODevice::WriteOnly | QIODevice::Truncate) && file.write(text) == text.size() &&
               (file.close(), true);
    };
    QVERIFY(write("rate = 0\nworkers = 1\n"));
    ServerProcess server(with({u"--config"_s, file.fileName(), u"--frame-limit"_s, u"4KiB"_s}));
    PARLOR_EXPECT(server.start());
    const auto reload = [&server](const QString &said) {
        server.signal(SIGHUP);
        return QTest::qWaitFor([&] { return server.errorText().contains(said); }, 10'000);
    };
    const auto pings = [](RawChat &client) {
        for (int i = 0; i < 20; ++i)
            (void)client.sendText(R"({"type":"ping","t":1})");
        return refusals(client, 20);
    };
    RawChat client;
    PARLOR_EXPECT(client.open(server.port(), Dialect::V2));
    QCOMPARE(pings(client), 0);
    QVERIFY(reload(wireUnderTest() == Wire::Tls ? u"the certificate was read again"_s
                                                : u"the configuration is as it was"_s));

    // GIVEN another file: who is connected has its limits at once, and is not disconnected
    QVERIFY(write("rate = 0.001\nburst = 5\nworkers = 2\nframe-limit = \"8KiB\"\n"
                  "allowed-origin = [\"https://chat.example\"]\nmax-connections-per-address = 1\n"));
    QVERIFY2(reload(u"max-connections-per-address is 1 now, and was 0"_s), qPrintable(server.errorText()));
    QVERIFY(server.errorText().contains(u"rate is 0.001 now, and was 0"_s));
    QVERIFY(server.errorText().contains(u"workers stays 1: restart the server for 2"_s));
    QVERIFY2(!server.errorText().contains(u"frame-limit"_s), "a flag wins");
    QTRY_VERIFY(pings(client) >= 15); // the worker may read the client before its inbox
    const QByteArray elsewhere = RawWebSocket::upgradeRequest("/ws", "Origin: https://other.example\r\n");
    QCOMPARE(exchange(server.port(), elsewhere).status, 429);
    QVERIFY(write("rate = 0\nallowed-origin = [\"https://chat.example\"]\nlog-level = \"warning\"\n"));
    server.signal(SIGHUP);
    QTRY_COMPARE(exchange(server.port(), elsewhere).status, 403);
    QCOMPARE(pings(client), 0);
    PARLOR_EXPECT(client.closeNormally());
    PARLOR_EXPECT(server.stop());
    QVERIFY2(!server.errorText().contains(u"draining"_s), "of level info");
}

void LimitsTest::wrongReloadChangesNothing()
{
    QTemporaryDir folder;
    QFile file(folder.filePath(u"server.toml"_s));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write("rate = 0\n") > 0);
    file.close();
    ServerProcess server(with({u"--config"_s, file.fileName()}));
    PARLOR_EXPECT(server.start());
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write("rate = 0.001\nburst = 1\nping = \"soon\"\n") > 0);
    file.close();
    server.signal(SIGHUP);
    QTRY_VERIFY(server.errorText().contains(u"nothing was changed: parlor-server: "_s + file.fileName() +
                                            u":3: ping: "_s));
    RawChat client;
    PARLOR_EXPECT(client.open(server.port(), Dialect::V2));
    for (int i = 0; i < 5; ++i)
        QVERIFY(client.sendText(R"({"type":"ping","t":1})"));
    QCOMPARE(refusals(client, 5), 0);
    PARLOR_EXPECT(client.closeNormally());
    PARLOR_EXPECT(server.stop());
}

void LimitsTest::coreDumpsHoldNoMemory_data()
{
    QTest::addColumn<QStringList>("options");
    QTest::addColumn<QByteArray>("filter"); // core(5)
    QTest::newRow("by default") << QStringList() << QByteArray("00000010");
    QFile own(u"/proc/self/coredump_filter"_s);
    QVERIFY(own.open(QIODevice::ReadOnly));
    QTest::newRow("where it is asked for") << QStringList(u"--core-dump-memory"_s) << own.readAll().trimmed();
}

void LimitsTest::coreDumpsHoldNoMemory()
{
    QFETCH(const QStringList, options);
    QFETCH(const QByteArray, filter);
    ServerProcess server(with(options));
    PARLOR_EXPECT(server.start());
    QFile file(u"/proc/%1/coredump_filter"_s.arg(server.pid()));
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll().trimmed(), filter);
    PARLOR_EXPECT(server.stop());
}

PARLOR_TEST_WITHIN(QCoreApplication, LimitsTest)
#include "tst_hostile_limits.moc"
