// SPDX-License-Identifier: MIT
#include "client-cli/load/compare/comparisontext.h"

#include "client-cli/load/compare/statistics.h"
#include "client-cli/load/record/figures.h"
#include "client-cli/load/report/textpart.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace parlor::cli::load::compare {

namespace {

using text::padded;
using text::rightAligned;

constexpr std::size_t kNames = 27;
constexpr std::size_t kValues = 12;
constexpr std::size_t kParts = 11;

/// "+12.5 %"; "–" where there is nothing to compare with.
std::string partText(std::optional<double> part)
{
    if (!part)
        return "–";
    const double percent = *part * 100;
    if (std::abs(percent) < 0.05)
        return "0 %";
    return (percent > 0 ? "+" : "-") + figures::decimal(std::abs(percent)) + " %";
}

std::string nameOfSide(std::string_view name, const std::vector<NamedRun> &side)
{
    std::set<std::string> urls;
    std::string files;
    for (const NamedRun &run : side) {
        urls.insert(run.record.settings.url);
        files += (files.empty() ? "" : ", ") + figures::printable(run.name);
    }
    return text::wrapped("  " + padded(name, 6) + files + " (" + text::joined(urls) + ")", 8);
}

std::string clauseOf(const FaultChange &fault)
{
    const auto share = [](std::uint64_t some, std::uint64_t all) {
        return figures::count(some) + " of " + figures::count(all);
    };
    return std::string(fault.name) + ": " + share(fault.base, fault.baseOf) + " in BASE, " +
           share(fault.changed, fault.changedOf) + " in NEW";
}

/// "12.3 ms", or with the runs' least and most: "12.3 ms (11.9 ms to 12.8 ms)".
std::string medianText(const FigureChange &figure, const std::vector<double> &values, double middle)
{
    std::string text = figure.figure->text(middle);
    if (values.size() > 1) {
        const auto [low, high] = std::minmax_element(values.begin(), values.end());
        text += " (" + figure.figure->text(*low) + " to " + figure.figure->text(*high) + ")";
    }
    return text;
}

std::string clauseOf(const FigureChange &figure)
{
    std::string text(figure.figure->name);
    if (figure.base.empty() || figure.changed.empty())
        return text + ": " + figure.why;
    text += ": " + medianText(figure, figure.base, figure.baseMedian) + " became " +
            medianText(figure, figure.changed, figure.changedMedian);
    if (figure.part)
        text += ", " + partText(figure.part);
    return text + (figure.why.empty() ? "" : "; " + figure.why);
}

std::string paragraph(const std::string &sentence)
{
    return text::wrapped("  " + sentence, 4);
}

/// Of faults and figures that became like this, a line each.
std::string clausesOf(const Comparison &comparison, Change change)
{
    std::string text;
    for (const FaultChange &each : comparison.faults) {
        if (each.change == change)
            text += paragraph(clauseOf(each) + ".");
    }
    for (const FigureChange &each : comparison.figures) {
        if (each.change == change)
            text += paragraph(clauseOf(each) + ".");
    }
    return text;
}

std::string section(std::string_view head, const std::string &lines)
{
    return lines.empty() ? "" : std::string(head) + "\n" + lines + "\n";
}

std::string toleranceText(const Comparison &comparison)
{
    const double percent = comparison.options.tolerance * 100;
    return (percent == std::floor(percent) ? figures::count(static_cast<std::uint64_t>(percent))
                                           : figures::decimal(percent)) +
           " %";
}

std::string headlineOf(const Sides &sides, const Comparison &comparison)
{
    std::string text;
    switch (comparison.change) {
    case Change::Worse:
        text = "WORSE: NEW is worse than BASE.";
        break;
    case Change::PerhapsWorse:
        text = "PERHAPS WORSE: too few runs to tell.";
        break;
    case Change::Better:
        text = "BETTER: NEW is better than BASE.";
        break;
    case Change::Unclear:
        text = "UNCLEAR: figures differ by more than " + toleranceText(comparison) +
               ", and scatter too much to say why. Give more runs, or longer ones.";
        break;
    case Change::None:
    case Change::PerhapsBetter:
    case Change::NotJudged:
        text = "NO CHANGE by more than " + toleranceText(comparison) + " and by more than chance.";
        break;
    }
    text = text::wrapped(text, 0);
    if (sides.base.size() == 1 && sides.changed.size() == 1)
        text += text::wrapped(
            "One run a side: a hint, not a proof, as nothing is known of how runs of one server "
            "differ. Give three or more.",
            0);
    else if (sides.base.size() < 3 || sides.changed.size() < 3)
        text += text::wrapped(
            "A side of fewer than three runs proves nothing of a figure. Give three or more.", 0);
    return text + "\n";
}

std::string faultTable(const Comparison &comparison)
{
    std::string rows;
    for (const FaultChange &each : comparison.faults) {
        if (each.base + each.changed > 0)
            rows += "  " + padded(each.name, kNames) + rightAligned(figures::count(each.base), kValues) +
                    rightAligned(figures::count(each.changed), kValues) + rightAligned("", kParts) + "  " +
                    std::string(toWords(each.change)) + "\n";
    }
    return rows.empty()
               ? paragraph(
                     "nothing lost, doubled, out of order, corrupt, unexpected or unanswered on either side")
               : rows;
}

std::string figureTable(const Comparison &comparison)
{
    std::string rows;
    for (const FigureChange &each : comparison.figures) {
        const auto cell = [&each](const std::vector<double> &values, double middle) {
            return rightAligned(values.empty() ? "–" : each.figure->text(middle), kValues);
        };
        rows += "  " + padded(each.figure->name, kNames) + cell(each.base, each.baseMedian) +
                cell(each.changed, each.changedMedian) + rightAligned(partText(each.part), kParts) + "  " +
                std::string(toWords(each.change)) + "\n";
    }
    return rows;
}

std::string table(const Sides &sides, const Comparison &comparison)
{
    const bool hasMedians = sides.base.size() > 1 || sides.changed.size() > 1;
    std::string text = padded("Correctness", kNames + 2) + rightAligned("BASE", kValues) +
                       rightAligned("NEW", kValues) + "\n" + faultTable(comparison) + "\n";
    text += padded(hasMedians ? "Figures (medians of runs)" : "Figures", kNames + 2) +
            rightAligned("BASE", kValues) + rightAligned("NEW", kValues) + rightAligned("change", kParts) +
            "  verdict\n" + figureTable(comparison) + "\n";
    return text;
}

} // namespace

std::string comparisonText(const Sides &sides, const Comparison &comparison)
{
    std::string text = "Comparison of " + text::plural(sides.changed.size(), "run", "runs") + " (NEW) with " +
                       text::plural(sides.base.size(), "run", "runs") + " (BASE)\n" +
                       nameOfSide("BASE", sides.base) + nameOfSide("NEW", sides.changed) + "\n";
    text += headlineOf(sides, comparison);
    std::string forced;
    for (const Mismatch &each : comparison.mismatches)
        forced += paragraph(toText(each));
    text += section("Different loads, compared by --force: differences may be the load's", forced);
    std::string notices;
    for (const std::string &each : comparison.notices)
        notices += paragraph(each);
    text += section("Notice", notices);
    text += table(sides, comparison);
    text += section("Worse", clausesOf(comparison, Change::Worse));
    text += section("Perhaps worse (too few runs to tell)", clausesOf(comparison, Change::PerhapsWorse));
    text += section("Better", clausesOf(comparison, Change::Better));
    text += section("Perhaps better (too few runs to tell)", clausesOf(comparison, Change::PerhapsBetter));
    text += section("Unclear (beyond the tolerance, and too much scatter to tell; give more runs)",
                    clausesOf(comparison, Change::Unclear));
    while (text.ends_with("\n\n"))
        text.pop_back();
    return text;
}

} // namespace parlor::cli::load::compare
