// SPDX-License-Identifier: MIT
#include "terminal.h"

#include "tests/support/rawsocket.h"

#include <QDir>
#include <QProcessEnvironment>
#include <QTest>

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace parlor::test {

Terminal::Terminal(const QStringList &arguments, const QString &stateFolder, const Settings &settings)
    : m_master(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC))
    , m_streams(settings.streams)
{
    ::grantpt(m_master);
    ::unlockpt(m_master);
    resize(settings.rows, settings.columns);
    const QString slave = QString::fromLocal8Bit(::ptsname(m_master));
    m_notifier = std::make_unique<QSocketNotifier>(m_master, QSocketNotifier::Read);
    QObject::connect(m_notifier.get(), &QSocketNotifier::activated, &m_process, [this] { read(); });
    QObject::connect(&m_process, &QProcess::readyReadStandardOutput, &m_process,
                     [this] { m_piped.text += m_process.readAllStandardOutput(); });
    auto environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"HOME"_s, stateFolder);
    environment.insert(u"XDG_STATE_HOME"_s, stateFolder);
    // Without it Debian 13's libproxy makes ~/.cache.
    environment.insert(u"XDG_RUNTIME_DIR"_s, QDir::tempPath());
    if (settings.term.isEmpty())
        environment.remove(u"TERM"_s);
    else
        environment.insert(u"TERM"_s, settings.term);
    if (settings.colours)
        environment.remove(u"NO_COLOR"_s);
    else
        environment.insert(u"NO_COLOR"_s, u"1"_s);
    m_process.setProcessEnvironment(environment);
    // A session of its own, as a shell's window has: what it does to its process group, we do not feel.
    m_process.setChildProcessModifier([ignoresStop = settings.ignoresStop] {
        ::setsid();
        ::ioctl(STDIN_FILENO, TIOCSCTTY, 0);
        if (ignoresStop)
            ::signal(SIGTSTP, SIG_IGN);
    });
    if (m_streams & Input)
        m_process.setStandardInputFile(slave);
    if (!settings.outputFile.isEmpty())
        m_process.setStandardOutputFile(settings.outputFile);
    else if (m_streams & Output)
        m_process.setStandardOutputFile(slave);
    if (m_streams & Errors)
        m_process.setStandardErrorFile(slave);
    m_process.start(qEnvironmentVariable("PARLOR_TEST_BIN") % u"/parlor-cli"_s,
                    QStringList{u"chat"_s} + arguments);
}

Terminal::~Terminal()
{
    m_notifier.reset();
    m_process.kill();
    m_process.waitForFinished(static_cast<int>(kPatience.count()));
    ::close(m_master);
}

void Terminal::type(const QByteArray &keys)
{
    if (m_streams & Input)
        QCOMPARE(::write(m_master, keys.constData(), size_t(keys.size())), keys.size());
    else
        m_process.write(keys);
}

void Terminal::resize(int rows, int columns)
{
    const winsize size{static_cast<unsigned short>(rows), static_cast<unsigned short>(columns), 0, 0};
    ::ioctl(m_master, TIOCSWINSZ, &size);
}

Problem Terminal::shows(const QString &text)
{
    return waitFor(m_shown, text);
}

Problem Terminal::pipes(const QString &text)
{
    return waitFor(m_piped, text);
}

Problem Terminal::waitFor(Seen &seen, const QString &text)
{
    const QByteArray wanted = text.toUtf8();
    const bool came =
        QTest::qWaitFor([&] { return seen.text.indexOf(wanted, seen.upTo) >= 0; }, int(kPatience.count()));
    if (!came)
        return u"'%1' was not shown, but: %2"_s.arg(
            text, QString::fromUtf8(seen.text.mid(seen.upTo).toPercentEncoding(" #>*:/,.()'")));
    seen.upTo = seen.text.indexOf(wanted, seen.upTo) + wanted.size();
    return {};
}

int Terminal::exitCode()
{
    const bool ended =
        QTest::qWaitFor([this] { return m_process.state() == QProcess::NotRunning; }, int(kPatience.count()));
    return ended && m_process.exitStatus() == QProcess::NormalExit ? m_process.exitCode() : -1;
}

bool Terminal::hasEcho() const
{
    termios modes{};
    return ::tcgetattr(m_master, &modes) == 0 && (modes.c_lflag & ECHO) != 0;
}

void Terminal::read()
{
    char buffer[4096];
    const auto size = ::read(m_master, buffer, sizeof buffer);
    if (size > 0)
        m_shown.text.append(buffer, size);
    else
        m_notifier->setEnabled(false); // the other side is closed
}

} // namespace parlor::test
