// SPDX-License-Identifier: MIT
#include "server/ops/redisaddress.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor;
using namespace Qt::StringLiterals;

class TestRedisAddress : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void read_data();
    void read();
    void refused_data();
    void refused();
};

void TestRedisAddress::read_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("shown");
    QTest::addColumn<QString>("user");
    QTest::addColumn<QString>("password");
    const auto row = [](const char *text, const char *shown, const char *user = "",
                        const char *password = "") {
        QTest::newRow(text) << QString::fromUtf8(text) << QString::fromUtf8(shown) << QString::fromUtf8(user)
                            << QString::fromUtf8(password);
    };
    row("redis://localhost", "redis://localhost:6379");
    row("redis://10.0.0.1:7000/2", "redis://10.0.0.1:7000/2");
    row("redis://[::1]:7000", "redis://[::1]:7000");
    row("rediss://cache.example", "rediss://cache.example:6379");
    row("redis://:pa%40ss@h", "redis://h:6379", "", "pa@ss");
    row("redis://me:pass@h/0", "redis://h:6379", "me", "pass");
    row("unix:/run/redis/redis.sock", "unix:/run/redis/redis.sock");
    row("unix:///run/redis.sock?db=3", "unix:/run/redis.sock?db=3");
    row("unix://me:pa%40ss@/run/redis.sock", "unix:/run/redis.sock", "me", "pa@ss");
    row("unix:/a%20b%25", "unix:/a%20b%25");
    row("redis://us%3Aer%40:p%2Fw@h/3", "redis://h:6379/3", "us:er@", "p/w");
}

void TestRedisAddress::read()
{
    QFETCH(QString, text);
    QFETCH(QString, shown);
    QFETCH(QString, user);
    QFETCH(QString, password);
    const auto address = redis::parseAddress(text.toStdString());
    QVERIFY2(address, address ? "" : address.error().text.c_str());
    QCOMPARE(QString::fromStdString(address->text()), shown);
    QCOMPARE(QString::fromStdString(address->user), user);
    QCOMPARE(QString::fromStdString(address->password), password);
    QCOMPARE(address->database, text.endsWith(u'3') ? 3U : text.endsWith(u"/2"_s) ? 2U : 0U);
    const auto again = redis::parseAddress(address->textWithUser());
    QVERIFY2(again, address->textWithUser().c_str());
    QCOMPARE(again->text(), address->text());
    QCOMPARE(again->user, address->user);
    QVERIFY(again->password.empty());
}

void TestRedisAddress::refused_data()
{
    QTest::addColumn<QString>("text");
    for (const char *each :
         {"", "localhost:6379", "http://h", "redis://", "redis://:secret@", "redis://h:0", "redis://h:99999",
          "redis://h/x", "redis://h/1?db=2", "redis://h/1#secret", "unix:relative", "unix://host/secret",
          "unix:/s?db=secret", "unix:////s", "unix:/s?database=3"})
        QTest::newRow(each) << QString::fromUtf8(each);
}

void TestRedisAddress::refused()
{
    QFETCH(QString, text);
    const auto address = redis::parseAddress(text.toStdString());
    QVERIFY(!address);
    const auto why = QString::fromStdString(address.error().text);
    QVERIFY2(why.contains(u"redis://HOST:PORT"_s), qUtf8Printable(why));
    QVERIFY2(!why.contains(u"secret"_s), qUtf8Printable(why));
}

PARLOR_TEST(TestRedisAddress)
#include "tst_redisaddress.moc"
