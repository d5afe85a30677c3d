// SPDX-License-Identifier: MIT
#include "server/http/endpoints.h"

#include "tests/support/testclass.h"
#include "tests/unit/server/http/responses.h"

#include <QTest>

using namespace parlor;
using namespace parlor::test;

/// Which requests for a WebSocket are handed on, and how the others are refused.
class UpgradesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void upgrades_data();
    void upgrades();
};

void UpgradesTest::upgrades_data()
{
    QTest::addColumn<std::string>("head");
    QTest::addColumn<bool>("draining");
    QTest::addColumn<int>("status"); // 101: handed on
    QTest::addColumn<QByteArray>("line");

    const QByteArray close = "connection: close";
    const auto row = [](const char *name, const std::string &head, int status, const QByteArray &line = {}) {
        QTest::newRow(name) << head << false << status << line;
    };
    const auto ws = [](const std::string &fields) { return request("GET /ws", fields); };
    const auto keyed = [&ws](const std::string &key) {
        return ws(kUpgrade + kVersion + "Sec-WebSocket-Key: " + key + "\r\n");
    };
    row("valid", ws(kUpgrade + kKey + kVersion), 101);
    row("query", request("GET /ws?token=a", kUpgrade + kKey + kVersion), 101);
    row("lists", ws("Upgrade: h2c, WebSocket\r\nConnection: keep-alive, UPGRADE\r\n" + kKey + kVersion), 101);
    row("empty body", ws(kUpgrade + kKey + kVersion + "Content-Length: 0\r\n"), 101);
    row("origin", ws(kUpgrade + kKey + kVersion + "Origin: null\r\n"), 101);

    row("post", request("POST /ws", kUpgrade + kKey + kVersion), 405, "allow: get");
    row("HTTP/1.0", "GET /ws HTTP/1.0\r\n" + kUpgrade + kKey + kVersion + "\r\n", 505, close);
    row("no Connection", ws("Upgrade: websocket\r\n" + kKey + kVersion), 400, close);
    row("other Connection", ws("Upgrade: websocket\r\nConnection: close\r\n" + kKey + kVersion), 400, close);
    row("no version", ws(kUpgrade + kKey), 426, "sec-websocket-version: 13");
    row("version 8", ws(kUpgrade + kKey + "Sec-WebSocket-Version: 8\r\n"), 426, "sec-websocket-version: 13");
    row("version 8, upgrade", ws(kUpgrade + kKey + "Sec-WebSocket-Version: 8\r\n"), 426,
        "upgrade: websocket");
    row("version list", ws(kUpgrade + kKey + "Sec-WebSocket-Version: 13, 8\r\n"), 426,
        "sec-websocket-version: 13");
    row("two versions", ws(kUpgrade + kKey + kVersion + kVersion), 426, "sec-websocket-version: 13");
    row("no key", ws(kUpgrade + kVersion), 400, close);
    row("two keys", ws(kUpgrade + kVersion + kKey + kKey), 400, close);
    row("empty key", keyed(""), 400, close);
    row("short key", keyed("abc"), 400, close);
    row("15 bytes", keyed("dGhlIHNhbXBsZSBub25j"), 400, close);
    row("17 bytes", keyed("dGhlIHNhbXBsZSBub25jZXg="), 400, close);
    row("18 bytes", keyed("dGhlIHNhbXBsZSBub25jZXh4"), 400, close);
    row("no base64", keyed("dGhlIHNhbXBsZSBub25j*Q=="), 400, close);
    row("url-safe base64", keyed("dGhlIHNhbXBsZSBub25j-_=="), 400, close);
    row("body", ws(kUpgrade + kKey + kVersion + "Content-Length: 5\r\n"), 400, close);
    row("chunked body", ws(kUpgrade + kKey + kVersion + "Transfer-Encoding: chunked\r\n"), 400, close);
    row("two Origins", ws(kUpgrade + kKey + kVersion + "Origin: a\r\nOrigin: b\r\n"), 400, close);

    QTest::newRow("draining") << ws(kUpgrade + kKey + kVersion) << true << 503
                              << QByteArray("retry-after: 5");
    QTest::newRow("draining, malformed") << ws(kUpgrade + kVersion) << true << 400 << close;
}

void UpgradesTest::upgrades()
{
    QFETCH(const std::string, head);
    QFETCH(const bool, draining);
    QFETCH(const int, status);
    QFETCH(const QByteArray, line);
    FakeStatus source;
    if (draining)
        source.state = StatusSource::Readiness::Draining;
    const auto result = answerTo(head, source);
    QCOMPARE(std::holds_alternative<UpgradeRequest>(result), status == 101);
    if (status == 101)
        return;
    const Parsed response = parsed(std::get<HttpResponse>(result));
    QCOMPARE(response.status, status);
    QVERIFY2(response.has(line.constData()), response.head.constData());
    QVERIFY(isWhole(response));
}

PARLOR_TEST(UpgradesTest)
#include "tst_upgrades.moc"
