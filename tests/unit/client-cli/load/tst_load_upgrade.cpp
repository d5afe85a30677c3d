// SPDX-License-Identifier: MIT
#include "client-cli/load/upgrade.h"

#include <QTest>

using namespace parlor::cli::load;

namespace {

// RFC 6455 §1.3's example.
constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";

std::string answer(const char *fields)
{
    return "HTTP/1.1 101 Switching Protocols\r\n" + std::string(fields) + "\r\n";
}

} // namespace

class TestLoadUpgrade : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void request();
    void accepted_data();
    void accepted();
    void refused_data();
    void refused();
};

void TestLoadUpgrade::request()
{
    Target target;
    target.authority = "example.org:8000";
    target.path = "/ws?x=1";
    const std::string plain = upgradeRequest(target, kKey, "");
    QVERIFY(plain.starts_with("GET /ws?x=1 HTTP/1.1\r\nHost: example.org:8000\r\n"));
    QVERIFY(plain.ends_with("\r\n\r\n"));
    QVERIFY(plain.find("Sec-WebSocket-Protocol") == std::string::npos);
    QVERIFY(upgradeRequest(target, kKey, "parlor.v2").find("\r\nSec-WebSocket-Protocol: parlor.v2\r\n") !=
            std::string::npos);
    QCOMPARE(upgradeKey(1, 2).size(), 24U);
}

void TestLoadUpgrade::accepted_data()
{
    QTest::addColumn<QByteArray>("fields");
    QTest::addColumn<QByteArray>("protocol");
    QTest::newRow("plain") << QByteArray("Upgrade: websocket\r\nConnection: Upgrade\r\n"
                                         "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n")
                           << QByteArray();
    QTest::newRow("any case, lists") << QByteArray(
                                            "UPGRADE:WebSocket\r\nconnection:  keep-alive, upgrade \r\n"
                                            "sec-websocket-accept:\ts3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n")
                                     << QByteArray();
    QTest::newRow("sub-protocol") << QByteArray("Upgrade: websocket\r\nConnection: Upgrade\r\n"
                                                "Sec-WebSocket-Protocol: parlor.v2\r\n"
                                                "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n")
                                  << QByteArray("parlor.v2");
}

void TestLoadUpgrade::accepted()
{
    QFETCH(QByteArray, fields);
    QFETCH(QByteArray, protocol);
    const auto why = whyNotUpgraded(answer(fields.constData()), kKey, protocol.toStdString());
    QVERIFY2(!why, why.value_or("").c_str());
}

void TestLoadUpgrade::refused_data()
{
    QTest::addColumn<QByteArray>("head");
    QTest::addColumn<QByteArray>("protocol");
    QTest::addColumn<QByteArray>("why");
    const QByteArray start = "HTTP/1.1 101 x\r\n";
    const QByteArray upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
    const QByteArray accept = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";
    QTest::newRow("403") << QByteArray("HTTP/1.1 403 Forbidden\r\n\r\n") << QByteArray()
                         << QByteArray("HTTP 403 Forbidden");
    QTest::newRow("not HTTP") << QByteArray("SSH-2.0-OpenSSH\r\n\r\n") << QByteArray()
                              << QByteArray("not HTTP/1.1");
    QTest::newRow("empty") << QByteArray("\r\n\r\n") << QByteArray() << QByteArray("not HTTP/1.1");
    QTest::newRow("no upgrade") << start + accept + "\r\n" << QByteArray() << QByteArray("without Upgrade");
    QTest::newRow("no accept") << start + upgrade + "\r\n"
                               << QByteArray() << QByteArray("wrong Sec-WebSocket-Accept");
    QTest::newRow("wrong accept") << start + upgrade +
                                         "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOO=\r\n\r\n"
                                  << QByteArray() << QByteArray("wrong Sec-WebSocket-Accept");
    QTest::newRow("extension") << start + upgrade + accept +
                                      "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
                               << QByteArray() << QByteArray("extension that was not offered");
    QTest::newRow("no sub-protocol") << start + upgrade + accept + "\r\n"
                                     << QByteArray("parlor.v2") << QByteArray("try --dialect v1");
    QTest::newRow("unasked sub-protocol") << start + upgrade + accept + "Sec-WebSocket-Protocol: x\r\n\r\n"
                                          << QByteArray() << QByteArray("sub-protocol that was not offered");
}

void TestLoadUpgrade::refused()
{
    QFETCH(QByteArray, head);
    QFETCH(QByteArray, protocol);
    QFETCH(QByteArray, why);
    const auto found = whyNotUpgraded(head.toStdString(), kKey, protocol.toStdString());
    QVERIFY(found);
    QVERIFY2(found->find(why.toStdString()) != std::string::npos, found->c_str());
}

QTEST_APPLESS_MAIN(TestLoadUpgrade)
#include "tst_load_upgrade.moc"
