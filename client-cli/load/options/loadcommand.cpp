// SPDX-License-Identifier: MIT
#include "client-cli/load/options/loadcommand.h"

#include "client-cli/exitcode.h"
#include "client-cli/load/judgement/judgement.h"
#include "client-cli/load/options/loadarguments.h"
#include "client-cli/load/options/observers.h"
#include "client-cli/load/options/optionvalues.h"
#include "client-cli/load/options/outputfiles.h"
#include "client-cli/load/options/preparation.h"
#include "client-cli/load/options/resourcelines.h"
#include "client-cli/load/options/selftestcommand.h"
#include "client-cli/load/record/figures.h"
#include "client-cli/load/report/htmlreport.h"
#include "client-cli/load/report/textreport.h"
#include "client-cli/load/run/loadrun.h"
#include "client-cli/load/runfile/recordreader.h"
#include "client-cli/load/runfile/recordwriter.h"
#include "client-cli/load/runfile/tables.h"
#include "client-cli/refusal.h"
#include "shared/process/signalwatcher.h"
#include "shared/process/standardstreams.h"

#include <CLI/CLI.hpp>

#include <csignal>
#include <iostream>

namespace parlor::cli::load {

namespace {

/// A mistake may quote much of a scenario.
constexpr std::size_t kLongestMistake = 1000;

int fail(int code, const std::string &why)
{
    std::cerr << "parlor-cli load: " << why << '\n';
    return code;
}

int print(std::string_view text, int code)
{
    const bool isTold = writeToStdout(text, "parlor-cli load");
    return code == exitcode::kOk && !isTold ? exitcode::kNotWritten : code;
}

/// `baseline`: what the page compares with; it outlives the files.
OutputFiles outputFiles(const OutputPaths &paths, const std::optional<RunRecord> &baseline)
{
    OutputFiles files;
    files.add("--out", paths.json, &writeRecord);
    files.add("--csv", paths.csv, [](const RunRecord &record, const Judgement &) { return csvOf(record); });
    files.add("--junit", paths.junit, &junitOf);
    files.add("--hgrm", paths.hgrm,
              [](const RunRecord &record, const Judgement &) { return hgrmOf(record); });
    files.add("--html", paths.html, [&baseline](const RunRecord &record, const Judgement &judgement) {
        return QByteArray::fromStdString(htmlReport(record, judgement, baseline ? &*baseline : nullptr));
    });
    return files;
}

Result<std::optional<RunRecord>> baselineOf(const LoadOptions &options)
{
    if (options.baseline.empty())
        return std::optional<RunRecord>();
    auto read = readRecordFile(options.baseline);
    if (!read)
        return Error{.text = "--baseline: " + read.error().text};
    return std::optional(*std::move(read));
}

/// Refuses in advance what a run would refuse, as far as that is seen without the server.
Result<void> checkInAdvance(const LoadOptions &options)
{
    const auto baseline = baselineOf(options);
    if (!baseline)
        return baseline.error();
    OutputFiles files = outputFiles(options.outputs, *baseline);
    if (const auto distinct = files.check(options.inputs); !distinct)
        return distinct.error();
    Target target = options.load.target;
    if (const auto ready = prepareHere(target); !ready)
        return ready.error();
    if (const auto ready = files.open(OutputFiles::Which::Files); !ready)
        return ready.error();
    if (const auto observers = Observers::open(options); !observers)
        return observers.error();
    return {};
}

int runDry(const LoadOptions &options)
{
    if (const auto possible = checkInAdvance(options); !possible)
        return fail(exitcode::kUsage, possible.error().text);
    const Settings &settings = options.load.settings;
    const Plan plan(settings);
    const auto found = findingsFor(options.load, plan.peakUsers());
    const bool isPossible = lackText(found).empty();
    return print(dryRunText(settings, forecast(settings, plan, userPlans(settings, plan)), found),
                 isPossible ? exitcode::kOk : exitcode::kUsage);
}

int runLoad(const LoadOptions &options)
{
    const auto baseline = baselineOf(options);
    if (!baseline)
        return fail(exitcode::kUsage, baseline.error().text);
    OutputFiles files = outputFiles(options.outputs, *baseline);
    if (const auto distinct = files.check(options.inputs); !distinct)
        return fail(exitcode::kUsage, distinct.error().text);
    auto prepared = prepare(options.load, Plan(options.load.settings).peakUsers());
    if (const auto *hindrance = std::get_if<Hindrance>(&prepared))
        return fail(hindrance->exitCode, hindrance->why);
    if (const auto ready = files.open(); !ready)
        return fail(exitcode::kUsage, ready.error().text);

    auto opened = Observers::open(options);
    if (!opened)
        return fail(exitcode::kUsage, opened.error().text);
    Observers &observers = *opened;
    // To the end: an impatient person's next Ctrl-C must not cost the files.
    const SignalWatcher interrupts({SIGINT, SIGTERM, SIGHUP});
    auto &[target, addresses] = std::get<PreparedTarget>(prepared);
    LoadRun load(options.load.settings, std::move(target), std::move(addresses), interrupts.descriptor(),
                 observers.watchers(), observers.sources());
    Result<RunRecord> executed = load.execute();
    if (!executed) {
        observers.leaveTerminal();
        return fail(exitcode::kFailed, executed.error().text);
    }
    RunRecord &record = *executed;
    record.program = "parlor-cli " PARLOR_VERSION;
    record.arguments = options.arguments;
    observers.finish(record);
    const Judgement judgement = judge(record);

    const std::vector<std::string> failures =
        files.write(record, judgement, [&observers] { observers.leaveTerminal(); });
    int code = exitCodeOf(judgement.verdict);
    if (code == exitcode::kOk && !failures.empty())
        code = exitcode::kNotWritten;
    const std::string report =
        textReport(record, judgement) + files.section() + textEnding(record, judgement, code);
    code = print(report, code);
    for (const std::string &each : failures)
        std::cerr << "parlor-cli load: " << each << '\n';
    observers.linger(interrupts.descriptor());
    return code;
}

/// Of --threads; auto is 0.
std::uint32_t selfTestThreads(std::string_view text)
{
    const auto threads = parseThreads(text.empty() ? "1" : text);
    if (!threads)
        refuse("--threads: " + threads.error().text);
    return *threads;
}

} // namespace

void addLoad(CLI::App &app, Runner &chosen)
{
    auto given = std::make_shared<LoadArguments>();
    CLI::App *load = app.add_subcommand("load", "Put a server under load and account for every delivery");
    given->addTo(*load);
    load->final_callback([given, &chosen] {
        if (given->wantsSelfTest()) {
            chosen = [threads = selfTestThreads(given->said("threads"))] { return runSelfTest(threads); };
            return;
        }
        if (given->wantsScenario()) {
            chosen = [text = given->scenarioText()] { return print(text, exitcode::kOk); };
            return;
        }
        auto options = given->options();
        if (const auto *mistake = std::get_if<Mistake>(&options))
            chosen = [text = figures::printable(mistake->text, kLongestMistake)] {
                return fail(exitcode::kScenario, text);
            };
        else
            chosen = [all = std::get<LoadOptions>(std::move(options))] {
                return all.isDryRun ? runDry(all) : runLoad(all);
            };
    });
}

} // namespace parlor::cli::load
