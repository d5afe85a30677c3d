// SPDX-License-Identifier: MIT
#include "server/engine/redis/reply.h"
#include "server/engine/redis/replyreader.h"
#include "tests/support/testclass.h"

#include <QTest>

#include <string>

using namespace parlor::redis;

class TestReplyReader : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void repliesInAnySplit();
    void announcedElements_data();
    void announcedElements();
};

void TestReplyReader::repliesInAnySplit()
{
    ReplyReader reader;
    for (const char each : std::string("*2\r\n$2\r\nhi\r\n:7\r\n+OK\r")) {
        QVERIFY(!reader.isBroken());
        reader.feed({&each, 1});
        if (const auto reply = reader.next()) {
            QCOMPARE(Reply(reply.get())[0].text(), std::string_view("hi"));
            QCOMPARE(Reply(reply.get())[1].integer(), std::optional<std::int64_t>(7));
        }
    }
    reader.feed("\n-ERR no\r\n");
    QCOMPARE(Reply(reader.next().get()).text(), std::string_view("OK"));
    QVERIFY(Reply(reader.next().get()).isError());
    QVERIFY(!reader.next());
    reader.feed("HTTP/1.1 400");
    QVERIFY(!reader.next());
    QVERIFY(reader.isBroken());
}

void TestReplyReader::announcedElements_data()
{
    QTest::addColumn<std::string>("announced");
    QTest::addColumn<bool>("isBroken");
    QTest::newRow("as many as there may be") << std::string("*1000000\r\n") << false;
    QTest::newRow("more") << std::string("*1000001\r\n") << true;
    QTest::newRow("more, at two depths") << std::string("*10\r\n*1000000\r\n") << true;
    QTest::newRow("few, at two depths") << std::string("*10\r\n*10\r\n") << false;
    QTest::newRow("in two answers") << std::string("*1\r\n:1\r\n*1000000\r\n") << false;
}

/// Memory is taken for what is announced.
void TestReplyReader::announcedElements()
{
    QFETCH(std::string, announced);
    QFETCH(bool, isBroken);
    ReplyReader reader;
    reader.feed(announced);
    while (const auto reply = reader.next())
        QVERIFY(Reply(reply.get()).isArray());
    QCOMPARE(reader.isBroken(), isBroken);
}

PARLOR_TEST(TestReplyReader)
#include "tst_replyreader.moc"
