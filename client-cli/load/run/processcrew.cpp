// SPDX-License-Identifier: MIT
#include "client-cli/load/run/processcrew.h"

#include "client-cli/load/run/intervalcodec.h"
#include "client-cli/load/run/threadcrew.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace parlor::cli::load {

namespace {

constexpr std::size_t kPerRead = 64 * 1024;

/// The controlling process hears of these, and tells the others.
constexpr int kEndSignals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

/// Each interval goes over the socket after its length.
using IntervalLength = std::uint64_t;

bool writeAll(int socket, std::string_view bytes)
{
    while (!bytes.empty()) {
        const ssize_t written = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

/// What a forked process does: its parts, and telling of them.
class Child
{
public:
    Child(const RunBasis &basis, int socket)
        : m_crew(basis)
        , m_socket(socket)
        , m_phases(basis.plan.phases())
    {
    }

    void execute(const std::vector<Crew::Part> &parts)
    {
        if (const auto started = m_crew.start(parts); !started) {
            for (const Crew::Part &part : parts) {
                Interval failed;
                failed.part = part.number;
                failed.isLast = true;
                failed.measurements = Measurements(m_phases);
                failed.failure = started.error().text;
                tell(failed);
            }
            return;
        }
        m_running = parts.size();
        while (m_running > 0) {
            pollfd watched[] = {{m_crew.descriptor(), POLLIN, 0}, {m_socket, POLLIN, 0}};
            if (::poll(watched, std::size(watched), -1) < 0 && errno != EINTR)
                return;
            if (watched[1].revents != 0)
                hear();
            for (Interval &interval : m_crew.take()) {
                tell(interval);
                m_crew.giveBack(std::move(interval.measurements));
            }
        }
    }

private:
    void hear()
    {
        char level = 0;
        const ssize_t read = ::recv(m_socket, &level, 1, MSG_DONTWAIT);
        if (read == 1)
            m_crew.stop(static_cast<StopSignal::Level>(level));
        else if (read == 0) // the controlling process is gone
            ::_exit(1);
    }

    void tell(const Interval &interval)
    {
        std::string bytes(sizeof(IntervalLength), '\0');
        appendInterval(bytes, interval);
        const IntervalLength length = bytes.size() - sizeof(IntervalLength);
        std::memcpy(bytes.data(), &length, sizeof length);
        if (!writeAll(m_socket, bytes))
            ::_exit(1);
        m_running -= interval.isLast ? 1 : 0;
    }

    ThreadCrew m_crew;
    int m_socket;
    const std::vector<Phase> &m_phases;
    std::size_t m_running = 0; ///< parts
};

std::string endOf(int status)
{
    if (WIFSIGNALED(status))
        return "ended by signal " + std::to_string(WTERMSIG(status));
    return "ended with status " + std::to_string(WEXITSTATUS(status));
}

} // namespace

ProcessCrew::ProcessCrew(const RunBasis &basis)
    : m_basis(basis)
    , m_poller(16)
{
}

ProcessCrew::~ProcessCrew() = default;

Result<void> ProcessCrew::start(std::vector<Part> parts, std::size_t processes)
{
    processes = std::clamp<std::size_t>(processes, 1, std::max<std::size_t>(parts.size(), 1));
    std::vector<std::vector<Part>> dealt(processes);
    for (std::size_t i = 0; i < parts.size(); ++i)
        dealt[i % processes].push_back(std::move(parts[i]));
    for (std::size_t i = 0; i < processes; ++i) {
        std::string name = "process " + std::to_string(i + 1) + " of " + std::to_string(processes);
        m_workers.push_back(std::make_unique<Worker>(*this, std::move(name), std::move(dealt[i])));
        if (auto forked = m_workers.back()->fork(); !forked)
            return forked;
    }
    return {};
}

void ProcessCrew::stop(StopSignal::Level level)
{
    for (const auto &worker : m_workers)
        worker->stop(level);
}

std::vector<Interval> ProcessCrew::take()
{
    while (m_poller.wait(std::chrono::nanoseconds::zero()) > 0) {
    }
    return std::exchange(m_taken, {});
}

// ---- one process

ProcessCrew::Worker::~Worker()
{
    closeSocket(); // it ends, if it has not
    if (m_pid < 0)
        return;
    if (!m_parts.empty())
        ::kill(m_pid, SIGKILL); // even if it hangs
    static_cast<void>(waitForEnd());
}

Result<void> ProcessCrew::Worker::fork()
{
    const auto failure = [this] {
        return Error{ErrorCode::Internal,
                     "cannot start " + m_name + ": " + std::strerror(errno) + "; ask for fewer --processes"};
    };
    int sockets[2] = {-1, -1};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0)
        return failure();
    // A forked process has the handlers of this one until it ignores the signals.
    sigset_t ending;
    sigset_t before;
    sigemptyset(&ending);
    for (const int signal : kEndSignals)
        sigaddset(&ending, signal);
    ::pthread_sigmask(SIG_BLOCK, &ending, &before);
    m_pid = ::fork();
    if (m_pid == 0) {
        for (const int signal : kEndSignals)
            std::signal(signal, SIG_IGN);
    }
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (m_pid == 0) {
        for (const auto &other : m_crew.m_workers) // else they would not notice that the parent ends
            other->closeSocket();
        ::close(sockets[0]);
        {
            Child child(m_crew.m_basis, sockets[1]);
            child.execute(m_parts);
        }
        ::_exit(0);
    }
    ::close(sockets[1]);
    m_socket = sockets[0];
    if (m_pid < 0 || !m_crew.m_poller.add(m_socket, *this, EPOLLIN))
        return failure();
    return {};
}

void ProcessCrew::Worker::stop(StopSignal::Level level)
{
    if (m_socket < 0)
        return;
    const char byte = static_cast<char>(level);
    static_cast<void>(::send(m_socket, &byte, 1, MSG_NOSIGNAL)); // one that has ended is noticed elsewhere
}

void ProcessCrew::Worker::closeSocket()
{
    if (m_socket >= 0)
        ::close(std::exchange(m_socket, -1));
}

void ProcessCrew::Worker::onEvents(std::uint32_t)
{
    const std::size_t before = m_received.size();
    m_received.resize(before + kPerRead);
    const ssize_t read = ::recv(m_socket, m_received.data() + before, kPerRead, MSG_DONTWAIT);
    m_received.resize(before + static_cast<std::size_t>(std::max<ssize_t>(read, 0)));
    if (read > 0) {
        takeIntervals();
    } else if (read == 0 || (errno != EAGAIN && errno != EINTR)) {
        m_crew.m_poller.remove(m_socket);
        closeSocket();
        lose(waitForEnd());
    }
}

void ProcessCrew::Worker::takeIntervals()
{
    std::size_t at = 0;
    IntervalLength length = 0;
    while (m_received.size() - at >= sizeof length) {
        std::memcpy(&length, m_received.data() + at, sizeof length);
        if (m_received.size() - at - sizeof length < length)
            break;
        auto interval = readInterval(std::string_view(m_received).substr(at + sizeof length, length));
        if (!interval) { // it runs the same program: memory was damaged
            m_crew.m_poller.remove(m_socket);
            ::kill(m_pid, SIGKILL);
            closeSocket();
            static_cast<void>(waitForEnd());
            return lose("told what cannot be read, and was ended");
        }
        if (interval->isLast)
            std::erase_if(m_parts, [&](const Part &part) { return part.number == interval->part; });
        m_crew.m_taken.push_back(*std::move(interval));
        at += sizeof length + length;
    }
    m_received.erase(0, at);
}

void ProcessCrew::Worker::lose(const std::string &how)
{
    bool isFirst = true;
    for (const Part &part : std::exchange(m_parts, {})) {
        Interval last;
        last.part = part.number;
        last.end = m_crew.m_basis.clock.now();
        last.isLast = true;
        last.isLost = true;
        last.measurements = Measurements(m_crew.m_basis.plan.phases());
        last.measurements.absent = part.share.users.size();
        last.measurements.errors["users of a process that ended: " + m_name + " " + how] =
            part.share.users.size();
        if (std::exchange(isFirst, false))
            last.note = m_name + " " + how + "; its users are gone, and what they heard in its last second.";
        m_crew.m_taken.push_back(std::move(last));
    }
}

std::string ProcessCrew::Worker::waitForEnd()
{
    int status = 0;
    while (::waitpid(m_pid, &status, 0) < 0 && errno == EINTR) {
    }
    m_pid = -1;
    return endOf(status);
}

} // namespace parlor::cli::load
