// SPDX-License-Identifier: MIT
#include "client-cli/load/options/selftestcommand.h"

#include "client-cli/exitcode.h"
#include "client-cli/load/ceiling/ceilingreport.h"
#include "client-cli/load/ceiling/selftest.h"
#include "client-cli/load/ceiling/sinkchild.h"
#include "client-cli/load/run/machine.h"
#include "shared/process/signalwatcher.h"
#include "shared/process/standardstreams.h"

#include <QCoreApplication>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <sched.h>
#include <sys/resource.h>
#include <vector>

namespace parlor::cli::load {

namespace {

constexpr std::uint32_t kWantedConnections = 15'000;

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

std::uint32_t possibleConnections()
{
    constexpr rlim_t kOtherUse = 64;
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    return static_cast<std::uint32_t>(
        std::min<rlim_t>(kWantedConnections, limit.rlim_cur - std::min(limit.rlim_cur, kOtherUse)));
}

/// What the threads and the sink have to share.
std::string coresText(std::size_t cores, std::uint32_t threads)
{
    const std::string indent(14, ' ');
    if (cores < 2)
        return indent + "one core is all there is: the sink shares it\n";
    if (threads < cores)
        return {};
    return indent + std::to_string(threads) + " threads share " + std::to_string(cores - 1) +
           (cores == 2 ? " core" : " cores") + ", as the sink has one\n";
}

int selfTestFailure(const std::string &why)
{
    std::cerr << "parlor-cli load --self-test: " << why << '\n';
    return exitcode::kFailed;
}

} // namespace

int runSelfTest(std::uint32_t threads)
{
    double load = 0;
    if (::getloadavg(&load, 1) != 1)
        load = 0;
    const std::uint32_t connections = possibleConnections();
    const std::vector<int> cores = usableCores();
    const bool canPart = cores.size() > 1;
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
    bool isTold =
        writeToStdout(machineText(thisMachine(), load) + coresText(cores.size(), threads), "parlor-cli");
    const auto cost = test.holdConnections(connections);
    if (!cost)
        return selfTestFailure(cost.error().text);
    if (cost->isInterrupted)
        return writeToStdout(costText(*cost), "parlor-cli") ? exitcode::kInterrupted : exitcode::kNotWritten;
    isTold =
        writeToStdout(costText(*cost) + "\n" + stepHeading(test.deliveriesPlan()), "parlor-cli") && isTold;
    const auto found = test.measureDeliveries(
        [&](const Step &step) { isTold = writeToStdout(stepLine(step), "parlor-cli") && isTold; });
    if (!found)
        return selfTestFailure(found.error().text);
    isTold = writeToStdout("\n" + deliveriesText(*found, threads), "parlor-cli") && isTold;
    if (found->isInterrupted)
        return exitcode::kInterrupted;
    if (!found->passed || cost->connections < connections)
        return exitcode::kFailed;
    return isTold ? exitcode::kOk : exitcode::kNotWritten;
}

} // namespace parlor::cli::load
