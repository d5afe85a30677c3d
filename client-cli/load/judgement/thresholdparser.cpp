// SPDX-License-Identifier: MIT
#include "client-cli/load/judgement/thresholdparser.h"

#include "client-cli/load/judgement/metrics.h"
#include "client-cli/nearestname.h"

#include <array>
#include <charconv>
#include <optional>
#include <vector>

namespace parlor::cli::load {

namespace {

using Figure = Threshold::Figure;
using Comparison = Threshold::Comparison;
using Kind = Metric::Kind;

/// Walks over the text and knows, for the errors, where it is.
class Scanner
{
public:
    explicit Scanner(std::string_view text)
        : m_text(text)
    {
    }

    void skipBlanks()
    {
        while (m_at < m_text.size() && m_text[m_at] == ' ')
            ++m_at;
        m_begin = m_at;
    }
    std::string_view takeWhile(std::string_view characters)
    {
        skipBlanks();
        while (m_at < m_text.size() && characters.find(m_text[m_at]) != std::string_view::npos)
            ++m_at;
        return m_text.substr(m_begin, m_at - m_begin);
    }
    bool take(char c)
    {
        skipBlanks();
        if (m_at == m_text.size() || m_text[m_at] != c)
            return false;
        ++m_at;
        return true;
    }
    /// All up to this character, without blanks around it; nullopt if it does not come.
    std::optional<std::string_view> takeUpTo(char end)
    {
        skipBlanks();
        const std::size_t found = m_text.find(end, m_at);
        if (found == std::string_view::npos)
            return std::nullopt;
        std::string_view taken = m_text.substr(m_at, found - m_at);
        m_at = found;
        taken.remove_suffix(taken.size() - (taken.find_last_not_of(' ') + 1));
        return taken;
    }
    [[nodiscard]] bool isAtEnd()
    {
        skipBlanks();
        return m_at == m_text.size();
    }
    /// About what was taken last.
    [[nodiscard]] Error wrong(const std::string &why) const
    {
        return {ErrorCode::BadRequest,
                "'" + std::string(m_text) + "', column " + std::to_string(m_begin + 1) + ": " + why};
    }

private:
    std::string_view m_text;
    std::size_t m_at = 0;
    std::size_t m_begin = 0;
};

constexpr std::string_view kWord = "abcdefghijklmnopqrstuvwxyz_";
constexpr std::string_view kNumber = "0123456789.";

std::optional<double> number(std::string_view text)
{
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

std::optional<Comparison> comparison(std::string_view text)
{
    constexpr std::array<std::pair<std::string_view, Comparison>, 6> kSigns{
        {{"<", Comparison::Less},
         {"<=", Comparison::LessOrEqual},
         {">", Comparison::Greater},
         {">=", Comparison::GreaterOrEqual},
         {"==", Comparison::Equal},
         {"!=", Comparison::NotEqual}}};
    for (const auto &[sign, meaning] : kSigns) {
        if (text == sign)
            return meaning;
    }
    return std::nullopt;
}

/// {phase:NAME}, or nothing.
std::optional<Error> readPhase(Scanner &scanner, Threshold &threshold)
{
    const Metric &metric = metrics()[threshold.metric];
    if (!scanner.take('{'))
        return std::nullopt;
    if (metric.ofPhase == nullptr)
        return scanner.wrong(std::string(metric.name) + " belongs to the whole run, not to a phase");
    if (scanner.takeWhile(kWord) != "phase" || !scanner.take(':'))
        return scanner.wrong("a phase is written {phase:NAME}, as {phase:hold 100}");
    const auto name = scanner.takeUpTo('}');
    if (!name)
        return scanner.wrong("the '}' of the phase is missing");
    if (name->empty())
        return scanner.wrong("here the name of a phase must stand, as in {phase:hold 100}");
    threshold.phase = *name;
    scanner.take('}');
    return std::nullopt;
}

std::optional<Error> readFigure(Scanner &scanner, Threshold &threshold)
{
    const Metric &metric = metrics()[threshold.metric];
    constexpr std::array<std::pair<std::string_view, Figure>, 7> kNames{{{"rate", Figure::Rate},
                                                                         {"count", Figure::Count},
                                                                         {"avg", Figure::Average},
                                                                         {"min", Figure::Least},
                                                                         {"max", Figure::Most},
                                                                         {"med", Figure::Percentile},
                                                                         {"p", Figure::Percentile}}};
    const std::string_view name = scanner.takeWhile(kWord);
    const Error unknown =
        scanner.wrong(std::string(metric.name) + " has " + std::string(figuresOf(metric.kind)));
    for (const auto &[known, figure] : kNames) {
        if (name != known)
            continue;
        const bool fits = metric.kind == Kind::Share   ? figure == Figure::Rate
                          : metric.kind == Kind::Count ? figure == Figure::Count
                                                       : figure != Figure::Rate;
        if (!fits)
            return unknown;
        threshold.figure = figure;
        threshold.percent = 50;
        if (name != "p")
            return std::nullopt;
        if (!scanner.take('('))
            return scanner.wrong("a percentile is written p(99)");
        const auto percent = number(scanner.takeWhile(kNumber));
        if (!percent || *percent > 100)
            return scanner.wrong("a percentile is a number from 0 to 100");
        threshold.percent = *percent;
        if (!scanner.take(')'))
            return scanner.wrong("the ')' of the percentile is missing");
        return std::nullopt;
    }
    return unknown;
}

std::optional<Error> readBound(Scanner &scanner, Threshold &threshold)
{
    const auto value = number(scanner.takeWhile(kNumber));
    if (!value)
        return scanner.wrong("here a number must stand");
    const std::string_view unit = scanner.takeWhile("abcdefghijklmnopqrstuvwxyz%");
    double factor = 1;
    if (threshold.figure == Figure::Rate) {
        if (!unit.empty() && unit != "%")
            return scanner.wrong("a rate is a share, 0.95, or per cent, 95%");
        factor = unit == "%" ? 0.01 : 1;
        if (*value * factor > 1)
            return scanner.wrong("a rate is at most 1, or 100%");
    } else if (threshold.figure == Figure::Count) {
        if (!unit.empty())
            return scanner.wrong("a count has no unit");
    } else if (unit == "us") {
        factor = 1;
    } else if (unit == "ms") {
        factor = 1e3;
    } else if (unit == "s") {
        factor = 1e6;
    } else {
        return scanner.wrong("a duration needs its unit: us, ms or s");
    }
    threshold.bound = *value * factor;
    return std::nullopt;
}

} // namespace

Result<Threshold> parseThreshold(std::string_view text)
{
    Scanner scanner(text);
    Threshold threshold;
    threshold.text = text;
    const std::string_view name = scanner.takeWhile(kWord);
    for (threshold.metric = 0; threshold.metric < metrics().size(); ++threshold.metric) {
        if (metrics()[threshold.metric].name == name)
            break;
    }
    if (threshold.metric == metrics().size()) {
        std::vector<std::string_view> names;
        for (const Metric &each : metrics())
            names.push_back(each.name);
        const std::string_view nearest = nearestOf(name, names);
        return scanner.wrong((name.empty() ? "here the name of a metric must stand"
                                           : "there is no metric '" + std::string(name) + "'") +
                             (nearest.empty() ? ", such as delivery_latency or deliveries_lost"
                                              : "; the nearest is '" + std::string(nearest) + "'"));
    }
    if (auto error = readPhase(scanner, threshold))
        return *error;
    if (auto error = readFigure(scanner, threshold))
        return *error;
    const auto sign = comparison(scanner.takeWhile("<>=!"));
    if (!sign)
        return scanner.wrong("here one of < <= > >= == != must stand");
    threshold.comparison = *sign;
    if (auto error = readBound(scanner, threshold))
        return *error;
    if (!scanner.isAtEnd())
        return scanner.wrong("the threshold should end here");
    return threshold;
}

} // namespace parlor::cli::load
