// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace parlor {

/// Raises this process' limit of open files to the highest that it may have (the hard RLIMIT_NOFILE), and
/// returns what it is then; 0 where the system does not tell. Before there are connections.
std::uint64_t raiseDescriptorLimit();

/// The most descriptors that a server without connections has open at once: the standard streams, the store
/// with its readers, a listener and a connection to be refused, and what each worker's event loop and sends
/// need.
[[nodiscard]] constexpr std::uint64_t descriptorsNeeded(unsigned workers)
{
    return 24 + 6 * std::uint64_t(workers);
}

/// How many connections may be admitted where so many files may be open: what is left over answers /health
/// and refuses newcomers. 0 for no limit on either side.
[[nodiscard]] std::uint64_t connectionsWithin(std::uint64_t descriptors, std::uint64_t wanted);

} // namespace parlor
