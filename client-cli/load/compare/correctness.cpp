// SPDX-License-Identifier: MIT
#include "client-cli/load/compare/correctness.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace parlor::cli::load::compare {

namespace {

struct FaultKind
{
    std::string_view key;
    std::string_view name;
    std::uint64_t (*faults)(const RunRecord &);
    std::uint64_t (*all)(const RunRecord &);
};

std::uint64_t deliveriesOf(const RunRecord &run)
{
    return run.measurements.deliveries.expected();
}

constexpr std::array kFaultKinds{
    FaultKind{"lost", "lost deliveries",
              [](const RunRecord &run) { return run.measurements.deliveries.lost; }, &deliveriesOf},
    FaultKind{"doubled", "doubled deliveries",
              [](const RunRecord &run) { return run.measurements.deliveries.doubled; }, &deliveriesOf},
    FaultKind{"reordered", "deliveries out of order",
              [](const RunRecord &run) { return run.measurements.deliveries.reordered; }, &deliveriesOf},
    FaultKind{"corrupt", "corrupt deliveries",
              [](const RunRecord &run) { return run.measurements.deliveries.corrupt; }, &deliveriesOf},
    FaultKind{"unexpected", "unexpected deliveries",
              [](const RunRecord &run) { return run.measurements.deliveries.unexpected; }, &deliveriesOf},
    FaultKind{"unanswered", "messages never answered",
              [](const RunRecord &run) { return run.measurements.messages().unanswered; },
              [](const RunRecord &run) { return run.measurements.messages().sent; }},
    FaultKind{"split_rooms", "rooms split between servers",
              [](const RunRecord &run) { return std::uint64_t{run.measurements.splits.size()}; },
              [](const RunRecord &run) { return std::uint64_t{run.settings.rooms.size()}; }},
    FaultKind{"never_reached", "runs that reached no server",
              [](const RunRecord &run) { return std::uint64_t{run.measurements.joined == 0 ? 1U : 0U}; },
              [](const RunRecord &) { return std::uint64_t{1}; }},
};

double shareOf(std::uint64_t some, std::uint64_t all)
{
    return static_cast<double>(some) / static_cast<double>(std::max<std::uint64_t>(1, all));
}

Change changeOf(const FaultChange &found, double tolerance)
{
    if (found.base == 0)
        return found.changed == 0 ? Change::None : Change::Worse;
    const double before = shareOf(found.base, found.baseOf);
    if (found.changed == 0) {
        // That none of so many came by chance, were the share the same, is e^-expected.
        const double expected = before * static_cast<double>(found.changedOf);
        return std::exp(-expected) < 0.01 ? Change::Better : Change::PerhapsBetter;
    }
    const double now = shareOf(found.changed, found.changedOf);
    if (now > before * (1 + tolerance))
        return Change::PerhapsWorse;
    return now < before * (1 - tolerance) ? Change::PerhapsBetter : Change::None;
}

} // namespace

std::vector<FaultChange> compareFaults(const Sides &sides, double tolerance)
{
    std::vector<FaultChange> found;
    for (const FaultKind &kind : kFaultKinds) {
        FaultChange each{.key = kind.key, .name = kind.name};
        for (const NamedRun &run : sides.base) {
            each.base += kind.faults(run.record);
            each.baseOf += kind.all(run.record);
        }
        for (const NamedRun &run : sides.changed) {
            each.changed += kind.faults(run.record);
            each.changedOf += kind.all(run.record);
        }
        each.change = changeOf(each, tolerance);
        found.push_back(each);
    }
    return found;
}

} // namespace parlor::cli::load::compare
