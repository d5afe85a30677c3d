// SPDX-License-Identifier: MIT
#include "shared/client/serverurl.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor;

class TestServerUrl : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void understood_data();
    void understood();
    void refused_data();
    void refused();
};

void TestServerUrl::understood_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("url");
    const auto row = [](const char *text, const char *url) {
        QTest::newRow(text) << QString::fromUtf8(text) << QString::fromUtf8(url);
    };
    row("localhost:8000", "ws://localhost:8000/ws");
    row("chat.example.com", "ws://chat.example.com/ws");
    row("127.0.0.1:80", "ws://127.0.0.1:80/ws");
    row("[::1]:8000", "ws://[::1]:8000/ws");
    row("ws://localhost:8000", "ws://localhost:8000/ws");
    row("ws://localhost:8000/", "ws://localhost:8000/ws");
    row("WSS://chat.example.com", "wss://chat.example.com/ws");
    row("wss://chat.example.com/parlor/ws", "wss://chat.example.com/parlor/ws");
    row("ws://localhost/ws?token=abc", "ws://localhost/ws?token=abc");
    row("ws:8000", "ws://ws:8000/ws"); // a host may be called so
    row("ws/x", "ws://ws/x");
    row("localhost/a::b\u201c", "ws://localhost/a::b\u201c");
    row("  localhost:8000\n", "ws://localhost:8000/ws");
}

void TestServerUrl::understood()
{
    QFETCH(QString, text);
    QFETCH(QString, url);
    const auto parsed = parseServerUrl(text);
    QVERIFY2(parsed, parsed ? "" : parsed.error().text.c_str());
    QCOMPARE(parsed->toString(), url);
}

void TestServerUrl::refused_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("why");
    const auto row = [](const char *text, const char *why) {
        QTest::newRow(*text ? text : "empty") << QString::fromUtf8(text) << QString::fromUtf8(why);
    };
    row("", "empty");
    row("   ", "empty");
    row("http://localhost:8000", "use ws://");
    row("https://localhost", "use wss://");
    row("ftp://localhost", "ftp://");
    row("ws://", "names no host");
    row("ws:///ws", "names no host");
    row("localhost:99999", "not a valid address");
    row("localhost:0", "port 0");
    row("local host:80", "not a valid address");
    row("localhost:port", "not a valid address");
    row("ws://me:secret@localhost", "leave them out");
    row("ws://localhost/ws#here", "'#'");
    row("\u201cws://localhost:8000\u201d", "the address has \u201c in it");
    row("ws://localhost\u2013a", "the address has \u2013 in it");
    row("\u2013duration", "the address has \u2013 in it");
    row("ws:/localhost:8000", "begins with ws:/; write ws://HOST:PORT");
    row("WSS//localhost", "begins with WSS//; write wss://HOST:PORT");
    row("ws:/me:secret@localhost", "begins with ws:/");
    row("ws://::1:8000", "in brackets, as in ws://[::1]:8000");
    row("::1", "in brackets");
    row("fe80::1/ws", "in brackets");
    row("ws://me:secret@::1", "in brackets");
}

void TestServerUrl::refused()
{
    QFETCH(QString, text);
    QFETCH(QString, why);
    const auto parsed = parseServerUrl(text);
    QVERIFY2(!parsed, parsed ? qUtf8Printable(parsed->toString()) : "");
    const QString error = QString::fromStdString(parsed.error().text);
    QVERIFY2(error.contains(why), qUtf8Printable(error));
    QVERIFY(!error.contains(QStringLiteral("secret")));
}

PARLOR_TEST(TestServerUrl)
#include "tst_serverurl.moc"
