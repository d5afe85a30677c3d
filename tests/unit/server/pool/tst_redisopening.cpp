// SPDX-License-Identifier: MIT
#include "server/redisopening.h"

#include "tests/support/testclass.h"

#include <QRegularExpression>
#include <QTest>

#include <atomic>
#include <deque>
#include <semaphore>

using namespace parlor;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

namespace {

Error passing(const char *text)
{
    return {ErrorCode::Unavailable, text, 1ms};
}

void expectWaiting(const QString &why)
{
    QTest::ignoreMessage(
        QtWarningMsg, qPrintable(why + u"; until then /ready says 503 (starting), and nobody can connect"_s));
}

} // namespace

class RedisOpeningTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void triesUntilRedisIsThere();
    void anErrorThatLasts();
    void goneWhileItTries();
    void aPasswordThatCannotBeRead();
};

/// The log has each reason once.
void RedisOpeningTest::triesUntilRedisIsThere()
{
    QTest::failOnWarning(QRegularExpression(u"."_s));
    std::deque<const char *> reasons{"refused", "refused", "loading", "loading"};
    int attempts = 0;
    int stores = 0;
    RedisOpening opening(
        [&]() -> RedisOpening::Opened {
            ++attempts;
            if (reasons.empty())
                return RedisOpening::Store();
            const Error why = passing(reasons.front());
            reasons.pop_front();
            return why;
        },
        [&](const RedisOpening::Opened &opened) {
            QVERIFY(opened);
            ++stores;
        });
    expectWaiting(u"refused"_s);
    expectWaiting(u"loading"_s);
    opening.tryAgain(passing("refused"));
    QTRY_COMPARE(stores, 1);
    QCOMPARE(attempts, 5);
}

void RedisOpeningTest::anErrorThatLasts()
{
    std::string told;
    int attempts = 0;
    RedisOpening opening(
        [&]() -> RedisOpening::Opened {
            ++attempts;
            return Error{.text = "wrong password"};
        },
        [&](const RedisOpening::Opened &opened) { told = opened.error().text; });
    expectWaiting(u"refused"_s);
    opening.tryAgain(passing("refused"));
    QTRY_COMPARE(told, std::string("wrong password"));
    QCOMPARE(attempts, 1);
}

/// The server was told to stop meanwhile.
void RedisOpeningTest::goneWhileItTries()
{
    std::atomic<bool> hasBegun = false;
    std::binary_semaphore mayEnd{0};
    bool isTold = false;
    {
        RedisOpening opening(
            [&]() -> RedisOpening::Opened {
                hasBegun = true;
                mayEnd.acquire();
                return RedisOpening::Store();
            },
            [&](const RedisOpening::Opened &) { isTold = true; });
        expectWaiting(u"refused"_s);
        opening.tryAgain(passing("refused"));
        QTRY_VERIFY(hasBegun);
        mayEnd.release();
    }
    QCoreApplication::processEvents();
    QVERIFY(!isTold);
}

void RedisOpeningTest::aPasswordThatCannotBeRead()
{
    Options options;
    options.redis.emplace();
    options.redisPasswordFile = "/nowhere/password";
    const auto opened = RedisOpening::open(options, [] { return 0ms; });
    QVERIFY(!opened);
    QVERIFY(!opened.error().retryAfter);
    QVERIFY(opened.error().text.find("/nowhere/password") != std::string::npos);
}

PARLOR_TEST_WITHIN(QCoreApplication, RedisOpeningTest)
#include "tst_redisopening.moc"
