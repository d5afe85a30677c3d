// SPDX-License-Identifier: MIT
#include "client-cli/load/ceiling/ceilingreport.h"

#include "client-cli/load/record/figures.h"
#include "client-cli/load/report/textpart.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace parlor::cli::load {

namespace {

constexpr int kSchemaVersion = 1;

/// 1,234 or 12.5: messages a second, as many digits as say something.
std::string rateText(double rate)
{
    if (rate >= 100)
        return figures::count(static_cast<std::uint64_t>(std::llround(rate)));
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.3g", rate);
    return text.data();
}

std::string durationOr(const std::optional<Offset> &value)
{
    return value ? figures::duration(*value) : "-";
}

/// What a goal is about: "p99"; "ack_latency p95" where it is of another latency than the table's other ones.
std::string headOf(std::string_view goal)
{
    constexpr std::string_view kUsual = "delivery_latency";
    std::string head(goal.substr(0, goal.find_first_of("<>=!")));
    if (head.starts_with(kUsual))
        head.erase(0, kUsual.size());
    std::erase_if(head, [](char c) { return c == '(' || c == ')'; });
    head.erase(0, head.find_first_not_of(' '));
    head.erase(head.find_last_not_of(' ') + 1);
    return head;
}

/// What stands in the column of a goal, below its head.
struct GoalCell
{
    std::string head;
    std::string text;
};

/// What stands in the columns that are always there.
struct RowCells
{
    std::string rate;
    std::string sent;
    std::string received;
    std::string p50;
    std::string cpu;
};

/// All but the verdict.
std::string row(const RowCells &cells, const std::vector<GoalCell> &goals)
{
    constexpr std::size_t kRateWidth = 10;
    constexpr std::size_t kDeliveriesWidth = 14;
    constexpr std::size_t kLatencyWidth = 10;
    constexpr std::size_t kCpuWidth = 7;
    std::string line = text::rightAligned(cells.rate, kRateWidth) +
                       text::rightAligned(cells.sent, kRateWidth) +
                       text::rightAligned(cells.received, kDeliveriesWidth);
    if (std::ranges::none_of(goals, [](const GoalCell &goal) { return goal.head == "p50"; }))
        line += text::rightAligned(cells.p50, kLatencyWidth);
    for (const GoalCell &each : goals)
        line += text::rightAligned(each.text, std::max(kLatencyWidth, each.head.size() + 2));
    return line + text::rightAligned(cells.cpu, kCpuWidth) + "  ";
}

std::string verdictText(StepVerdict verdict)
{
    if (verdict == StepVerdict::TooFewSamples)
        return "not judged";
    std::string words(toString(verdict));
    std::ranges::replace(words, '_', ' ');
    return words;
}

std::string measuredOr(const ThresholdResult &goal)
{
    return goal.isJudged ? goal.measured : "-";
}

QJsonValue durationJson(const std::optional<Offset> &value)
{
    return value ? QJsonValue(static_cast<qint64>(value->count())) : QJsonValue();
}

QJsonObject stepJson(const Step &step)
{
    return {{QStringLiteral("rate"), step.rate},
            {QStringLiteral("seconds"), std::chrono::duration<double>(step.length).count()},
            {QStringLiteral("verdict"), QString::fromStdString(std::string(toString(step.verdict)))},
            {QStringLiteral("why"), QString::fromStdString(step.why)},
            {QStringLiteral("sent_per_second"), step.sent},
            {QStringLiteral("deliveries_per_second"), step.received},
            {QStringLiteral("delivery_latency_p50_us"), durationJson(step.p50)},
            {QStringLiteral("delivery_latency_p99_us"), durationJson(step.p99)},
            {QStringLiteral("generator_cpu"), step.cpu}};
}

std::string goalsText(const CeilingPlan &plan)
{
    std::string goals;
    for (const std::string &each : plan.settings.thresholds)
        goals += (goals.empty() ? "" : ", ") + each;
    return goals;
}

std::string ending(const CeilingResult &result)
{
    if (result.isNeverReached)
        return text::wrapped("The server was never reached: " + result.steps.back().why, 0);
    std::string all;
    if (result.isInterrupted)
        all += "Interrupted: this is what was known then.\n";
    if (!result.failed && !result.isInterrupted)
        all += "No rate failed: the search ended at --to.\n";
    if (!result.passed && result.unjudged)
        all += text::wrapped(
            rateText(result.unjudged->rate) + " messages/s brought too few deliveries to judge a goal (" +
                result.unjudged->why + "); ask for more --users, a higher --to, or a lower percentile.",
            0);
    if (!result.failed)
        return all;
    all += text::wrapped(
        "Above it " + rateText(result.failed->rate) + " messages/s failed: " + result.failed->why, 0);
    if (result.failed->verdict == StepVerdict::GeneratorLimited)
        all += text::wrapped("The generator is at its end there, so the server may bear more; give it "
                             "--threads, or another machine.",
                             0);
    if (result.failed->rateLimited > 0)
        all += text::wrapped("The server limits the rate by itself. It lets a burst through, so that a short "
                             "step passes above the limit; a longer --step-time comes closer to it.",
                             0);
    return all;
}

} // namespace

std::string stepHeading(const CeilingPlan &plan)
{
    std::vector<GoalCell> goals;
    for (const std::string &each : plan.settings.thresholds)
        goals.push_back({headOf(each), headOf(each)});
    return text::wrapped("The highest message rate of " + text::plural(plan.users, "user", "users") + " in " +
                             text::plural(plan.settings.rooms.size(), "room", "rooms") + " with " +
                             goalsText(plan),
                         4) +
           row({"messages/s", "sent/s", "deliveries/s", "p50", "cpu"}, goals) + "verdict\n";
}

std::string stepLines(const Step &step)
{
    std::vector<GoalCell> goals;
    for (const ThresholdResult &each : step.goals)
        goals.push_back({headOf(each.text), measuredOr(each)});
    return row({rateText(step.rate), rateText(step.sent), rateText(step.received), durationOr(step.p50),
                figures::percent(step.cpu)},
               goals) +
           verdictText(step.verdict) + "\n" + (step.why.empty() ? "" : text::wrapped("    " + step.why, 4));
}

std::string stepProgress(double rate, Offset left)
{
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(std::max(left, Offset{})).count();
    return "step " + rateText(rate) + "/s, " + std::to_string(seconds) + " s left";
}

std::string ceilingText(const CeilingPlan &plan, const CeilingResult &result)
{
    std::string all = "\n";
    if (result.passed) {
        std::string found = "MAX  " + rateText(result.passed->rate) + " messages/s (" +
                            rateText(result.passed->received) + " deliveries/s): " + goalsText(plan) +
                            " holds, all delivered and verified";
        for (const ThresholdResult &each : result.passed->goals)
            found += (&each == result.passed->goals.data() ? "; " : ", ") + headOf(each.text) + " " +
                     measuredOr(each);
        all += text::wrapped(found, 5);
    } else if (!result.isNeverReached)
        all += "MAX  unknown: no rate passed\n";
    return all + ending(result);
}

std::string ceilingJson(const CeilingPlan &plan, const CeilingResult &result)
{
    QJsonArray goals;
    for (const std::string &each : plan.settings.thresholds)
        goals.append(QString::fromStdString(each));
    QJsonArray steps;
    for (const Step &each : result.steps)
        steps.append(stepJson(each));
    const QJsonObject all{{QStringLiteral("schema_version"), kSchemaVersion},
                          {QStringLiteral("url"), QString::fromStdString(plan.settings.url)},
                          {QStringLiteral("users"), static_cast<qint64>(plan.users)},
                          {QStringLiteral("rooms"), static_cast<qint64>(plan.settings.rooms.size())},
                          {QStringLiteral("goals"), goals},
                          {QStringLiteral("tolerance"), plan.range.tolerance},
                          {QStringLiteral("interrupted"), result.isInterrupted},
                          {QStringLiteral("steps"), steps},
                          {QStringLiteral("highest_passed"),
                           result.passed ? QJsonValue(stepJson(*result.passed)) : QJsonValue()},
                          {QStringLiteral("lowest_failed"),
                           result.failed ? QJsonValue(stepJson(*result.failed)) : QJsonValue()}};
    return QJsonDocument(all).toJson().toStdString();
}

} // namespace parlor::cli::load
