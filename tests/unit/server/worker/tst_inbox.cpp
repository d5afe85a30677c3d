// SPDX-License-Identifier: MIT
#include "server/worker/inbox.h"
#include "tests/support/testclass.h"

#include <QTest>

#include <poll.h>

#include <thread>

using namespace parlor;

class TestInbox : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void wakesASleeperOnly();
    void losesNothing();

private:
    static bool isReadable(const Inbox &inbox, int timeout)
    {
        pollfd descriptor{inbox.descriptor(), POLLIN, 0};
        return ::poll(&descriptor, 1, timeout) == 1;
    }
};

void TestInbox::wakesASleeperOnly()
{
    Inbox inbox;
    inbox.put(DrainCommand{});
    QVERIFY(isReadable(inbox, 0));
    inbox.wake();
    QVERIFY(!isReadable(inbox, 0));
    inbox.put(DrainCommand{}); // awake: nobody need write
    QVERIFY(!isReadable(inbox, 0));
    QVERIFY(!inbox.sleep()); // there is something
    std::vector<InboxItem> items;
    QVERIFY(inbox.take(items));
    QCOMPARE(items.size(), std::size_t(2));
    QVERIFY(inbox.sleep());
    inbox.put(DrainCommand{});
    QVERIFY(isReadable(inbox, 0));
}

void TestInbox::losesNothing()
{
    constexpr int kThreads = 4;
    constexpr int kEach = 20'000;
    Inbox inbox;
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&inbox] {
            for (int i = 0; i < kEach; ++i)
                inbox.put(DrainCommand{std::chrono::milliseconds(i)});
        });
    }
    int got = 0;
    std::vector<InboxItem> items;
    while (got < kThreads * kEach) {
        if (!isReadable(inbox, 10'000))
            break; // asleep for ever with something in the box
        inbox.wake();
        do {
            items.clear();
            inbox.take(items);
            got += static_cast<int>(items.size());
        } while (!inbox.sleep());
    }
    for (std::thread &each : threads)
        each.join();
    QCOMPARE(got, kThreads * kEach);
}

PARLOR_TEST(TestInbox)
#include "tst_inbox.moc"
