// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace parlor::cli::load::html {

/// What the numbers of an axis and of a chart's columns are.
enum class Unit : std::uint8_t {
    Time, ///< µs
    Count,
    PerSecond,
    Part, ///< of a whole: 1 is 100 %
    Bytes,
    Cores,
    Clock, ///< µs since the run began
};

/// A value for people; "–" if it is not a number.
[[nodiscard]] std::string inWords(Unit unit, double value);
/// The same, as short as an axis needs it: "10k", "0.5 ms".
[[nodiscard]] std::string onAxis(Unit unit, double value);
/// The form of a Figure's path.
[[nodiscard]] std::string_view formOf(Unit unit);

/// Where on an axis a value lies.
class Axis
{
public:
    enum class Kind : std::uint8_t { Linear, Logarithmic };

    /// From 0, or from `low`, to at least `high`, ending at round numbers.
    [[nodiscard]] static Axis linear(Unit unit, double low, double high);
    /// As linear(), but ends where the values do.
    [[nodiscard]] static Axis tight(Unit unit, double low, double high);
    /// `low` > 0; values below it lie on it.
    [[nodiscard]] static Axis logarithmic(Unit unit, double low, double high);

    /// From 0 at the axis' begin to 1 at its end.
    [[nodiscard]] double placeOf(double value) const;
    [[nodiscard]] const std::vector<double> &ticks() const { return m_ticks; }
    [[nodiscard]] Unit unit() const { return m_unit; }
    [[nodiscard]] Kind kind() const { return m_kind; }
    [[nodiscard]] double low() const { return m_low; }
    [[nodiscard]] double high() const { return m_high; }

private:
    Axis(Kind kind, Unit unit, double low, double high)
        : m_kind(kind)
        , m_unit(unit)
        , m_low(low)
        , m_high(high)
    {
    }

    Kind m_kind;
    Unit m_unit;
    double m_low;
    double m_high;
    std::vector<double> m_ticks;
};

} // namespace parlor::cli::load::html
