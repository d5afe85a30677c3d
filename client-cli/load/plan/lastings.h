// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/plan/random.h"
#include "client-cli/load/plan/settings.h"

namespace parlor::cli::load {

/// Durations of one kind, one after the other. The same seed and stream have the same ones in every run.
/// Pure.
class Lastings
{
public:
    /// `lasting` outlives it.
    Lastings(const Lasting &lasting, std::uint64_t seed, std::uint64_t stream)
        : m_lasting(lasting)
        , m_random(seed, stream)
    {
    }

    [[nodiscard]] Offset next()
    {
        if (!m_lasting.isExponential)
            return m_lasting.mean;
        const auto mean = static_cast<double>(m_lasting.mean.count());
        return Offset(static_cast<Offset::rep>(m_random.exponential(mean)));
    }

    /// What is left of one, from a random moment on: what begins together does not end together.
    [[nodiscard]] Offset rest()
    {
        if (m_lasting.isExponential)
            return next();
        const auto whole = static_cast<double>(m_lasting.mean.count());
        return Offset(static_cast<Offset::rep>(m_random.fraction() * whole));
    }

private:
    const Lasting &m_lasting;
    Random m_random;
};

} // namespace parlor::cli::load
