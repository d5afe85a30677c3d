// SPDX-License-Identifier: MIT
#include "tests/support/httpexchange.h"
#include "tests/support/rawchat.h"
#include "tests/support/serverprocess.h"
#include "tests/support/testclass.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QRegularExpression>

#include <vector>

using namespace parlor::test;

/// HTTP on the chat's port (docs/protocol.md section 10).
class HttpTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();
    void requests_data();
    void requests();
    void root();
    void healthCountsClients();
    void healthListsAHundredAtMost();
    void theChatHasAName();
    void headHasNoBody_data();
    void headHasNoBody();
    void metricsCount();
    void otherMethods_data();
    void otherMethods();
    void hostnameAndMetricsApart();
    void accessLog();

private:
    [[nodiscard]] HttpReply get(const QByteArray &path) const
    {
        return exchange(m_server.port(), getRequest(path));
    }

    ServerProcess m_server{{.program = QStringLiteral("parlor-server")}};
};

void HttpTest::initTestCase()
{
    PARLOR_EXPECT(m_server.start());
}

void HttpTest::cleanupTestCase()
{
    PARLOR_EXPECT(m_server.stop());
}

void HttpTest::requests_data()
{
    QTest::addColumn<QByteArray>("request");
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("type");
    QTest::addColumn<QByteArray>("contains");
    const auto row = [](const char *name, const QByteArray &request, int status, const char *type,
                        const char *contains) {
        QTest::newRow(name) << request << status << QByteArray(type) << QByteArray(contains);
    };
    constexpr const char *kJson = "application/json";
    row("/", getRequest("/"), 200, kJson, R"({"message":"WebSocket server is running on )");
    row("/health", getRequest("/health"), 200, kJson, R"("status":"healthy")");
    row("/ready", getRequest("/ready"), 200, kJson, R"({"status":"ready"})");
    row("/metrics", getRequest("/metrics"), 200, "text/plain", "# TYPE ");
    row("a query on /", getRequest("/?a=b&c"), 200, kJson, R"("message":)");
    row("a query on /health", getRequest("/health?probe=%00"), 200, kJson, R"("status":"healthy")");
    row("an empty query", getRequest("/ready?"), 200, kJson, R"("status":"ready")");
    row("HTTP/1.0 without Host", "GET /health HTTP/1.0\r\n\r\n", 200, kJson, R"("status":"healthy")");
    row("HTTP/1.0 without Host, /ready", "GET /ready HTTP/1.0\r\n\r\n", 200, kJson, R"("status":"ready")");
    row("a load balancer's probe",
        "GET /health HTTP/1.1\r\nHost: 10.0.0.1:8000\r\nConnection: close\r\nUser-Agent: "
        "ELB-HealthChecker/2.0\r\n"
        "Accept-Encoding: gzip, compressed\r\n\r\n",
        200, kJson, R"("status":"healthy")");
    row("keep-alive wished", getRequest("/", "Connection: keep-alive\r\n"), 200, kJson, R"("message":)");
    row("not there", getRequest("/nope"), 404, kJson, R"({"error":")");
    row("/ws without an upgrade", getRequest("/ws"), 426, kJson, R"({"error":")");
}

void HttpTest::requests()
{
    QFETCH(const QByteArray, request);
    QFETCH(const int, status);
    QFETCH(const QByteArray, type);
    QFETCH(const QByteArray, contains);
    const HttpReply reply = exchange(m_server.port(), request);
    QVERIFY2(reply.status == status, reply.text().left(400).constData());
    PARLOR_EXPECT(reply.check());
    QCOMPARE(reply.field("Content-Type").split(';').first(), type);
    QVERIFY2(reply.body.contains(contains), reply.body.left(400).constData());
    if (type == "application/json")
        QVERIFY2(!reply.json().isEmpty(), reply.body.constData());
}

void HttpTest::root()
{
    const QString message = get("/").json().value(QLatin1String("message")).toString();
    const QString hostname = get("/health").json().value(QLatin1String("hostname")).toString();
    QVERIFY(!hostname.isEmpty());
    QCOMPARE(message, QStringLiteral("WebSocket server is running on %1").arg(hostname));
}

void HttpTest::healthCountsClients()
{
    const QJsonObject before = get("/health").json();
    QCOMPARE(before.value(QLatin1String("connections")), QJsonValue(0));
    QCOMPARE(before.value(QLatin1String("active_clients")), QJsonValue(QJsonArray()));
    RawChat old;
    PARLOR_EXPECT(old.open(m_server.port(), Dialect::V1));
    RawChat modern;
    PARLOR_EXPECT(modern.open(m_server.port(), Dialect::V2));
    const QJsonObject now = get("/health").json();
    QCOMPARE(now.value(QLatin1String("connections")), QJsonValue(2));
    const QJsonArray clients = now.value(QLatin1String("active_clients")).toArray();
    QVERIFY(clients.size() == 2 && clients.contains(old.clientId()) && clients.contains(modern.clientId()));
    PARLOR_EXPECT(old.webSocket().closeNormally());
    PARLOR_EXPECT(modern.webSocket().closeNormally());
    QTRY_COMPARE(get("/health").json().value(QLatin1String("connections")), QJsonValue(0));
}

void HttpTest::theChatHasAName()
{
    const QString chat = get("/health").json().value(QLatin1String("chat")).toString();
    QVERIFY(!chat.isEmpty());
    RawChat client;
    PARLOR_EXPECT(client.open(m_server.port(), Dialect::V2));
    QCOMPARE(client.connection().value(QLatin1String("chat")).toString(), chat);
    ServerProcess another({.program = QStringLiteral("parlor-server")});
    PARLOR_EXPECT(another.start());
    const HttpReply health = exchange(another.port(), getRequest("/health"));
    QVERIFY(health.json().value(QLatin1String("chat")).toString() != chat);
    PARLOR_EXPECT(another.stop());
}

void HttpTest::healthListsAHundredAtMost()
{
    constexpr int kClients = 120;
    std::vector<RawChat> clients(kClients);
    for (RawChat &client : clients)
        PARLOR_EXPECT(client.open(m_server.port(), Dialect::V2));
    const QJsonObject health = get("/health").json();
    QCOMPARE(health.value(QLatin1String("connections")), QJsonValue(kClients));
    QCOMPARE(health.value(QLatin1String("active_clients")).toArray().size(), 100);
    clients.clear();
    QTRY_COMPARE(get("/health").json().value(QLatin1String("connections")), QJsonValue(0));
}

void HttpTest::headHasNoBody_data()
{
    QTest::addColumn<QByteArray>("path");
    for (const char *path : {"/", "/health", "/ready", "/nope"})
        QTest::newRow(path) << QByteArray(path);
}

void HttpTest::headHasNoBody()
{
    QFETCH(const QByteArray, path);
    const HttpReply ofGet = get(path);
    const HttpReply ofHead = exchange(m_server.port(), "HEAD " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
    PARLOR_EXPECT(ofHead.check());
    QCOMPARE(ofHead.status, ofGet.status);
    QCOMPARE(ofHead.body, QByteArray());
    QCOMPARE(ofHead.field("Content-Type"), ofGet.field("Content-Type"));
    QCOMPARE(ofHead.field("Content-Length"), ofGet.field("Content-Length"));
}

void HttpTest::metricsCount()
{
    RawChat client;
    PARLOR_EXPECT(client.openAndJoin(m_server.port(), Dialect::V2, QStringLiteral("general")));
    PARLOR_EXPECT(client.chats(QStringLiteral("general"), QStringLiteral("count me")));
    const QByteArray body = get("/metrics").body;
    QVERIFY2(body.contains("parlor_"), body.left(400).constData());
    const auto lines = body.split('\n');
    for (const QByteArray &line : lines) { // Prometheus' text format: comments, or a name, labels and a value
        if (line.isEmpty() || line.startsWith("# HELP ") || line.startsWith("# TYPE "))
            continue;
        bool isNumber = false;
        (void)line.sliced(line.lastIndexOf(' ') + 1).toDouble(&isNumber);
        QVERIFY2(isNumber || line.endsWith("Inf") || line.endsWith("Nan"), line.constData());
    }
}

void HttpTest::otherMethods_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<int>("status");
    for (const char *path : {"/", "/health", "/ready"}) {
        QTest::addRow("OPTIONS %s", path) << QByteArray("OPTIONS") << QByteArray(path) << 204;
        for (const char *method : {"POST", "PUT", "DELETE", "PATCH", "TRACE"})
            QTest::addRow("%s %s", method, path) << QByteArray(method) << QByteArray(path) << 405;
    }
    QTest::newRow("POST /metrics") << QByteArray("POST") << QByteArray("/metrics") << 405;
}

void HttpTest::otherMethods()
{
    QFETCH(const QByteArray, method);
    QFETCH(const QByteArray, path);
    QFETCH(const int, status);
    const HttpReply reply = exchange(m_server.port(), method + " " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
    QVERIFY2(reply.status == status, reply.text().constData());
    PARLOR_EXPECT(reply.check());
    QVERIFY2(reply.field("Allow").contains("GET"), reply.head.constData()); // RFC 9110 §15.5.6
}

void HttpTest::hostnameAndMetricsApart()
{
    ServerProcess server({.program = QStringLiteral("parlor-server"),
                          .arguments = {QStringLiteral("--hostname"), QStringLiteral("chat-1"),
                                        QStringLiteral("--metrics-listen"), QStringLiteral("127.0.0.1:0")}});
    PARLOR_EXPECT(server.start());
    const QRegularExpression line(QStringLiteral("metrics are at http://127\\.0\\.0\\.1:(\\d+)/metrics"));
    QTRY_VERIFY(line.match(server.errorText()).hasMatch());
    const quint16 port = line.match(server.errorText()).captured(1).toUShort();
    QCOMPARE(exchange(server.port(), getRequest("/metrics")).status, 404);
    QVERIFY(exchange(port, getRequest("/metrics")).body.contains("parlor_connections 0\n"));
    QCOMPARE(exchange(port, getRequest("/ready")).status, 200);
    QCOMPARE(exchange(port, getRequest("/client")).status, 404);
    QCOMPARE(exchange(port, getRequest("/health")).json().value(QLatin1String("hostname")),
             QJsonValue(QLatin1String("chat-1")));
    RawChat chat;
    PARLOR_EXPECT(chat.open(server.port(), Dialect::V2));
    QVERIFY2(exchange(port, getRequest("/metrics")).body.contains("parlor_connections 1\n"),
             "they are of all doors");
    PARLOR_EXPECT(server.stop());
}

/// Who came, who was refused and why, and how it ended; as objects.
void HttpTest::accessLog()
{
    ServerProcess server(
        {.program = QStringLiteral("parlor-server"),
         .arguments = {QStringLiteral("--access-log"), QStringLiteral("--log-format"), QStringLiteral("json"),
                       QStringLiteral("--trusted-proxy"), QStringLiteral("127.0.0.1"),
                       QStringLiteral("--allowed-origin"), QStringLiteral("https://chat.example")}});
    PARLOR_EXPECT(server.start());
    RawChat chat;
    PARLOR_EXPECT(chat.openAndJoin(server.port(), Dialect::V1, QStringLiteral("general")));
    PARLOR_EXPECT(chat.closeNormally());
    {
        RawWebSocket silent;
        PARLOR_EXPECT(silent.open(server.port()));
    }
    for (int i = 0; i < 30; ++i)
        (void)exchange(server.port(), getRequest("/ws", "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                                                        "X-Forwarded-For: 192.0.2.7\r\n"));
    const auto lines = [&server](const char *event) {
        QList<QJsonObject> found;
        for (const QString &line : server.errorText().split(u'\n')) {
            const QJsonObject object = QJsonDocument::fromJson(line.toUtf8()).object();
            if (object.value(QLatin1String("event")) == QJsonValue(QLatin1String(event)))
                found << object;
        }
        return found;
    };
    QTRY_COMPARE(lines("close").size(), 2);
    QCOMPARE(lines("connect").size(), 2);
    const QJsonObject ended = lines("close").constFirst();
    QCOMPARE(ended.value(QLatin1String("address")), QJsonValue(QLatin1String("127.0.0.1")));
    QCOMPARE(ended.value(QLatin1String("code")), QJsonValue(1000));
    QCOMPARE(ended.value(QLatin1String("by")), QJsonValue(QLatin1String("client")));
    QCOMPARE(ended.value(QLatin1String("client")), QJsonValue(chat.clientId()));
    QCOMPARE(ended.value(QLatin1String("room")), QJsonValue(QLatin1String("general")));
    QVERIFY(ended.value(QLatin1String("duration_ms")).isDouble());
    QCOMPARE(lines("close").constLast().value(QLatin1String("code")), QJsonValue(1006));
    const QJsonObject refused = lines("refuse").constFirst();
    QCOMPARE(refused.value(QLatin1String("address")), QJsonValue(QLatin1String("192.0.2.7")));
    QCOMPARE(refused.value(QLatin1String("status")), QJsonValue(426));
    QCOMPARE(lines("refuse").size(), 10);
    PARLOR_EXPECT(server.stop());
    QCOMPARE(lines("refuse").size(), 11);
    QCOMPARE(lines("refuse").constLast().value(QLatin1String("repeated")), QJsonValue(20));
}

PARLOR_TEST_WITHIN(QCoreApplication, HttpTest)
#include "tst_http.moc"
