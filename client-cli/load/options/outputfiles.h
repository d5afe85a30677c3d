// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/judgement/judgement.h"
#include "client-cli/load/options/namedfiles.h"
#include "client-cli/load/runfile/resultfile.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace parlor::cli::load {

/// The files that a run's figures go to. Opened before the run, as minutes of load must not end in
/// "permission denied"; written at its end, each whatever becomes of the others.
class OutputFiles
{
public:
    using Render = std::function<QByteArray(const RunRecord &, const Judgement &)>;

    /// `flag`: that asked for it. No path: no file.
    void add(const char *flag, const std::string &path, Render render);

    /// Refuses those that would overwrite each other or one of `inputs`.
    [[nodiscard]] Result<void> check(const std::vector<NamedFile> &inputs) const;
    enum class Which : std::uint8_t {
        All,
        Files, ///< no pipes and devices: whoever reads a pipe would see its end
    };
    /// Waits for readers where they are pipes. The error: the first one that cannot be written.
    [[nodiscard]] Result<void> open(Which which = Which::All);
    /// Files first, then what may be the terminal, and `between`. Returns what went wrong, a sentence for
    /// each that did; empty: all are written.
    [[nodiscard]] std::vector<std::string> write(const RunRecord &record, const Judgement &judgement,
                                                 const std::function<void()> &between = {});
    /// A section of the report that names those that are written. Empty: none is.
    [[nodiscard]] std::string section() const;

private:
    struct Output
    {
        const char *flag;
        std::string path;
        Render render;
        bool isInPlace = false;
        std::unique_ptr<ResultFile> file;
        std::uint64_t bytes = 0;
        bool isWritten = false;
    };
    /// Returns what went wrong; empty: nothing.
    [[nodiscard]] static std::string write(Output &output, const RunRecord &record,
                                           const Judgement &judgement);

    std::vector<Output> m_outputs;
};

} // namespace parlor::cli::load
