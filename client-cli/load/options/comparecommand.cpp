// SPDX-License-Identifier: MIT
#include "client-cli/load/options/comparecommand.h"

#include "client-cli/exitcode.h"
#include "client-cli/load/compare/comparisontext.h"
#include "client-cli/load/options/valueparsing.h"
#include "client-cli/load/runfile/recordreader.h"
#include "client-cli/refusal.h"
#include "shared/process/standardstreams.h"

#include <QCoreApplication>

#include <CLI/CLI.hpp>

#include <iostream>

namespace parlor::cli::load {

namespace {

struct CompareArguments
{
    std::vector<std::string> runs;   ///< of both sides
    std::vector<std::string> others; ///< none
    std::size_t bases = 1;           ///< how many of them are of the base
    std::string tolerance = "10%";
    compare::ComparisonOptions options;
    bool isJson = false;
};

double comparisonTolerance(std::string_view text)
{
    const auto percent =
        text.ends_with('%') ? parsing::number<double>(text.substr(0, text.size() - 1)) : std::nullopt;
    if (!percent || !(*percent >= 0 && *percent <= 1000))
        refuse("--tolerance: " + parsing::quoted(text) + " is no percentage from 0% to 1000%; write 10%");
    return *percent / 100;
}

/// How many files are of the base. CLI11 keeps no trace of `--`, so that the command line itself is asked for
/// what is behind it.
std::size_t basesOf(const std::vector<std::string> &runs)
{
    const QStringList words = QCoreApplication::arguments();
    const qsizetype mark = words.indexOf(QStringLiteral("--"));
    if (mark < 0) {
        if (runs.size() > 2)
            refuse("which of these " + std::to_string(runs.size()) +
                   " files are the base? Put -- behind them: compare BASE… -- NEW…");
        if (runs.size() < 2)
            refuse(std::string("a run to compare with is missing: compare BASE NEW"));
        return 1;
    }
    const auto behind = static_cast<std::size_t>(words.size() - mark - 1);
    if (behind == 0)
        refuse(std::string("no file follows --: compare BASE… -- NEW…"));
    if (behind >= runs.size())
        refuse(std::string("no file precedes --: compare BASE… -- NEW…"));
    return runs.size() - behind;
}

int refuseComparison(const Error &error)
{
    std::cerr << "parlor-cli compare: " << error.text << '\n';
    return exitcode::kUsage;
}

int runCompare(const CompareArguments &given)
{
    compare::Sides sides;
    for (std::size_t i = 0; i < given.runs.size(); ++i) {
        auto record = readRecordFile(given.runs[i]);
        if (!record)
            return refuseComparison(record.error());
        compare::NamedRun run{given.runs[i], *std::move(record), {}};
        run.judgement = judge(run.record);
        (i < given.bases ? sides.base : sides.changed).push_back(std::move(run));
    }
    const auto comparison = compareSides(sides, given.options);
    if (!comparison)
        return refuseComparison(comparison.error());
    const bool isTold = writeToStdout(given.isJson ? comparisonJson(sides, *comparison).toStdString()
                                                   : comparisonText(sides, *comparison),
                                      "parlor-cli compare");
    if (comparison->change == compare::Change::Worse)
        return exitcode::kThreshold;
    return isTold ? exitcode::kOk : exitcode::kNotWritten;
}

} // namespace

void addCompare(CLI::App &app, Runner &chosen)
{
    auto given = std::make_shared<CompareArguments>();
    CLI::App *compare = app.add_subcommand("compare", "Say what changed between runs of `load --out`");
    compare->footer(
        "compare BASE NEW, or several a side: compare BASE... -- NEW...\n"
        "The runs must have had the same load: their settings may differ in address, seed, tags, "
        "thresholds,\n"
        "--strict, processes and threads.\n"
        "A figure has changed if the medians differ by more than the tolerance, and by more than chance:\n"
        "  one run a side   blocks of seconds, so long that each depends little on the next one, are beyond\n"
        "                   the tolerance, with p < 0.01. A hint: a mood of the machine that lasts as long\n"
        "                   as the runs looks the same. It takes 32 s of measured phases, or more\n"
        "  3 or more        no run of one side lies among the other's, and Student's t test of the "
        "logarithms\n"
        "                   says p < 0.01; by ranks alone, 3 and 3 runs are so apart by chance with p = 0.1\n"
        "  5 or more        Mann and Whitney's test of ranks says p < 0.01\n"
        "Where that cannot be told it says \"perhaps worse\", or \"unclear\". A loss, a double or another\n"
        "fault that BASE never had is worse by itself. Let the sides take turns, so that both see the\n"
        "machine's moods.\n"
        "Exit codes: 0 no change, unclear, better, or perhaps worse; 2 usage, a file that cannot be read,\n"
        "or runs that cannot be compared; 4 the comparison could not be written; 99 worse.");
    compare->add_option("BASE", given->runs, "Files of --out: the runs to compare with")
        ->required()
        ->type_name("");
    // Takes nothing: as long as it waits for some, CLI11 lets `--` pass, and gives all files to BASE.
    compare->add_option("NEW", given->others, "Those that are compared with them")->type_name("");
    compare->add_option("--tolerance", given->tolerance, "How much of BASE's figure is no difference [10%]")
        ->type_name("PERCENT");
    compare->add_flag("--force", given->options.isForced, "Compare runs of different loads, too");
    compare->add_flag("--json", given->isJson, "Print one JSON object");
    compare->final_callback([given, &chosen] {
        given->options.tolerance = comparisonTolerance(given->tolerance);
        given->bases = basesOf(given->runs);
        chosen = [given] { return runCompare(*given); };
    });
}

} // namespace parlor::cli::load
