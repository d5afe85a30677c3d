// SPDX-License-Identifier: MIT
#include "client-cli/load/watch/processwatch.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fcntl.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace parlor::cli::load {

namespace {

/// Below that, ticks of 10 ms say nothing.
constexpr double kShortestWatch = 0.2;

std::optional<std::string> contentOf(const std::string &path)
{
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return std::nullopt;
    std::array<char, 4096> buffer{};
    const ssize_t size = ::read(file, buffer.data(), buffer.size());
    ::close(file);
    // A process that has ended is still there to be opened, and then not to be read.
    return size > 0 ? std::optional(std::string(buffer.data(), static_cast<std::size_t>(size)))
                    : std::nullopt;
}

std::vector<std::string_view> wordsOf(std::string_view line)
{
    std::vector<std::string_view> words;
    while (!line.empty()) {
        const std::size_t begin = line.find_first_not_of(" \n");
        if (begin == std::string_view::npos)
            break;
        line.remove_prefix(begin);
        words.push_back(line.substr(0, line.find_first_of(" \n")));
        line.remove_prefix(words.back().size());
    }
    return words;
}

std::optional<std::uint64_t> numberOf(std::string_view text)
{
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

bool hasEnded(const std::optional<ProcessStat> &stat, const ProcessStat &before)
{
    return !stat || stat->state == 'Z' || stat->state == 'X' || stat->begun != before.begun;
}

} // namespace

std::optional<ProcessStat> parseProcessStat(std::string_view line)
{
    // The name may have any characters in it, also blanks and parentheses.
    const std::size_t open = line.find('(');
    const std::size_t close = line.rfind(')');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open)
        return std::nullopt;
    // proc(5) counts from 1, and the state is its third.
    const std::vector<std::string_view> fields = wordsOf(line.substr(close + 1));
    constexpr std::size_t kState = 3;
    constexpr std::size_t kUserTicks = 14 - kState;
    constexpr std::size_t kSystemTicks = 15 - kState;
    constexpr std::size_t kBegun = 22 - kState;
    if (fields.size() <= kBegun || fields[0].size() != 1)
        return std::nullopt;
    const auto user = numberOf(fields[kUserTicks]);
    const auto system = numberOf(fields[kSystemTicks]);
    const auto begun = numberOf(fields[kBegun]);
    if (!user || !system || !begun)
        return std::nullopt;
    return ProcessStat{.name = std::string(line.substr(open + 1, close - open - 1)),
                       .state = fields[0][0],
                       .ticks = *user + *system,
                       .begun = *begun};
}

ProcessWatch::ProcessWatch(std::string folder, Clock clock)
    : m_folder(std::move(folder))
    , m_clock(std::move(clock))
    , m_since(m_clock())
{
}

Result<std::unique_ptr<ProcessWatch>> ProcessWatch::open(std::uint64_t pid, const std::string &proc,
                                                         Clock clock)
{
    const std::string number = std::to_string(pid);
    std::unique_ptr<ProcessWatch> watch(new ProcessWatch(proc + "/" + number, std::move(clock)));
    const auto stat = watch->readStat();
    if (!stat || stat->state == 'Z' || stat->state == 'X') {
        return Error{.text = "--watch-pid: there is no process " + number +
                             " on this machine that could be watched; 'pgrep -a NAME' finds a server's PID"};
    }
    watch->m_last = *stat;
    watch->m_result.pid = pid;
    watch->m_result.name = stat->name;
    return watch;
}

void ProcessWatch::fill(Second &second)
{
    if (m_result.hasEnded)
        return;
    const auto stat = readStat();
    if (hasEnded(stat, m_last)) {
        m_result.hasEnded = true;
        return;
    }
    second.watchedMemory = readMemory();
    m_result.peakMemory = std::max(m_result.peakMemory, second.watchedMemory);
    const auto now = m_clock();
    const double passed = std::chrono::duration<double>(now - m_since).count();
    if (passed >= kShortestWatch) {
        const double spent =
            static_cast<double>(stat->ticks - m_last.ticks) / static_cast<double>(::sysconf(_SC_CLK_TCK));
        m_lastCpu = spent / passed;
        m_spent += spent;
        m_watched += passed;
        m_result.meanCpu = m_spent / m_watched;
        m_result.peakCpu = std::max(m_result.peakCpu, m_lastCpu);
        m_last = *stat;
        m_since = now;
    }
    second.watchedCpu = m_lastCpu;
}

std::optional<ProcessStat> ProcessWatch::readStat() const
{
    const auto content = contentOf(m_folder + "/stat");
    return content ? parseProcessStat(*content) : std::nullopt;
}

std::uint64_t ProcessWatch::readMemory() const
{
    const auto content = contentOf(m_folder + "/statm");
    const std::vector<std::string_view> fields = wordsOf(content ? std::string_view(*content) : "");
    const auto pages = fields.size() > 1 ? numberOf(fields[1]) : std::nullopt;
    return pages.value_or(0) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

} // namespace parlor::cli::load
