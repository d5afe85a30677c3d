// SPDX-License-Identifier: MIT
#include "client-cli/load/poller.h"

#include <QElapsedTimer>
#include <QTest>

#include <cerrno>
#include <sys/eventfd.h>
#include <unistd.h>

using namespace parlor::cli::load;
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

class TestLoadPoller : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { s_calls = 0; }
    void handsOutWhatIsReady();
    void olderKernel();
    void interruptedBySignal();
    void brokenSystem();
};

void TestLoadPoller::handsOutWhatIsReady()
{
    Poller poller;
    Ready ready;
    QVERIFY(poller.add(ready.descriptor, ready, EPOLLIN));
    QCOMPARE(poller.wait(10s), 0);
    QCOMPARE(ready.count, 1);
    poller.remove(ready.descriptor);
    QCOMPARE(poller.wait(-1s), 0);
    QCOMPARE(ready.count, 1);
}

void TestLoadPoller::olderKernel()
{
    Poller poller(&failing<ENOSYS>);
    Ready ready;
    QVERIFY(poller.add(ready.descriptor, ready, EPOLLIN));
    QCOMPARE(poller.wait(10s), 0);
    QCOMPARE(poller.wait(10s), 0);
    QCOMPARE(ready.count, 2);
    QCOMPARE(s_calls, 1); // not asked again
    poller.remove(ready.descriptor);
    QElapsedTimer clock;
    clock.start();
    QCOMPARE(poller.wait(300us), 0); // it sleeps rather than spins
    QVERIFY(clock.nsecsElapsed() >= 300'000);
}

void TestLoadPoller::interruptedBySignal()
{
    Poller poller(&failing<EINTR>);
    QCOMPARE(poller.wait(0s), 0);
}

void TestLoadPoller::brokenSystem()
{
    Poller poller(&failing<EINVAL>);
    QCOMPARE(poller.wait(0s), EINVAL);
}

QTEST_APPLESS_MAIN(TestLoadPoller)
#include "tst_load_poller.moc"
