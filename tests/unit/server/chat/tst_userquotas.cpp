// SPDX-License-Identifier: MIT
#include "server/chat/userquotas.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor;

class TestUserQuotas : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void connections();
    void requestsAreShared();

private:
    static constexpr TokenBucket::Time kNow{std::chrono::hours(1)};
};

void TestUserQuotas::connections()
{
    UserQuotas users;
    auto first = users.enter("alice", 2, kNow);
    auto second = users.enter("alice", 2, kNow);
    QVERIFY(first && second);
    QVERIFY(!users.enter("alice", 2, kNow));
    QVERIFY(users.enter("bob", 2, kNow));
    QVERIFY(users.enter("alice", 0, kNow)); // no limit
    const UserQuotas::Place moved = std::move(*second);
    second.reset();
    QVERIFY(!users.enter("alice", 2, kNow));
    first.reset();
    QVERIFY(users.enter("alice", 2, kNow));
}

/// Of all connections, those that are over, too.
void TestUserQuotas::requestsAreShared()
{
    constexpr RateLimit kLimit{1, 3};
    UserQuotas users;
    for (int i = 0; i < 3; ++i)
        QVERIFY(users.enter("alice", 0, kNow)->requests().take(kLimit, 1, kNow));
    const auto fourth = users.enter("alice", 0, kNow);
    QVERIFY(!fourth->requests().take(kLimit, 1, kNow));
    QVERIFY(users.enter("bob", 0, kNow)->requests().take(kLimit, 3, kNow));
    QVERIFY(fourth->requests().take(kLimit, 3, kNow + std::chrono::seconds(3)));
}

PARLOR_TEST(TestUserQuotas)
#include "tst_userquotas.moc"
