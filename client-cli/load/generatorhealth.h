// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/measurements.h"

#include <string>
#include <vector>

namespace parlor::cli::load {

/// Whether the generator itself kept up. If not, the figures say more about it than about the server. Pure.
class GeneratorHealth
{
public:
    /// The share of one core that its thread took in a second; called once a second.
    void addSecond(double cpuShare);

    [[nodiscard]] double meanCpu() const { return m_seconds == 0 ? 0 : m_sum / m_seconds; }
    [[nodiscard]] double peakCpu() const { return m_peak; }
    /// What speaks against the figures; empty: nothing.
    [[nodiscard]] std::vector<std::string> limits(const PhaseMeasurements &all) const;

private:
    double m_sum = 0;
    double m_peak = 0;
    int m_seconds = 0;
    int m_busy = 0; ///< seconds over the bound
};

} // namespace parlor::cli::load
