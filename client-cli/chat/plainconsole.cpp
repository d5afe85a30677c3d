// SPDX-License-Identifier: MIT
#include "client-cli/chat/plainconsole.h"

#include "client-cli/chat/standardoutput.h"
#include "shared/protocol/values.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <unistd.h>
#include <utility>

namespace parlor::cli {

PlainConsole::PlainConsole(QObject *parent)
    : Console(parent)
    , m_notifier(STDIN_FILENO, QSocketNotifier::Read)
{
    connect(&m_notifier, &QSocketNotifier::activated, this, &PlainConsole::readInput);
}

void PlainConsole::print(const QString &line)
{
    if (m_failed || writeMessageLine(line))
        return;
    m_failed = true;
    Q_EMIT outputFailed();
}

void PlainConsole::suspend()
{
    struct sigaction standard = {};
    standard.sa_handler = SIG_DFL;
    struct sigaction ours = {};
    ::sigaction(SIGTSTP, &standard, &ours);
    ::raise(SIGTSTP); // returns when the process is continued
    ::sigaction(SIGTSTP, &ours, nullptr);
}

/// A terminal gives one line at a time, or what was typed of one when Ctrl-D was pressed in it.
void PlainConsole::readInput()
{
    std::array<char, 4096> buffer{};
    const auto size = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (size < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (size < 0) {
        finish();
        Q_EMIT inputEnded();
        return;
    }
    if (size == 0) {
        Q_EMIT leaveAsked();
        return;
    }
    m_partialLine.append(buffer.data(), static_cast<std::size_t>(size));
    if (m_partialLine.back() != '\n')
        return;
    m_partialLine.pop_back();
    const std::string line = std::exchange(m_partialLine, {});
    if (values::isUtf8(line))
        Q_EMIT lineEntered(QString::fromStdString(line));
    else
        Q_EMIT inputRefused(
            QStringLiteral("the line is not UTF-8, and is ignored; set the terminal to UTF-8"));
}

} // namespace parlor::cli
