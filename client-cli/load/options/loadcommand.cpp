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

#include <algorithm>
#include <csignal>
#include <iostream>

namespace parlor::cli::load {

namespace {

int fail(int code, const std::string &why)
{
    std::cerr << "parlor-cli: " << why << '\n';
    return code;
}

int print(std::string_view text, int code)
{
    return writeToStdout(text, "parlor-cli") ? code : exitcode::kNotWritten;
}

int runDry(const LoadOptions &options)
{
    const Settings &settings = options.load.settings;
    const Plan plan(settings);
    const auto found = findingsFor(options.load, plan.peakUsers());
    const bool isPossible = lackText(found).empty();
    return print(dryRunText(settings, forecast(settings, plan, userPlans(settings, plan)), found),
                 isPossible ? exitcode::kOk : exitcode::kUsage);
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

int runLoad(const LoadOptions &options)
{
    std::optional<RunRecord> baseline;
    if (!options.baseline.empty()) {
        auto read = readRecordFile(options.baseline);
        if (!read)
            return fail(exitcode::kUsage, "--baseline: " + read.error().text);
        baseline = *std::move(read);
    }
    auto prepared = prepare(options.load, Plan(options.load.settings).peakUsers());
    if (const auto *hindrance = std::get_if<Hindrance>(&prepared))
        return fail(hindrance->exitCode, hindrance->why);
    OutputFiles files = outputFiles(options.outputs, baseline);
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
        observers.giveUp();
        return fail(exitcode::kFailed, executed.error().text);
    }
    RunRecord &record = *executed;
    record.program = "parlor-cli " PARLOR_VERSION;
    record.arguments = options.arguments;
    observers.finish(record);
    const Judgement judgement = judge(record);

    const std::vector<std::string> failures = files.write(record, judgement);
    const bool isTold = writeToStdout(textReport(record, judgement) + files.section(), "parlor-cli");
    for (const std::string &each : failures)
        std::cerr << "parlor-cli: " << each << '\n';
    observers.linger(interrupts.descriptor());
    const int code = exitCodeOf(judgement.verdict);
    return code == exitcode::kOk && (!isTold || !failures.empty()) ? exitcode::kNotWritten : code;
}

/// Of --threads; auto is one.
std::uint32_t selfTestThreads(std::string_view text)
{
    const auto threads = parseThreads(text.empty() ? "1" : text);
    if (!threads)
        refuse("--threads: " + threads.error().text);
    return std::max(*threads, 1U);
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
            chosen = [text = mistake->text] { return fail(exitcode::kScenario, text); };
        else
            chosen = [all = std::get<LoadOptions>(std::move(options))] {
                return all.isDryRun ? runDry(all) : runLoad(all);
            };
    });
}

} // namespace parlor::cli::load
