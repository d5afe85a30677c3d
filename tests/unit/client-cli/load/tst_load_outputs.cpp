// SPDX-License-Identifier: MIT
#include "client-cli/load/options/outputfiles.h"
#include "client-cli/load/options/resourcelines.h"
#include "tests/support/testclass.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>

using namespace parlor::cli::load;
using namespace std::chrono_literals;

namespace {

QByteArray text(const RunRecord &, const Judgement &)
{
    return "figures";
}

Settings oneRoom(std::uint32_t users)
{
    Settings settings;
    settings.url = "ws://localhost/ws";
    settings.rooms = {"load-1"};
    settings.stages = {{0s, users, "", false}, {10s, users}};
    settings.profiles.front().rate = 1;
    return settings;
}

std::string dryRun(const Settings &settings, const Limits &limits)
{
    const Plan plan(settings);
    return dryRunText(settings, forecast(settings, plan, userPlans(settings, plan)),
                      findings(needs(settings, {.peakUsers = plan.peakUsers()}), limits));
}

} // namespace

class TestLoadOutputs : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void oneFailureStopsNoOther();
    void openedBeforeTheRun();
    void filesComeFirst();
    void pipeIsLeftAlone();
    void oneFileForTwo();
    void oneFileIsWrittenOrRead_data();
    void oneFileIsWrittenOrRead();
    void nothingWanted();
    void dryRunCounts();
    void dryRunOfMany();
    void dryRunTellsWhatIsTooLow();
    void dryRunIsNarrow();
    void dryRunWarnsOfThresholds_data();
    void dryRunWarnsOfThresholds();
    void lackNamesNumberAndCommand();

private:
    [[nodiscard]] std::string path(const char *name) const
    {
        return m_folder.filePath(QLatin1String(name)).toStdString();
    }
    QTemporaryDir m_folder;
};

void TestLoadOutputs::oneFailureStopsNoOther()
{
    OutputFiles files;
    files.add("--out", path("a"), &text);
    files.add("--csv", "/dev/full", &text);
    files.add("--html", path("b"), &text);
    QVERIFY(files.open());
    const auto failures = files.write(RunRecord(), {});
    QCOMPARE(failures.size(), 1U);
    QVERIFY2(failures.front().starts_with("--csv: cannot write /dev/full: "), failures.front().c_str());
    for (const char *name : {"a", "b"}) {
        QFile file(QString::fromStdString(path(name)));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), QByteArray("figures"));
    }
    const std::string section = files.section();
    QVERIFY2(section.starts_with("\nFiles\n  " + path("a") + "  7 B\n"), section.c_str());
    QVERIFY2(section.find("/dev/full") == std::string::npos, section.c_str());
}

void TestLoadOutputs::openedBeforeTheRun()
{
    OutputFiles files;
    files.add("--out", path("there"), &text);
    files.add("--html", "/nowhere/page.html", &text);
    const auto opened = files.open();
    QVERIFY(!opened);
    QVERIFY2(opened.error().text.starts_with("--html: cannot write /nowhere/page.html"),
             opened.error().text.c_str());
}

void TestLoadOutputs::filesComeFirst()
{
    std::string order;
    const auto noting = [&order](const char *what) {
        return [&order, what](const RunRecord &, const Judgement &) {
            order.append(what).append(" ");
            return QByteArray();
        };
    };
    OutputFiles files;
    files.add("--csv", "/dev/null", noting("device"));
    files.add("--out", path("a"), noting("file"));
    QVERIFY(files.open());
    QVERIFY(files.write(RunRecord(), {}, [&order] { order.append("between "); }).empty());
    QCOMPARE(order, std::string("file between device "));
}

void TestLoadOutputs::pipeIsLeftAlone()
{
    QCOMPARE(::mkfifo(path("pipe").c_str(), 0600), 0);
    OutputFiles files;
    files.add("--out", path("pipe"), &text);
    QVERIFY(files.open(OutputFiles::Which::Files)); // nobody reads it: to open it would wait
}

void TestLoadOutputs::oneFileForTwo()
{
    OutputFiles files;
    files.add("--out", path("same"), &text);
    files.add("--csv", path("same"), &text);
    QCOMPARE(files.check({}).error().text,
             "--csv: " + path("same") + " is the file of --out, too; name another one");
}

void TestLoadOutputs::oneFileIsWrittenOrRead_data()
{
    QTest::addColumn<std::string>("one");
    QTest::addColumn<std::string>("other");
    QTest::addColumn<bool>("isOne");
    const auto row = [this](const char *one, const char *other, bool isOne) {
        QTest::addRow("%s, %s", one, other) << path(one) << path(other) << isOne;
    };
    row("there.json", "there.json", true);
    row("there.json", "./there.json", true);
    row("there.json", "link", true);
    row("there.json", "folder/../there.json", true);
    row("new", "./new", true);
    row("new", "folder/../new", true);
    row("new", "dangling", true);
    QTest::addRow("through /proc") << path("there.json") << "/proc/self/root" + path("there.json") << true;
    row("there.json", "new", false);
    row("new", "other", false);
    row("folder/new", "new", false);
    QTest::addRow("memory") << std::string("/dev/shm/parlor.json") << std::string("/dev/shm/parlor.json")
                            << true;
    for (const char *shared : {"/dev/null", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"})
        QTest::addRow("%s", shared) << std::string(shared) << std::string(shared) << false;
}

void TestLoadOutputs::oneFileIsWrittenOrRead()
{
    QFETCH(std::string, one);
    QFETCH(std::string, other);
    QFETCH(bool, isOne);
    QDir(m_folder.path()).mkdir(QStringLiteral("folder"));
    QFile there(m_folder.filePath(QStringLiteral("there.json")));
    QVERIFY(there.open(QIODevice::WriteOnly));
    QFile::link(there.fileName(), m_folder.filePath(QStringLiteral("link")));
    QFile::link(QStringLiteral("new"), m_folder.filePath(QStringLiteral("dangling")));
    for (const auto &[first, second] : {std::pair(one, other), std::pair(other, one)}) {
        const auto read = checkOutputs({{"RUN", first}}, {{"--html", second}});
        QCOMPARE(!read, isOne);
        if (isOne)
            QCOMPARE(read.error().text,
                     "--html: " + second + " would overwrite the file of RUN; name another one");
        const auto written = checkOutputs({}, {{"--out", first}, {"--html", second}});
        QCOMPARE(!written, isOne);
    }
}

void TestLoadOutputs::nothingWanted()
{
    OutputFiles files;
    files.add("--out", "", &text);
    QVERIFY(files.open());
    QVERIFY(files.write(RunRecord(), {}).empty());
    QCOMPARE(files.section(), std::string());
}

void TestLoadOutputs::dryRunCounts()
{
    // 20 users speak once a second to 20 (themselves, too) for 10 s.
    const std::string said = dryRun(oneRoom(20), {.hardDescriptors = 20'000, .ports = 28'232});
    QVERIFY2(said.find("users at once             20 at most") != std::string::npos, said.c_str());
    QVERIFY2(said.find("messages                  200, 20.0 a second on average") != std::string::npos,
             said.c_str());
    QVERIFY2(said.find("deliveries                4,000, 400 a second on average") != std::string::npos,
             said.c_str());
    QVERIFY2(said.find("too low") == std::string::npos, said.c_str());
}

void TestLoadOutputs::dryRunOfMany()
{
    Settings settings = oneRoom(50'000);
    settings.profiles.front().rate = 10;
    const std::string said = dryRun(settings, {.hardDescriptors = 20'000});
    QVERIFY2(said.find("00:10  50,000   50,000   5,000,000 250,000,000,000 25,000,000,000\n") !=
                 std::string::npos,
             said.c_str());
}

void TestLoadOutputs::dryRunTellsWhatIsTooLow()
{
    const std::string said = dryRun(oneRoom(50), {.hardDescriptors = 64, .ports = 10});
    QVERIFY2(said.find("too low  descriptors of a process") != std::string::npos, said.c_str());
    QVERIFY2(said.find("\n           sudo prlimit --pid $$ --nofile=1024\n") != std::string::npos,
             said.c_str());
    QVERIFY2(said.find("too low  ports of a source address") != std::string::npos, said.c_str());
}

void TestLoadOutputs::dryRunIsNarrow()
{
    Settings settings = oneRoom(500);
    settings.stages.push_back({std::chrono::hours(4), 500, "hold", true});
    settings.thresholds = {"delivery_latency{phase:hold} p(99.999999)<500ms"};
    settings.verify = Verify::Count;
    for (const auto &[pace, think] :
         {std::pair(Pace::Fixed, 0s), std::pair(Pace::Closed, 0s), std::pair(Pace::Closed, 1s)}) {
        settings.profiles.front().pace = pace;
        settings.profiles.front().think.mean = think;
        for (const std::uint64_t there : {20'000'000U, 64U}) {
            const std::string said = dryRun(settings, {.hardDescriptors = there,
                                                       .freeFiles = ~std::uint64_t{0},
                                                       .ports = there,
                                                       .listenQueue = there,
                                                       .handshakes = there,
                                                       .tracked = there,
                                                       .memory = there << 10,
                                                       .cores = 2});
            for (const QString &line : QString::fromStdString(said).split(u'\n'))
                QVERIFY2(line.size() <= 80 || line.startsWith(QLatin1String("           ")),
                         qPrintable(line));
        }
    }
}

void TestLoadOutputs::dryRunWarnsOfThresholds_data()
{
    QTest::addColumn<std::string>("threshold");
    QTest::addColumn<Verify>("verify");
    QTest::addColumn<QByteArray>("warning");
    const auto row = [](const char *threshold, Verify verify, const char *warning) {
        QTest::addRow("%s, %d", threshold, static_cast<int>(verify))
            << std::string(threshold) << verify << QByteArray(warning);
    };
    // 20 users, 200 messages, 4,000 deliveries: 2,000 in each of two phases, one of which is not measured.
    row("delivery_latency p(99)<500ms", Verify::Full, "");
    row("delivery_latency p(99.5)<500ms", Verify::Full, "");
    row("delivery_latency p(99.6)<500ms", Verify::Full, "needs 2,500 samples, and about 2,000 are expected");
    row("delivery_latency p(99)<500ms", Verify::Sample, "needs 1,000 samples, and about 500 are expected");
    row("delivery_latency avg<500ms", Verify::Count, "needs 1 sample, and about 0 are expected");
    row("delivery_latency count>5", Verify::Off, "");
    row("delivery_latency{phase:first} p(99)<1s", Verify::Full, "");
    row("delivery_latency{phase:first} p(99.9)<1s", Verify::Full, "10,000 samples, and about 2,000 are");
    row("ack_latency p(95)<1s", Verify::Full, "needs 200 samples, and about 100 are expected");
    row("ack_latency max<1s", Verify::Full, "");
    row("ack_latency p(100)<1s", Verify::Full, "");
    row("connect_duration p(50)<1s", Verify::Full, "");
    row("connect_duration p(90)<1s", Verify::Full, "needs 100 samples, and about 20 are expected");
    row("loop_lag p(99.99)<1s", Verify::Full, "");
    row("deliveries_lost count==0", Verify::Full, "");
}

void TestLoadOutputs::dryRunWarnsOfThresholds()
{
    QFETCH(std::string, threshold);
    QFETCH(Verify, verify);
    QFETCH(QByteArray, warning);
    Settings settings = oneRoom(20);
    settings.stages = {{0s, 20, "", false}, {5s, 20, "first", false}, {5s, 20, "second", true}};
    settings.verify = verify;
    settings.verifySample = 4;
    settings.thresholds = {threshold};
    const QByteArray said =
        QByteArray::fromStdString(dryRun(settings, {.hardDescriptors = 20'000})).simplified();
    QCOMPARE(said.contains(QByteArray::fromStdString("Thresholds " + threshold + " cannot be met: it ")),
             !warning.isEmpty());
    QVERIFY2(said.contains(warning), said.constData());
}

void TestLoadOutputs::lackNamesNumberAndCommand()
{
    const auto found = findings(needs(oneRoom(50'000), {.peakUsers = 50'000}),
                                {.hardDescriptors = 20'000, .listenQueue = 1});
    const std::string lack = lackText(found);
    QVERIFY2(lack.starts_with(
                 "this load needs 50,036 descriptors of a process, and there are 20,000. To have more:\n"
                 "    sudo prlimit --pid $$ --nofile=50176\n"),
             lack.c_str());
    QVERIFY2(lack.find("accepted") == std::string::npos, lack.c_str()); // a run can do without
    QCOMPARE(lackText(findings(needs(oneRoom(5), {.peakUsers = 5}), {.hardDescriptors = 20'000})),
             std::string());
}

PARLOR_TEST(TestLoadOutputs)
#include "tst_load_outputs.moc"
