// SPDX-License-Identifier: MIT
#include "client-cli/load/resources/findings.h"

#include <algorithm>

namespace parlor::cli::load {

namespace {

/// The next "round" number that people set limits to.
std::uint64_t roundUp(std::uint64_t value)
{
    constexpr std::uint64_t kStep = 1024;
    return (value + kStep - 1) / kStep * kStep;
}

/// Where root runs this there may be no sudo.
std::string asRoot(const Limits &limits, const std::string &command)
{
    return (limits.isRoot ? "" : "sudo ") + command;
}

std::string sysctl(const Limits &limits, const std::string &name, std::uint64_t value)
{
    return asRoot(limits, "sysctl -w " + name + "=" + std::to_string(value));
}

Finding descriptors(const Needs &needs, const Limits &limits)
{
    Finding finding{.what = needs.processes > 1 ? "descriptors of each process" : "descriptors of a process",
                    .key = "descriptors",
                    .needed = needs.descriptors,
                    .available = limits.hardDescriptors,
                    .isNecessary = true};
    finding.isEnough = finding.available >= finding.needed;
    if (finding.isEnough)
        return finding;
    const std::uint64_t wanted = roundUp(needs.descriptors);
    if (limits.mostDescriptors && *limits.mostDescriptors < wanted)
        finding.commands.push_back(sysctl(limits, "fs.nr_open", wanted));
    finding.commands.push_back(asRoot(limits, "prlimit --pid $$ --nofile=" + std::to_string(wanted)));
    finding.advice = "in a systemd unit LimitNOFILE=" + std::to_string(wanted) +
                     ", with docker --ulimit nofile=" + std::to_string(wanted);
    constexpr std::uint64_t kSpare = 64;
    constexpr std::uint64_t kMostProcesses = 64;
    const std::uint64_t each = limits.hardDescriptors - std::min(limits.hardDescriptors, kSpare);
    if (each > 0 && each * kMostProcesses >= needs.connections)
        finding.advice += "; or --processes " + std::to_string((needs.connections + each - 1) / each) +
                          ", each of which has as many";
    return finding;
}

Finding ports(const Needs &needs, const Limits &limits)
{
    const std::uint64_t available = *limits.ports;
    Finding finding{.what = needs.sources > 1 ? "ports of each source address" : "ports of a source address",
                    .key = "ports",
                    .needed = needs.ports,
                    .available = available,
                    .isNecessary = true};
    finding.isEnough = available >= needs.ports;
    if (finding.isEnough)
        return finding;
    constexpr std::uint64_t kWidest = 65535 - 1024 + 1;
    if (needs.ports <= kWidest)
        finding.commands.push_back(asRoot(limits, "sysctl -w net.ipv4.ip_local_port_range=\"1024 65535\""));
    const std::uint64_t each = std::clamp<std::uint64_t>(available, 1, 20'000);
    finding.advice = (finding.commands.empty() ? "give " : "or give ") +
                     std::to_string((needs.connections + each - 1) / each) +
                     " addresses of this machine with --source-ips";
    return finding;
}

/// One that the kernel has by a name, and that is enough if it is not smaller.
Finding setting(const Limits &limits, std::string what, std::string key, const std::string &name,
                std::uint64_t needed, std::uint64_t available)
{
    Finding finding{.what = std::move(what), .key = std::move(key), .needed = needed, .available = available};
    finding.isEnough = available >= needed;
    if (!finding.isEnough)
        finding.commands.push_back(sysctl(limits, name, roundUp(needed)));
    return finding;
}

} // namespace

std::vector<Finding> findings(const Needs &needs, const Limits &limits)
{
    std::vector<Finding> all{descriptors(needs, limits)};
    if (limits.ports)
        all.push_back(ports(needs, limits));
    if (limits.memory) {
        all.push_back(
            {.what = "memory",
             .key = "memory",
             .unit = Finding::Unit::Bytes,
             .needed = needs.memory,
             .available = *limits.memory,
             .isEnough = *limits.memory >= needs.memory,
             .advice = *limits.memory >= needs.memory ? "" : "ask for fewer users, or use a larger machine"});
    }
    if (limits.freeFiles) {
        constexpr std::uint64_t kOfOthers = 1'048'576;
        const std::uint64_t wanted = needs.descriptors * needs.processes;
        Finding files{.what = "files that the system may open",
                      .key = "files",
                      .needed = wanted,
                      .available = *limits.freeFiles,
                      .isEnough = *limits.freeFiles >= wanted};
        if (!files.isEnough)
            files.commands.push_back(sysctl(limits, "fs.file-max", roundUp(wanted) + kOfOthers));
        all.push_back(std::move(files));
    }
    if (limits.tracked) {
        all.push_back(setting(limits, "connections that the firewall tracks", "tracked",
                              "net.netfilter.nf_conntrack_max", needs.connections, *limits.tracked));
    }
    if (limits.listenQueue) {
        all.push_back(setting(limits, "accept queue, if the server is here", "listen_queue",
                              "net.core.somaxconn", needs.arriving, *limits.listenQueue));
    }
    if (limits.handshakes) {
        all.push_back(setting(limits, "handshakes at once, if the server is here", "handshakes",
                              "net.ipv4.tcp_max_syn_backlog", needs.arriving, *limits.handshakes));
    }
    Finding cores{.what = "cores for the generator's threads",
                  .key = "cores",
                  .needed = needs.threads,
                  .available = limits.cores};
    cores.isEnough = cores.available >= cores.needed;
    if (!cores.isEnough)
        cores.advice = "ask for fewer --threads or --processes: they take turns, and measure each other";
    all.push_back(std::move(cores));
    return all;
}

} // namespace parlor::cli::load
