// SPDX-License-Identifier: MIT
#include "client-cli/load/compare/comparability.h"

#include "client-cli/load/compare/flagwords.h"
#include "client-cli/load/record/figures.h"

#include <algorithm>
#include <set>

namespace parlor::cli::load::compare {

namespace {

bool isNoMatter(std::string_view key)
{
    return key == "parameters.url" || key == "parameters.seed" || key == "parameters.processes" ||
           key == "parameters.threads" || key == "parameters.strict" || key.starts_with("parameters.tags") ||
           key.starts_with("parameters.thresholds");
}

void addMismatch(std::vector<Mismatch> &found, const NamedRun &first, const NamedRun &other)
{
    std::vector<SettingsDifference> differences = differencesOf(first.record.settings, other.record.settings);
    std::erase_if(differences, [](const SettingsDifference &each) { return isNoMatter(each.key); });
    if (differences.empty())
        return;
    std::vector<std::string> clauses = inFlags(differences, first.record.settings, other.record.settings);
    found.push_back({first.name, other.name, std::move(differences), std::move(clauses)});
}

bool reachedNone(const std::vector<NamedRun> &side)
{
    return std::none_of(side.begin(), side.end(),
                        [](const NamedRun &run) { return run.record.measurements.joined > 0; });
}

Result<void> checkTwice(const Sides &sides)
{
    std::vector<const NamedRun *> earlier;
    for (const auto *side : {&sides.base, &sides.changed}) {
        for (const NamedRun &run : *side) {
            for (const NamedRun *other : earlier) {
                if (run.record.id == other->record.id && run.record.begun == other->record.begun)
                    return Error{ErrorCode::BadRequest, other->name + " and " + run.name +
                                                            " are the same run, " + run.record.id +
                                                            ": each counts once"};
            }
            earlier.push_back(&run);
        }
    }
    return {};
}

/// Nothing where a run went as it should.
std::string howItWent(const NamedRun &run)
{
    switch (run.judgement.verdict) {
    case Verdict::NeverReached:
        return figures::printable(run.name) + " never reached its server: its figures are left out.";
    case Verdict::Incorrect:
        return figures::printable(run.name) +
               " was not correct (see Correctness); its figures are compared all the same.";
    case Verdict::Interrupted:
        return figures::printable(run.name) + " was interrupted after " +
               figures::clock(run.record.duration) + "; its figures are those until then.";
    case Verdict::Incomplete:
        return figures::printable(run.name) +
               " was not complete: not all that was planned was sent and answered.";
    case Verdict::Passed:
    case Verdict::ThresholdFailed:
    case Verdict::GeneratorLimited:
        break;
    }
    return {};
}

void addNotices(std::vector<std::string> &notices, const NamedRun &run)
{
    if (std::string went = howItWent(run); !went.empty())
        notices.push_back(std::move(went));
    if (run.judgement.limits.empty())
        return;
    std::string limits;
    for (const std::string &each : run.judgement.limits)
        limits += (limits.empty() ? "" : "; ") + each;
    notices.push_back("The generator of " + figures::printable(run.name) +
                      " did not keep up, so that its latencies may be the generator's own: " + limits + ".");
}

std::set<std::string> machinesOf(const std::vector<NamedRun> &side)
{
    std::set<std::string> machines;
    for (const NamedRun &run : side)
        machines.insert(figures::printable(run.record.machine.host) + " (" +
                        std::to_string(run.record.machine.cores) + " cores)");
    return machines;
}

std::string joinedNames(const std::set<std::string> &names)
{
    std::string text;
    for (const std::string &each : names)
        text += (text.empty() ? "" : ", ") + each;
    return text;
}

/// Whether the sides took turns, as far as the times tell: as text they sort like times.
bool tookTurns(const Sides &sides)
{
    const auto earlier = [](const NamedRun &a, const NamedRun &b) { return a.record.begun < b.record.begun; };
    const auto [baseFirst, baseLast] = std::minmax_element(sides.base.begin(), sides.base.end(), earlier);
    const auto [first, last] = std::minmax_element(sides.changed.begin(), sides.changed.end(), earlier);
    return !earlier(*baseLast, *first) && !earlier(*last, *baseFirst);
}

} // namespace

std::vector<Mismatch> mismatchesOf(const Sides &sides)
{
    std::vector<Mismatch> found;
    for (std::size_t i = 1; i < sides.base.size(); ++i)
        addMismatch(found, sides.base.front(), sides.base[i]);
    for (const NamedRun &each : sides.changed)
        addMismatch(found, sides.base.front(), each);
    return found;
}

std::string toText(const Mismatch &mismatch)
{
    constexpr std::size_t kShown = 5;
    std::string text =
        figures::printable(mismatch.first) + " and " + figures::printable(mismatch.other) + ": ";
    for (std::size_t i = 0; i < std::min(kShown, mismatch.clauses.size()); ++i)
        text += (i == 0 ? "" : "; ") + mismatch.clauses[i];
    if (mismatch.clauses.size() > kShown)
        text += "; and " + std::to_string(mismatch.clauses.size() - kShown) + " more";
    return text;
}

Result<void> checkSides(const Sides &sides)
{
    if (reachedNone(sides.base))
        return Error{ErrorCode::BadRequest,
                     sides.base.front().name + (sides.base.size() > 1 ? " and the other runs of BASE" : "") +
                         " never reached the server: there is nothing to compare with"};
    for (const auto *side : {&sides.base, &sides.changed}) {
        if (side->size() > kMostRuns)
            return Error{ErrorCode::BadRequest, "a side has at most " + std::to_string(kMostRuns) +
                                                    " runs, not " + std::to_string(side->size())};
    }
    return checkTwice(sides);
}

std::vector<std::string> noticesOf(const Sides &sides)
{
    std::vector<std::string> notices;
    for (const auto *side : {&sides.base, &sides.changed}) {
        for (const NamedRun &run : *side)
            addNotices(notices, run);
    }
    const std::set<std::string> machines = machinesOf(sides.base);
    if (const std::set<std::string> others = machinesOf(sides.changed); machines != others)
        notices.push_back("The generators' machines differ: " + joinedNames(machines) + " for BASE, " +
                          joinedNames(others) + " for NEW.");
    if (sides.base.size() + sides.changed.size() > 2 && !tookTurns(sides))
        notices.push_back(
            "One side ran after the other: what changed on the machines in between looks like a "
            "change of the server. Let them take turns.");
    return notices;
}

} // namespace parlor::cli::load::compare
