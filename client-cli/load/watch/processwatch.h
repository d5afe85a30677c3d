// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/record/runrecord.h"
#include "client-cli/load/record/secondsource.h"
#include "shared/protocol/result.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace parlor::cli::load {

/// What /proc/PID/stat says (proc(5)).
struct ProcessStat
{
    std::string name;
    char state = 'R';
    std::uint64_t ticks = 0; ///< of CPU, of all threads, in user and in kernel mode
    std::uint64_t begun = 0; ///< ticks since the machine began: tells a process from a later one with its PID
    bool operator==(const ProcessStat &) const = default;
};
/// nullopt: this is not of that form.
[[nodiscard]] std::optional<ProcessStat> parseProcessStat(std::string_view line);

/// Watches the CPU and the memory of another process of this machine, most often the server: it reads two
/// files of /proc a second. Its process may end; that is noted, and the run goes on.
class ProcessWatch final : public SecondSource
{
public:
    using Clock = std::function<std::chrono::steady_clock::time_point()>;

    /// The error: there is no such process, or it cannot be read. `proc` is where the system tells of
    /// processes.
    [[nodiscard]] static Result<std::unique_ptr<ProcessWatch>>
    open(std::uint64_t pid, const std::string &proc = "/proc", Clock clock = &std::chrono::steady_clock::now);

    void fill(Second &second) override;
    /// All so far.
    [[nodiscard]] const WatchedProcess &result() const { return m_result; }

private:
    ProcessWatch(std::string folder, Clock clock);
    [[nodiscard]] std::optional<ProcessStat> readStat() const;
    [[nodiscard]] std::uint64_t readMemory() const;

    std::string m_folder;
    Clock m_clock;
    WatchedProcess m_result;
    ProcessStat m_last;
    std::chrono::steady_clock::time_point m_since; ///< when m_last was read
    double m_lastCpu = 0;
    double m_watched = 0; ///< seconds
    double m_spent = 0;   ///< seconds of CPU in them
};

} // namespace parlor::cli::load
