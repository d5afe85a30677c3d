// SPDX-License-Identifier: MIT
#include "server/ops/signals.h"

#include <QSignalSpy>
#include <QTest>

#include <csignal>
#include <memory>
#include <thread>
#include <unistd.h>

using namespace parlor;

class SignalsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void stops_data();
    void stops();
    void reloads();
    void againAndAgain();
    void otherThreadsDoNotGetThem();
    void pipeIsIgnored();
    void tooLateIsNoEnd();
    void putsBackWhatItFound();
};

namespace {

void setBlocked(bool blocked)
{
    sigset_t stops;
    sigemptyset(&stops);
    sigaddset(&stops, SIGTERM);
    sigaddset(&stops, SIGINT);
    sigaddset(&stops, SIGHUP);
    pthread_sigmask(blocked ? SIG_BLOCK : SIG_UNBLOCK, &stops, nullptr);
}

} // namespace

void SignalsTest::stops_data()
{
    QTest::addColumn<int>("signal");
    QTest::newRow("SIGTERM") << SIGTERM;
    QTest::newRow("SIGINT") << SIGINT;
}

void SignalsTest::stops()
{
    QFETCH(const int, signal);
    Signals signals;
    QSignalSpy spy(&signals, &Signals::stopRequested);
    QCOMPARE(kill(getpid(), signal), 0);
    QTRY_COMPARE(spy.size(), 1);
    QCOMPARE(spy.first().first().toInt(), signal);
}

void SignalsTest::reloads()
{
    Signals signals;
    QSignalSpy reloads(&signals, &Signals::reloadRequested);
    QSignalSpy stops(&signals, &Signals::stopRequested);
    QCOMPARE(kill(getpid(), SIGHUP), 0);
    QTRY_COMPARE(reloads.size(), 1);
    QCOMPARE(stops.size(), 0);
}

void SignalsTest::againAndAgain()
{
    Signals signals;
    QSignalSpy spy(&signals, &Signals::stopRequested);
    for (int i = 1; i <= 3; ++i) {
        QCOMPARE(kill(getpid(), SIGTERM), 0);
        QTRY_COMPARE(spy.size(), i);
    }
    QCOMPARE(kill(getpid(), SIGTERM), 0);
    QCOMPARE(kill(getpid(), SIGINT), 0);
    QTRY_COMPARE(spy.size(), 5); // both were pending
}

void SignalsTest::otherThreadsDoNotGetThem()
{
    Signals signals;
    bool blocked = false;
    std::thread([&blocked] {
        sigset_t mask;
        pthread_sigmask(SIG_BLOCK, nullptr, &mask);
        blocked = sigismember(&mask, SIGTERM) == 1 && sigismember(&mask, SIGINT) == 1;
    }).join();
    QVERIFY(blocked);
}

void SignalsTest::pipeIsIgnored()
{
    Signals signals;
    int ends[2];
    QCOMPARE(pipe(ends), 0);
    close(ends[0]);
    QCOMPARE(::write(ends[1], "x", 1), ssize_t(-1)); // and the process lives
    QCOMPARE(errno, EPIPE);
    close(ends[1]);
}

void SignalsTest::tooLateIsNoEnd()
{
    {
        const Signals signals;
        QCOMPARE(std::raise(SIGTERM), 0);
    }
    QVERIFY(true); // it is still here to say so
}

void SignalsTest::putsBackWhatItFound()
{
    setBlocked(false);
    sigset_t mask;
    struct sigaction action = {};
    std::signal(SIGPIPE, SIG_DFL);
    {
        const Signals signals;
        pthread_sigmask(SIG_BLOCK, nullptr, &mask);
        QCOMPARE(sigismember(&mask, SIGTERM), 1);
        sigaction(SIGPIPE, nullptr, &action);
        QVERIFY(action.sa_handler == SIG_IGN);
    }
    pthread_sigmask(SIG_BLOCK, nullptr, &mask);
    QCOMPARE(sigismember(&mask, SIGTERM), 0);
    QCOMPARE(sigismember(&mask, SIGINT), 0);
    sigaction(SIGPIPE, nullptr, &action);
    QVERIFY(action.sa_handler == SIG_DFL);
    setBlocked(true);
}

int main(int argc, char **argv)
{
    // As in the server, before any thread starts: QtTest's watchdog would take the signals.
    setBlocked(true);
    QCoreApplication app(argc, argv);
    SignalsTest test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_signals.moc"
