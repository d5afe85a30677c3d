// SPDX-License-Identifier: MIT
#include "client-cli/sink/upgrade.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor::cli::sink;
using namespace Qt::StringLiterals;

namespace {

/// RFC 6455 §1.3's.
const QString kHandshake =
    u"GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n%1\r\n"_s;
constexpr std::string_view kAccept = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";

} // namespace

/// The one request that a sink reads.
class TestSinkUpgrade : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void accepts_data();
    void accepts();
    void refuses_data();
    void refuses();
    void isBounded();
};

void TestSinkUpgrade::accepts_data()
{
    QTest::addColumn<QString>("fields");
    QTest::addColumn<int>("dialects");
    QTest::addColumn<bool>("isV2");
    QTest::newRow("v1") << QString() << int(Dialects::Both) << false;
    QTest::newRow("v2") << u"Sec-WebSocket-Protocol: other, parlor.v2\r\n"_s << int(Dialects::Both) << true;
    QTest::newRow("v2 in another field")
        << u"sec-websocket-protocol: a\r\nSEC-WEBSOCKET-PROTOCOL:parlor.v2\r\n"_s << int(Dialects::V2)
        << true;
    QTest::newRow("v2 is not spoken")
        << u"Sec-WebSocket-Protocol: parlor.v2\r\n"_s << int(Dialects::V1) << false;
}

void TestSinkUpgrade::accepts()
{
    QFETCH(QString, fields);
    QFETCH(int, dialects);
    QFETCH(bool, isV2);
    const std::string head = kHandshake.arg(fields).toStdString();
    for (std::size_t cut = 0; cut <= head.size(); ++cut) {
        Upgrade upgrade(static_cast<Dialects>(dialects));
        const std::string bytes = head + "\x81\x80";
        std::size_t used = upgrade.feed(bytes.substr(0, cut));
        if (upgrade.state() == Upgrade::State::Waiting)
            used += upgrade.feed(std::string_view(bytes).substr(used));
        QCOMPARE(used, head.size());
        QVERIFY(upgrade.state() == Upgrade::State::Open);
        QCOMPARE(upgrade.isV2(), isV2);
        QVERIFY(upgrade.answer().starts_with("HTTP/1.1 101 "));
        QVERIFY(upgrade.answer().find(kAccept) != std::string::npos);
        QCOMPARE(upgrade.answer().find("Sec-WebSocket-Protocol: parlor.v2\r\n") != std::string::npos, isV2);
    }
}

void TestSinkUpgrade::refuses_data()
{
    QTest::addColumn<QString>("head");
    QTest::addColumn<QString>("status");
    const QString whole = kHandshake.arg(QString());
    QTest::newRow("a page") << u"GET / HTTP/1.1\r\nHost: a\r\n\r\n"_s << u"426"_s;
    QTest::newRow("a post") << u"POST /ws HTTP/1.1\r\nHost: a\r\n\r\n"_s << u"405"_s;
    QTest::newRow("no HTTP") << u"\x16\x03\x01\r\n\r\n"_s << u"405"_s;
    QTest::newRow("no key") << QString(whole).replace(u"Sec-WebSocket-Key"_s, u"Sec-X"_s) << u"400"_s;
    QTest::newRow("an old version") << QString(whole).replace(u"Version: 13"_s, u"Version: 8"_s) << u"400"_s;
    QTest::newRow("no v2") << whole << u"400"_s;
}

void TestSinkUpgrade::refuses()
{
    QFETCH(QString, head);
    QFETCH(QString, status);
    Upgrade upgrade(Dialects::V2);
    static_cast<void>(upgrade.feed(head.toStdString()));
    QVERIFY(upgrade.state() == Upgrade::State::Refused);
    QVERIFY2(upgrade.answer().starts_with("HTTP/1.1 " + status.toStdString()), upgrade.answer().c_str());
}

void TestSinkUpgrade::isBounded()
{
    Upgrade upgrade(Dialects::Both);
    const std::string line = "X: " + std::string(1000, 'x') + "\r\n";
    static_cast<void>(upgrade.feed("GET / HTTP/1.1\r\n"));
    for (int i = 0; i < 9 && upgrade.state() == Upgrade::State::Waiting; ++i)
        static_cast<void>(upgrade.feed(line));
    QVERIFY(upgrade.state() == Upgrade::State::Refused);
    QVERIFY(upgrade.answer().starts_with("HTTP/1.1 431 "));
}

PARLOR_TEST(TestSinkUpgrade)
#include "tst_sink_upgrade.moc"
