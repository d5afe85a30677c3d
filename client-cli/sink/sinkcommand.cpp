// SPDX-License-Identifier: MIT
#include "client-cli/sink/sinkcommand.h"

#include "client-cli/exitcode.h"
#include "client-cli/refusal.h"
#include "client-cli/sink/sinkreport.h"
#include "client-cli/sink/sinkserver.h"
#include "client-cli/sink/sinkvalues.h"
#include "shared/process/signalwatcher.h"
#include "shared/process/standardstreams.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <csignal>
#include <iostream>
#include <memory>
#include <numeric>
#include <sys/resource.h>

namespace parlor::cli::sink {

namespace {

/// As typed; checked and turned into SinkOptions once all is parsed.
struct SinkArguments
{
    std::string listen = "127.0.0.1:8009";
    std::array<std::string, kFaults> shares{"0", "0", "0", "0"};
    std::vector<std::string> planned;
    std::string afterJoin = "500ms";
    std::string delay = "0s";
    std::string gather = "0s";
    std::vector<std::string> stalls;
    std::string dialect;
    std::string logFile;
    std::string seed = "1";
    bool json = false;
};

template <typename T>
T sinkValue(const std::string &option, Result<T> result)
{
    if (!result)
        refuse(option + ": " + result.error().text);
    return *std::move(result);
}

SinkOptions sinkOptions(const SinkArguments &given)
{
    SinkOptions options;
    const HostAndPort place = sinkValue("--listen", parseListen(given.listen));
    options.host = place.host;
    options.port = place.port;
    for (std::size_t i = 0; i < kFaults; ++i)
        options.shares[i] =
            sinkValue("--" + std::string(toString(static_cast<Fault>(i))), parseShare(given.shares[i]));
    if (std::accumulate(options.shares.begin(), options.shares.end(), 0.0) > 1)
        refuse(std::string("--drop, --double, --reorder and --corrupt are more than 100% together"));
    for (const std::string &each : given.planned)
        options.planned.push_back(sinkValue("--fault", parsePlannedFault(each)));
    options.afterJoin = sinkValue("--after-join", parseSinkTime(given.afterJoin));
    options.delay = sinkValue("--delay", parseSinkTime(given.delay));
    options.gather = sinkValue("--gather", parseSinkTime(given.gather));
    for (const std::string &each : given.stalls)
        options.stalls.push_back(sinkValue("--stall", parseStall(each)));
    std::ranges::sort(options.stalls, {}, &Stall::begin);
    options.seed = sinkValue("--seed", parseSeed(given.seed));
    if (!given.logFile.empty())
        options.logFile = given.logFile;
    options.dialects = given.dialect.empty()   ? Dialects::Both
                       : given.dialect == "v1" ? Dialects::V1
                                               : Dialects::V2;
    options.format = given.json ? Format::Json : Format::Text;
    return options;
}

int sinkFailure(int code, const std::string &why)
{
    std::cerr << "parlor-cli sink: " << why << '\n';
    return code;
}

int runSink(const SinkOptions &options)
{
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    FaultLog log;
    if (options.logFile) {
        if (const auto opened = log.open(*options.logFile); !opened)
            return sinkFailure(exitcode::kUsage, opened.error().text);
    }
    SinkServer server(options, log);
    if (const auto listening = server.listen(); !listening)
        return sinkFailure(exitcode::kFailed, listening.error().text);
    const SignalWatcher signals({SIGINT, SIGTERM, SIGHUP});
    std::cerr << "listening on " << server.url() << std::endl;
    if (const auto served = server.run(signals.descriptor()); !served)
        return sinkFailure(exitcode::kFailed, served.error().text);

    bool isTold = true;
    if (const auto closed = log.close(); !closed) {
        std::cerr << "parlor-cli sink: " << closed.error().text << '\n';
        isTold = false;
    }
    const std::string report = options.format == Format::Json
                                   ? jsonReport(server.counts(), options, server.uptime())
                                   : textReport(server.counts(), server.uptime());
    isTold = writeToStdout(report, "parlor-cli sink") && isTold;
    return isTold ? exitcode::kOk : exitcode::kNotWritten;
}

} // namespace

void addSink(CLI::App &app, Runner &chosen)
{
    auto given = std::make_shared<SinkArguments>();
    CLI::App *sink =
        app.add_subcommand("sink", "Serve load generators, and fail in ways that they must notice");
    sink->footer(
        "A sink speaks as much of both dialects as a load needs: join, leave, message, ping. It keeps "
        "nothing,\n"
        "and has no limit of rates. Faults are committed on each delivery to each receiver by itself, one "
        "at\n"
        "most, chosen by the seed, the room, the message's number and the receiver's. What was done is told\n"
        "when it ends (Ctrl-C), exactly; a fault that needs a next message, and got none, was not done.\n"
        "A PART is 0.1% or 0.001 of the deliveries. A TIME is a number with its unit: 500ms, 5s, 2m.\n"
        "The JSON of --log has a line for each fault: ms since the start, kind, room, seq, receiver.\n"
        "Exit codes: 0 ended by a signal; 1 it could not listen; 2 usage; 4 the report or the log could not "
        "be\n"
        "written.");
    sink->add_option("--listen", given->listen, "Where; port 0 is any free one [127.0.0.1:8009]")
        ->type_name("HOST:PORT");
    sink->add_option("--drop,--loss", given->shares[0], "Do not send")->type_name("PART");
    sink->add_option("--double,--dup", given->shares[1], "Send twice")->type_name("PART");
    sink->add_option("--reorder", given->shares[2],
                     "Send behind the next one of the room; to v1 clients, which see no numbers,\n"
                     "behind the sender's next")
        ->type_name("PART");
    sink->add_option("--corrupt", given->shares[3], "Change the content's last letter or digit")
        ->type_name("PART");
    sink->add_option(
            "--fault", given->planned,
            "KIND@MESSAGE:RECEIVER, this fault (drop, double, reorder, corrupt) on the room's message\n"
            "of this number for who joined as so manieth: drop@5:1; may be repeated")
        ->type_name("FAULT")
        ->allow_extra_args(false);
    sink->add_option(
            "--after-join", given->afterJoin,
            "A receiver's first deliveries are right for so long, so that it certainly is owed what is\n"
            "dropped [500ms]")
        ->type_name("TIME");
    sink->add_option("--delay", given->delay, "Send each delivery so late [0s]")->type_name("TIME");
    sink->add_option(
            "--gather", given->gather,
            "Send at most once in so long, all that came meanwhile, as a server under load does: less\n"
            "work for who receives it [0s]")
        ->type_name("TIME");
    sink->add_option(
            "--stall", given->stalls,
            "TIME@TIME: read and send nothing for so long, so long after the first connection: 2s@30s;\n"
            "may be repeated")
        ->type_name("STALL")
        ->allow_extra_args(false);
    sink->add_option("--seed", given->seed, "The same seed, the same faults [1]")->type_name("N");
    sink->add_option("--dialect", given->dialect, "Speak this one only [both]")
        ->check(CLI::IsMember({"v1", "v2"}).description(""))
        ->type_name("v1|v2");
    sink->add_option("--log", given->logFile, "Write each fault as a line of JSON")->type_name("FILE");
    sink->add_flag("--json", given->json, "Write the report as JSON");
    sink->final_callback(
        [given, &chosen] { chosen = [options = sinkOptions(*given)] { return runSink(options); }; });
}

} // namespace parlor::cli::sink
