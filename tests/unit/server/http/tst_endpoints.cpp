// SPDX-License-Identifier: MIT
#include "server/http/endpoints.h"

#include "server/http/clientpage.h"
#include "tests/support/testclass.h"
#include "tests/unit/server/http/responses.h"

#include <QCryptographicHash>
#include <QFile>
#include <QJsonArray>
#include <QTest>

using namespace parlor;
using namespace parlor::test;
using namespace std::string_literals;

/// Responses are read back as a client does: the head, Content-Length, the body as JSON.
class EndpointsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void pages_data();
    void pages();
    void leaving();
    void health();
    void healthListsAHundred();
    void metrics();
    void clientPage();
    void clientPageRunsNothingElse();
    void policyOfAPageWithoutScript();
    void jsonIsEscaped();
    void headHasNoBody_data();
    void headHasNoBody();
    void options_data();
    void options();
    void refusals_data();
    void refusals();
    void refusalWithFields();
    void doors_data();
    void doors();
};

void EndpointsTest::pages_data()
{
    QTest::addColumn<std::string>("head");
    using Readiness = StatusSource::Readiness;
    QTest::addColumn<Readiness>("state");
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("body");

    const QByteArray root = R"({"message":"WebSocket server is running on node-1"})";
    const QByteArray ready = R"({"status":"ready"})";
    const QByteArray health =
        R"({"status":"healthy","hostname":"node-1","chat":"01J9ZP/\"1\"","connections":0,"active_clients":[]})";
    QTest::newRow("root") << request("GET /") << Readiness::Ready << 200 << root;
    QTest::newRow("root, query") << request("GET /?a=/health") << Readiness::Ready << 200 << root;
    QTest::newRow("root by url") << request("GET http://x") << Readiness::Ready << 200 << root;
    QTest::newRow("ready") << request("GET /ready") << Readiness::Ready << 200 << ready;
    QTest::newRow("ready, HTTP/1.0, no Host")
        << "GET /ready HTTP/1.0\r\n\r\n"s << Readiness::Ready << 200 << ready;
    QTest::newRow("ready, draining") << request("GET /ready") << Readiness::Draining << 503
                                     << QByteArray(R"({"status":"draining"})");
    QTest::newRow("ready, starting") << request("GET /ready") << Readiness::Starting << 503
                                     << QByteArray(R"({"status":"starting"})");
    QTest::newRow("ready, without keys")
        << request("GET /ready") << Readiness::Keyless << 503 << QByteArray(R"({"status":"starting"})");
    QTest::newRow("health, starting") << request("GET /health") << Readiness::Starting << 200 << health;
    QTest::newRow("health, draining") << request("GET /health?x") << Readiness::Draining << 200 << health;
    QTest::newRow("health, h2c offered") << request("GET /health", "Connection: Upgrade\r\nUpgrade: h2c\r\n")
                                         << Readiness::Ready << 200 << health;
}

void EndpointsTest::pages()
{
    QFETCH(const std::string, head);
    QFETCH(const StatusSource::Readiness, state);
    QFETCH(const int, status);
    QFETCH(const QByteArray, body);
    FakeStatus source;
    source.state = state;
    const Parsed response = responseTo(head, source);
    QCOMPARE(response.status, status);
    QCOMPARE(response.body, body);
    QVERIFY(isWhole(response));
    QVERIFY(response.has("connection: close"));
    QVERIFY(response.has("content-type: application/json"));
    QVERIFY(response.has("access-control-allow-origin: *"));
}

void EndpointsTest::doors_data()
{
    QTest::addColumn<std::string>("head");
    QTest::addColumn<int>("everything");
    QTest::addColumn<int>("clients");
    QTest::addColumn<int>("metrics");
    const std::string upgrade = kUpgrade + kVersion + kKey;
    QTest::newRow("root") << request("GET /") << 200 << 200 << 404;
    QTest::newRow("health") << request("GET /health") << 200 << 200 << 200;
    QTest::newRow("ready") << request("GET /ready") << 200 << 200 << 200;
    QTest::newRow("metrics") << request("GET /metrics") << 200 << 404 << 200;
    QTest::newRow("page") << request("GET /client") << 200 << 200 << 404;
    QTest::newRow("WebSocket") << request("GET /ws", upgrade) << 0 << 0 << 404;
    QTest::newRow("WebSocket, without an upgrade") << request("GET /ws") << 426 << 426 << 404;
}

/// 0: a WebSocket.
void EndpointsTest::doors()
{
    QFETCH(const std::string, head);
    QFETCH(const int, everything);
    QFETCH(const int, clients);
    QFETCH(const int, metrics);
    const auto statusAt = [&head](Door door) {
        HeadReader reader;
        if (reader.feed(head) != HeadReader::Status::Complete)
            return -1;
        const auto result = answer(reader.head(), FakeStatus(), door);
        const auto *response = std::get_if<HttpResponse>(&result);
        return response ? response->status : 0;
    };
    QCOMPARE(statusAt(Door::Everything), everything);
    QCOMPARE(statusAt(Door::Clients), clients);
    QCOMPARE(statusAt(Door::Metrics), metrics);
}

/// Told to stop, and serving on for a while.
void EndpointsTest::leaving()
{
    FakeStatus source;
    source.state = StatusSource::Readiness::Leaving;
    const Parsed ready = responseTo(request("GET /ready"), source);
    QCOMPARE(ready.status, 503);
    QCOMPARE(ready.body, QByteArray(R"({"status":"draining"})"));
    QCOMPARE(responseTo(request("GET /health"), source).status, 200);
    const std::string upgrade =
        request("GET /ws", "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
    QVERIFY(std::holds_alternative<UpgradeRequest>(answerTo(upgrade, source)));
}

void EndpointsTest::health()
{
    FakeStatus source;
    source.clients = {"01A", "01B"};
    const QJsonObject json = responseTo(request("GET /health"), source).json();
    QCOMPARE(json.value(QLatin1String("connections")).toInt(), 2);
    QCOMPARE(json.value(QLatin1String("active_clients")).toArray(),
             (QJsonArray{QStringLiteral("01A"), QStringLiteral("01B")}));
}

void EndpointsTest::healthListsAHundred()
{
    FakeStatus source;
    source.clients.assign(1000, "01A");
    const QJsonObject json = responseTo(request("GET /health"), source).json();
    QCOMPARE(json.value(QLatin1String("connections")).toInt(), 1000);
    QCOMPARE(json.value(QLatin1String("active_clients")).toArray().size(), 100);
}

void EndpointsTest::metrics()
{
    const Parsed response = responseTo(request("GET /metrics"));
    QCOMPARE(response.status, 200);
    QVERIFY(response.has("content-type: text/plain; version=0.0.4; charset=utf-8"));
    QCOMPARE(response.body, QByteArray("parlor_up 1\n"));
    QVERIFY(isWhole(response));
    QVERIFY(!response.head.contains("access-control"));
}

void EndpointsTest::clientPage()
{
    const Parsed response = responseTo(request("GET /client?name=Ann&room=general"));
    QCOMPARE(response.status, 200);
    QVERIFY(isWhole(response));
    for (const char *line : {"content-type: text/html; charset=utf-8", "x-content-type-options: nosniff",
                             "referrer-policy: no-referrer", "cache-control: no-store"})
        QVERIFY2(response.has(line), line);
    QVERIFY(!response.head.contains("access-control"));
    QFile source(qEnvironmentVariable("PARLOR_TEST_SOURCE") + QStringLiteral("/resources/web/client.html"));
    QVERIFY(source.open(QIODevice::ReadOnly));
    QCOMPARE(response.body, source.readAll());
}

void EndpointsTest::clientPageRunsNothingElse()
{
    const QByteArray page = responseTo(request("GET /client")).body;
    // Hashes are in base64, in which case counts; Parsed heads have lost it.
    const auto result = answerTo(request("GET /client"), FakeStatus());
    const QByteArray bytes = QByteArray::fromStdString(std::get<HttpResponse>(result).bytes);
    const qsizetype begin = bytes.indexOf("Content-Security-Policy: ") + 25;
    const QByteArrayList policy = bytes.mid(begin, bytes.indexOf("\r\n", begin) - begin).split(';');
    const auto hashOf = [&page](const QByteArray &opening, const QByteArray &closing) -> QByteArray {
        const qsizetype from = page.indexOf(opening) + opening.size();
        const QByteArray content = page.mid(from, page.indexOf(closing, from) - from);
        return "'sha256-" + QCryptographicHash::hash(content, QCryptographicHash::Sha256).toBase64() + "'";
    };
    QCOMPARE(policy[0], QByteArray("default-src 'none'"));
    QVERIFY(policy.contains(" script-src " + hashOf("<script type=\"module\">", "</script>")));
    QVERIFY(policy.contains(" style-src " + hashOf("<style>", "</style>")));
    QVERIFY(policy.contains(" connect-src ws: wss:"));
    QVERIFY(policy.contains(" frame-ancestors 'none'"));
    QVERIFY(!bytes.left(bytes.indexOf("\r\n\r\n")).contains("unsafe"));
    // One script and one style, or the hashes would not cover them; and no way to make markup of text.
    QCOMPARE(page.count("<script"), 1);
    QCOMPARE(page.count("<style"), 1);
    for (const char *forbidden :
         {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", " style="})
        QVERIFY2(!page.contains(forbidden), forbidden);
}

void EndpointsTest::policyOfAPageWithoutScript()
{
    const std::string policy = contentSecurityPolicy("<p>hello");
    QVERIFY(policy.find("script-src 'none'; style-src 'none';") != std::string::npos);
}

void EndpointsTest::jsonIsEscaped()
{
    FakeStatus source;
    source.host = "a\"b\\c\n\x01\xC3\xA9";
    const QJsonObject json = responseTo(request("GET /health"), source).json();
    QCOMPARE(json.value(QLatin1String("hostname")).toString().toStdString(), source.host);
}

void EndpointsTest::headHasNoBody_data()
{
    QTest::addColumn<std::string>("target");
    for (const char *target : {"/", "/health", "/ready", "/metrics", "/client", "/nothing", "/ws"})
        QTest::newRow(target) << std::string(target);
}

void EndpointsTest::headHasNoBody()
{
    QFETCH(const std::string, target);
    const Parsed get = responseTo(request("GET " + target));
    const Parsed head = responseTo(request("HEAD " + target));
    QVERIFY(get.status != 0);
    QCOMPARE(head.status, get.status);
    QCOMPARE(head.head, get.head); // Content-Length too
    QVERIFY(head.body.isEmpty());
    QVERIFY(!get.body.isEmpty());
}

void EndpointsTest::options_data()
{
    QTest::addColumn<std::string>("target");
    for (const char *target : {"/", "/health", "/ready"})
        QTest::newRow(target) << std::string(target);
}

void EndpointsTest::options()
{
    QFETCH(const std::string, target);
    const Parsed response = responseTo(request("OPTIONS " + target));
    QCOMPARE(response.status, 204);
    QVERIFY(response.has("allow: get, head, options"));
    QVERIFY(response.has("access-control-allow-origin: *"));
    QVERIFY(response.has("connection: close"));
    QVERIFY(!response.head.contains("content-length"));
    QVERIFY(response.body.isEmpty());
}

void EndpointsTest::refusals_data()
{
    QTest::addColumn<std::string>("head");
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("line");

    QTest::newRow("unknown path") << request("GET /nothing") << 404 << QByteArray("connection: close");
    QTest::newRow("longer path") << request("GET /health/") << 404 << QByteArray("connection: close");
    QTest::newRow("other case") << request("GET /Health") << 404 << QByteArray("connection: close");
    QTest::newRow("below the client page")
        << request("GET /client/") << 404 << QByteArray("connection: close");
    QTest::newRow("post to the client page")
        << request("POST /client") << 405 << QByteArray("allow: get, head");
    QTest::newRow("options of the client page")
        << request("OPTIONS /client") << 405 << QByteArray("allow: get, head");
    QTest::newRow("post") << request("POST /") << 405 << QByteArray("allow: get, head, options");
    QTest::newRow("delete") << request("DELETE /health") << 405 << QByteArray("allow: get, head, options");
    QTest::newRow("options of metrics")
        << request("OPTIONS /metrics") << 405 << QByteArray("allow: get, head");
    QTest::newRow("lower-case get") << request("get /") << 405 << QByteArray("allow: get, head, options");
    QTest::newRow("ws without upgrade") << request("GET /ws") << 426 << QByteArray("upgrade: websocket");
    QTest::newRow("ws, other upgrade") << request("GET /ws", "Connection: Upgrade\r\nUpgrade: h2c\r\n") << 426
                                       << QByteArray("connection: close, upgrade");
    QTest::newRow("upgrade elsewhere")
        << request("GET /health", kUpgrade + kKey + kVersion) << 404 << QByteArray("connection: close");
    QTest::newRow("upgrade of the root")
        << request("GET /", kUpgrade + kKey + kVersion) << 404 << QByteArray("connection: close");
}

void EndpointsTest::refusals()
{
    QFETCH(const std::string, head);
    QFETCH(const int, status);
    QFETCH(const QByteArray, line);
    const Parsed response = responseTo(head);
    QCOMPARE(response.status, status);
    QVERIFY2(response.has(line.constData()), response.head.constData());
    QVERIFY(isWhole(response));
    QVERIFY(response.has("content-type: application/json"));
    QVERIFY(!response.json().value(QLatin1String("error")).toString().isEmpty());
    QCOMPARE(response.body.count('\n'), 1);
}

void EndpointsTest::refusalWithFields()
{
    const Parsed response = parsed(refusal({429, "too many \"connections\""}, "Retry-After: 60\r\n"));
    QCOMPARE(response.status, 429);
    QVERIFY(response.head.startsWith("http/1.1 429 too many requests\r\n"));
    QVERIFY(response.has("retry-after: 60"));
    QVERIFY(isWhole(response));
    QCOMPARE(response.json().value(QLatin1String("error")).toString(),
             QStringLiteral("too many \"connections\""));
}

PARLOR_TEST(EndpointsTest)
#include "tst_endpoints.moc"
