// SPDX-License-Identifier: MIT
// bench_store fills a store, by way of the server's engine or with bare inserts, and prints how fast that
// went as a JSON object. tests/bench/store.py starts it.
#include "tests/bench/store/workload.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <functional>
#include <map>

int main(int argc, char **argv)
{
    using namespace parlor::bench;
    const std::map<std::string, std::function<Outcome(const Workload &)>> ways{{"engine", runEngine},
                                                                               {"bare", runBare}};
    Workload workload;
    double seconds = 1;
    CLI::App app("Fills a store.");
    app.add_option("way", "engine or bare")->required()->check(CLI::IsMember(ways));
    app.add_option("--store", workload.path, "a file that is not there yet")
        ->required()
        ->check(CLI::NonexistentPath);
    app.add_option("--seconds", seconds)->check(CLI::Range(0.05, 600.0));
    app.add_option("--rooms", workload.rooms)->check(CLI::Range(1, 10'000));
    app.add_option("--content", workload.contentBytes, "bytes of a message's content")
        ->check(CLI::Range(1, 4000));
    app.add_option("--under-way", workload.underWay, "engine: messages that wait for their commit")
        ->check(CLI::Range(1, 10'000));
    app.add_option("--group", workload.group, "bare: messages of a commit")->check(CLI::Range(1, 10'000));
    CLI11_PARSE(app, argc, argv);

    workload.duration = std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
    const Outcome outcome = ways.at(app.get_option("way")->as<std::string>())(workload);
    if (!outcome.problem.empty()) {
        std::fprintf(stderr, "%s\n", outcome.problem.c_str());
        return 1;
    }
    std::printf(R"({"messages":%llu,"commits":%llu,"duration_ns":%lld,"cpu_ns":%lld})"
                "\n",
                static_cast<unsigned long long>(outcome.messages),
                static_cast<unsigned long long>(outcome.commits),
                static_cast<long long>(outcome.took.count()), static_cast<long long>(outcome.cpu.count()));
    return 0;
}
