// SPDX-License-Identifier: MIT
#include "server/workerpool.h"
#include "tests/support/testclass.h"

#include <QTest>

#include <atomic>
#include <chrono>
#include <thread>

using namespace parlor;

namespace {

/// Nobody connects.
class Nothing final : public Application
{
public:
    PeerNumber greet(Peer &, const PeerInfo &) override { return 0; }
    std::unique_ptr<PeerListener> accept(PeerNumber) override { return nullptr; }
    void forget(PeerNumber) override {}
    void onDelivery(Delivery) override {}
    Flushed flush(std::size_t) override { return {}; }
    void onFlushed(std::chrono::nanoseconds, SteadyTime) override {}
    void onTick() override {}
    void drain(std::chrono::milliseconds) override {}
};

class NoStatus final : public StatusSource
{
public:
    std::string hostname() const override { return "nowhere"; }
    std::string chat() const override { return "none"; }
    Readiness readiness() const override { return Readiness::Ready; }
    std::uint64_t connections() const override { return 0; }
    std::vector<std::string> activeClients(std::size_t) const override { return {}; }
    std::string metrics() const override { return {}; }
};

std::atomic<unsigned> leftThreads{0};

/// What a library keeps for each thread and clears last, as OpenSSL does.
struct ThreadState
{
    bool used = false;
    ~ThreadState()
    {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        ++leftThreads;
    }
};
thread_local ThreadState threadState;

} // namespace

class TestWorkerPool : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void joinsThreadsToTheirVeryEnd();
};

/// A process that ends while a thread still clears its storage frees what that clears, too.
void TestWorkerPool::joinsThreadsToTheirVeryEnd()
{
    constexpr unsigned kThreads = 3;
    const ConnectionLimits limits;
    const NoStatus status;
    Admission admission({});
    const auto nothing = [](DeliveryPort &, WorkerMetrics &, const std::function<SteadyTime()> &) {
        threadState.used = true;
        return std::make_unique<Nothing>();
    };
    {
        const WorkerPool pool(kThreads, Worker::Config{limits, status, admission, {}, nothing});
        QCOMPARE(pool.metrics().size(), std::size_t(kThreads));
        QCOMPARE(leftThreads.load(), 0U);
    }
    QCOMPARE(leftThreads.load(), kThreads);
}

PARLOR_TEST_WITHIN(QCoreApplication, TestWorkerPool)
#include "tst_workerpool.moc"
