// SPDX-License-Identifier: MIT
#include "client-cli/sink/faultplan.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace parlor::cli::sink {

namespace {

constexpr int kDrawBits = 53; ///< as many as a double holds

/// SplitMix64's finish.
std::uint64_t mixed(std::uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
}

} // namespace

std::string_view toString(Fault fault)
{
    switch (fault) {
    case Fault::Drop:
        return "drop";
    case Fault::Double:
        return "double";
    case Fault::Reorder:
        return "reorder";
    case Fault::Corrupt:
        break;
    }
    return "corrupt";
}

FaultPlan::FaultPlan(std::uint64_t seed, const FaultShares &shares, std::vector<PlannedFault> planned)
    : m_seed(mixed(seed + 0x9E3779B97F4A7C15ULL))
    , m_planned(std::move(planned))
{
    double sum = 0;
    for (std::size_t i = 0; i < kFaults; ++i) {
        sum += shares[i];
        m_bounds[i] = static_cast<std::uint64_t>(std::llround(std::ldexp(sum, kDrawBits)));
    }
}

std::optional<Fault> FaultPlan::drawn(std::uint64_t room, std::uint64_t seq, std::uint32_t receiver) const
{
    if (m_bounds.back() == 0)
        return std::nullopt;
    std::uint64_t draw = mixed(m_seed ^ room);
    draw = mixed(draw + seq * 0x9E3779B97F4A7C15ULL);
    draw = mixed(draw + receiver * 0xD1B54A32D192ED03ULL) >> (64 - kDrawBits);
    for (std::size_t i = 0; i < kFaults; ++i) {
        if (draw < m_bounds[i])
            return static_cast<Fault>(i);
    }
    return std::nullopt;
}

std::optional<Fault> FaultPlan::planned(std::uint64_t seq, std::uint32_t receiver) const
{
    const auto found = std::ranges::find_if(
        m_planned, [=](const PlannedFault &each) { return each.seq == seq && each.receiver == receiver; });
    return found == m_planned.end() ? std::nullopt : std::optional(found->fault);
}

std::uint64_t FaultPlan::roomNumber(std::string_view name)
{
    std::uint64_t hash = 14695981039346656037ULL; // FNV-1a: the same in every run and on every system
    for (const char each : name)
        hash = (hash ^ static_cast<unsigned char>(each)) * 1099511628211ULL;
    return hash;
}

} // namespace parlor::cli::sink
