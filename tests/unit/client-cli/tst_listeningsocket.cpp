// SPDX-License-Identifier: MIT
#include "client-cli/listeningsocket.h"
#include "tests/support/testclass.h"

#include <QTest>

#include <unistd.h>

using namespace parlor::cli;
using namespace Qt::StringLiterals;

class TestListeningSocket : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void anyFreePort();
    void portInUse();
    void errors_data();
    void errors();
};

void TestListeningSocket::anyFreePort()
{
    const auto socket = listenAt({.host = "127.0.0.1", .port = 0});
    QVERIFY(socket);
    QVERIFY(listeningPort(*socket) > 0);
    ::close(*socket);
}

void TestListeningSocket::portInUse()
{
    const auto first = listenAt({.host = "127.0.0.1", .port = 0});
    QVERIFY(first);
    const std::uint16_t port = listeningPort(*first);
    const auto second = listenAt({.host = "127.0.0.1", .port = port});
    ::close(*first);
    QVERIFY(!second);
    QCOMPARE(
        QString::fromStdString(second.error().text),
        u"cannot listen on 127.0.0.1:%1: Address already in use; take another port, or 0 for any free one"_s
            .arg(port));
}

void TestListeningSocket::errors_data()
{
    QTest::addColumn<QString>("host");
    QTest::addColumn<QString>("begin");
    QTest::addColumn<QString>("cure");
    QTest::newRow("another machine's")
        << u"192.0.2.1"_s << u"cannot listen on 192.0.2.1:9464: Cannot assign requested address: "_s
        << u"take one that `ip addr` shows"_s;
    QTest::newRow("unknown") << u"a..b"_s << u"cannot listen on a..b:9464: "_s
                             << u"take an address of this machine, as 127.0.0.1"_s;
}

void TestListeningSocket::errors()
{
    QFETCH(QString, host);
    QFETCH(QString, begin);
    QFETCH(QString, cure);
    const auto socket = listenAt({.host = host.toStdString(), .port = 9464});
    QVERIFY(!socket);
    const QString text = QString::fromStdString(socket.error().text);
    QVERIFY2(text.startsWith(begin) && text.contains(cure), qPrintable(text));
}

PARLOR_TEST(TestListeningSocket)
#include "tst_listeningsocket.moc"
