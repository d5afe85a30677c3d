// SPDX-License-Identifier: MIT
#include "shared/process/signalwatcher.h"
#include "tests/support/testclass.h"

#include <QSignalSpy>
#include <QSocketNotifier>
#include <QTest>

#include <csignal>
#include <optional>
#include <thread>
#include <unistd.h>

using parlor::SignalWatcher;

namespace {

std::atomic<int> s_seenByOther{0};

void other(int signal)
{
    s_seenByOther = signal;
}

void (*handlerOf(int signal))(int)
{
    struct sigaction action = {};
    ::sigaction(signal, nullptr, &action);
    return action.sa_handler;
}

} // namespace

class TestSignalWatcher : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void tells_data();
    void tells();
    void inTheirOrder();
    void wakesAnEventLoop();
    void fromAnotherThread();
    void thoseThatWereBlocked();
    void onlyThoseThatAreWatched();
    void leavesNohupAlone();
    void tooLateIsNoEnd();
    void putsBackWhatItFound();
};

/// Instead of QtTest's own, which end the test.
void TestSignalWatcher::init()
{
    s_seenByOther = 0;
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGWINCH})
        std::signal(signal, other);
}

void TestSignalWatcher::tells_data()
{
    QTest::addColumn<int>("signal");
    QTest::newRow("SIGTERM") << SIGTERM;
    QTest::newRow("SIGINT") << SIGINT;
    QTest::newRow("SIGHUP") << SIGHUP;
}

void TestSignalWatcher::tells()
{
    QFETCH(const int, signal);
    SignalWatcher signals({SIGTERM, SIGINT, SIGHUP});
    QCOMPARE(signals.next(), std::nullopt);
    std::raise(signal);
    QCOMPARE(signals.next(), std::optional(signal));
    QCOMPARE(signals.next(), std::nullopt);
    QCOMPARE(s_seenByOther.load(), 0);
}

void TestSignalWatcher::inTheirOrder()
{
    SignalWatcher signals({SIGTERM, SIGINT});
    for (const int signal : {SIGTERM, SIGTERM, SIGINT, SIGTERM})
        std::raise(signal);
    for (const int signal : {SIGTERM, SIGTERM, SIGINT, SIGTERM})
        QCOMPARE(signals.next(), std::optional(signal));
    QCOMPARE(signals.next(), std::nullopt);
}

void TestSignalWatcher::wakesAnEventLoop()
{
    SignalWatcher signals({SIGTERM});
    QSocketNotifier notifier(signals.descriptor(), QSocketNotifier::Read);
    int told = 0;
    connect(&notifier, &QSocketNotifier::activated, this, [&] {
        while (signals.next())
            ++told;
    });
    for (int i = 1; i <= 3; ++i) {
        ::kill(::getpid(), SIGTERM);
        QTRY_COMPARE(told, i);
    }
}

void TestSignalWatcher::fromAnotherThread()
{
    SignalWatcher signals({SIGTERM});
    std::thread([] { std::raise(SIGTERM); }).join(); // to that very thread
    QCOMPARE(signals.next(), std::optional(SIGTERM));
}

/// As a parent may leave them to the program that it starts.
void TestSignalWatcher::thoseThatWereBlocked()
{
    sigset_t term;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigset_t before;
    pthread_sigmask(SIG_BLOCK, &term, &before);
    sigset_t after;
    {
        SignalWatcher signals({SIGTERM});
        std::raise(SIGTERM);
        QCOMPARE(signals.next(), std::optional(SIGTERM));
    }
    pthread_sigmask(SIG_SETMASK, &before, &after);
    QCOMPARE(sigismember(&after, SIGTERM), 1);
}

void TestSignalWatcher::onlyThoseThatAreWatched()
{
    SignalWatcher signals({SIGTERM});
    std::raise(SIGWINCH);
    QCOMPARE(s_seenByOther.load(), SIGWINCH);
    QCOMPARE(signals.next(), std::nullopt);
    signals.watch({SIGWINCH});
    std::raise(SIGWINCH);
    QCOMPARE(signals.next(), std::optional(SIGWINCH));
}

void TestSignalWatcher::leavesNohupAlone()
{
    std::signal(SIGHUP, SIG_IGN);
    SignalWatcher signals({SIGTERM, SIGHUP});
    std::raise(SIGHUP);
    QCOMPARE(signals.next(), std::nullopt);
    std::raise(SIGTERM);
    QCOMPARE(signals.next(), std::optional(SIGTERM));
}

void TestSignalWatcher::tooLateIsNoEnd()
{
    {
        const SignalWatcher signals({SIGTERM});
        std::raise(SIGTERM);
    }
    QCOMPARE(s_seenByOther.load(), 0); // it was caught, and nobody asked
    SignalWatcher next({SIGTERM});
    QCOMPARE(next.next(), std::nullopt);
}

void TestSignalWatcher::putsBackWhatItFound()
{
    std::signal(SIGWINCH, SIG_IGN);
    std::signal(SIGINT, SIG_DFL);
    {
        const SignalWatcher signals({SIGTERM, SIGWINCH, SIGINT});
        QVERIFY(handlerOf(SIGTERM) != other);
        QVERIFY(handlerOf(SIGWINCH) != SIG_IGN);
    }
    QVERIFY(handlerOf(SIGTERM) == other);
    QVERIFY(handlerOf(SIGWINCH) == SIG_IGN);
    QVERIFY(handlerOf(SIGINT) == SIG_DFL);
    std::raise(SIGTERM);
    QCOMPARE(s_seenByOther.load(), SIGTERM);
}

PARLOR_TEST_WITHIN(QCoreApplication, TestSignalWatcher)
#include "tst_signalwatcher.moc"
