// SPDX-License-Identifier: MIT
#include "client-cli/load/compare/comparison.h"

#include "client-cli/load/compare/blocktest.h"
#include "client-cli/load/compare/statistics.h"
#include "client-cli/load/record/figures.h"

#include <algorithm>
#include <cmath>

namespace parlor::cli::load::compare {

namespace {

/// What a figure is judged by.
struct Readings
{
    const Figure &figure;
    std::vector<const NamedRun *> baseRuns; ///< those with a reading
    std::vector<const NamedRun *> changedRuns;
    std::vector<Reading> base;
    std::vector<Reading> changed;
};

void read(const Figure &figure, const std::vector<NamedRun> &side, std::vector<const NamedRun *> &runs,
          std::vector<Reading> &readings)
{
    for (const NamedRun &run : side) {
        if (run.record.measurements.joined == 0)
            continue;
        if (const auto reading = figure.ofRun(run.record)) {
            runs.push_back(&run);
            readings.push_back(*reading);
        }
    }
}

std::vector<double> valuesOf(const std::vector<Reading> &readings)
{
    std::vector<double> values;
    for (const Reading &each : readings)
        values.push_back(each.value);
    return values;
}

/// As 0 has none, a tiny value takes its place.
std::vector<double> logarithmsOf(const std::vector<double> &values)
{
    std::vector<double> logarithms;
    for (const double each : values)
        logarithms.push_back(std::log(std::max(each, 1e-9)));
    return logarithms;
}

std::string pText(double p)
{
    return p < 0.001 ? "p < 0.001" : "p = " + figures::decimal(p);
}

bool overlap(const std::vector<double> &left, const std::vector<double> &right)
{
    const auto [leftLow, leftHigh] = std::minmax_element(left.begin(), left.end());
    const auto [rightLow, rightHigh] = std::minmax_element(right.begin(), right.end());
    return *leftLow <= *rightHigh && *rightLow <= *leftHigh;
}

/// Whether what chance alone makes of each reading leaves the sides apart.
bool areApartByCount(const Readings &readings)
{
    const auto isAbove = [](const std::vector<Reading> &these, const std::vector<Reading> &those) {
        return std::all_of(these.begin(), these.end(), [&those](const Reading &each) {
            return std::all_of(those.begin(), those.end(),
                               [&each](const Reading &other) { return each.low > other.high; });
        });
    };
    return isAbove(readings.base, readings.changed) || isAbove(readings.changed, readings.base);
}

bool isWorsening(const FigureChange &found)
{
    return (found.figure->worse == Figure::Worse::Higher) == (found.changedMedian > found.baseMedian);
}

Change definitely(const FigureChange &found)
{
    return isWorsening(found) ? Change::Worse : Change::Better;
}

Change perhaps(const FigureChange &found)
{
    return isWorsening(found) ? Change::PerhapsWorse : Change::PerhapsBetter;
}

Change byP(const FigureChange &found)
{
    return *found.p < kSignificance ? definitely(found) : *found.p < kHint ? perhaps(found) : Change::None;
}

/// No test is possible.
void judgeByCount(FigureChange &found, const Readings &readings, const std::string &noTest)
{
    const bool isApart = areApartByCount(readings);
    found.change = isApart ? perhaps(found) : Change::None;
    found.why = noTest + (isApart ? "" : "; so few values differ as much by chance");
}

std::string tooShort(const BlockTest &test)
{
    const double block = std::ceil(kCorrelationTimesPerBlock * test.correlation);
    const auto least = static_cast<std::uint64_t>(static_cast<double>(kFewestBlocks) * block);
    return figures::count(test.seconds) + " s were measured, and a run of one a side must be at least " +
           figures::count(least) + " s long for this test";
}

void judgeTwoRuns(FigureChange &found, const Readings &readings, double tolerance)
{
    if (found.figure->ofSeconds == nullptr) {
        judgeByCount(found, readings, "one run a side, whose seconds have no such figure to test");
        return;
    }
    const BlockTest test = testBlocks(*found.figure, readings.baseRuns.front()->record,
                                      readings.changedRuns.front()->record, tolerance);
    if (test.blocks == 0) {
        judgeByCount(found, readings, tooShort(test));
        return;
    }
    found.p = test.p;
    const bool isSameWay = (test.step > 0) == (found.changedMedian > found.baseMedian);
    found.change = isSameWay ? byP(found) : Change::None;
    const std::string blocks =
        std::to_string(test.blocks) + " blocks of " + figures::count(test.seconds / test.blocks) + " s";
    found.why = found.change == Change::None
                    ? blocks + " are not beyond the tolerance by more than chance (" + pText(test.p) + ")"
                    : blocks + " are beyond the tolerance (" + pText(test.p) + ")";
}

using GroupTest = double (*)(std::span<const double>, std::span<const double>);

/// By the logarithms of the runs' figures: that they differ at all, and that they differ by more than the
/// tolerance.
void judgeByTest(FigureChange &found, GroupTest test, double tolerance)
{
    std::vector<double> base = logarithmsOf(found.base);
    const std::vector<double> changed = logarithmsOf(found.changed);
    found.p = test(base, changed);
    const double allowed = found.changedMedian > found.baseMedian ? 1 + tolerance : 1 - tolerance;
    for (double &each : base)
        each += std::log(std::max(allowed, 1e-9));
    const double beyond = test(base, changed);
    found.change = *found.p >= kHint                            ? Change::None
                   : *found.p < kSignificance && beyond < kHint ? definitely(found)
                                                                : perhaps(found);
    found.why += pText(*found.p) + ", for more than the tolerance " + pText(beyond);
}

void judgeGroups(FigureChange &found, const Readings &readings, double tolerance)
{
    const std::size_t bases = found.base.size();
    const std::size_t others = found.changed.size();
    const bool isOverlap = overlap(found.base, found.changed);
    found.why = isOverlap ? "the sides overlap" : "the sides do not overlap";
    if (leastOfRankTest(bases, others) < kSignificance) {
        found.why += " (by ranks ";
        judgeByTest(found, &rankTest, tolerance);
        found.why += ")";
        return;
    }
    if (isOverlap)
        return;
    found.why += " (by ranks " + pText(leastOfRankTest(bases, others)) + ", the least of " +
                 std::to_string(bases) + " and " + std::to_string(others) + " runs";
    if (bases < 3 || others < 3) {
        judgeByCount(found, readings, found.why + ")");
        return;
    }
    found.why += "; by Student's t test ";
    judgeByTest(found, &studentTest, tolerance);
    found.why += ")";
    if (found.change == Change::None)
        found.why += ", but runs of one side differ too much among themselves";
}

FigureChange changeOfFigure(const Readings &readings, double tolerance)
{
    FigureChange found{.figure = &readings.figure};
    found.base = valuesOf(readings.base);
    found.changed = valuesOf(readings.changed);
    if (!found.base.empty())
        found.baseMedian = median(found.base);
    if (!found.changed.empty())
        found.changedMedian = median(found.changed);
    if (found.base.empty() || found.changed.empty()) {
        found.change = Change::NotJudged;
        found.why = std::string(found.base.empty() ? "BASE" : "NEW") + " has too few values";
        return found;
    }
    const double difference = found.changedMedian - found.baseMedian;
    if (found.baseMedian > 0)
        found.part = difference / found.baseMedian;
    if (readings.figure.worse == Figure::Worse::Neither) {
        found.change = Change::NotJudged;
        return found;
    }
    if (std::abs(difference) <= std::max(tolerance * found.baseMedian, readings.figure.least))
        return found;
    if (found.base.size() == 1 && found.changed.size() == 1)
        judgeTwoRuns(found, readings, tolerance);
    else
        judgeGroups(found, readings, tolerance);
    if (found.change == Change::None)
        found.change = Change::Unclear;
    return found;
}

std::vector<FigureChange> compareFigures(const Sides &sides, double tolerance)
{
    std::vector<FigureChange> found;
    for (const Figure &figure : comparedFigures()) {
        Readings readings{figure, {}, {}, {}, {}};
        read(figure, sides.base, readings.baseRuns, readings.base);
        read(figure, sides.changed, readings.changedRuns, readings.changed);
        const bool isWatched = figure.key.starts_with("watched");
        const std::size_t having = (readings.base.empty() ? 0U : 1U) + (readings.changed.empty() ? 0U : 1U);
        if (having == 2 || (having == 1 && !isWatched))
            found.push_back(changeOfFigure(readings, tolerance));
    }
    return found;
}

Change worstOf(const Comparison &comparison)
{
    std::vector<Change> all;
    for (const FaultChange &each : comparison.faults)
        all.push_back(each.change);
    for (const FigureChange &each : comparison.figures)
        all.push_back(each.change);
    for (const Change each : {Change::Worse, Change::PerhapsWorse, Change::Better, Change::Unclear}) {
        if (std::find(all.begin(), all.end(), each) != all.end())
            return each;
    }
    return Change::None;
}

Error notComparable(const std::vector<Mismatch> &mismatches)
{
    std::string text =
        "these runs had different loads, and cannot be compared (--force does so all the same)";
    for (const Mismatch &each : mismatches)
        text += "\n  " + toText(each);
    return {ErrorCode::BadRequest, text};
}

} // namespace

Result<Comparison> compareSides(const Sides &sides, const ComparisonOptions &options)
{
    if (const auto checked = checkSides(sides); !checked)
        return checked.error();
    Comparison found{.options = options};
    found.mismatches = mismatchesOf(sides);
    if (!found.mismatches.empty() && !options.isForced)
        return notComparable(found.mismatches);
    found.notices = noticesOf(sides);
    found.faults = compareFaults(sides, options.tolerance);
    found.figures = compareFigures(sides, options.tolerance);
    found.change = worstOf(found);
    return found;
}

} // namespace parlor::cli::load::compare
