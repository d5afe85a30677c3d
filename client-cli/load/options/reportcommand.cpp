// SPDX-License-Identifier: MIT
#include "client-cli/load/options/reportcommand.h"

#include "client-cli/exitcode.h"
#include "client-cli/load/options/outputfiles.h"
#include "client-cli/load/report/htmlreport.h"
#include "client-cli/load/report/textreport.h"
#include "client-cli/load/runfile/mergedrecords.h"
#include "client-cli/load/runfile/recordreader.h"
#include "client-cli/load/runfile/recordwriter.h"
#include "client-cli/load/runfile/tables.h"
#include "client-cli/refusal.h"
#include "shared/process/standardstreams.h"

#include <CLI/CLI.hpp>

#include <iostream>

namespace parlor::cli::load {

namespace {

struct ReportArguments
{
    std::vector<std::string> runs;
    std::string merged;
    std::string csv;
    std::string junit;
    std::string hgrm;
    std::string html;
    std::string baseline;
};

int refuseReport(const Error &error)
{
    std::cerr << "parlor-cli report: " << error.text << '\n';
    return exitcode::kUsage;
}

/// The run of one file, or of the files of all generators.
Result<RunRecord> recordOf(const std::vector<std::string> &paths)
{
    std::vector<NamedRecord> records;
    for (const std::string &path : paths) {
        auto record = readRecordFile(path);
        if (!record)
            return record.error();
        records.push_back({path, *std::move(record)});
    }
    return mergeRecords(std::move(records));
}

int runReport(const ReportArguments &given)
{
    const Result<RunRecord> record = recordOf(given.runs);
    if (!record)
        return refuseReport(record.error());
    std::optional<RunRecord> baseline;
    if (!given.baseline.empty()) {
        auto read = readRecordFile(given.baseline);
        if (!read)
            return refuseReport({read.error().code, "--baseline: " + read.error().text});
        baseline = *std::move(read);
    }
    OutputFiles files;
    files.add("--out", given.merged, &writeRecord);
    files.add("--csv", given.csv, [](const RunRecord &run, const Judgement &) { return csvOf(run); });
    files.add("--junit", given.junit, &junitOf);
    files.add("--hgrm", given.hgrm, [](const RunRecord &run, const Judgement &) { return hgrmOf(run); });
    files.add("--html", given.html, [&baseline](const RunRecord &run, const Judgement &judgement) {
        return QByteArray::fromStdString(htmlReport(run, judgement, baseline ? &*baseline : nullptr));
    });
    std::vector<NamedFile> inputs{{"--baseline", given.baseline}};
    for (const std::string &each : given.runs)
        inputs.push_back({"RUN", each});
    if (const auto distinct = files.check(inputs); !distinct)
        return refuseReport(distinct.error());
    if (const auto opened = files.open(); !opened)
        return refuseReport(opened.error());

    const Judgement judgement = judge(*record);
    const std::vector<std::string> failures = files.write(*record, judgement);
    int code = exitCodeOf(judgement.verdict);
    if (code == exitcode::kOk && !failures.empty())
        code = exitcode::kNotWritten;
    const bool isTold =
        writeToStdout(textReport(*record, judgement) + files.section() + textEnding(*record, judgement, code),
                      "parlor-cli report");
    for (const std::string &each : failures)
        std::cerr << "parlor-cli report: " << each << '\n';
    return code == exitcode::kOk && !isTold ? exitcode::kNotWritten : code;
}

} // namespace

void addReport(CLI::App &app, Runner &chosen)
{
    auto given = std::make_shared<ReportArguments>();
    CLI::App *report = app.add_subcommand("report", "Render a run of `load --out` again, or several as one");
    report->footer(
        "Several files must be of generators that put their parts of one load on one server at "
        "the same time:\n"
        "counts and histograms are added. Their settings must match, but for users, seed, "
        "processes, threads\n"
        "and tags; their machines must have the same time, to a part of a second. Each accounts for its own\n"
        "messages: what others sent is told as \"of others\".\n"
        "Exit codes: 2 usage, a file that cannot be read, or runs that do not belong together; 4 "
        "all was well,\n"
        "but the report or a file could not be written; else that of `load`, by the verdict: 0, "
        "3, 97, 98, 99\n"
        "or 105.");
    report->add_option("RUN", given->runs, "Files of --out")->required()->type_name("");
    report->add_option("--html", given->html, "Write a page for a browser: charts, tables, all in one file")
        ->type_name("FILE");
    report->add_option("--baseline", given->baseline, "Another run's file, for --html to lay over this one")
        ->type_name("RUN");
    report->add_option("--csv", given->csv, "Write a row a second, as CSV")->type_name("FILE");
    report->add_option("--junit", given->junit, "Write the verdict and the thresholds for CI, as JUnit's XML")
        ->type_name("FILE");
    report
        ->add_option("--hgrm", given->hgrm,
                     "Write the delivery latency's percentiles, for HdrHistogram's plotter")
        ->type_name("FILE");
    report->add_option("--out", given->merged, "Write the run of all files, as JSON")->type_name("FILE");
    report->final_callback([given, &chosen] {
        if (!given->baseline.empty() && given->html.empty())
            refuse(std::string("--baseline is for --html: say where the page shall go"));
        chosen = [given] { return runReport(*given); };
    });
}

} // namespace parlor::cli::load
