// SPDX-License-Identifier: MIT
#include "client-cli/load/ceiling/ceilingreport.h"

#include "client-cli/load/record/figures.h"

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

std::string right(const std::string &text, std::size_t width)
{
    return std::string(text.size() < width ? width - text.size() : 0, ' ') + text;
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

std::string row(const std::array<std::string, 4> &first, const std::vector<GoalCell> &goals,
                const std::string &cpu)
{
    constexpr std::array<std::size_t, 4> kWidths{12, 12, 14, 10};
    constexpr std::size_t kGoalWidth = 10;
    std::string line;
    for (std::size_t i = 0; i < first.size(); ++i)
        line += right(first[i], kWidths[i]);
    for (const GoalCell &each : goals)
        line += right(each.text, std::max(kGoalWidth, each.head.size() + 2));
    return line + right(cpu, 8);
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
        return "The server was never reached: " + result.steps.back().why + "\n";
    std::string text;
    if (result.isInterrupted)
        text += "Interrupted: this is what was known then.\n";
    if (!result.failed && !result.isInterrupted)
        text += "No rate failed: the search ended at --to.\n";
    if (!result.passed && result.unjudged)
        text += rateText(result.unjudged->rate) + " messages/s brought too few deliveries to judge a goal (" +
                result.unjudged->why + "); ask for more --users, a higher --to, or a lower percentile.\n";
    if (!result.failed)
        return text;
    text += "Above it " + rateText(result.failed->rate) + " messages/s failed: " + result.failed->why + "\n";
    if (result.failed->verdict == StepVerdict::GeneratorLimited)
        text +=
            "The generator is at its end there, so the server may bear more; give it --threads, or another "
            "machine.\n";
    if (result.failed->rateLimited > 0)
        text += "The server limits the rate by itself. It lets a burst through, so that a short step passes "
                "above the limit;\na longer --step-time comes closer to it.\n";
    return text;
}

} // namespace

std::string stepHeading(const CeilingPlan &plan)
{
    std::vector<GoalCell> goals;
    for (const std::string &each : plan.settings.thresholds)
        goals.push_back({headOf(each), headOf(each)});
    return "The highest message rate of " + figures::count(plan.users) +
           (plan.users == 1 ? " user in " : " users in ") + figures::count(plan.settings.rooms.size()) +
           (plan.settings.rooms.size() == 1 ? " room" : " rooms") + " with " + goalsText(plan) + "\n" +
           row({"messages/s", "sent/s", "deliveries/s", "p50"}, goals, "cpu") + "  verdict\n";
}

std::string stepLine(const Step &step)
{
    std::string verdict(toString(step.verdict));
    std::ranges::replace(verdict, '_', ' ');
    std::vector<GoalCell> goals;
    for (const ThresholdResult &each : step.goals)
        goals.push_back({headOf(each.text), measuredOr(each)});
    return row({rateText(step.rate), rateText(step.sent), rateText(step.received), durationOr(step.p50)},
               goals, figures::percent(step.cpu)) +
           "  " + verdict +
           (step.why.empty()                      ? ""
            : step.verdict == StepVerdict::Passed ? "; "
                                                  : ": ") +
           step.why + "\n";
}

std::string ceilingText(const CeilingPlan &plan, const CeilingResult &result)
{
    std::string text = "\n";
    if (result.passed) {
        text += "MAX  " + rateText(result.passed->rate) + " messages/s (" +
                rateText(result.passed->received) + " deliveries/s): " + goalsText(plan) +
                " holds, all delivered and verified";
        for (const ThresholdResult &each : result.passed->goals)
            text += (&each == result.passed->goals.data() ? "; " : ", ") + headOf(each.text) + " " +
                    measuredOr(each);
        text += "\n";
    } else if (!result.isNeverReached)
        text += "MAX  unknown: no rate passed\n";
    return text + ending(result);
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
