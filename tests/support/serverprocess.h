// SPDX-License-Identifier: MIT
#pragma once

#include "tests/support/problem.h"
#include "tests/support/wire.h"

#include <QProcess>
#include <QProcessEnvironment>
#include <QString>
#include <QStringList>
#include <QTemporaryDir>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <optional>

namespace parlor::test {

/// One of the project's servers, started on a free port of loopback; killed with this object at the latest.
/// Its output goes to a file: a server that logs much never waits for its test.
class ServerProcess
{
public:
    struct Settings
    {
        QString program;                  ///< a file of PARLOR_TEST_BIN, or an absolute path
        QStringList arguments{};          ///< beside those of its listener
        std::optional<int> descriptors{}; ///< its RLIMIT_NOFILE
        QString closedStreams{};          ///< a shell's redirections: <&-
        Wire wire = wireUnderTest();
        QStringList launcher{}; ///< a command that runs what is appended to it
        /// Of the machine, as it sees it; needs user namespaces.
        std::optional<QString> hostname{};
    };

    explicit ServerProcess(Settings settings);
    ~ServerProcess();
    ServerProcess(const ServerProcess &) = delete;
    ServerProcess &operator=(const ServerProcess &) = delete;

    /// Starts it and waits until it says where it listens.
    [[nodiscard]] Problem start();
    /// Sends the signal and waits for the end. No problem: it exited with 0, and no sanitizer had anything to
    /// say.
    [[nodiscard]] Problem stop(int signal = SIGTERM);
    void signal(int number);
    void kill();

    [[nodiscard]] bool isRunning();
    /// Whether it ends by itself within kPatience.
    [[nodiscard]] bool waitForEnd();
    /// After its end: no problem if that was with 0, without a sanitizer's report, and no secret is in its
    /// log.
    [[nodiscard]] Problem judgeEnd() const;
    [[nodiscard]] std::uint16_t port() const { return m_port; }
    [[nodiscard]] qint64 pid() const { return m_process.processId(); }
    [[nodiscard]] QString errorText() const; ///< its stderr so far
    [[nodiscard]] int openDescriptors() const;
    [[nodiscard]] std::int64_t rssKiB() const;
    [[nodiscard]] std::chrono::milliseconds cpuTime() const;

private:
    Settings m_settings;
    QTemporaryDir m_folder;
    QProcess m_process;
    std::uint16_t m_port = 0;
};

/// Without what would be options of the server: the shell's, and those of ctest.
[[nodiscard]] QProcessEnvironment plainEnvironment();

} // namespace parlor::test
