// SPDX-License-Identifier: MIT
#include "client-cli/load/record/names.h"
#include "client-cli/load/report/figure.h"
#include "client-cli/load/report/html.h"
#include "client-cli/load/report/htmlpart.h"

#include <algorithm>
#include <array>

namespace parlor::cli::load::html {

namespace {

struct VerdictText
{
    std::string_view look;
    std::string_view word;
};

VerdictText verdictText(Verdict verdict)
{
    switch (verdict) {
    case Verdict::Passed:
        return {"good", "Passed"};
    case Verdict::NeverReached:
        return {"bad", "Not reached"};
    case Verdict::Incorrect:
        return {"bad", "Incorrect"};
    case Verdict::Interrupted:
        return {"doubtful", "Interrupted"};
    case Verdict::Incomplete:
        return {"doubtful", "Incomplete"};
    case Verdict::ThresholdFailed:
        return {"bad", "Threshold not met"};
    case Verdict::GeneratorLimited:
        break;
    }
    return {"doubtful", "Invalid"};
}

std::string thresholdSentence(const Told &told)
{
    const auto &all = told.judgement.thresholds;
    if (all.empty())
        return {};
    const auto held = static_cast<std::uint64_t>(
        std::count_if(all.begin(), all.end(), [](const ThresholdResult &each) { return each.passed; }));
    return span(countOf("thresholds.passed", held)) + " of " + span(countOf("thresholds", all.size())) +
           (all.size() == 1 ? " threshold met. " : " thresholds met. ");
}

std::string neverReachedSentence(const RunRecord &record)
{
    const auto &errors = record.measurements.errors;
    const auto first = std::max_element(errors.begin(), errors.end(),
                                        [](const auto &a, const auto &b) { return a.second < b.second; });
    return "Nobody ever joined a room on " + given(record.settings.url) +
           (first == errors.end() ? std::string() : ": " + given(first->first)) + ". ";
}

std::string deliverySentence(const Told &told)
{
    const DeliveryCounts &counts = told.record.measurements.deliveries;
    if (told.record.measurements.joined == 0)
        return neverReachedSentence(told.record);
    const std::string unchecked = counts.counted == 0
                                      ? ""
                                      : "Deliveries that were counted and not checked: " +
                                            span(countOf("deliveries.counted", counts.counted)) + ". ";
    if (counts.isFaultless() && counts.expected() == 0) {
        if (told.all.planned == 0)
            return "Nothing was said: only connections were tested. ";
        if (told.record.settings.verify == Verify::Off)
            return "Deliveries were not looked at. ";
        if (told.record.settings.verify == Verify::Count)
            return unchecked.empty() ? "Nobody received a delivery. " : unchecked;
        return "No delivery was owed: none was checked. " + unchecked;
    }
    if (counts.isFaultless())
        return "Every expected delivery arrived once and in order. " + unchecked;
    std::string faults;
    const auto add = [&faults](std::string_view path, std::uint64_t count, std::string_view what) {
        if (count > 0)
            faults += (faults.empty() ? "" : ", ") + span(countOf(path, count)) + " " + std::string(what);
    };
    add("deliveries.lost", counts.lost, names::kLost);
    add("deliveries.doubled", counts.doubled, names::kDoubled);
    add("deliveries.reordered", counts.reordered, names::kReordered);
    add("deliveries.corrupt", counts.corrupt, names::kCorrupt);
    add("deliveries.unexpected", counts.unexpected, names::kUnexpected);
    return "Deliveries: " + faults + ". " + unchecked;
}

std::string shortfallSentence(const Told &told)
{
    const Measurements &m = told.record.measurements;
    std::string out;
    if (told.all.planned > told.all.answered) {
        out += span(shareOf("messages.answered", "messages.planned", told.all.answered, told.all.planned)) +
               " of the planned messages were answered. ";
    }
    if (m.absent > 0)
        out += "Users who were not in their room at the end: " +
               span(countOf("connections.absent_users", m.absent)) + ". ";
    if (!m.splits.empty()) {
        out += "The chat is split: users of " + span(countOf("splits", m.splits.size())) + " of " +
               span(countOf("rooms", told.record.settings.rooms.size())) + " rooms did not hear each other. ";
    }
    if (told.record.isInterrupted)
        out += "The run was interrupted. ";
    return out;
}

std::string generatorSentence(const Told &told)
{
    if (told.record.measurements.joined == 0)
        return {};
    return told.judgement.limits.empty()
               ? "The generator kept up."
               : "The generator did not keep up: the latencies are its own as much as the server's.";
}

std::string tile(const std::string &figure, const std::string &what)
{
    return element("div", "class=\"card tile\"", element("strong", "", figure) + element("span", "", what));
}

/// "p99 delivery", and what it was in the baseline.
std::string withBaseline(const Told &told, const std::string &what, std::string_view name, double percent)
{
    if (!told.before)
        return what;
    const auto before = percentileOf(told.before->deliveryLatency, percent);
    return what + "<br>baseline " + span(timeOf("before.delivery_latency." + std::string(name), before));
}

} // namespace

std::string banner(const Told &told)
{
    VerdictText text = verdictText(told.judgement.verdict);
    if (told.judgement.verdict == Verdict::Passed &&
        (!told.judgement.limits.empty() || told.all.planned == 0))
        text.look = "doubtful";
    return element("div", "id=verdict role=status class=\"banner " + std::string(text.look) + "\"",
                   element("strong", "", text.word) +
                       element("p", "",
                               thresholdSentence(told) + deliverySentence(told) + shortfallSentence(told) +
                                   generatorSentence(told)));
}

std::string tiles(const Told &told)
{
    const DeliveryCounts &counts = told.record.measurements.deliveries;
    const bool isChecked =
        told.record.settings.verify == Verify::Full || told.record.settings.verify == Verify::Sample;
    std::string out =
        isChecked
            ? tile(span(countOf("deliveries.received", counts.received)),
                   "of " + span(countOf("deliveries.expected", counts.expected())) + " expected deliveries")
            : tile(span(countOf("deliveries.counted", counts.counted)), "deliveries, none of them checked");
    if (counts.expected() > 0 || !counts.isFaultless()) {
        out += tile(span(countOf("deliveries.lost", counts.lost)) + " · " +
                        span(countOf("deliveries.doubled", counts.doubled)) + " · " +
                        span(countOf("deliveries.reordered", counts.reordered)),
                    std::string(names::kLost) + " · " + std::string(names::kDoubled) + " · " +
                        std::string(names::kReordered));
    }
    out += tile(span(timeOf("delivery_latency.p50", percentileOf(told.all.deliveryLatency, 50))),
                withBaseline(told, "<bdi class=given>p50</bdi> of deliveries", "p50", 50));
    out += tile(span(timeOf("delivery_latency.p99", percentileOf(told.all.deliveryLatency, 99))),
                withBaseline(told, "<bdi class=given>p99</bdi> of deliveries", "p99", 99));
    out += tile(span(timeOf("send_lag.p99", percentileOf(told.all.sendLag, 99))),
                "<bdi class=given>p99</bdi> send lag");
    return element("div", "class=tiles", out);
}

std::string thresholds(const Told &told)
{
    if (told.judgement.thresholds.empty())
        return {};
    std::string out = head({"threshold", "measured", "verdict"});
    for (std::size_t i = 0; i < told.judgement.thresholds.size(); ++i) {
        const ThresholdResult &each = told.judgement.thresholds[i];
        out += "\n<tr class=" + std::string(each.passed ? "good" : "bad") + "><th scope=row>" +
               element("code", "", escaped(each.text)) +
               cell({"threshold " + std::to_string(i), each.measured}) + "<td class=words>" +
               (each.passed ? "✓ met" : "✗ not met");
    }
    return section("thresholds", "Thresholds", tableCard("wide", "What the run had to meet", "", out));
}

std::string notes(const Told &told)
{
    std::string out;
    for (const std::string &note : told.record.notes)
        out += element("li", "", given(note));
    if (out.empty())
        return {};
    return section("notes", "Notes", card("wide", element("ul", "", out)));
}

} // namespace parlor::cli::load::html
