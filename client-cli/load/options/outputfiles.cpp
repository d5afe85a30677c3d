// SPDX-License-Identifier: MIT
#include "client-cli/load/options/outputfiles.h"

#include "client-cli/load/record/figures.h"

namespace parlor::cli::load {

void OutputFiles::add(const char *flag, const std::string &path, Render render)
{
    if (!path.empty())
        m_outputs.push_back({.flag = flag, .path = path, .render = std::move(render), .file = {}});
}

Result<void> OutputFiles::check(const std::vector<NamedFile> &inputs) const
{
    std::vector<NamedFile> outputs;
    for (const Output &each : m_outputs)
        outputs.push_back({each.flag, each.path});
    return checkOutputs(inputs, outputs);
}

Result<void> OutputFiles::open(Which which)
{
    for (Output &each : m_outputs) {
        each.isInPlace = ResultFile::isWrittenInPlace(each.path);
        if (each.isInPlace && which == Which::Files)
            continue;
        each.file = std::make_unique<ResultFile>(each.path);
        if (auto opened = each.file->open(); !opened)
            return Error{.text = std::string(each.flag) + ": " + opened.error().text};
    }
    return {};
}

std::string OutputFiles::write(Output &output, const RunRecord &record, const Judgement &judgement)
{
    const QByteArray bytes = output.render(record, judgement);
    const auto written = output.file->write(bytes);
    output.isWritten = static_cast<bool>(written);
    output.bytes = static_cast<std::uint64_t>(bytes.size());
    output.file.reset();
    return written ? std::string() : std::string(output.flag) + ": " + written.error().text;
}

std::vector<std::string> OutputFiles::write(const RunRecord &record, const Judgement &judgement,
                                            const std::function<void()> &between)
{
    std::vector<std::string> failures;
    const auto writeThose = [&](bool isInPlace) {
        for (Output &each : m_outputs) {
            if (each.isInPlace == isInPlace)
                failures.push_back(write(each, record, judgement));
        }
    };
    writeThose(false);
    if (between)
        between();
    writeThose(true);
    std::erase(failures, std::string());
    return failures;
}

std::string OutputFiles::section() const
{
    std::string text;
    for (const Output &each : m_outputs) {
        if (each.isWritten)
            text += "  " + figures::printable(each.path) + "  " + figures::bytes(each.bytes) + "\n";
    }
    return text.empty() ? text : "\nFiles\n" + text;
}

} // namespace parlor::cli::load
