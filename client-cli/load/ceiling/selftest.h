// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/ceiling/ceiling.h"
#include "client-cli/load/record/runstatus.h"
#include "client-cli/load/wire/address.h"
#include "client-cli/load/wire/target.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace parlor::cli::load {

/// How many connections one generator held, and what they cost it.
struct ConnectionCost
{
    std::uint32_t connections = 0; ///< that were there at once, joined
    std::uint32_t wanted = 0;
    std::uint64_t before = 0; ///< bytes of memory, resident, of this process alone
    std::uint64_t after = 0;
    bool isInterrupted = false;

    [[nodiscard]] double bytesEach() const
    {
        return connections == 0 || after < before
                   ? 0
                   : static_cast<double>(after - before) / static_cast<double>(connections);
    }
};

/// Measures this generator against a sink, so that one knows what a machine can bear before a server is
/// blamed for it. Its process must be alone in what it does: memory is counted.
class SelfTest
{
public:
    /// `target`: of a sink. `interrupts`: as LoadRun's.
    SelfTest(Target target, std::vector<Address> addresses, int interrupts, std::uint32_t threads);

    /// With fewer, measureDeliveries() cannot be.
    [[nodiscard]] static std::uint32_t leastConnections(std::uint32_t threads);
    /// Before measureDeliveries(): memory that was used once is not seen again.
    [[nodiscard]] Result<ConnectionCost> holdConnections(std::uint32_t connections);
    /// What the search for the most verified deliveries looks for, and how.
    [[nodiscard]] CeilingPlan deliveriesPlan() const;
    [[nodiscard]] Result<CeilingResult> measureDeliveries(const Ceiling::Watcher &done);

private:
    [[nodiscard]] Result<RunRecord> run(const Settings &settings, std::vector<RunWatcher *> watchers);
    [[nodiscard]] Settings settings(std::uint32_t rooms) const;

    Target m_target;
    std::vector<Address> m_addresses;
    int m_interrupts;
    std::uint32_t m_threads;
};

/// What of it was found, for people.
[[nodiscard]] std::string costText(const ConnectionCost &cost);
/// `cores`: that its threads had.
[[nodiscard]] std::string deliveriesText(const CeilingResult &result, std::uint32_t threads,
                                         std::size_t cores);
/// `loadAverage`: of the minute before the test.
[[nodiscard]] std::string machineText(const Machine &machine, double loadAverage);

} // namespace parlor::cli::load
