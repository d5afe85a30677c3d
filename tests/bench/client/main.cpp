// SPDX-License-Identifier: MIT
// bench_client drives one scenario against one server on 127.0.0.1 and prints what it saw, and what the
// server's process used, as a JSON object. tests/bench/compare.py starts it.
#include "tests/bench/client/scenario.h"

#include <CLI/CLI.hpp>
#include <sys/prctl.h>

#include <cstdio>
#include <functional>
#include <map>

namespace {

using namespace parlor::bench;
using Scenario = std::function<std::vector<Phase>(const Options &)>;

const std::map<std::string, Scenario> kScenarios{{"fanout", fanOut},        {"rooms-of-one", roomsOfOne},
                                                 {"fixed-rate", fixedRate}, {"connections", connections},
                                                 {"sleepers", sleepers},    {"reconnects", reconnects}};
const std::map<std::string, Dialect> kDialects{{"v1", Dialect::V1}, {"rooms", Dialect::Rooms}};

void addMilliseconds(CLI::App &app, const std::string &flag, std::chrono::milliseconds &target,
                     const std::string &description)
{
    app.add_option_function<double>(
           flag,
           [&target](double seconds) {
               target = std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
           },
           description)
        ->check(CLI::Range(0.0, 3600.0));
}

} // namespace

int main(int argc, char **argv)
{
    Options options;
    CLI::App app("Drives one scenario of tests/bench/compare.py.");
    app.add_option("scenario", "fanout, rooms-of-one, fixed-rate, connections, sleepers or reconnects")
        ->required()
        ->check(CLI::IsMember(kScenarios));
    app.add_option("--port", options.ports, "the server's, on 127.0.0.1; or of several that are one chat")
        ->required()
        ->delimiter(',');
    app.add_option("--pid", options.servers, "the servers' processes, whose CPU and memory count")
        ->delimiter(',');
    app.add_option("--dialect", options.dialect, "v1 or rooms")
        ->transform(CLI::CheckedTransformer(kDialects));
    app.add_option("--clients", options.clients, "connections")->check(CLI::Range(1, 100'000));
    app.add_option("--others", options.others, "of sleepers and reconnects: who disturb")
        ->check(CLI::Range(1, 100'000));
    app.add_option("--rooms", options.rooms, "of fixed-rate, sleepers and reconnects")
        ->check(CLI::Range(1, 100'000));
    app.add_option("--in-flight", options.inFlight, "of fanout: messages under way, a phase for each number")
        ->delimiter(',');
    app.add_option("--content", options.contentBytes, "bytes of a message's content")
        ->check(CLI::Range(std::size_t{17}, std::size_t{32'768}));
    app.add_option("--per-second", options.perSecond, "of fixed-rate: messages")
        ->check(CLI::Range(1, 1'000'000));
    app.add_option("--at-once", options.atOnce, "of connections: how many are opened side by side")
        ->check(CLI::Range(1, 10'000));
    addMilliseconds(app, "--seconds", options.duration, "of a phase");
    addMilliseconds(app, "--warm-up", options.warmUp, "seconds before it");
    addMilliseconds(app, "--patience", options.patience, "seconds to wait for the last delivery");
    CLI11_PARSE(app, argc, argv);

    // The kernel's 50 us of slack would count as lateness of an open loop.
    prctl(PR_SET_TIMERSLACK, 1);
    const std::string name = app.get_option("scenario")->as<std::string>();
    std::puts(toJson(name, kScenarios.at(name)(options)).c_str());
    return 0;
}
