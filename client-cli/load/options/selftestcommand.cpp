// SPDX-License-Identifier: MIT
#include "client-cli/load/options/selftestcommand.h"

#include "client-cli/exitcode.h"
#include "client-cli/load/ceiling/ceilingreport.h"
#include "client-cli/load/ceiling/selftest.h"
#include "client-cli/load/ceiling/sinkchild.h"
#include "client-cli/load/record/figures.h"
#include "client-cli/load/resources/findings.h"
#include "client-cli/load/run/machine.h"
#include "shared/process/signalwatcher.h"
#include "shared/process/standardstreams.h"

#include <QCoreApplication>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <sched.h>
#include <vector>

namespace parlor::cli::load {

namespace {

constexpr std::uint32_t kWantedConnections = 15'000;
constexpr std::uint32_t kMostOfAuto = 8; ///< threads

std::vector<int> usableCores()
{
    std::vector<int> cores;
    cpu_set_t set;
    CPU_ZERO(&set);
    if (::sched_getaffinity(0, sizeof set, &set) != 0)
        return cores;
    for (int i = 0; i < CPU_SETSIZE; ++i) {
        if (CPU_ISSET(static_cast<std::size_t>(i), &set))
            cores.push_back(i);
    }
    return cores;
}

/// All but the last one, which is the sink's.
void leaveTheLast(const std::vector<int> &cores)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    for (std::size_t i = 0; i + 1 < cores.size(); ++i)
        CPU_SET(static_cast<std::size_t>(cores[i]), &set);
    ::sched_setaffinity(0, sizeof set, &set);
}

/// How many connections a process may have here.
struct PossibleConnections
{
    std::uint32_t count = 0;
    std::string advice; ///< how to have as many as are wanted; empty: there are
};

PossibleConnections possibleConnections(std::uint32_t threads)
{
    Settings settings;
    settings.rooms = {"load-1"};
    settings.threads = threads;
    const Needs wanted = needs(settings, {.peakUsers = kWantedConnections});
    const Finding descriptors = findings(wanted, readLimits()).front();
    if (descriptors.isEnough)
        return {.count = kWantedConnections, .advice = {}};
    const std::uint64_t others = wanted.descriptors - wanted.connections;
    PossibleConnections possible;
    possible.count = static_cast<std::uint32_t>(std::max(descriptors.available, others) - others);
    possible.advice = "a process may have " + figures::count(descriptors.available) +
                      " descriptors, enough for " + figures::count(possible.count) + " connections; for " +
                      figures::count(kWantedConnections) + ":";
    for (const std::string &command : descriptors.commands)
        possible.advice += "\n    " + command;
    return possible;
}

/// What the threads and the sink have to share; `cores`: of the threads.
std::string coresText(std::size_t cores, bool isSinkBeside, std::uint32_t threads)
{
    const std::string indent(14, ' ');
    std::string text;
    if (!isSinkBeside)
        text += indent + "one core is all there is: the sink shares it\n";
    if (threads > cores)
        text += indent + std::to_string(threads) + " threads share " + std::to_string(cores) +
                (cores == 1 ? " core" : " cores") + (isSinkBeside ? ", as the sink has one" : "") +
                ": they can do no more than " + (cores == 1 ? "one" : std::to_string(cores)) + " could\n";
    return text;
}

int selfTestFailure(const std::string &why)
{
    std::cerr << "parlor-cli load --self-test: " << why << '\n';
    return exitcode::kFailed;
}

} // namespace

int runSelfTest(std::uint32_t wantedThreads)
{
    const std::vector<int> cores = usableCores();
    const bool canPart = cores.size() > 1;
    const std::size_t coresOfThreads = canPart ? cores.size() - 1 : 1;
    const std::uint32_t threads =
        wantedThreads > 0 ? wantedThreads : std::min(kMostOfAuto, static_cast<std::uint32_t>(coresOfThreads));
    double load = 0;
    if (::getloadavg(&load, 1) != 1)
        load = 0;
    const PossibleConnections possible = possibleConnections(threads);
    if (const std::uint32_t least = SelfTest::leastConnections(threads); possible.count < least) {
        std::cerr << "parlor-cli load --self-test: it needs " << least << " connections at least, and "
                  << possible.advice << '\n';
        return exitcode::kUsage;
    }
    raiseDescriptorLimit();
    if (!possible.advice.empty())
        std::cerr << "parlor-cli load --self-test: " << possible.advice << '\n';
    const std::uint32_t connections = possible.count;
    const auto sink = SinkChild::start(QCoreApplication::applicationFilePath().toStdString(),
                                       canPart ? std::optional(cores.back()) : std::nullopt);
    if (!sink)
        return selfTestFailure(sink.error().text);
    if (canPart)
        leaveTheLast(cores);
    Target target;
    target.host = "127.0.0.1";
    target.port = (*sink)->port();
    target.authority = "127.0.0.1:" + std::to_string(target.port);
    target.url = "ws://" + target.authority + target.path;
    const auto addresses = resolve(target.host, target.port);
    if (!addresses)
        return selfTestFailure(addresses.error().text);

    target.sources = SourceAddresses::automatic(*addresses, connections);
    const SignalWatcher interrupts({SIGINT, SIGTERM, SIGHUP});
    SelfTest test(target, *addresses, interrupts.descriptor(), threads);
    bool isTold = writeToStdout(
        machineText(thisMachine(), load) + coresText(coresOfThreads, canPart, threads), "parlor-cli load");
    const auto cost = test.holdConnections(connections);
    if (!cost)
        return selfTestFailure(cost.error().text);
    if (cost->isInterrupted)
        return writeToStdout(costText(*cost), "parlor-cli load") ? exitcode::kInterrupted
                                                                 : exitcode::kNotWritten;
    isTold = writeToStdout(costText(*cost) + "\n" + stepHeading(test.deliveriesPlan()), "parlor-cli load") &&
             isTold;
    const auto found = test.measureDeliveries(
        [&](const Step &step) { isTold = writeToStdout(stepLines(step), "parlor-cli load") && isTold; });
    if (!found)
        return selfTestFailure(found.error().text);
    isTold =
        writeToStdout("\n" + deliveriesText(*found, threads, coresOfThreads), "parlor-cli load") && isTold;
    if (found->isInterrupted)
        return exitcode::kInterrupted;
    if (!found->passed || cost->connections < connections)
        return exitcode::kFailed;
    return isTold ? exitcode::kOk : exitcode::kNotWritten;
}

} // namespace parlor::cli::load
