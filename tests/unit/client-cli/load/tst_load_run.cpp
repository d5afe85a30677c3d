// SPDX-License-Identifier: MIT
#include "client-cli/load/run/loadrun.h"
#include "tests/support/testclass.h"
#include "tests/unit/client-cli/load/loopbackserver.h"
#include "tests/unit/client-cli/load/nothreads.h"

#include <QTcpServer>
#include <QTest>

#include <cstring>
#include <fcntl.h>
#include <initializer_list>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

using namespace parlor::cli::load;
using namespace std::chrono_literals;

namespace {

Address loopback(std::uint32_t last, std::uint16_t port)
{
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(port);
    where.sin_addr.s_addr = htonl(0x7F000000U + last);
    Address address;
    std::memcpy(&address.storage, &where, sizeof where);
    address.size = sizeof where;
    return address;
}

/// A descriptor for LoadRun's `interrupts`.
class Interrupts
{
public:
    Interrupts() { m_isThere = ::pipe2(m_ends, O_CLOEXEC | O_NONBLOCK) == 0; }
    ~Interrupts()
    {
        for (const int end : m_ends)
            ::close(end);
    }
    Interrupts(const Interrupts &) = delete;
    Interrupts &operator=(const Interrupts &) = delete;
    [[nodiscard]] bool press() const { return ::write(m_ends[1], "", 1) == 1; }
    [[nodiscard]] int descriptor() const { return m_isThere ? m_ends[0] : -1; }

private:
    int m_ends[2] = {-1, -1};
    bool m_isThere = false;
};

/// For one user, for half a second.
Settings settingsOfOne()
{
    Settings settings;
    settings.stages = {{0s, 1}, {500ms, 1}};
    settings.rooms = {"load-1"};
    settings.drain = 100ms;
    return settings;
}

void upgrade(test::Peer &peer)
{
    peer.send(test::switching(peer.receiveHead(), "Sec-WebSocket-Protocol: parlor.v2\r\n"));
}

void greet(test::Peer &peer)
{
    peer.send(test::textFrame(R"({"type":"connection","status":"connected","client_id":"c","hostname":"h",)"
                              R"("protocol":"parlor.v2","ping_ms":25000,"server_time":1,"chat":"e"})"));
}

void takeIn(test::Peer &peer)
{
    static_cast<void>(peer.receiveSome()); // the join
    peer.send(test::textFrame(R"({"type":"sync","room":"load-1","epoch":"e","seq":41,"recovered":false,)"
                              R"("more":false,"events":[]})"));
}

/// A server that goes this far with a user, and from then on takes all and says nothing.
test::LoopbackServer::Script silentAfter(std::initializer_list<void (*)(test::Peer &)> steps)
{
    return [steps = std::vector(steps)](test::Peer &peer) {
        for (const auto step : steps)
            step(peer);
        peer.waitForEnd();
    };
}

parlor::Result<RunRecord> runAgainst(test::LoopbackServer::Script script, const Settings &settings)
{
    const test::LoopbackServer server(std::move(script));
    Target target;
    target.authority = "somewhere";
    const Interrupts interrupts;
    return LoadRun(settings, target, {server.address()}, interrupts.descriptor(), {}).execute();
}

/// A user who speaks once an answer is there, and a server that takes it in, and answers each of its messages
/// with this frame.
parlor::Result<RunRecord> oneUsersRun(const std::string &answer)
{
    Settings settings = settingsOfOne();
    settings.profiles.front().pace = Pace::Closed;
    return runAgainst(
        [&answer](test::Peer &peer) {
            upgrade(peer);
            greet(peer);
            takeIn(peer);
            constexpr char kClose = '\x88';
            for (std::string some = peer.receiveSome(); !some.empty() && some.front() != kClose;
                 some = peer.receiveSome())
                peer.send(test::textFrame(answer));
        },
        settings);
}

} // namespace

class TestLoadRun : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void addressThatRefusesIsPassedOver();
    void withoutDescriptors();
    void withoutThreads();
    void watcherThatCannotBegin();
    void everySecondIsTold();
    void attemptThatItsUsersEndCutCounts();
    void closedPaceWaitsAfterARefusal_data();
    void closedPaceWaitsAfterARefusal();
    void advisedDelayOnlyLengthensTheBackOff_data();
    void advisedDelayOnlyLengthensTheBackOff();
    void absurdNumberIsNoLoss();
    void silenceBeforeTheJoin_data();
    void silenceBeforeTheJoin();
    void closeThatIsIgnored();
    void lagCountsOnce();
    void firstInterruptOfTheWait_data();
    void firstInterruptOfTheWait();
};

void TestLoadRun::addressThatRefusesIsPassedOver()
{
    QTcpServer silent; // the kernel accepts, and nobody answers
    QVERIFY(silent.listen(QHostAddress::LocalHost));
    Settings settings;
    Target target;
    target.authority = "somewhere";
    settings.stages = {{0s, 4}, {300ms, 4}};
    settings.rooms = {"general"};
    settings.connectTimeout = 100ms;
    const int interrupts = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    LoadRun run(settings, target, {loopback(2, silent.serverPort()), loopback(1, silent.serverPort())},
                interrupts, {});
    const auto result = run.execute();
    ::close(interrupts);
    QVERIFY(result);
    const auto &errors = result->measurements.errors;
    QCOMPARE(errors.count("connect: Connection refused"), 0U);
    // Four users, and each a second time if the back-off's chance is short.
    const std::uint64_t late =
        errors.at("upgrade: the server took the connection, but did not answer the upgrade in time");
    QVERIFY(late >= 4);
    QCOMPARE(result->measurements.connectAttempts, late);
}

/// A limit of descriptors, until its end.
class FewDescriptors
{
public:
    explicit FewDescriptors(rlim_t most)
    {
        ::getrlimit(RLIMIT_NOFILE, &m_before);
        const rlimit few{most, m_before.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &few);
    }
    ~FewDescriptors() { ::setrlimit(RLIMIT_NOFILE, &m_before); }
    FewDescriptors(const FewDescriptors &) = delete;
    FewDescriptors &operator=(const FewDescriptors &) = delete;

private:
    rlimit m_before{};
};

void TestLoadRun::withoutDescriptors()
{
    Settings settings;
    settings.stages = {{0s, 4}, {10min, 4}};
    settings.rooms = {"a", "b"};
    settings.threads = 2;
    const int interrupts = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    // Enough for what the threads share, and for the epoll set of one of them.
    const FewDescriptors few(static_cast<rlim_t>(interrupts) + 4);
    LoadRun run(settings, Target{}, {loopback(1, 1)}, interrupts, {});
    const auto result = run.execute(); // ends though its plan has ten minutes
    ::close(interrupts);
    QVERIFY(!result);
    QVERIFY2(QByteArray::fromStdString(result.error().text).contains("Too many open files"),
             result.error().text.c_str());
}

void TestLoadRun::withoutThreads()
{
    Settings settings;
    settings.stages = {{0s, 4}, {10min, 4}};
    settings.rooms = {"a"};
    const int interrupts = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    const test::NoThreads none;
    LoadRun run(settings, Target{}, {loopback(1, 1)}, interrupts, {});
    const auto result = run.execute();
    ::close(interrupts);
    QVERIFY(!result);
    QVERIFY2(result.error().text.starts_with("cannot start thread 1 of 1: "), result.error().text.c_str());
}

void TestLoadRun::watcherThatCannotBegin()
{
    struct Watcher final : RunWatcher
    {
        parlor::Result<void> begin() override { return parlor::Error{.text = "no place"}; }
        void second(const RunStatus &) override {}
    };
    Settings settings;
    settings.stages = {{0s, 4}, {10min, 4}};
    settings.rooms = {"a"};
    Watcher watcher;
    const int interrupts = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    LoadRun run(settings, Target{}, {loopback(1, 1)}, interrupts, {&watcher});
    const auto result = run.execute();
    ::close(interrupts);
    QVERIFY(!result);
    QCOMPARE(result.error().text, std::string("no place"));
}

void TestLoadRun::everySecondIsTold()
{
    struct Watcher final : RunWatcher
    {
        void second(const RunStatus &status) override
        {
            seconds.push_back(status.record.seconds.back());
            ids.push_back(status.record.id);
        }
        std::vector<Second> seconds;
        std::vector<std::string> ids;
    };
    struct Source final : SecondSource
    {
        void fill(Second &second) override { second.watchedMemory = 7; }
    };
    QTcpServer silent;
    QVERIFY(silent.listen(QHostAddress::LocalHost));
    Settings settings;
    settings.stages = {{0s, 6}, {1200ms, 6}};
    settings.rooms = {"a", "b", "c"};
    settings.connectTimeout = 10s;
    settings.threads = 3;
    Watcher watcher;
    Source source;
    const int interrupts = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    LoadRun run(settings, Target{}, {loopback(1, silent.serverPort())}, interrupts, {&watcher}, {&source});
    const auto result = run.execute();
    ::close(interrupts);
    QVERIFY(result);
    QCOMPARE(result->threads.size(), 3U);
    QCOMPARE(watcher.seconds.size(), 2U);
    QCOMPARE(result->seconds, watcher.seconds);
    QCOMPARE(watcher.seconds[0].end, Offset(1s));
    QCOMPARE(watcher.seconds[0].wanted, 6U);
    QCOMPARE(watcher.seconds[0].watchedMemory, 7U);
    QVERIFY(watcher.seconds[1].end >= 1200ms);
    QCOMPARE(result->duration, watcher.seconds[1].end);
    QCOMPARE(result->id.size(), 8U);
    QCOMPARE(watcher.ids, std::vector<std::string>(2, result->id));
    QVERIFY(result->measurements.loopLag.count() > 0);
    QCOMPARE(result->measurements.unarrived, 6U);
}

void TestLoadRun::attemptThatItsUsersEndCutCounts()
{
    QTcpServer silent;
    QVERIFY(silent.listen(QHostAddress::LocalHost));
    Settings settings;
    settings.stages = {{0s, 3}, {2s, 3}};
    settings.rooms = {"a"};
    settings.connectTimeout = 30s;
    const int interrupts = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    LoadRun run(settings, Target{}, {loopback(1, silent.serverPort())}, interrupts, {});
    const auto result = run.execute();
    ::close(interrupts);
    QVERIFY(result);
    QCOMPARE(result->measurements.connectAttempts, 3U);
    QCOMPARE(result->measurements.connected, 0U);
    QCOMPARE(result->measurements.connectSteps.tcp.count(), 3U);
    QCOMPARE(result->measurements.connectSteps.upgrade.count(), 0U);
    QCOMPARE(result->measurements.errors.size(), 1U);
}

void TestLoadRun::closedPaceWaitsAfterARefusal_data()
{
    QTest::addColumn<QByteArray>("retry");
    QTest::addColumn<quint64>("most");
    QTest::newRow("as long as the server says") << QByteArray(R"(,"retry_ms":60000)") << quint64{1};
    QTest::newRow("five minutes, if it says more")
        << QByteArray(R"(,"retry_ms":9223372036854775807)") << quint64{1};
    QTest::newRow("a tenth of a second, if it says less") << QByteArray(R"(,"retry_ms":0)") << quint64{6};
    QTest::newRow("a second, if it says nothing") << QByteArray() << quint64{1};
}

void TestLoadRun::closedPaceWaitsAfterARefusal()
{
    QFETCH(const QByteArray, retry);
    QFETCH(const quint64, most);
    const auto result =
        oneUsersRun(R"({"type":"error","code":"rate_limited","message":"wait","retryable":true,)"
                    R"("room":"load-1")" +
                    retry.toStdString() + "}");
    QVERIFY(result);
    const MessageCounts counts = result->measurements.messages();
    QVERIFY2(counts.planned <= most, QByteArray::number(counts.planned).constData());
    QCOMPARE(counts.rejected, counts.sent);
}

void TestLoadRun::advisedDelayOnlyLengthensTheBackOff_data()
{
    QTest::addColumn<QByteArray>("delay");
    QTest::addColumn<quint64>("most");
    QTest::newRow("none: no storm") << QByteArray("0") << quint64{20};
    QTest::newRow("a minute, if it says more") << QByteArray("9223372036854775807") << quint64{1};
}

void TestLoadRun::advisedDelayOnlyLengthensTheBackOff()
{
    QFETCH(const QByteArray, delay);
    QFETCH(const quint64, most);
    test::LoopbackServer server([&delay](test::Peer &peer) {
        peer.send(test::switching(peer.receiveHead(), "Sec-WebSocket-Protocol: parlor.v2\r\n") +
                  test::textFrame(R"({"type":"reconnect","reason":"shutdown","delay_ms":)" +
                                  delay.toStdString() + "}"));
    });
    Settings settings;
    settings.stages = {{0s, 1}, {500ms, 1}};
    settings.rooms = {"a"};
    Target target;
    target.authority = "somewhere";
    const int interrupts = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    LoadRun run(settings, target, {server.address()}, interrupts, {});
    const auto result = run.execute();
    ::close(interrupts);
    QVERIFY(result);
    const std::uint64_t connected = result->measurements.connected;
    QVERIFY2(connected >= 1 && connected <= most, QByteArray::number(quint64{connected}).constData());
}

void TestLoadRun::absurdNumberIsNoLoss()
{
    const auto result =
        oneUsersRun(R"({"type":"ack","rid":2,"room":"load-1","id":"i","seq":9223372036854775807,)"
                    R"("timestamp":"t","cid":"c","dup":false,"durable":false})");
    QVERIFY(result);
    const Measurements &all = result->measurements;
    QCOMPARE(all.deliveries.lost, 0U);
    QVERIFY(all.splits.empty());
    QCOMPARE(all.connectSteps.tcp.count(), all.connected);
    QCOMPARE(all.connectSteps.upgrade.count(), all.connected);
    QCOMPARE(all.connectSteps.greeting.count(), all.joined);
    QCOMPARE(all.messages().answered, 0U);
    QCOMPARE(all.messages().unanswered, all.messages().sent);
    QCOMPARE(all.errors.size(), all.messages().sent > 0 ? 1U : 0U); // a frame that is none of the protocol's
}

void TestLoadRun::silenceBeforeTheJoin_data()
{
    QTest::addColumn<bool>("greets");
    QTest::addColumn<QByteArray>("error");
    QTest::newRow("no greeting") << false << QByteArray("join: no greeting in time");
    QTest::newRow("no answer") << true << QByteArray("join: no answer in time");
}

void TestLoadRun::silenceBeforeTheJoin()
{
    QFETCH(const bool, greets);
    QFETCH(const QByteArray, error);
    Settings settings = settingsOfOne();
    settings.stages = {{0s, 1}, {800ms, 1}};
    settings.connectTimeout = 400ms;
    settings.reconnect = Reconnect::None;
    const auto result = runAgainst(greets ? silentAfter({upgrade, greet}) : silentAfter({upgrade}), settings);
    QVERIFY(result);
    const Measurements &all = result->measurements;
    QCOMPARE(all.connectAttempts, 1U);
    QCOMPARE(all.connected, 1U);
    QCOMPARE(all.joinAttempts, 1U);
    QCOMPARE(all.joined, 0U);
    QCOMPARE(all.absent, 1U);
    QCOMPARE(all.connectSteps.greeting.count(), greets ? 1U : 0U);
    QCOMPARE(all.errors, (decltype(all.errors){{error.toStdString(), 1}}));
}

void TestLoadRun::closeThatIsIgnored()
{
    Settings settings = settingsOfOne();
    settings.profiles.front().rate = 0;
    const auto result = runAgainst(silentAfter({upgrade, greet, takeIn}), settings);
    QVERIFY(result);
    const Measurements &all = result->measurements;
    QCOMPARE(all.connectAttempts, 1U);
    QCOMPARE(all.joinAttempts, 1U);
    QCOMPARE(all.joined, 1U);
    QCOMPARE(all.connectionsLost, 0U);
    QCOMPARE(all.absent, 0U); // nobody had to give its thread up
    QVERIFY(all.errors.empty());
}

/// Far more falls due than a thread can do: it is late all the time, and for no longer than that.
void TestLoadRun::lagCountsOnce()
{
    QTcpServer silent;
    QVERIFY(silent.listen(QHostAddress::LocalHost));
    Settings settings;
    settings.stages = {{0s, 3000}, {100ms, 3000}};
    settings.profiles.front().rate = 1000;
    settings.rooms = {"a"};
    settings.connectInflight = 16;
    const Interrupts interrupts;
    LoadRun run(settings, Target{}, {loopback(1, silent.serverPort())}, interrupts.descriptor(), {});
    const auto result = run.execute();
    QVERIFY(result);
    QCOMPARE(result->measurements.unarrived, 3000U);
    const Histogram &lag = result->measurements.loopLag;
    QVERIFY(lag.count() > 0);
    QVERIFY2(lag.sum() <= result->duration,
             qPrintable(QString::number(double(lag.sum() / result->duration))));
}

void TestLoadRun::firstInterruptOfTheWait_data()
{
    QTest::addColumn<double>("rate");
    QTest::newRow("nothing is missing") << 0.0;
    QTest::newRow("answers are missing") << 50.0;
}

/// The plan is over, and the server answers no message, and no Close.
void TestLoadRun::firstInterruptOfTheWait()
{
    QFETCH(const double, rate);
    struct Person final : RunWatcher
    {
        void second(const RunStatus &status) override
        {
            if (status.isDraining && !hasPressed)
                hasPressed = interrupts.press();
        }
        Interrupts interrupts;
        bool hasPressed = false;
    };
    Settings settings = settingsOfOne();
    settings.stages = {{0s, 1}, {900ms, 1}};
    settings.profiles.front().rate = rate;
    settings.drain = 10min;
    const test::LoopbackServer server(silentAfter({upgrade, greet, takeIn}));
    Target target;
    target.authority = "somewhere";
    Person person;
    LoadRun run(settings, target, {server.address()}, person.interrupts.descriptor(), {&person});
    const auto result = run.execute();
    QVERIFY(result);
    QVERIFY(person.hasPressed);
    const MessageCounts counts = result->measurements.messages();
    QCOMPARE(counts.sent > 0, rate > 0);
    QCOMPARE(counts.abandoned, counts.sent);
    QCOMPARE(result->isInterrupted, rate > 0);
}

PARLOR_TEST_WITHIN(QCoreApplication, TestLoadRun)
#include "tst_load_run.moc"
