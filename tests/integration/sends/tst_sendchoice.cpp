// SPDX-License-Identifier: MIT
// --sends: io_uring where it works, a plain word where it does not.
#include "tests/support/rawchat.h"
#include "tests/support/serverprocess.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace parlor::test;

class SendChoiceTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void refusedBySeccomp_data();
    void refusedBySeccomp();
    void insistedOn();
};

namespace {

ServerProcess::Settings withoutUring(const QStringList &arguments)
{
    return {.program = u"parlor-server"_s,
            .arguments = arguments,
            .launcher = {u"python3"_s, QString::fromLocal8Bit(qgetenv("PARLOR_TEST_SOURCE")) +
                                           u"/tests/support/without_io_uring.py"_s}};
}

} // namespace

void SendChoiceTest::refusedBySeccomp_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<int>("told");
    QTest::newRow("auto") << QStringList{} << 1;
    QTest::newRow("auto, many workers") << QStringList{u"--workers"_s, u"8"_s} << 1;
    QTest::newRow("send") << QStringList{u"--sends"_s, u"send"_s} << 0;
}

void SendChoiceTest::refusedBySeccomp()
{
    QFETCH(const QStringList, arguments);
    QFETCH(const int, told);
    ServerProcess server(withoutUring(arguments));
    PARLOR_EXPECT(server.start());
    RawChat client;
    PARLOR_EXPECT(client.openAndJoin(server.port(), Dialect::V2, u"lobby"_s));
    PARLOR_EXPECT(client.chats(u"lobby"_s, u"by system calls"_s));
    QCOMPARE(server.errorText().count(u"io_uring"_s), told);
    client.webSocket().socket().close();
    PARLOR_EXPECT(server.stop());
}

void SendChoiceTest::insistedOn()
{
    ServerProcess server(withoutUring({u"--sends"_s, u"io_uring"_s}));
    QVERIFY(!server.start().isEmpty());
    QVERIFY2(server.errorText().contains(u"--sends io_uring cannot be had: io_uring_setup"_s),
             qPrintable(server.errorText()));
}

PARLOR_TEST_WITHIN(QCoreApplication, SendChoiceTest)
#include "tst_sendchoice.moc"
