// SPDX-License-Identifier: MIT
#include "server/http/clientaddress.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor;
using namespace std::string_literals;

class ClientAddressTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void address_data();
    void address();
};

namespace {

const std::vector<std::pair<QHostAddress, int>> kTrusted{
    {QHostAddress(QStringLiteral("10.0.0.0")), 8},
    {QHostAddress(QStringLiteral("fd00::")), 8},
};

} // namespace

void ClientAddressTest::address_data()
{
    QTest::addColumn<QString>("peer");
    QTest::addColumn<std::string>("fields");
    QTest::addColumn<QString>("client");

    const auto proxy = QStringLiteral("10.1.2.3");
    const auto row = [](const char *name, const QString &peer, const std::string &fields,
                        const char *client) {
        QTest::newRow(name) << peer << fields << QString::fromLatin1(client);
    };
    row("untrusted peer", QStringLiteral("192.0.2.1"), "X-Forwarded-For: 8.8.8.8\r\n", "192.0.2.1");
    row("just outside", QStringLiteral("11.0.0.0"), "X-Forwarded-For: 8.8.8.8\r\n", "11.0.0.0");
    row("proxy without field", proxy, "", "10.1.2.3");
    row("one entry", proxy, "X-Forwarded-For: 8.8.8.8\r\n", "8.8.8.8");
    row("case and blanks", proxy, "x-forwarded-FOR: \t8.8.8.8 \r\n", "8.8.8.8");
    row("right-most", proxy, "X-Forwarded-For: 1.1.1.1, 9.9.9.9 ,8.8.8.8\r\n", "8.8.8.8");
    row("last field", proxy, "X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 8.8.8.8\r\n", "8.8.8.8");
    row("port", proxy, "X-Forwarded-For: 8.8.8.8:1234\r\n", "8.8.8.8");
    row("ipv6", proxy, "X-Forwarded-For: 2001:db8::1\r\n", "2001:db8::1");
    row("bracketed", proxy, "X-Forwarded-For: [2001:db8::1]\r\n", "2001:db8::1");
    row("bracketed, port", proxy, "X-Forwarded-For: 1.1.1.1, [2001:db8::1]:443\r\n", "2001:db8::1");
    row("mapped entry", proxy, "X-Forwarded-For: ::ffff:8.8.8.8\r\n", "8.8.8.8");
    row("loopback entry", proxy, "X-Forwarded-For: ::1\r\n", "::1");

    row("empty field", proxy, "X-Forwarded-For:\r\n", "10.1.2.3");
    row("empty entry", proxy, "X-Forwarded-For: 8.8.8.8,\r\n", "10.1.2.3");
    row("word", proxy, "X-Forwarded-For: 8.8.8.8, unknown\r\n", "10.1.2.3");
    row("last field is none", proxy, "X-Forwarded-For: 8.8.8.8\r\nX-Forwarded-For: x\r\n", "10.1.2.3");
    row("number", proxy, "X-Forwarded-For: 1\r\n", "10.1.2.3");
    row("short form", proxy, "X-Forwarded-For: 8.8\r\n", "10.1.2.3");
    row("open bracket", proxy, "X-Forwarded-For: [2001:db8::1\r\n", "10.1.2.3");
    row("after bracket", proxy, "X-Forwarded-For: [2001:db8::1]x\r\n", "10.1.2.3");
    row("scope", proxy, "X-Forwarded-For: fe80::1%eth0\r\n", "10.1.2.3");
    row("other field", proxy, "X-Forwarded-Fort: 8.8.8.8\r\n", "10.1.2.3");

    row("mapped peer", QStringLiteral("::ffff:192.0.2.1"), "", "192.0.2.1");
    row("mapped proxy", QStringLiteral("::ffff:10.1.2.3"), "X-Forwarded-For: 8.8.8.8\r\n", "8.8.8.8");
    row("ipv6 proxy", QStringLiteral("fd00::7"), "X-Forwarded-For: 8.8.8.8\r\n", "8.8.8.8");
    row("ipv6 peer", QStringLiteral("2001:db8::7"), "X-Forwarded-For: 8.8.8.8\r\n", "2001:db8::7");
    row("ipv6 loopback", QStringLiteral("::1"), "", "::1");
}

void ClientAddressTest::address()
{
    QFETCH(const QString, peer);
    QFETCH(const std::string, fields);
    QFETCH(const QString, client);
    HeadReader reader;
    QVERIFY(reader.feed("GET /ws HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n") == HeadReader::Status::Complete);
    QCOMPARE(clientAddress(reader.head(), QHostAddress(peer), kTrusted).toString(), client);
    QCOMPARE(clientAddress(reader.head(), QHostAddress(QStringLiteral("192.0.2.9")), {}).toString(),
             QStringLiteral("192.0.2.9"));
}

PARLOR_TEST(ClientAddressTest)
#include "tst_clientaddress.moc"
