// SPDX-License-Identifier: MIT
#include "shared/process/poller.h"
#include "tests/support/testclass.h"

#include <QElapsedTimer>
#include <QTest>

#include <array>
#include <cerrno>
#include <numeric>
#include <sys/eventfd.h>
#include <unistd.h>

using namespace parlor;
using namespace std::chrono_literals;

namespace {

/// A descriptor that is ready, and counts how often it was handed out.
class Ready final : public Pollable
{
public:
    Ready() = default;
    ~Ready() { ::close(descriptor); }
    Ready(const Ready &) = delete;
    Ready &operator=(const Ready &) = delete;
    void onEvents(std::uint32_t) override { ++count; }

    const int descriptor = ::eventfd(1, EFD_CLOEXEC);
    int count = 0;
};

int s_calls = 0;

template <int Errno>
int failing(int, epoll_event *, int, const timespec *, const sigset_t *)
{
    ++s_calls;
    errno = Errno;
    return -1;
}

} // namespace

class TestPoller : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { s_calls = 0; }
    void handsOutWhatIsReady();
    void soManyATurn();
    void edgeTriggered();
    void olderKernel();
    void interruptedBySignal();
    void brokenSystem();
};

void TestPoller::handsOutWhatIsReady()
{
    Poller poller(32);
    Ready ready;
    QVERIFY(poller.add(ready.descriptor, ready, EPOLLIN));
    QCOMPARE(poller.wait(10s), 1);
    QCOMPARE(ready.count, 1);
    poller.remove(ready.descriptor);
    QCOMPARE(poller.wait(-1s), 0);
    QCOMPARE(ready.count, 1);
}

void TestPoller::soManyATurn()
{
    Poller poller(2);
    std::array<Ready, 5> ready;
    for (Ready &each : ready)
        QVERIFY(poller.add(each.descriptor, each, EPOLLIN));
    const auto all = [&ready] {
        return std::accumulate(ready.begin(), ready.end(), 0,
                               [](int sum, const Ready &each) { return sum + each.count; });
    };
    QCOMPARE(poller.wait(0s), 2);
    QCOMPARE(all(), 2);
    QCOMPARE(poller.wait(0s), 2);
    QCOMPARE(poller.wait(0s), 2);
    for (const Ready &each : ready)
        QVERIFY(each.count >= 1); // everybody had a turn
}

void TestPoller::edgeTriggered()
{
    Poller poller(32, nullptr);
    Ready ready;
    QVERIFY(poller.add(ready.descriptor, ready, EPOLLIN | EPOLLET));
    QCOMPARE(poller.wait(0s), 1);
    QCOMPARE(poller.wait(0s), 0);
    QCOMPARE(ready.count, 1);
    poller.change(ready.descriptor, ready, EPOLLIN | EPOLLET);
    QCOMPARE(poller.wait(0s), 1);
    QCOMPARE(ready.count, 2);
}

void TestPoller::olderKernel()
{
    Poller poller(32, &failing<ENOSYS>);
    Ready ready;
    QVERIFY(poller.add(ready.descriptor, ready, EPOLLIN));
    QCOMPARE(poller.wait(10s), 1);
    QCOMPARE(poller.wait(10s), 1);
    QCOMPARE(ready.count, 2);
    QCOMPARE(s_calls, 1); // not asked again
    poller.remove(ready.descriptor);
    QElapsedTimer clock;
    clock.start();
    QCOMPARE(poller.wait(300us), 0); // it sleeps rather than spins
    QVERIFY(clock.nsecsElapsed() >= 300'000);
}

void TestPoller::interruptedBySignal()
{
    Poller poller(32, &failing<EINTR>);
    QCOMPARE(poller.wait(0s), 0);
}

void TestPoller::brokenSystem()
{
    Poller poller(32, &failing<EINVAL>);
    QCOMPARE(poller.wait(0s), -EINVAL);
}

PARLOR_TEST(TestPoller)
#include "tst_poller.moc"
