// SPDX-License-Identifier: MIT
#include "client-cli/load/record/figures.h"

#include <QString>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <vector>

namespace parlor::cli::load::figures {

namespace {

/// `value` with so many digits after the point that three are significant.
std::string threeDigits(double value)
{
    std::array<char, 32> out{};
    // By what it is rounded to: 99.97 is 100, not 100.0.
    const int decimals = value >= 99.95 ? 0 : value >= 9.995 ? 1 : value >= 0.9995 ? 2 : 3;
    std::snprintf(out.data(), out.size(), "%.*f", decimals, value);
    return out.data();
}

} // namespace

std::string count(std::uint64_t value)
{
    std::string digits = std::to_string(value);
    for (std::size_t at = digits.size(); at > 3;) {
        at -= 3;
        digits.insert(at, 1, ',');
    }
    return digits;
}

std::string duration(Offset value)
{
    const auto microseconds = static_cast<double>(value.count());
    if (microseconds >= 999.5e3)
        return threeDigits(microseconds / 1e6) + " s";
    return threeDigits(microseconds / 1e3) + " ms";
}

std::string clock(Offset value)
{
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(value).count();
    std::array<char, 32> out{};
    if (seconds >= 3600)
        std::snprintf(out.data(), out.size(), "%lld:%02lld:%02lld", static_cast<long long>(seconds / 3600),
                      static_cast<long long>(seconds / 60 % 60), static_cast<long long>(seconds % 60));
    else
        std::snprintf(out.data(), out.size(), "%02lld:%02lld", static_cast<long long>(seconds / 60),
                      static_cast<long long>(seconds % 60));
    return out.data();
}

std::string share(double value)
{
    std::array<char, 32> out{};
    // Rounded down: what is not whole must not look whole.
    std::snprintf(out.data(), out.size(), "%.2f %%", std::floor(value * 1e4 + 1e-9) / 100);
    return out.data();
}

std::string percent(double value)
{
    return std::to_string(std::lround(value * 100)) + " %";
}

std::string bytes(std::uint64_t value)
{
    constexpr std::array kUnits{"B", "kB", "MB", "GB", "TB"};
    auto scaled = static_cast<double>(value);
    std::size_t unit = 0;
    for (; scaled >= 1000 && unit + 1 < kUnits.size(); ++unit)
        scaled /= 1000;
    return (unit == 0 ? std::to_string(value) : threeDigits(scaled)) + " " + kUnits[unit];
}

std::string names(const std::map<std::string, std::uint64_t> &counts)
{
    std::vector<std::pair<std::string, std::uint64_t>> sorted(counts.begin(), counts.end());
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto &a, const auto &b) { return a.second > b.second; });
    std::string text;
    for (const auto &[name, count] : sorted)
        text += (text.empty() ? "" : ", ") + name;
    return text;
}

std::string printable(std::string_view text, std::size_t longest)
{
    std::u32string points =
        QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())).toStdU32String();
    if (points.size() > longest) {
        points.resize(longest - 1);
        points += U'…';
    }
    for (char32_t &c : points) {
        const auto category = QChar::category(c);
        if (category == QChar::Other_Control || category == QChar::Other_Format ||
            category == QChar::Separator_Line || category == QChar::Separator_Paragraph)
            c = U'?';
    }
    return QString::fromStdU32String(points).toStdString();
}

std::string perSecond(std::uint64_t value, Offset during)
{
    if (during.count() <= 0)
        return "0/s";
    return rate(static_cast<double>(value) * 1e6 / static_cast<double>(during.count()));
}

std::string rate(double perSecond)
{
    return decimal(perSecond) + "/s";
}

std::string decimal(double value)
{
    return value >= 100 ? count(static_cast<std::uint64_t>(std::llround(value))) : threeDigits(value);
}

} // namespace parlor::cli::load::figures
