// SPDX-License-Identifier: MIT
#include "client-cli/load/options/loadcommand.h"

#include "client-cli/exitcode.h"
#include "client-cli/load/judgement/judgement.h"
#include "client-cli/load/judgement/metrics.h"
#include "client-cli/load/judgement/thresholdparser.h"
#include "client-cli/load/options/loadoptions.h"
#include "client-cli/load/options/optionvalues.h"
#include "client-cli/load/plan/ownrooms.h"
#include "client-cli/load/report/statusline.h"
#include "client-cli/load/report/textreport.h"
#include "client-cli/load/run/loadrun.h"
#include "client-cli/load/runfile/jsonreport.h"
#include "client-cli/load/runfile/resultfile.h"
#include "client-cli/networknotice.h"
#include "client-cli/refusal.h"
#include "client-cli/tokenoptions.h"
#include "shared/client/serverurl.h"
#include "shared/process/signalwatcher.h"
#include "shared/process/standardstreams.h"

#include <QCoreApplication>

#include <CLI/CLI.hpp>

#include <csignal>
#include <iostream>
#include <sys/resource.h>
#include <unistd.h>

namespace parlor::cli::load {

namespace {

/// As typed; checked and turned into LoadOptions once all is parsed.
struct LoadArguments
{
    std::string url;
    std::string stages = "30s:50,1m:50,30s:100,1m:100,30s:0";
    std::string rate = "0.5/s";
    std::string rooms = "3";
    std::string size = "128";
    std::string dialect = "v2";
    std::string drain = "5s";
    std::string connectTimeout = "5s";
    std::uint64_t seed = 1;
    std::vector<std::string> thresholds;
    std::string resultFile;
    std::string tokenFile;
    bool quiet = false;
};

template <typename T>
T valueOf(const char *option, Result<T> result)
{
    if (!result)
        refuse(std::string(option) + ": " + result.error().text);
    return *std::move(result);
}

Target targetOf(const std::string &text)
{
    const auto url = parseServerUrl(QString::fromStdString(text));
    if (!url)
        refuse(url.error().text);
    if (url->scheme() == QLatin1String("wss"))
        refuse("'" + text + "': load speaks ws:// only so far; give the address behind what ends TLS");
    Target target;
    target.url = url->toString().toStdString();
    target.host = url->host(QUrl::FullyEncoded).toStdString();
    target.port = static_cast<std::uint16_t>(url->port(80));
    target.path = url->toEncoded(QUrl::RemoveScheme | QUrl::RemoveAuthority).toStdString();
    target.authority = url->authority(QUrl::FullyEncoded).toStdString();
    return target;
}

LoadOptions loadOptions(const LoadArguments &given)
{
    LoadOptions options;
    Settings &settings = options.settings;
    options.target = targetOf(given.url);
    settings.url = options.target.url;
    if (!given.tokenFile.empty())
        options.target.token = tokenInFile(given.tokenFile).toStdString();
    if (given.dialect != "v1" && given.dialect != "v2")
        refuse("--dialect: '" + given.dialect + "' is neither v1 nor v2");
    settings.dialect = given.dialect == "v1" ? DialectName::V1 : DialectName::V2;
    settings.stages = valueOf("--stages", parseStages(given.stages));
    settings.profiles.front().rate = valueOf("--rate", parseRate(given.rate));
    settings.rooms = valueOf("--rooms", parseRooms(given.rooms));
    settings.profiles.front().size = valueOf("--size", parseSize(given.size, settings.dialect));
    settings.seed = given.seed;
    settings.drain = valueOf("--drain", parseDuration(given.drain));
    settings.connectTimeout = valueOf("--connect-timeout", parseDuration(given.connectTimeout));
    if (settings.connectTimeout <= Offset{})
        refuse(std::string("--connect-timeout: it must be longer than nothing"));
    for (const std::string &each : given.thresholds)
        settings.thresholds.push_back(valueOf("--threshold", parseThreshold(each)).text);
    if (!given.resultFile.empty())
        options.resultFile = given.resultFile;
    options.quiet = given.quiet;
    const QStringList arguments = QCoreApplication::arguments();
    for (const QString &each : arguments)
        options.arguments.push_back(each.toStdString());
    return options;
}

int fail(int code, const std::string &why)
{
    std::cerr << why << '\n';
    return code;
}

/// Every user has a descriptor. nullopt: there are enough.
Result<void> raiseDescriptorLimit(std::uint32_t users)
{
    constexpr rlim_t kOthers = 32;
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    ::getrlimit(RLIMIT_NOFILE, &limit);
    if (users + kOthers <= limit.rlim_cur)
        return {};
    return Error{.text = std::to_string(users) + " users need " + std::to_string(users + kOthers) +
                         " descriptors, but this process may have " + std::to_string(limit.rlim_cur) +
                         "; raise the hard limit (ulimit -Hn) or ask for fewer users"};
}

/// People may be in the rooms that were named.
void warnOfRooms(const std::vector<std::string> &rooms)
{
    constexpr std::size_t kMost = 5;
    if (rooms.empty())
        return;
    std::string names;
    for (std::size_t i = 0; i < std::min(rooms.size(), kMost); ++i)
        names += (i == 0 ? "" : ", ") + rooms[i];
    if (rooms.size() > kMost)
        names += " and " + std::to_string(rooms.size() - kMost) + " more";
    std::cerr
        << "parlor-cli: load sends its messages (~P1:...) to " << names
        << ": people in these rooms see them, and they stay there; without --rooms it has rooms of its own\n";
}

int runLoad(const LoadOptions &options)
{
    if (const auto raised = raiseDescriptorLimit(Plan(options.settings.stages).peakUsers()); !raised)
        return fail(exitcode::kUsage, raised.error().text);
    // Opened before the run: minutes of load must not end in "permission denied".
    std::optional<ResultFile> file;
    if (options.resultFile) {
        file.emplace(*options.resultFile);
        if (const auto opened = file->open(); !opened)
            return fail(exitcode::kUsage, opened.error().text);
    }
    const QUrl url(QString::fromStdString(options.target.url));
    tellOfUnusedProxy(url);
    if (!options.target.token.empty())
        warnOfReadableToken(url);
    auto addresses = resolve(options.target.host, options.target.port);
    if (!addresses)
        return fail(exitcode::kNoConnection, addresses.error().text);

    warnOfRooms(foreignRooms(options.settings.rooms));
    const SignalWatcher interrupts({SIGINT, SIGTERM, SIGHUP});
    StatusPrinter printer;
    std::vector<RunWatcher *> watchers;
    if (!options.quiet)
        watchers.push_back(&printer);
    LoadRun load(options.settings, options.target, *std::move(addresses), interrupts.descriptor(), watchers);
    Result<RunRecord> executed = load.execute();
    if (!options.quiet)
        printer.finish();
    if (!executed)
        return fail(exitcode::kFailed, executed.error().text);
    RunRecord &record = *executed;
    record.program = "parlor-cli " PARLOR_VERSION;
    record.arguments = options.arguments;
    const Judgement judgement = judge(record);

    bool isTold = writeToStdout(textReport(record, judgement), "parlor-cli");
    if (file) {
        if (const auto written = file->write(jsonReport(record, judgement)); !written) {
            std::cerr << written.error().text << '\n';
            isTold = false;
        }
    }
    const int code = exitCodeOf(judgement.verdict);
    return code == exitcode::kOk && !isTold ? exitcode::kNotWritten : code;
}

} // namespace

void addLoad(CLI::App &app, Runner &chosen)
{
    auto given = std::make_shared<LoadArguments>();
    CLI::App *load = app.add_subcommand("load", "Put a server under load and account for every delivery");
    load->footer(
        "A TIME is a number with its unit: 500ms, 5s, 2m.\n"
        "A threshold is METRIC FIGURE COMPARISON BOUND, as in 'delivery_latency p(99)<500ms',\n"
        "'connect_success rate>0.95', 'deliveries_lost count==0'. There are\n" +
        metricsHelp() +
        "Ctrl-C ends the run early, with its report; a second one does not wait for deliveries.\n"
        "A percentile counts where ten or more samples lie above it; with fewer its threshold is not met.\n"
        "Exit codes: 0 all that was planned was sent, answered and delivered; 2 usage;\n"
        "3 nobody ever joined; 4 all was well, but the report or --out could not be written;\n"
        "97 incomplete: not all that was planned was sent and answered, or users were missing at the end;\n"
        "98 incorrect: deliveries lost, doubled, out of order, corrupt or unexpected, messages that were\n"
        "never answered, or servers behind the address that do not share the rooms; 99 a threshold not met;\n"
        "105 interrupted. Of several, the one that comes first in 3, 98, 105, 97, 99.");
    load->add_option("URL", given->url, "ws://HOST:PORT; the path /ws and ws:// may be left out")
        ->required()
        ->type_name("");
    load->add_option("--stages", given->stages,
                     "TIME:USERS, in a straight line from the last number of users to the next\n"
                     "[" +
                         given->stages + "]")
        ->type_name("LIST");
    load->add_option("--rate", given->rate, "Messages of each user: 0.5/s, 30/m [0.5/s]")->type_name("RATE");
    load->add_option(
            "--rooms", given->rooms,
            "How many rooms to spread the users over (load-1, load-2 …), or which: people who are in\n"
            "them see the messages, and these stay there [3]")
        ->type_name("LIST|N");
    load->add_option("--size", given->size, "Bytes of a message's content, or a range: 64-1024 [128]")
        ->type_name("BYTES");
    load->add_option("--dialect", given->dialect, "v2, or v1 for servers like the tutorial's [v2]")
        ->type_name("v1|v2");
    load->add_option("--seed", given->seed, "The same seed, the same schedule [1]")->type_name("N");
    load->add_option("--drain", given->drain, "How long a user that goes waits for what it is owed [5s]")
        ->type_name("TIME");
    load->add_option("--connect-timeout", given->connectTimeout,
                     "How long connecting and joining may take [5s]")
        ->type_name("TIME");
    load->add_option("--threshold", given->thresholds, "A condition that the run must meet; may be repeated")
        ->type_name("EXPR")
        ->allow_extra_args(false);
    load->add_option("--token-file", given->tokenFile,
                     "A file with a token for all users, for servers that ask for one. They are one person\n"
                     "then: the server's limits of a user (--user-rate) count for all of them together")
        ->type_name("FILE")
        ->envname("PARLOR_TOKEN_FILE");
    load->add_option("--out", given->resultFile, "Write all that was measured, as JSON")->type_name("FILE");
    load->add_flag("--quiet", given->quiet, "No line a second, only the report");
    load->final_callback(
        [given, &chosen] { chosen = [options = loadOptions(*given)] { return runLoad(options); }; });
}

} // namespace parlor::cli::load
