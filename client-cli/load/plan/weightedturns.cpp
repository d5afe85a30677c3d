// SPDX-License-Identifier: MIT
#include "client-cli/load/plan/weightedturns.h"

#include <numeric>

namespace parlor::cli::load {

WeightedTurns::WeightedTurns(std::vector<double> weights)
    : m_shares(std::move(weights))
    , m_given(m_shares.size())
{
    const double sum = std::accumulate(m_shares.begin(), m_shares.end(), 0.0);
    for (double &share : m_shares)
        share /= sum;
}

std::size_t WeightedTurns::next()
{
    ++m_turns;
    std::size_t best = 0;
    double mostDue = -1;
    for (std::size_t i = 0; i < m_shares.size(); ++i) {
        const double due = m_shares[i] * static_cast<double>(m_turns) - static_cast<double>(m_given[i]);
        if (m_shares[i] > 0 && due > mostDue + 1e-9) {
            best = i;
            mostDue = due;
        }
    }
    ++m_given[best];
    return best;
}

} // namespace parlor::cli::load
