// SPDX-License-Identifier: MIT
#include "server/moderation/sanctiontext.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor;
using namespace std::chrono_literals;

class TestSanctionText : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void comesBack();
    void refuses_data();
    void refuses();
};

void TestSanctionText::comesBack()
{
    Sanction ban;
    ban.user = "eve \"w\" é";
    ban.by = "mia";
    ban.rank = Rank::Admin;
    ban.since = 1'700'000'000'000ms;
    ban.until = 1'800'000'000'000ms;
    ban.reason = "a \"reason\"";
    Sanction network;
    network.kind = Sanction::Kind::NetworkBan;
    network.network = Network::parse("2001:db8::/32").value();
    network.rank = Rank::Server;
    Sanction mute;
    mute.kind = Sanction::Kind::Mute;
    mute.user = "eve w";
    Sanction muteInRoom = mute;
    muteInRoom.room = "general";
    Sanction slow;
    slow.kind = Sanction::Kind::Slow;
    slow.room = "general";
    slow.interval = 10s;
    for (const Sanction &each : {ban, network, mute, muteInRoom, slow}) {
        const auto back = sanctiontext::decode(fieldOf(each), sanctiontext::encode(each));
        QVERIFY2(back, fieldOf(each).c_str());
        QVERIFY2(*back == each, fieldOf(each).c_str());
    }
}

void TestSanctionText::refuses_data()
{
    QTest::addColumn<QByteArray>("field");
    QTest::addColumn<QByteArray>("json");
    const QByteArray good = R"({"by":"mia","rank":"admin","since":1})";
    QTest::newRow("no kind") << QByteArray() << good;
    QTest::newRow("version") << QByteArray("version") << QByteArray("17");
    QTest::newRow("another kind") << QByteArray("kick eve") << good;
    QTest::newRow("a ban of what") << QByteArray("ban person eve") << good;
    QTest::newRow("no network") << QByteArray("ban network eve") << good;
    QTest::newRow("another form of one") << QByteArray("ban network 192.0.2.1") << good;
    QTest::newRow("a room with capitals") << QByteArray("mute General eve") << good;
    QTest::newRow("slow without an interval") << QByteArray("slow general") << good;
    QTest::newRow("bad UTF-8") << QByteArray("ban user \xff") << good;
    QTest::newRow("no JSON") << QByteArray("ban user eve") << QByteArray("{");
    QTest::newRow("a list") << QByteArray("ban user eve") << QByteArray("[]");
    QTest::newRow("no rank") << QByteArray("ban user eve") << QByteArray(R"({"by":"mia","since":1})");
    QTest::newRow("another rank") << QByteArray("ban user eve")
                                  << QByteArray(R"({"by":"mia","rank":"king","since":1})");
    QTest::newRow("a wrong end") << QByteArray("ban user eve")
                                 << QByteArray(R"({"by":"mia","rank":"admin","since":1,"until":"soon"})");
}

void TestSanctionText::refuses()
{
    QFETCH(QByteArray, field);
    QFETCH(QByteArray, json);
    QVERIFY(!sanctiontext::decode(field.toStdString(), json.toStdString()));
}

PARLOR_TEST(TestSanctionText)
#include "tst_sanctiontext.moc"
