// SPDX-License-Identifier: MIT
#include "client-cli/load/resources/findings.h"
#include "tests/support/testclass.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>

using namespace parlor::cli::load;

namespace {

const Finding &finding(const std::vector<Finding> &all, std::string_view key)
{
    static const Finding kNone;
    const auto found = std::ranges::find_if(all, [key](const Finding &each) { return each.key == key; });
    return found == all.end() ? kNone : *found;
}

Settings settings()
{
    Settings made;
    made.rooms = {"load-1", "load-2"};
    return made;
}

/// Of a usual machine.
Limits usual()
{
    return {.softDescriptors = 1024,
            .hardDescriptors = 20'000,
            .mostDescriptors = 1'048'576,
            .freeFiles = 9'000'000,
            .ports = 28'232,
            .listenQueue = 4096,
            .handshakes = 2048,
            .memory = 8ULL << 30,
            .cores = 2};
}

void write(const QDir &folder, const QString &path, const QByteArray &text)
{
    QVERIFY(folder.mkpath(QFileInfo(path).path()));
    QFile file(folder.filePath(path));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(text);
}

} // namespace

class TestLoadResources : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void needsOfOneProcess();
    void needsOfSeveral();
    void enough();
    void descriptorsTooFew();
    void descriptorsFarTooFew();
    void rootNeedsNoSudo();
    void portsTooFew();
    void quietMachine();
    void readsTheKernelsFiles();
    void readsWhatIsNotThere();
};

void TestLoadResources::needsOfOneProcess()
{
    const Needs needed = needs(settings(), {.peakUsers = 1000});
    QCOMPARE(needed.connections, 1000U);
    QVERIFY(needed.descriptors > 1000 && needed.descriptors < 1100);
    QCOMPARE(needed.ports, 1000U);
    QCOMPARE(needed.arriving, 256U);
    Settings threaded = settings();
    threaded.threads = 2;
    QCOMPARE(needs(threaded, {.peakUsers = 1000}).arriving, 256U); // of all together
    const Needs withTls = needs(settings(), {.peakUsers = 1000, .isTls = true});
    QVERIFY(withTls.memory > needed.memory);
    Settings v1 = settings();
    v1.dialect = DialectName::V1; // each receiver remembers each sender
    QVERIFY(needs(v1, {.peakUsers = 10'000}).memory > 2 * needs(settings(), {.peakUsers = 10'000}).memory);
}

void TestLoadResources::needsOfSeveral()
{
    Settings many = settings();
    many.processes = 3;
    many.threads = 2;
    const Needs needed = needs(many, {.peakUsers = 50'000, .sources = 3});
    QCOMPARE(needed.threads, 6U);
    QVERIFY(needed.descriptors > 16'667 && needed.descriptors < 16'800);
    QCOMPARE(needed.ports, 16'667U);
}

void TestLoadResources::enough()
{
    for (const Finding &each : findings(needs(settings(), {.peakUsers = 1000}), usual())) {
        QVERIFY2(each.isEnough, each.what.c_str());
        QVERIFY2(each.commands.empty() && each.advice.empty(), each.what.c_str());
    }
}

void TestLoadResources::descriptorsTooFew()
{
    const auto all = findings(needs(settings(), {.peakUsers = 50'000, .sources = 3}), usual());
    const Finding &found = finding(all, "descriptors");
    QVERIFY(!found.isEnough && found.isNecessary);
    QCOMPARE(found.available, 20'000U);
    QVERIFY(found.needed > 50'000);
    QCOMPARE(found.commands, std::vector<std::string>{"sudo prlimit --pid $$ --nofile=50176"});
    QVERIFY2(found.advice.find("--processes 3") != std::string::npos, found.advice.c_str());
    QVERIFY2(found.advice.find("LimitNOFILE=50176") != std::string::npos, found.advice.c_str());
    Limits small = usual();
    small.mostDescriptors = 32'768;
    QCOMPARE(
        finding(findings(needs(settings(), {.peakUsers = 50'000}), small), "descriptors").commands.front(),
        std::string("sudo sysctl -w fs.nr_open=50176"));
}

/// More processes than there may be would not do.
void TestLoadResources::descriptorsFarTooFew()
{
    for (const std::uint64_t hard : {64U, 256U, 845U}) {
        Limits limits = usual();
        limits.hardDescriptors = hard;
        const auto all = findings(needs(settings(), {.peakUsers = 50'000, .sources = 3}), limits);
        QVERIFY2(finding(all, "descriptors").advice.find("--processes") == std::string::npos,
                 finding(all, "descriptors").advice.c_str());
    }
    Limits limits = usual();
    limits.hardDescriptors = 846;
    const auto all = findings(needs(settings(), {.peakUsers = 50'000, .sources = 3}), limits);
    QVERIFY(finding(all, "descriptors").advice.find("--processes 64,") != std::string::npos);
    Settings split = settings();
    split.processes = 64;
    QVERIFY(finding(findings(needs(split, {.peakUsers = 50'000}), limits), "descriptors").isEnough);
}

void TestLoadResources::rootNeedsNoSudo()
{
    const Limits nothing{.hardDescriptors = 1,
                         .mostDescriptors = 1,
                         .freeFiles = 1,
                         .ports = 1,
                         .listenQueue = 1,
                         .handshakes = 1,
                         .tracked = 1};
    for (const bool isRoot : {false, true}) {
        Limits limits = nothing;
        limits.isRoot = isRoot;
        int commands = 0;
        for (const Finding &each : findings(needs(settings(), {.peakUsers = 50'000}), limits)) {
            for (const std::string &command : each.commands) {
                ++commands;
                QVERIFY2(command.starts_with("sudo ") != isRoot, command.c_str());
            }
        }
        QCOMPARE(commands, 7);
    }
}

void TestLoadResources::portsTooFew()
{
    const auto all = findings(needs(settings(), {.peakUsers = 40'000}), usual());
    const Finding &found = finding(all, "ports");
    QVERIFY(!found.isEnough && found.isNecessary);
    QCOMPARE(found.needed, 40'000U);
    QCOMPARE(found.commands,
             std::vector<std::string>{"sudo sysctl -w net.ipv4.ip_local_port_range=\"1024 65535\""});
    QCOMPARE(found.advice, std::string("or give 2 addresses of this machine with --source-ips"));
    Limits narrow = usual();
    narrow.ports = 10'000;
    QVERIFY(finding(findings(needs(settings(), {.peakUsers = 40'000}), narrow), "ports")
                .advice.find("4 addresses") != std::string::npos);
    // More than any range has.
    const auto most = findings(needs(settings(), {.peakUsers = 70'000}), usual());
    QVERIFY(finding(most, "ports").commands.empty());
    QCOMPARE(finding(most, "ports").advice,
             std::string("give 4 addresses of this machine with --source-ips"));
    QVERIFY(
        finding(findings(needs(settings(), {.peakUsers = 40'000, .sources = 2}), usual()), "ports").isEnough);
}

void TestLoadResources::quietMachine()
{
    const auto all = findings(needs(settings(), {.peakUsers = 10}), Limits{.hardDescriptors = 1024});
    QCOMPARE(all.size(), 2U); // descriptors and cores: the rest it does not say
    QVERIFY(finding(all, "ports").key.empty());
}

void TestLoadResources::readsTheKernelsFiles()
{
    QTemporaryDir folder;
    const QDir proc(folder.path());
    write(proc, QStringLiteral("sys/fs/nr_open"), "1048576\n");
    write(proc, QStringLiteral("sys/fs/file-nr"), "1000\t0\t9000\n");
    write(proc, QStringLiteral("sys/net/ipv4/ip_local_port_range"), "32768\t60999\n");
    write(proc, QStringLiteral("sys/net/core/somaxconn"), "4096\n");
    write(proc, QStringLiteral("sys/net/ipv4/tcp_max_syn_backlog"), "2048\n");
    write(proc, QStringLiteral("meminfo"),
          "MemTotal:       100 kB\nMemFree:    5 kB\nMemAvailable:   64 kB\n");
    const Limits limits = readLimits(folder.path().toStdString());
    QCOMPARE(limits.mostDescriptors, 1'048'576U);
    QCOMPARE(limits.freeFiles, 8000U);
    QCOMPARE(limits.ports, 28'232U);
    QCOMPARE(limits.listenQueue, 4096U);
    QCOMPARE(limits.handshakes, 2048U);
    QVERIFY(!limits.tracked);
    QCOMPARE(limits.memory, 65'536U);
    QVERIFY(limits.hardDescriptors >= limits.softDescriptors && limits.softDescriptors > 0);
    QVERIFY(limits.cores >= 1);
}

void TestLoadResources::readsWhatIsNotThere()
{
    QTemporaryDir folder;
    write(QDir(folder.path()), QStringLiteral("sys/net/ipv4/ip_local_port_range"), "5 x\n");
    const Limits limits = readLimits(folder.path().toStdString());
    QVERIFY(!limits.ports && !limits.memory && !limits.freeFiles && !limits.listenQueue);
}

PARLOR_TEST(TestLoadResources)
#include "tst_load_resources.moc"
