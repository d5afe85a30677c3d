// SPDX-License-Identifier: MIT
#include "server/moderation/network.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor;

namespace {

IpAddress address(const QByteArray &text)
{
    const auto network = Network::parse(text.toStdString());
    if (!network || network->bits() != 128)
        qFatal("%s is no address", text.constData());
    return network->base();
}

} // namespace

class TestNetwork : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void reads_data();
    void reads();
    void refuses_data();
    void refuses();
    void contains_data();
    void contains();
};

void TestNetwork::reads_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("oneForm");
    QTest::newRow("IPv4") << QByteArray("192.0.2.0/24") << QByteArray("192.0.2.0/24");
    QTest::newRow("one of IPv4") << QByteArray("192.0.2.7") << QByteArray("192.0.2.7/32");
    QTest::newRow("all of IPv4") << QByteArray("0.0.0.0/0") << QByteArray("0.0.0.0/0");
    QTest::newRow("odd length") << QByteArray("192.0.2.128/25") << QByteArray("192.0.2.128/25");
    QTest::newRow("IPv6") << QByteArray("2001:db8::/32") << QByteArray("2001:db8::/32");
    QTest::newRow("one of IPv6") << QByteArray("2001:DB8:0:0::1") << QByteArray("2001:db8::1/128");
    QTest::newRow("capitals and zeros") << QByteArray("2001:0DB8::0/64") << QByteArray("2001:db8::/64");
    QTest::newRow("IPv4 mapped into IPv6") << QByteArray("::ffff:192.0.2.7") << QByteArray("192.0.2.7/32");
    QTest::newRow("a network of such") << QByteArray("::ffff:192.0.2.0/120") << QByteArray("192.0.2.0/24");
    QTest::newRow("wider than these") << QByteArray("::/80") << QByteArray("::/80");
}

void TestNetwork::reads()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, oneForm);
    const auto network = Network::parse(text.toStdString());
    QVERIFY2(network, network ? "" : network.error().text.c_str());
    QCOMPARE(QByteArray::fromStdString(network->text()), oneForm);
    const auto again = Network::parse(network->text());
    QVERIFY(again && *again == *network);
}

void TestNetwork::refuses_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("hint");
    const QByteArray none = "is no network";
    const QByteArray length = "has no valid length";
    QTest::newRow("nothing") << QByteArray() << none;
    QTest::newRow("a name") << QByteArray("example.org") << none;
    QTest::newRow("a number") << QByteArray("1") << none;
    QTest::newRow("three parts") << QByteArray("192.0.2/24") << none;
    QTest::newRow("octal") << QByteArray("0300.0.2.1") << none;
    QTest::newRow("with a zone") << QByteArray("fe80::1%eth0") << none;
    QTest::newRow("with a NUL") << QByteArray("192.0.2.1\0/24", 13) << none;
    QTest::newRow("with a blank") << QByteArray(" 192.0.2.1") << none;
    QTest::newRow("no length") << QByteArray("192.0.2.0/") << length;
    QTest::newRow("negative") << QByteArray("192.0.2.0/-1") << length;
    QTest::newRow("too long") << QByteArray("192.0.2.0/33") << length;
    QTest::newRow("far too long") << QByteArray("2001:db8::/99999999999") << length;
    QTest::newRow("and more") << QByteArray("192.0.2.0/24 ") << length;
    QTest::newRow("a mask") << QByteArray("192.0.2.0/255.255.255.0") << length;
    QTest::newRow("bits behind") << QByteArray("192.0.2.7/24") << QByteArray("the network is 192.0.2.0/24");
    QTest::newRow("bits behind, IPv6")
        << QByteArray("2001:db8::1/32") << QByteArray("the network is 2001:db8::/32");
}

void TestNetwork::refuses()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, hint);
    const auto network = Network::parse(text.toStdString());
    QVERIFY(!network);
    QVERIFY2(network.error().text.find(hint.toStdString()) != std::string::npos,
             network.error().text.c_str());
}

void TestNetwork::contains_data()
{
    QTest::addColumn<QByteArray>("network");
    QTest::addColumn<QByteArray>("within");
    QTest::addColumn<bool>("isWithin");
    QTest::newRow("first") << QByteArray("192.0.2.128/25") << QByteArray("192.0.2.128") << true;
    QTest::newRow("last") << QByteArray("192.0.2.128/25") << QByteArray("192.0.2.255") << true;
    QTest::newRow("before") << QByteArray("192.0.2.128/25") << QByteArray("192.0.2.127") << false;
    QTest::newRow("behind") << QByteArray("192.0.2.128/25") << QByteArray("192.0.3.0") << false;
    QTest::newRow("mapped") << QByteArray("192.0.2.0/24") << QByteArray("::ffff:192.0.2.9") << true;
    QTest::newRow("IPv6") << QByteArray("2001:db8:1::/48") << QByteArray("2001:db8:1:ffff::9") << true;
    QTest::newRow("the next of IPv6") << QByteArray("2001:db8:1::/48") << QByteArray("2001:db8:2::") << false;
    QTest::newRow("itself") << QByteArray("2001:db8::1") << QByteArray("2001:db8::1") << true;
    QTest::newRow("not another") << QByteArray("2001:db8::1") << QByteArray("2001:db8::2") << false;
}

void TestNetwork::contains()
{
    QFETCH(QByteArray, network);
    QFETCH(QByteArray, within);
    QFETCH(bool, isWithin);
    QCOMPARE(Network::parse(network.toStdString()).value().contains(address(within)), isWithin);
}

PARLOR_TEST(TestNetwork)
#include "tst_network.moc"
