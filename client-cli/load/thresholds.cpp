// SPDX-License-Identifier: MIT
#include "client-cli/load/thresholds.h"

#include "client-cli/load/figures.h"

#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <variant>

namespace parlor::cli::load {

namespace {

using Figure = Threshold::Figure;
using Comparison = Threshold::Comparison;

struct Share
{
    std::uint64_t good = 0;
    std::uint64_t all = 0;
};
using Value = std::variant<Share, std::uint64_t, Histogram>;

/// What a metric is made of decides which figures it has.
enum class Kind : std::uint8_t { Share, Count, Durations };

struct Metric
{
    std::string_view name;
    Kind kind;
    Value (*read)(const Measurements &);
};

using M = const Measurements &;
constexpr std::array kMetrics{
    Metric{"connect_success", Kind::Share,
           [](M m) -> Value {
               return Share{m.connected, m.connectAttempts};
           }},
    Metric{"join_success", Kind::Share,
           [](M m) -> Value {
               return Share{m.joined, m.joinAttempts};
           }},
    Metric{"message_success", Kind::Share,
           [](M m) -> Value {
               const PhaseMeasurements all = m.total();
               return Share{all.answered, all.sent};
           }},
    Metric{"delivery_success", Kind::Share,
           [](M m) -> Value {
               return Share{m.deliveries.received, m.deliveries.expected()};
           }},
    Metric{"delivery_latency", Kind::Durations, [](M m) -> Value { return m.total().deliveryLatency; }},
    Metric{"delivery_service", Kind::Durations, [](M m) -> Value { return m.total().deliveryService; }},
    Metric{"ack_latency", Kind::Durations, [](M m) -> Value { return m.total().ackLatency; }},
    Metric{"send_lag", Kind::Durations, [](M m) -> Value { return m.total().sendLag; }},
    Metric{"connect_duration", Kind::Durations, [](M m) -> Value { return m.connectDuration; }},
    Metric{"join_duration", Kind::Durations, [](M m) -> Value { return m.joinDuration; }},
    Metric{"messages_sent", Kind::Count, [](M m) -> Value { return m.total().sent; }},
    Metric{"messages_rejected", Kind::Count, [](M m) -> Value { return m.total().rejected; }},
    Metric{"messages_dropped", Kind::Count, [](M m) -> Value { return m.total().dropped; }},
    Metric{"messages_unanswered", Kind::Count, [](M m) -> Value { return m.total().unanswered; }},
    Metric{"deliveries_expected", Kind::Count, [](M m) -> Value { return m.deliveries.expected(); }},
    Metric{"deliveries_received", Kind::Count, [](M m) -> Value { return m.deliveries.received; }},
    Metric{"deliveries_lost", Kind::Count, [](M m) -> Value { return m.deliveries.lost; }},
    Metric{"deliveries_doubled", Kind::Count, [](M m) -> Value { return m.deliveries.doubled; }},
    Metric{"deliveries_reordered", Kind::Count, [](M m) -> Value { return m.deliveries.reordered; }},
    Metric{"deliveries_corrupt", Kind::Count, [](M m) -> Value { return m.deliveries.corrupt; }},
    Metric{"deliveries_unexpected", Kind::Count, [](M m) -> Value { return m.deliveries.unexpected; }},
    Metric{"connections_lost", Kind::Count, [](M m) -> Value { return m.connectionsLost; }},
};

constexpr std::string_view figuresOf(Kind kind)
{
    switch (kind) {
    case Kind::Share:
        return "rate";
    case Kind::Count:
        return "count";
    case Kind::Durations:
        break;
    }
    return "p(N), avg, min, max, med or count";
}

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

std::optional<Error> readFigure(Scanner &scanner, Threshold &threshold)
{
    const Metric &metric = kMetrics[threshold.metric];
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

/// What was measured, in the bound's unit; nullopt if nothing was.
std::optional<double> figureOf(const Threshold &threshold, const Value &value)
{
    if (const auto *share = std::get_if<Share>(&value)) {
        if (share->all == 0)
            return std::nullopt;
        return static_cast<double>(share->good) / static_cast<double>(share->all);
    }
    if (const auto *count = std::get_if<std::uint64_t>(&value))
        return static_cast<double>(*count);
    const auto &durations = std::get<Histogram>(value);
    if (threshold.figure == Figure::Count)
        return static_cast<double>(durations.count());
    if (durations.count() == 0)
        return std::nullopt;
    switch (threshold.figure) {
    case Figure::Average:
        return static_cast<double>(durations.mean().count());
    case Figure::Least:
        return static_cast<double>(durations.min().count());
    case Figure::Most:
        return static_cast<double>(durations.max().count());
    default:
        return static_cast<double>(durations.percentile(threshold.percent).count());
    }
}

bool holds(double measured, Comparison comparison, double bound)
{
    switch (comparison) {
    case Comparison::Less:
        return measured < bound;
    case Comparison::LessOrEqual:
        return measured <= bound;
    case Comparison::Greater:
        return measured > bound;
    case Comparison::GreaterOrEqual:
        return measured >= bound;
    case Comparison::Equal:
        return measured == bound;
    case Comparison::NotEqual:
        break;
    }
    return measured != bound;
}

std::string inWords(Figure figure, double measured)
{
    if (figure == Figure::Rate)
        return figures::share(measured);
    if (figure == Figure::Count)
        return figures::count(static_cast<std::uint64_t>(measured));
    return figures::duration(Offset(std::llround(measured)));
}

} // namespace

Result<Threshold> parseThreshold(std::string_view text)
{
    Scanner scanner(text);
    Threshold threshold;
    threshold.text = text;
    const std::string_view name = scanner.takeWhile(kWord);
    for (threshold.metric = 0; threshold.metric < kMetrics.size(); ++threshold.metric) {
        if (kMetrics[threshold.metric].name == name)
            break;
    }
    if (threshold.metric == kMetrics.size()) {
        return scanner.wrong((name.empty() ? "here the name of a metric must stand"
                                           : "there is no metric '" + std::string(name) + "'") +
                             ", such as delivery_latency or deliveries_lost");
    }
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

ThresholdResult evaluate(const Threshold &threshold, const Measurements &measurements)
{
    const auto measured = figureOf(threshold, kMetrics[threshold.metric].read(measurements));
    if (!measured)
        return {threshold.text, "no samples", false};
    return {threshold.text, inWords(threshold.figure, *measured),
            holds(*measured, threshold.comparison, threshold.bound)};
}

std::string metricsHelp()
{
    std::string help;
    for (const Kind kind : {Kind::Share, Kind::Durations, Kind::Count}) {
        help += "  " + std::string(figuresOf(kind)) + " of:\n    ";
        std::size_t width = 4;
        for (const Metric &metric : kMetrics) {
            if (metric.kind != kind)
                continue;
            if (width + metric.name.size() > 96) {
                help += "\n    ";
                width = 4;
            }
            help += std::string(metric.name) + " ";
            width += metric.name.size() + 1;
        }
        help += "\n";
    }
    return help;
}

} // namespace parlor::cli::load
