// SPDX-License-Identifier: MIT
#include "client-cli/probe/responsehead.h"

#include <QTest>

using namespace parlor::cli;

class TestResponseHead : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void parses_data();
    void parses();
    void fields();
};

void TestResponseHead::parses_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<int>("status"); // 0: it is none
    QTest::addColumn<QByteArray>("reason");
    const auto row = [](const char *name, const char *bytes, int status, const char *reason) {
        QTest::newRow(name) << QByteArray(bytes) << status << QByteArray(reason);
    };
    row("upgrade", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket", 101, "Switching Protocols");
    row("HTTP/1.0", "HTTP/1.0 503 Service Unavailable", 503, "Service Unavailable");
    row("no reason", "HTTP/1.1 404", 404, "");
    row("no reason, but its space", "HTTP/1.1 404 \r\nA: b", 404, "");
    row("bare line feeds", "HTTP/1.1 200 OK\nA: b", 200, "OK");
    row("nothing", "", 0, "");
    row("another protocol", "SSH-2.0-OpenSSH_9.2", 0, "");
    row("HTTP/2", "HTTP/2 200", 0, "");
    row("no number", "HTTP/1.1 abc Fine", 0, "");
    row("a short number", "HTTP/1.1 20", 0, "");
    row("a small number", "HTTP/1.1 042 Odd", 0, "");
    row("a line without colon", "HTTP/1.1 200 OK\r\nnothing", 0, "");
    row("a field without name", "HTTP/1.1 200 OK\r\n: b", 0, "");
}

void TestResponseHead::parses()
{
    QFETCH(const QByteArray, bytes);
    QFETCH(const int, status);
    QFETCH(const QByteArray, reason);
    const auto head = parseResponseHead(bytes);
    QCOMPARE(head.has_value(), status != 0);
    if (head) {
        QCOMPARE(head->status, status);
        QCOMPARE(head->reason, reason);
    }
}

void TestResponseHead::fields()
{
    const auto head = parseResponseHead("HTTP/1.1 101 Yes\r\nSet-Cookie: a=1; Path=/\r\n"
                                        "X: \t spaced out \t\r\nset-cookie:b=2\r\nEmpty:");
    QVERIFY(head);
    QCOMPARE(head->values("set-cookie"), (QList<QByteArray>{"a=1; Path=/", "b=2"}));
    QVERIFY(head->values("nothing").isEmpty());
    QVERIFY(head->has("x", "spaced out"));
    QVERIFY(head->has("empty", ""));
    QVERIFY(!head->has("x", "other"));
    QVERIFY(!head->has("set-cookie", "b=2")); // it is there twice
}

QTEST_APPLESS_MAIN(TestResponseHead)
#include "tst_responsehead.moc"
