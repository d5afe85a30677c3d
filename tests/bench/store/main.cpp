// SPDX-License-Identifier: MIT
// bench_store fills a store, by way of the server's engine or with bare inserts, and prints how fast that
// went as a JSON object. tests/bench/store.py and redis.py start it.
#include "tests/bench/store/workload.h"

#include <CLI/CLI.hpp>
#include <QCoreApplication>

#include <cstdio>

namespace {

using namespace parlor::bench;

int print(const Outcome &outcome)
{
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

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv); // the Redis store has an event loop
    Workload workload;
    double seconds = 1;
    CLI::App app("Fills a store.");
    app.require_subcommand(1);
    CLI::App *const engine = app.add_subcommand("engine", "by way of the server's engine");
    CLI::App *const bare = app.add_subcommand("bare", "the same rows into the same tables, and nothing else");
    CLI::App *const script =
        app.add_subcommand("publish-script", "prints what keeps a message in Redis, for redis-benchmark");

    CLI::App *const store = engine->add_option_group("store")->require_option(1);
    for (CLI::App *each : {store, bare})
        each->add_option("--store", workload.path, "a file that is not there yet")
            ->check(CLI::NonexistentPath);
    store->add_option("--redis", workload.redis, "an address of Redis; keys begin with bench:");
    bare->get_option("--store")->required();
    for (CLI::App *each : {engine, bare}) {
        each->add_option("--seconds", seconds)->check(CLI::Range(0.05, 600.0));
        each->add_option("--rooms", workload.rooms)->check(CLI::Range(1, 10'000));
    }
    for (CLI::App *each : {engine, bare, script})
        each->add_option("--content", workload.contentBytes, "bytes of a message's content")
            ->check(CLI::Range(1, 4000));
    engine->add_option("--under-way", workload.underWay, "messages that wait for their answer")
        ->check(CLI::Range(1, 10'000));
    bare->add_option("--group", workload.group, "messages of a commit")->check(CLI::Range(1, 10'000));
    CLI11_PARSE(app, argc, argv);

    workload.duration = std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
    if (script->parsed()) {
        std::puts(publishScript(workload).c_str());
        return 0;
    }
    return print(engine->parsed() ? runEngine(workload) : runBare(workload));
}
