// SPDX-License-Identifier: MIT
#include "client-cli/load/watch/screendrawing.h"

#include "client-cli/load/judgement/judgement.h"
#include "client-cli/load/record/figures.h"
#include "client-cli/load/record/names.h"
#include "client-cli/load/watch/sparkline.h"
#include "client-cli/load/watch/standing.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <optional>

namespace parlor::cli::load {

namespace {

constexpr int kLabelColumns = 10;
constexpr int kScaleColumns = 10;  ///< " ≤0.412 ms"
constexpr std::size_t kRecent = 5; ///< seconds

/// In which order lines go where there is no place for all: the last first.
enum class Rank : std::uint8_t {
    Run,
    Faults,
    Stage,
    Delivered,
    Latency,
    FailedThreshold,
    Users,
    Messages,
    Generator,
    Error,
    Keys,
    Threshold,
    MoreMessages,
    Hosts,
    Watched,
    Chart,
    MoreErrors,
    Phases,
    Air,
};

struct Row
{
    ScreenLine line;
    Rank rank = Rank::Air;
};
using Rows = std::vector<Row>;

ScreenLine labelled(std::string_view label)
{
    ScreenLine line;
    line.add(label, Style::Dim).to(kLabelColumns);
    return line;
}

/// A count that is a good sign only while it is zero.
void addFault(ScreenLine &line, std::string_view what, std::uint64_t count, Style some = Style::Bad)
{
    line.add(std::string(what) + " " + figures::count(count) + "  ", count > 0 ? some : Style::Plain);
}

std::string rateOf(double perSecond)
{
    std::array<char, 32> out{};
    if (perSecond < 9999.5)
        return figures::count(static_cast<std::uint64_t>(std::llround(perSecond))) + "/s";
    if (perSecond < 999.5e3)
        std::snprintf(out.data(), out.size(), "%.1fk/s", perSecond / 1e3);
    else
        std::snprintf(out.data(), out.size(), "%.2fM/s", perSecond / 1e6);
    return out.data();
}

/// How long the second before the given end was: the last one may be shorter.
double lengthOf(const std::vector<Second> &seconds, std::size_t at)
{
    const Offset begin = at == 0 ? Offset{} : seconds[at - 1].end;
    const auto length = std::chrono::duration<double>(seconds[at].end - begin).count();
    return length > 0 ? length : 1;
}

/// `value` of each of the last seconds: of hours, no more than a screen shows. A last one that is much
/// shorter than the others says nothing.
template <typename Value>
std::vector<double> seriesOf(const std::vector<Second> &seconds, int most, Value value)
{
    constexpr double kShortest = 0.5;
    std::vector<double> series;
    const std::size_t shown = std::min(seconds.size(), static_cast<std::size_t>(std::max(most, 0)) + 1);
    for (std::size_t i = seconds.size() - shown; i < seconds.size(); ++i) {
        if (i + 1 < seconds.size() || lengthOf(seconds, i) >= kShortest)
            series.push_back(value(seconds[i], lengthOf(seconds, i)));
    }
    return series;
}

std::uint64_t perSecondOf(const std::vector<Second> &seconds, std::uint64_t Second::*field)
{
    if (seconds.empty())
        return 0;
    return static_cast<std::uint64_t>(
        std::llround(static_cast<double>(seconds.back().*field) / lengthOf(seconds, seconds.size() - 1)));
}

// ---- parts

Row runRow(const RunStatus &status, int columns)
{
    const std::string clock = figures::clock(status.now) + " / " + figures::clock(status.end);
    ScreenLine line;
    const std::string run = status.record.id.empty() ? "" : "  run " + status.record.id;
    const std::string url = "  " + figures::printable(status.record.settings.url);
    line.add("parlor-cli load", Style::Bold);
    const int left = columns - line.columns() - columnsOf(clock) - 1;
    // Time matters more than what a person knows already.
    if (columnsOf(url) + columnsOf(run) <= left)
        line.add(url).add(run, Style::Dim);
    else if (columnsOf(url) <= left)
        line.add(url);
    else {
        ScreenLine part;
        part.add(url);
        line.add(part.drawn(std::max(left, 0), Colours::Off));
    }
    line.to(columns - columnsOf(clock)).add(clock, Style::Bold);
    return {std::move(line), Rank::Run};
}

Row stageRow(const RunStatus &status, int columns)
{
    const std::vector<Phase> &phases = status.record.phases;
    ScreenLine line = labelled("stage");
    if (status.isDraining) {
        line.add(status.outstanding > 0 || status.messages.unanswered > 0
                     ? "the plan is over: users wait for what they are owed, then leave"
                     : "the plan is over: users leave",
                 Style::Warning);
        return {std::move(line), Rank::Stage};
    }
    std::size_t at = 0;
    while (at + 1 < phases.size() && phases[at].end <= status.now)
        ++at;
    if (phases.empty())
        return {std::move(line), Rank::Stage};
    const Phase &phase = phases[at];
    const double length = std::chrono::duration<double>(phase.end - phase.begin).count();
    const double part =
        length > 0
            ? std::clamp(std::chrono::duration<double>(status.now - phase.begin).count() / length, 0.0, 1.0)
            : 1.0;
    line.add(std::to_string(at + 1) + "/" + std::to_string(phases.size()) + " ");
    line.add(figures::printable(phase.name), Style::Bold);
    if (!phase.isMeasured)
        line.add(" (not measured)", Style::Dim);
    constexpr int kPercentColumns = 7; // "] 100 %"
    const int cells = std::min(columns - line.columns() - 3 - kPercentColumns, 100);
    if (cells >= 8) {
        const int full = static_cast<int>(part * cells);
        std::string done;
        std::string open;
        for (int i = 0; i < cells; ++i)
            (i < full ? done : open) += i < full ? "■" : "─";
        line.add("  [").add(done, Style::Good).add(open, Style::Dim).add("]");
    }
    line.add(" " + std::to_string(static_cast<int>(part * 100)) + " %");
    return {std::move(line), Rank::Stage};
}

void addUsers(Rows &rows, const RunStatus &status, const Second &last)
{
    const Measurements &all = status.record.measurements;
    ScreenLine users = labelled("users");
    users.add(figures::count(last.members) + " of " + figures::count(last.wanted), Style::Bold);
    users.add("   open " + figures::count(last.open) + "  ");
    addFault(users, "failed", all.connectAttempts - all.connected + all.joinAttempts - all.joined,
             Style::Warning);
    addFault(users, "lost", all.connectionsLost, Style::Warning);
    users.add("joined again " + figures::count(all.reconnects));
    rows.push_back({std::move(users), Rank::Users});
    if (all.hosts.empty())
        return;
    std::vector<std::pair<std::string, std::uint64_t>> hosts(all.hosts.begin(), all.hosts.end());
    std::stable_sort(hosts.begin(), hosts.end(),
                     [](const auto &a, const auto &b) { return a.second > b.second; });
    constexpr std::size_t kMost = 40;
    if (hosts.size() > kMost)
        hosts.resize(kMost);
    ScreenLine line = labelled("hosts");
    if (all.hosts.size() > 1)
        line.add(std::to_string(all.hosts.size()) + ":  ");
    for (const auto &[name, connections] : hosts)
        line.add(figures::printable(name) + " ").add(figures::count(connections), Style::Bold).add("  ");
    rows.push_back({std::move(line), Rank::Hosts});
}

void addMessages(Rows &rows, const RunStatus &status)
{
    const std::vector<Second> &seconds = status.record.seconds;
    const MessageCounts &messages = status.messages;
    ScreenLine line = labelled("messages");
    line.add(rateOf(static_cast<double>(perSecondOf(seconds, &Second::sent))), Style::Bold);
    line.add(" of " + rateOf(static_cast<double>(perSecondOf(seconds, &Second::planned))) + " planned");
    line.add("   sent " + figures::count(messages.sent) + " of " + figures::count(messages.planned));
    if (messages.planned > 0) {
        const double part = static_cast<double>(messages.sent) / static_cast<double>(messages.planned);
        line.add(" (" + figures::share(part) + ")", part < 0.99 ? Style::Warning : Style::Plain);
    }
    rows.push_back({std::move(line), Rank::Messages});
    ScreenLine more = labelled("");
    more.add("answered " + figures::count(messages.answered) + "  unanswered " +
             figures::count(messages.unanswered) + "  ");
    addFault(more, names::kRefused, messages.rejected, Style::Warning);
    addFault(more, "not sent", messages.notSent(), Style::Warning);
    if (messages.abandoned > 0)
        addFault(more, names::kAnswerUnknown, messages.abandoned, Style::Warning);
    rows.push_back({std::move(more), Rank::MoreMessages});
}

void addDeliveries(Rows &rows, const RunStatus &status)
{
    const DeliveryCounts &deliveries = status.deliveries;
    ScreenLine line = labelled("delivered");
    line.add(rateOf(static_cast<double>(perSecondOf(status.record.seconds, &Second::received))), Style::Bold);
    line.add("   received " + figures::count(deliveries.received) + " of " +
             figures::count(deliveries.expected()) + " expected   under way " +
             figures::count(status.outstanding));
    rows.push_back({std::move(line), Rank::Delivered});
    ScreenLine faults = labelled("");
    const std::size_t splits = status.record.measurements.splits.size();
    if (splits > 0)
        addFault(faults, "ROOMS SPLIT", splits);
    addFault(faults, names::kLost, deliveries.lost);
    addFault(faults, names::kDoubled, deliveries.doubled);
    addFault(faults, names::kReordered, deliveries.reordered);
    addFault(faults, names::kCorrupt, deliveries.corrupt);
    addFault(faults, names::kUnexpected, deliveries.unexpected);
    rows.push_back({std::move(faults), Rank::Faults});
}

/// The same rule as of a record's percentiles: ten samples lie above it.
std::string soundPercentile(const CoarseHistogram &histogram, double percent)
{
    constexpr double kAbove = 10;
    if (static_cast<double>(histogram.count()) * (100 - percent) / 100 < kAbove)
        return "—";
    return figures::duration(histogram.percentile(percent));
}

void addLatency(Rows &rows, const RunStatus &status)
{
    const std::vector<Second> &seconds = status.record.seconds;
    CoarseHistogram recent;
    for (std::size_t i = seconds.size() - std::min(seconds.size(), kRecent); i < seconds.size(); ++i)
        recent.merge(seconds[i].latency);
    ScreenLine line = labelled("latency");
    if (recent.count() == 0) {
        line.add("nothing was delivered in the last " + std::to_string(kRecent) + " s", Style::Dim);
    } else {
        for (const double percent : {50.0, 90.0, 99.0, 99.9}) {
            std::array<char, 16> name{};
            std::snprintf(name.data(), name.size(), "p%g ", percent);
            line.add(name.data(), Style::Dim).add(soundPercentile(recent, percent), Style::Bold).add("  ");
        }
        line.add("max ", Style::Dim).add(figures::duration(recent.max()), Style::Bold);
        line.add("  (" + std::to_string(kRecent) + " s)", Style::Dim);
    }
    rows.push_back({std::move(line), Rank::Latency});
}

/// `scale` says what the highest of the shown values is.
template <typename Scale>
void addChart(Rows &rows, std::string_view label, const std::vector<double> &values, int columns, int height,
              Style style, Scale scale)
{
    const int width = columns - kLabelColumns - kScaleColumns;
    if (width < 8)
        return;
    const std::size_t shown = std::min(values.size(), static_cast<std::size_t>(width));
    const double highest =
        shown == 0 ? 0 : *std::max_element(values.end() - static_cast<std::ptrdiff_t>(shown), values.end());
    const std::vector<std::string> lines = sparkline(values, width, height);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        ScreenLine line = labelled(i == 0 ? label : std::string_view{});
        line.add(lines[i], style);
        if (i == 0 && highest > 0)
            line.to(kLabelColumns + width + 1).add("≤" + scale(highest), Style::Dim);
        rows.push_back({std::move(line), Rank::Chart});
    }
}

void addCharts(Rows &rows, const RunStatus &status, int columns, int height)
{
    const std::vector<Second> &seconds = status.record.seconds;
    addChart(rows, "p99",
             seriesOf(seconds, columns,
                      [](const Second &each, double) {
                          return static_cast<double>(each.latency.percentile(99).count());
                      }),
             columns, height, Style::Warning,
             [](double highest) { return figures::duration(Offset(std::llround(highest))); });
    addChart(rows, "rate",
             seriesOf(seconds, columns,
                      [](const Second &each, double length) {
                          return static_cast<double>(each.received) / length;
                      }),
             columns, height, Style::Good, [](double highest) { return rateOf(highest); });
}

void addGenerator(Rows &rows, const RunStatus &status, const Judgement &judgement, const Second &last)
{
    ScreenLine line = labelled("generator");
    const bool isHealthy = judgement.limits.empty();
    line.add(isHealthy ? "HEALTHY" : "LIMITED", isHealthy ? Style::Good : Style::Bad);
    line.add("   cpu ").add(figures::percent(last.cpu),
                            last.cpu > ThreadHealth::kBusyCpu ? Style::Bad : Style::Bold);
    line.add("   longest lag: send ").add(figures::duration(last.sendLag), Style::Bold);
    line.add("  loop ").add(figures::duration(last.loopLag), Style::Bold);
    rows.push_back({std::move(line), Rank::Generator});
    for (const std::string &limit : judgement.limits) {
        ScreenLine why = labelled("");
        why.add(limit, Style::Bad);
        rows.push_back({std::move(why), Rank::Generator});
    }
    if (last.watchedCpu > 0 || last.watchedMemory > 0) {
        std::array<char, 32> cores{};
        std::snprintf(cores.data(), cores.size(), "%.2f", last.watchedCpu);
        ScreenLine watched = labelled("watched");
        for (const WatchedProcess &process : status.record.watched)
            watched.add(figures::printable(process.name) + " (" + std::to_string(process.pid) + ")   ");
        watched.add("cpu ").add(cores.data(), Style::Bold).add(" cores   memory ");
        watched.add(figures::bytes(last.watchedMemory), Style::Bold);
        rows.push_back({std::move(watched), Rank::Watched});
    }
}

void addThresholds(Rows &rows, const Judgement &judgement)
{
    std::size_t widest = 0;
    for (const ThresholdResult &each : judgement.thresholds)
        widest = std::max(widest, static_cast<std::size_t>(columnsOf(figures::printable(each.text))));
    bool isFirst = true;
    for (const ThresholdResult &each : judgement.thresholds) {
        const Standing standing = standingOf(each);
        ScreenLine line = labelled(isFirst ? "threshold" : "");
        isFirst = false;
        const Style style = standing == Standing::Open  ? Style::Dim
                            : standing == Standing::Met ? Style::Good
                                                        : Style::Bad;
        line.add(standing == Standing::Open ? "· " : standing == Standing::Met ? "✓ " : "✗ ", style);
        line.add(figures::printable(each.text), style);
        line.to(kLabelColumns + 2 + static_cast<int>(std::min(widest, std::size_t{44})) + 2)
            .add(each.measured, style);
        rows.push_back(
            {std::move(line), standing == Standing::Broken ? Rank::FailedThreshold : Rank::Threshold});
    }
}

void addErrors(Rows &rows, const Measurements &all)
{
    std::vector<std::pair<std::string, std::uint64_t>> errors(all.errors.begin(), all.errors.end());
    std::stable_sort(errors.begin(), errors.end(),
                     [](const auto &a, const auto &b) { return a.second > b.second; });
    if (errors.empty()) {
        ScreenLine none = labelled("errors");
        none.add("none");
        rows.push_back({std::move(none), Rank::Error});
    }
    constexpr std::size_t kMost = 8;
    for (std::size_t i = 0; i < std::min(errors.size(), kMost); ++i) {
        ScreenLine line = labelled(i == 0 ? "errors" : "");
        line.add(figures::count(errors[i].second) + "  ", Style::Warning)
            .add(figures::printable(errors[i].first));
        rows.push_back({std::move(line), i == 0 ? Rank::Error : Rank::MoreErrors});
    }
}

/// What was measured in the phases that have begun.
Rows phaseRows(const RunStatus &status)
{
    constexpr std::array kColumns{32, 44, 57, 67, 77};
    const RunRecord &record = status.record;
    Rows rows;
    ScreenLine head = labelled("phase");
    head.to(kColumns[0] - 6).add("sent", Style::Dim).to(kColumns[1] - 10).add("delivered", Style::Dim);
    head.to(kColumns[2] - 6).add("p50", Style::Dim).to(kColumns[3] - 6).add("p99", Style::Dim);
    head.to(kColumns[4] - 6).add("max", Style::Dim);
    rows.push_back({std::move(head), Rank::Phases});
    const std::size_t count = std::min(record.phases.size(), record.measurements.phases.size());
    for (std::size_t i = 0; i < count && record.phases[i].begin <= status.now; ++i) {
        const PhaseMeasurements &phase = record.measurements.phases[i];
        const Style style = phase.isMeasured ? Style::Plain : Style::Dim;
        const auto sound = [&phase](double percent) {
            const auto value = phase.deliveryLatency.soundPercentile(percent);
            return value ? figures::duration(*value) : std::string("—");
        };
        ScreenLine name;
        name.add(figures::printable(record.phases[i].name));
        ScreenLine line;
        line.add(name.drawn(20, Colours::Off), style);
        const auto put = [&line, style](int end, const std::string &text) {
            line.to(end - 2 - columnsOf(text)).add(text, style);
        };
        put(kColumns[0], figures::count(phase.sent));
        put(kColumns[1] + 1, figures::count(phase.deliveries));
        put(kColumns[2], sound(50));
        put(kColumns[3], sound(99));
        put(kColumns[4], phase.deliveryLatency.count() > 0 ? figures::duration(phase.deliveryLatency.max())
                                                           : std::string("—"));
        rows.push_back({std::move(line), Rank::Phases});
    }
    return rows;
}

Row keysRow(const RunStatus &status, Keys keys)
{
    ScreenLine line;
    if (status.record.isInterrupted)
        line.add("interrupted; ", Style::Warning);
    line.add(keys == Keys::Heard ? "q or Ctrl-C" : "Ctrl-C", Style::Dim)
        .add(status.isDraining ? ": end at once, with a report"
                               : ": end the plan, with a report   twice: at once",
             Style::Dim);
    return {std::move(line), Rank::Keys};
}

// ---- the whole

/// Takes away what matters least, until there is place. The order of the others stays.
void fit(Rows &rows, std::size_t most)
{
    while (rows.size() > most) {
        auto least = rows.begin();
        for (auto each = rows.begin(); each != rows.end(); ++each) {
            if (each->rank >= least->rank)
                least = each;
        }
        rows.erase(least);
    }
}

Rows rowsOf(const RunStatus &status, const Judgement &judgement, int columns, int chartHeight,
            const Rows &phases)
{
    const Second last = status.record.seconds.empty() ? Second{} : status.record.seconds.back();
    Rows rows;
    rows.push_back(runRow(status, columns));
    rows.push_back(stageRow(status, columns));
    rows.push_back({});
    addUsers(rows, status, last);
    addMessages(rows, status);
    addDeliveries(rows, status);
    rows.push_back({});
    addLatency(rows, status);
    addCharts(rows, status, columns, chartHeight);
    rows.push_back({});
    if (!phases.empty()) {
        rows.insert(rows.end(), phases.begin(), phases.end());
        rows.push_back({});
    }
    addGenerator(rows, status, judgement, last);
    addThresholds(rows, judgement);
    addErrors(rows, status.record.measurements);
    return rows;
}

} // namespace

std::string draw(const RunStatus &status, ScreenSize size, Colours colours, Keys keys)
{
    if (size.columns <= 0 || size.rows <= 0)
        return {};
    const Judgement judgement = judgementSoFar(status);
    const auto most = static_cast<std::size_t>(size.rows);
    const auto build = [&](int chartHeight, const Rows &phases) {
        return rowsOf(status, judgement, size.columns, chartHeight, phases);
    };
    constexpr int kHighestChart = 8;
    Rows phases = phaseRows(status);
    Rows rows = build(1, {});
    // A last line for the keys, always at the bottom.
    const auto spare = [&rows, most] { return static_cast<int>(most) - 1 - static_cast<int>(rows.size()); };
    const int place = spare() - 1; // a row stays empty below them
    if (const int over = static_cast<int>(phases.size()) - place; over > 0 && place > 1)
        phases.erase(phases.begin() + 1, phases.begin() + 1 + over); // the last ones stay, and the head
    if (static_cast<int>(phases.size()) <= place && phases.size() > 1)
        rows = build(1, phases);
    else
        phases.clear();
    if (spare() >= 2)
        rows = build(std::min(1 + spare() / 2, kHighestChart), phases);
    rows.push_back(keysRow(status, keys));
    fit(rows, most);
    if (rows.back().rank == Rank::Keys) {
        while (rows.size() < most)
            rows.insert(rows.end() - 1, Row{});
    }
    std::string out;
    for (std::size_t i = 0; i < rows.size(); ++i)
        out += (i == 0 ? "" : "\n") + rows[i].line.drawn(size.columns, colours);
    return out;
}

} // namespace parlor::cli::load
