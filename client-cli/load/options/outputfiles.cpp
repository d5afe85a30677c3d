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

Result<void> OutputFiles::open()
{
    for (Output &each : m_outputs) {
        each.file = std::make_unique<ResultFile>(each.path);
        if (auto opened = each.file->open(); !opened)
            return Error{.text = std::string(each.flag) + ": " + opened.error().text};
    }
    return {};
}

std::vector<std::string> OutputFiles::write(const RunRecord &record, const Judgement &judgement)
{
    std::vector<std::string> failures;
    for (Output &each : m_outputs) {
        const QByteArray bytes = each.render(record, judgement);
        const auto written = each.file->write(bytes);
        each.isWritten = static_cast<bool>(written);
        each.bytes = static_cast<std::uint64_t>(bytes.size());
        if (!written)
            failures.push_back(std::string(each.flag) + ": " + written.error().text);
        each.file.reset();
    }
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
