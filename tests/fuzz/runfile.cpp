// SPDX-License-Identifier: MIT
// Files of runs, which others may have written: what is read is written so that it reads as the same, and
// every report can be made of it.
#include "client-cli/load/report/htmlreport.h"
#include "client-cli/load/report/textreport.h"
#include "client-cli/load/runfile/mergedrecords.h"
#include "client-cli/load/runfile/recordreader.h"
#include "client-cli/load/runfile/recordwriter.h"
#include "client-cli/load/runfile/tables.h"
#include "tests/fuzz/target.h"

namespace parlor::fuzz {

namespace {

using cli::load::NamedRecord;
using cli::load::RunRecord;

void checkMerge(const RunRecord &record)
{
    RunRecord other = record;
    other.id += "2";
    const auto merged = cli::load::mergeRecords({{"a", record}, {"b", other}});
    if (!merged)
        return;
    check(merged->seconds.size() <= 2 * record.seconds.size(),
          "merged seconds are no more than those of both");
    static_cast<void>(cli::load::textReport(*merged, cli::load::judge(*merged)));
}

void runFile(std::string_view input)
{
    const auto record = cli::load::readRecord(QByteArray(input.data(), static_cast<qsizetype>(input.size())));
    if (!record) {
        check(!record.error().text.empty(), "an error has a text");
        return;
    }
    const cli::load::Judgement judgement = cli::load::judge(*record);
    const QByteArray written = cli::load::writeRecord(*record, judgement);
    const auto again = cli::load::readRecord(written);
    check(bool(again), "what was written can be read", again ? "" : again.error().text);
    check(*again == *record, "what was written reads as the same");
    for (const char c : cli::load::textReport(*record, judgement))
        check(c == '\n' || (c & ~0x1F) != 0, "no report moves a terminal's cursor");
    static_cast<void>(cli::load::csvOf(*record));
    static_cast<void>(cli::load::junitOf(*record, judgement));
    static_cast<void>(cli::load::hgrmOf(*record));
    static_cast<void>(cli::load::htmlReport(*record, judgement, &*record));
    checkMerge(*record);
}

const Target kRunFile("runfile", &runFile);

} // namespace

} // namespace parlor::fuzz
