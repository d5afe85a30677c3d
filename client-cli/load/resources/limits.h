// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace parlor::cli::load {

/// What this machine allows a process, and has. nullopt: it does not say.
struct Limits
{
    std::uint64_t softDescriptors = 0;              ///< RLIMIT_NOFILE; the greatest number: no limit
    std::uint64_t hardDescriptors = 0;              ///< up to which a process may raise its own limit
    std::optional<std::uint64_t> mostDescriptors{}; ///< fs.nr_open: up to which root may raise that
    std::optional<std::uint64_t> freeFiles{};       ///< fs.file-max without those that are open
    std::optional<std::uint64_t> ports{};           ///< in net.ipv4.ip_local_port_range
    std::optional<std::uint64_t> listenQueue{};     ///< net.core.somaxconn
    std::optional<std::uint64_t> handshakes{};      ///< net.ipv4.tcp_max_syn_backlog
    std::optional<std::uint64_t> tracked{}; ///< net.netfilter.nf_conntrack_max, where a firewall tracks
    std::optional<std::uint64_t> memory{};  ///< bytes that are available
    std::uint64_t cores = 1;                ///< that this process may use
    bool isRoot = false;                    ///< who runs it
    bool operator==(const Limits &) const = default;
};

/// `proc`: where the kernel's files are.
[[nodiscard]] Limits readLimits(const std::string &proc = "/proc");
/// Raises this process' own limit as far as it may.
void raiseDescriptorLimit();

} // namespace parlor::cli::load
