// SPDX-License-Identifier: MIT
#include "client-cli/load/ceiling/sinkchild.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <string_view>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace parlor::cli::load {

namespace {

constexpr std::chrono::seconds kStartPatience{10};
constexpr std::chrono::milliseconds kEndLook{10};
constexpr int kEndLooks = 100; ///< before it is killed
constexpr std::string_view kListening = "listening on ws://127.0.0.1:";

/// In the child: becomes the sink, or ends. Only what a child of fork() may call.
[[noreturn]] void becomeSink(const char *program, int output, std::optional<int> core)
{
    ::prctl(PR_SET_PDEATHSIG, SIGTERM, 0UL, 0UL, 0UL);
    ::setpgid(0, 0); // the Ctrl-C of a person is its parent's to handle
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    if (core) {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET(static_cast<std::size_t>(*core), &set);
        ::sched_setaffinity(0, sizeof set, &set);
    }
    const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    ::dup2(nothing, STDIN_FILENO);
    ::dup2(nothing, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    ::execl(program, program, "sink", "--listen", "127.0.0.1:0", "--gather", "1ms",
            static_cast<char *>(nullptr));
    ::_exit(127);
}

} // namespace

Result<std::unique_ptr<SinkChild>> SinkChild::start(const std::string &program, std::optional<int> core)
{
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        return Error{.text = std::string("cannot start a sink: ") + std::strerror(errno)};
    std::unique_ptr<SinkChild> child(new SinkChild);
    child->m_output = ends[0];
    child->m_process = ::fork();
    if (child->m_process == 0)
        becomeSink(program.c_str(), ends[1], core);
    const int why = errno;
    ::close(ends[1]);
    if (child->m_process < 0)
        return Error{.text = std::string("cannot start a sink: ") + std::strerror(why)};
    if (const auto listening = child->waitUntilItListens(); !listening)
        return listening.error();
    return child;
}

Result<void> SinkChild::waitUntilItListens()
{
    const auto deadline = std::chrono::steady_clock::now() + kStartPatience;
    std::string said;
    while (true) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
        pollfd output{m_output, POLLIN, 0};
        if (left.count() <= 0 || ::poll(&output, 1, static_cast<int>(left.count())) == 0)
            return Error{.text = "the sink does not listen after 10 s: " + said};
        std::array<char, 512> bytes{};
        const ssize_t size = ::read(m_output, bytes.data(), bytes.size());
        if (size < 0 && errno == EINTR)
            continue;
        if (size <= 0)
            return Error{.text = "the sink ended at once: " + said};
        said.append(bytes.data(), static_cast<std::size_t>(size));
        const std::size_t at = said.find(kListening);
        if (at == std::string::npos || said.find('\n', at) == std::string::npos)
            continue;
        const char *begin = said.data() + at + kListening.size();
        std::from_chars(begin, said.data() + said.size(), m_port);
        return {};
    }
}

SinkChild::~SinkChild()
{
    if (m_output >= 0)
        ::close(m_output);
    if (m_process > 0) {
        ::kill(m_process, SIGTERM);
        for (int i = 0; i < kEndLooks; ++i) {
            if (::waitpid(m_process, nullptr, WNOHANG) != 0)
                return;
            std::this_thread::sleep_for(kEndLook);
        }
        ::kill(m_process, SIGKILL);
        while (::waitpid(m_process, nullptr, 0) < 0 && errno == EINTR) {
        }
    }
}

} // namespace parlor::cli::load
