// SPDX-License-Identifier: MIT
// Runs that nobody ran, for the tests of the HTML report: files and reports of a run with everything in it.
//
// usage: load-report-example KIND FOLDER
// Writes FOLDER/run.json, baseline.json, report.html (with the baseline) and plain.html (without).
#include "client-cli/load/plan/random.h"
#include "client-cli/load/report/htmlreport.h"
#include "client-cli/load/report/textreport.h"
#include "client-cli/load/runfile/recordwriter.h"

#include <QDir>
#include <QFile>

#include <cmath>
#include <cstdio>

using namespace parlor::cli::load;
using namespace std::chrono_literals;

namespace {

constexpr const char *kMarkup =
    "<script>hacked=1</script>\"'><img src=x onerror=hacked=1>&amp;\x1b[31m\xe2\x80\xae";

struct Kind
{
    std::string_view name;
    std::uint32_t seconds;
    double slower = 1; ///< than the baseline
};

Offset latencyOf(Random &random, double median)
{
    // Log-normal, by twelve uniform ones.
    double normal = -6;
    for (int i = 0; i < 12; ++i)
        normal += random.fraction();
    return Offset(std::llround(median * std::exp(0.6 * normal)));
}

Settings settingsOf(const Kind &kind)
{
    Settings settings;
    settings.url = "wss://chat.example.com/ws";
    const Offset quarter = std::chrono::seconds(kind.seconds) / 4;
    settings.stages = {{quarter, 50, "ramp to 50", false},
                       {quarter, 50, "hold 50"},
                       {quarter, 100, "ramp to 100"},
                       {std::chrono::seconds(kind.seconds) - 3 * quarter, 100, "hold 100"}};
    Profile lurker;
    lurker.name = "lurker";
    lurker.rate = 0.1;
    lurker.pace = Pace::Poisson;
    lurker.inflight = 2;
    lurker.senders.share = 0.25;
    lurker.life = {30s, true};
    settings.profiles.front().name = "chatter";
    settings.profiles.front().weight = 9;
    settings.profiles.front().size = {64, 512};
    settings.profiles.push_back(lurker);
    settings.rooms = {"general", "support", "random"};
    settings.thresholds = {"delivery_latency p(99)<500ms", "deliveries_lost count==0",
                           "connect_success rate>0.95"};
    settings.warmUp = 1s;
    settings.settle = 500ms;
    settings.seed = 18446744073709551615ULL;
    settings.tags = {{"commit", "1234abcd"}};
    return settings;
}

void fillSecond(RunRecord &run, Random &random, std::uint32_t at, const Kind &kind)
{
    const double part = static_cast<double>(at) / kind.seconds;
    const double load = part < 0.25 ? part * 2 : part < 0.5 ? 0.5 : part < 0.75 ? 0.5 + (part - 0.5) * 2 : 1;
    const auto users = static_cast<std::uint32_t>(load * 100);
    std::size_t phase = std::min<std::size_t>(3, static_cast<std::size_t>(part * 4));
    PhaseMeasurements &measured = run.measurements.phases[phase];
    Histogram latency;
    Second second;
    second.end = std::chrono::seconds(at + 1);
    second.wanted = users;
    second.members = users;
    second.open = users;
    second.planned = second.sent = second.answered = users / 2;
    second.connects = at % 4 == 0 ? 2 : 0;
    const std::uint32_t deliveries = users * 12;
    for (std::uint32_t i = 0; i < deliveries; ++i) {
        const Offset service = latencyOf(random, (1200 + 1500 * load) * kind.slower);
        const Offset lag(random.between(20, 400));
        latency.record(service + lag);
        measured.deliveryLatency.record(service + lag);
        measured.deliveryService.record(service);
        if (i % 25 == 0) {
            measured.sendLag.record(lag);
            measured.ackLatency.record(service / 2);
            measured.fanOut.record(service * 2);
        }
    }
    second.received = deliveries;
    second.latency = CoarseHistogram(latency);
    second.cpu = 0.1 + 0.3 * load + 0.05 * random.fraction();
    second.sendLag = Offset(random.between(300, 900));
    second.loopLag = Offset(random.between(50, 400));
    second.watchedCpu = 0.2 + 0.6 * load;
    second.watchedMemory = 40'000'000 + static_cast<std::uint64_t>(20e6 * part);
    run.measurements.loopLag.record(second.loopLag);
    run.measurements.deliveries.received += deliveries;
    measured.deliveries += deliveries;
    measured.planned += second.planned;
    measured.sent += second.sent;
    measured.answered += second.answered;
    run.measurements.connected += second.connects;
    run.measurements.bytesSent += second.sent * 200;
    run.measurements.bytesReceived += deliveries * 220;
    for (std::uint64_t i = 0; i < second.connects; ++i) {
        ConnectSteps &steps = run.measurements.connectSteps;
        const Offset tcp(random.between(100, 1000));
        const Offset upgrade(random.between(200, 2000));
        steps.tcp.record(tcp);
        steps.upgrade.record(upgrade);
        run.measurements.connectDuration.record(tcp + upgrade);
        steps.greeting.record(Offset(random.between(20, 200)));
        run.measurements.joinDuration.record(Offset(random.between(200, 2000)));
    }
    run.seconds.push_back(std::move(second));
}

RunRecord runOf(const Kind &kind)
{
    RunRecord run;
    run.program = "parlor-cli 1.0";
    run.id = kind.slower == 1 ? "0badcafe" : "5eed1e55";
    run.begun = "2026-11-24T10:12:00Z";
    run.arguments = {"parlor-cli",     "load",        "wss://chat.example.com/ws",   "--stages",
                     "60s:50,60s:100", "--threshold", "delivery_latency p(99)<500ms"};
    run.settings = settingsOf(kind);
    run.machine = {"build-1", "Linux 6.1.0 x86_64", 4};
    run.phases = Plan(run.settings.stages).phases();
    run.measurements = Measurements(run.phases);
    run.duration = std::chrono::seconds(kind.seconds) + 340ms;
    run.peakUsers = 100;
    Random random(7);
    for (std::uint32_t at = 0; at < kind.seconds; ++at)
        fillSecond(run, random, at, kind);
    Measurements &m = run.measurements;
    m.connectAttempts = m.joinAttempts = m.joined = m.connected;
    m.hosts = {{"ip-10-0-1-23", m.connected / 3},
               {"ip-10-0-2-7", m.connected / 3},
               {"ip-10-0-2-41", m.connected - 2 * (m.connected / 3)}};
    m.profiles.resize(2);
    for (std::size_t i = 0; i < 2; ++i) {
        m.profiles[i].planned = m.profiles[i].sent = m.profiles[i].answered = 900 - 800 * i;
        m.profiles[i].deliveryLatency = m.phases[1 + 2 * i].deliveryLatency;
        m.profiles[i].ackLatency = m.phases[3 - 2 * i].ackLatency;
    }
    m.hostLatency = {{"ip-10-0-1-23", m.phases[1].deliveryLatency},
                     {"ip-10-0-2-7", m.phases[3].deliveryLatency}};
    run.threads = {{0.31, 0.48, kind.seconds, 0}, {0.29, 0.52, kind.seconds, 1}};
    run.stolen = 0.004;
    run.watched = {{4711, "parlor-server", 0.51, 0.8, 60'000'000, false}};
    run.notes = {"Latencies of the first second are in no figure of the whole run."};
    return run;
}

/// Everything that can go wrong, and markup in each text.
void spoil(RunRecord &run)
{
    Measurements &m = run.measurements;
    m.deliveries = {.received = 399'000,
                    .lost = 960,
                    .doubled = 12,
                    .reordered = 3,
                    .corrupt = 1,
                    .unexpected = 2,
                    .ambiguous = 44,
                    .excused = 70,
                    .foreign = 5,
                    .counted = 6};
    PhaseMeasurements &last = m.phases.back();
    last.planned += 500;
    last.sent += 400;
    last.answered += 300;
    last.rejected = 40;
    last.abandoned = 30;
    last.unanswered = 30;
    last.notMember = 60;
    last.dropped = 40;
    last.held = 8;
    last.early = 9;
    last.sendLag.record(3s);
    m.connectionsLost = 12;
    m.reconnects = 10;
    m.absent = 2;
    m.unarrived = 1;
    m.connectAttempts += 20;
    m.negativeTimes = 4;
    m.errors = {{"connect: Connection refused", 20},
                {std::string("error ") + kMarkup, 9},
                {"upgrade: HTTP 503", 1234}};
    m.refusals = {{"rate_limited", 40}, {kMarkup, 3}};
    m.closeCodes = {{1006, 7}, {4103, 5}};
    m.hosts[kMarkup] = 3;
    m.splits = {{kMarkup, {{30, {{kMarkup, 30}}, {"e1"}}, {20, {{"ws2", 20}}, {"e2"}}}}};
    m.lonelyRooms = {kMarkup, "load-2"};
    run.settings.rooms.push_back(kMarkup);
    run.settings.url = std::string("ws://x/") + kMarkup;
    run.settings.thresholds.push_back("delivery_latency p(50)<1us");
    run.settings.profiles.front().name = kMarkup;
    run.settings.tags[kMarkup] = kMarkup;
    run.settings.verify = Verify::Sample;
    run.settings.verifySample = 10;
    run.phases.back().name = kMarkup;
    run.program = run.id = run.begun = run.machine.host = run.machine.system = kMarkup;
    run.arguments.push_back(kMarkup);
    run.notes.push_back(kMarkup);
    run.watched.front().name = kMarkup;
    run.watched.front().hasEnded = true;
    run.threads.front().busySeconds = run.threads.front().seconds;
    for (std::size_t i = 0; i < run.seconds.size(); i += 7) {
        run.seconds[i].faults = i;
        run.seconds[i].failures = 2;
        run.seconds[i].losses = 1;
        run.seconds[i].latency = CoarseHistogram();
    }
}

/// As a server that nobody reached leaves it.
RunRecord neverReached()
{
    RunRecord run;
    run.settings.url = "ws://127.0.0.1:9/ws";
    run.settings.stages = {{2s, 10}};
    run.settings.rooms = {"load-1"};
    run.phases = Plan(run.settings.stages).phases();
    run.measurements = Measurements(run.phases);
    run.measurements.connectAttempts = 5;
    run.measurements.errors = {{"connect: Connection refused", 5}};
    run.duration = 2s;
    return run;
}

bool write(const QString &path, const QByteArray &bytes)
{
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size();
}

bool writeAll(const QDir &folder, const RunRecord &run, const RunRecord &baseline)
{
    const Judgement judgement = judge(run);
    return write(folder.filePath(QStringLiteral("run.json")), writeRecord(run, judgement)) &&
           write(folder.filePath(QStringLiteral("baseline.json")), writeRecord(baseline, judge(baseline))) &&
           write(folder.filePath(QStringLiteral("run.txt")),
                 QByteArray::fromStdString(textReport(run, judgement))) &&
           write(folder.filePath(QStringLiteral("report.html")),
                 QByteArray::fromStdString(htmlReport(run, judgement, &baseline))) &&
           write(folder.filePath(QStringLiteral("plain.html")),
                 QByteArray::fromStdString(htmlReport(run, judgement, nullptr)));
}

} // namespace

int main(int count, char **arguments)
{
    const std::string_view name = count == 3 ? arguments[1] : "";
    const bool isKnown = name == "good" || name == "spoiled" || name == "hour" || name == "never";
    if (!isKnown) {
        std::fputs("usage: load-report-example good|spoiled|hour|never FOLDER\n", stderr);
        return 2;
    }
    const std::uint32_t seconds = name == "hour" ? 3600 : 240;
    RunRecord run = name == "never" ? neverReached() : runOf({name, seconds, name == "good" ? 0.8 : 1.3});
    if (name == "spoiled")
        spoil(run);
    const QDir folder(QString::fromLocal8Bit(arguments[2]));
    if (!folder.mkpath(QStringLiteral(".")) || !writeAll(folder, run, runOf({"baseline", seconds}))) {
        std::fprintf(stderr, "cannot write to %s\n", arguments[2]);
        return 1;
    }
    return 0;
}
