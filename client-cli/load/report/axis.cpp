// SPDX-License-Identifier: MIT
#include "client-cli/load/report/axis.h"

#include "client-cli/load/record/figures.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace parlor::cli::load::html {

namespace {

constexpr int kMostSteps = 5;
/// Steps of a clock that people count in, seconds.
constexpr std::array kClockSteps{1.0,   2.0,   5.0,    10.0,   15.0,   30.0,    60.0,    120.0,  300.0,
                                 600.0, 900.0, 1800.0, 3600.0, 7200.0, 14400.0, 21600.0, 43200.0};

std::string shortest(double value)
{
    std::array<char, 32> out{};
    std::snprintf(out.data(), out.size(), "%.4g", value);
    return out.data();
}

std::string shortCount(double value)
{
    if (value >= 1e6)
        return shortest(value / 1e6) + "M";
    if (value >= 1e4)
        return shortest(value / 1e3) + "k";
    return value >= 1e3 ? figures::count(static_cast<std::uint64_t>(std::llround(value))) : shortest(value);
}

/// 1, 2 or 5 times a power of ten, so that there are at most kMostSteps.
double niceStep(double range)
{
    const double rough = range / kMostSteps;
    const double power = std::pow(10, std::floor(std::log10(rough)));
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (rough <= factor * power * (1 + 1e-9))
            return factor * power;
    }
    return 10 * power;
}

double stepOf(Unit unit, double range)
{
    // Of things that are counted there is no half.
    if (unit == Unit::Count)
        return std::max(1.0, niceStep(range));
    if (unit != Unit::Clock)
        return niceStep(range);
    for (const double seconds : kClockSteps) {
        if (range / (seconds * 1e6) <= kMostSteps + 1)
            return seconds * 1e6;
    }
    return niceStep(range / 86400e6) * 86400e6;
}

} // namespace

std::string inWords(Unit unit, double value)
{
    if (!std::isfinite(value))
        return "–";
    switch (unit) {
    case Unit::Time:
        return figures::duration(Offset(std::llround(value)));
    case Unit::Count:
        return figures::count(static_cast<std::uint64_t>(std::llround(value)));
    case Unit::PerSecond:
        return figures::rate(value);
    case Unit::Part:
        return figures::share(value);
    case Unit::Bytes:
        return figures::bytes(static_cast<std::uint64_t>(std::llround(value)));
    case Unit::Cores:
        return figures::decimal(value);
    case Unit::Clock:
        break;
    }
    return figures::clock(Offset(std::llround(value)));
}

std::string onAxis(Unit unit, double value)
{
    switch (unit) {
    case Unit::Time:
        return value >= 1e6 ? shortest(value / 1e6) + " s" : shortest(value / 1e3) + " ms";
    case Unit::Count:
    case Unit::PerSecond:
        return shortCount(value);
    case Unit::Part:
        return shortest(value * 100) + " %";
    case Unit::Bytes:
        return value >= 1e9   ? shortest(value / 1e9) + " GB"
               : value >= 1e6 ? shortest(value / 1e6) + " MB"
               : value >= 1e3 ? shortest(value / 1e3) + " kB"
                              : shortest(value) + " B";
    case Unit::Cores:
        return shortest(value);
    case Unit::Clock:
        break;
    }
    return figures::clock(Offset(std::llround(value)));
}

std::string_view formOf(Unit unit)
{
    constexpr std::array<std::string_view, 7> kForms{"time",  "count", "rate", "part",
                                                     "bytes", "cores", "clock"};
    return kForms[static_cast<std::size_t>(unit)];
}

Axis Axis::linear(Unit unit, double low, double high)
{
    if (!(high > low))
        high = low + (unit == Unit::Time || unit == Unit::Clock ? 1e6 : 1);
    const double step = stepOf(unit, high - low);
    return tight(unit, low, low + std::ceil((high - low) / step - 1e-9) * step);
}

Axis Axis::tight(Unit unit, double low, double high)
{
    if (!(high > low))
        high = low + (unit == Unit::Time || unit == Unit::Clock ? 1e6 : 1);
    Axis axis(Kind::Linear, unit, low, high);
    const double step = stepOf(unit, high - low);
    for (double at = std::ceil(low / step - 1e-9); at * step <= high + step * 1e-6; ++at)
        axis.m_ticks.push_back(std::abs(at * step));
    return axis;
}

Axis Axis::logarithmic(Unit unit, double low, double high)
{
    // 1, 2, 5, 10, 20 …
    std::vector<double> round{std::pow(10, std::floor(std::log10(low)))};
    while (round.back() < high * (1 - 1e-9) || round.size() < 2) {
        const double factor = round.size() % 3 == 2 ? 2.5 : 2;
        round.push_back(round.back() * factor);
    }
    std::size_t first = 0;
    while (first + 2 < round.size() && round[first + 1] <= low * (1 + 1e-9))
        ++first;
    Axis axis(Kind::Logarithmic, unit, round[first], round.back());
    const bool isWide = round.size() - first > kMostSteps + 2;
    for (std::size_t i = first; i < round.size(); ++i) {
        if (!isWide || i % 3 == 0)
            axis.m_ticks.push_back(round[i]);
    }
    return axis;
}

double Axis::placeOf(double value) const
{
    if (m_kind == Kind::Linear)
        return std::clamp((value - m_low) / (m_high - m_low), 0.0, 1.0);
    if (value <= m_low)
        return 0;
    return std::min(1.0, (std::log10(value) - std::log10(m_low)) / (std::log10(m_high) - std::log10(m_low)));
}

} // namespace parlor::cli::load::html
