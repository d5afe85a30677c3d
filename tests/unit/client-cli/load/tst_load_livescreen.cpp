// SPDX-License-Identifier: MIT
#include "client-cli/load/watch/livescreen.h"
#include "client-cli/load/watch/statusline.h"
#include "tests/support/testclass.h"
#include "tests/unit/client-cli/load/watchedrun.h"

#include <QByteArray>
#include <QTest>

#include <array>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

using namespace parlor::cli::load;
using test::WatchedRun;

namespace {

/// A terminal that a child process has for itself; this process reads what is shown there.
class Terminal
{
public:
    Terminal(unsigned short columns, unsigned short rows)
        : m_master(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC))
    {
        const winsize size{.ws_row = rows, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
        m_isValid = m_master >= 0 && ::grantpt(m_master) == 0 && ::unlockpt(m_master) == 0 &&
                    ::ioctl(m_master, TIOCSWINSZ, &size) == 0;
    }
    ~Terminal() { ::close(m_master); }
    [[nodiscard]] bool isValid() const { return m_isValid; }

    void type(const QByteArray &keys)
    {
        QCOMPARE(::write(m_master, keys.constData(), std::size_t(keys.size())), keys.size());
    }
    [[nodiscard]] termios settings() const
    {
        termios settings{};
        ::tcgetattr(m_master, &settings);
        return settings;
    }

    /// Runs it in a process whose terminal this is; returns all that was shown, once that process has ended.
    template <typename Function>
    QByteArray shownBy(Function function)
    {
        start(function);
        return finish();
    }

    /// Runs it in a process whose terminal this is. Nothing is read: what it shows waits in the terminal.
    template <typename Function>
    void start(Function function)
    {
        m_child = ::fork();
        if (m_child != 0)
            return;
        const rlimit noCore{};
        ::setrlimit(RLIMIT_CORE, &noCore);
        ::setsid(); // the terminal that is opened next becomes its own
        const int terminal = ::open(::ptsname(m_master), O_RDWR);
        function(terminal);
        ::_exit(0);
    }

    /// Reads all that was shown, until that process has ended.
    QByteArray finish()
    {
        QByteArray shown;
        std::array<char, 4096> buffer{};
        while (true) {
            const ssize_t size = ::read(m_master, buffer.data(), buffer.size());
            if (size <= 0)
                break; // EIO: nobody has it open any more
            shown.append(buffer.data(), size);
        }
        int status = 0;
        ::waitpid(m_child, &status, 0);
        endedBy = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
        exitCode = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
        return shown;
    }
    void kill() const { ::kill(m_child, SIGKILL); }

    int endedBy = 0; ///< a signal; 0: by none
    int exitCode = 0;

private:
    int m_master;
    bool m_isValid = false;
    pid_t m_child = -1;
};

/// What a shell does with a job that Ctrl-Z stops: it takes the terminal, and lets the job go on.
template <typename Function>
void runStoppedOnce(int terminal, bool isTakenBack, Function job)
{
    std::signal(SIGTTOU, SIG_IGN);
    termios before{};
    ::tcgetattr(terminal, &before);
    const pid_t child = ::fork();
    ::setpgid(child, child);
    ::tcsetpgrp(terminal, child == 0 ? ::getpid() : child);
    if (child == 0) {
        std::signal(SIGTSTP, SIG_DFL);
        job();
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, WUNTRACED);
    termios now{};
    ::tcgetattr(terminal, &now);
    if (!WIFSTOPPED(status) || now.c_lflag != before.c_lflag)
        ::_exit(1);
    if (!isTakenBack)
        ::tcsetpgrp(terminal, ::getpgrp());
    ::kill(child, SIGCONT);
    ::waitpid(child, &status, 0);
    if (!WIFEXITED(status))
        ::_exit(2);
}

constexpr const char *kEntered = "\033[?1049h\033[?25l\033[?7l";
constexpr const char *kLeft = "\033[?7h\033[?25h\033[?1049l";

} // namespace

class TestLoadLiveScreen : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void leavesTheTerminalClean();
    void linesDoNotWrap();
    void qIsCtrlC();
    void terminalIsGivenBack_data();
    void terminalIsGivenBack();
    void nothingWasShown();
    void terminalThatNobodyReads_data();
    void terminalThatNobodyReads();
    void stoppedAndContinued_data();
    void stoppedAndContinued();
    void terminalOfNoSession_data();
    void terminalOfNoSession();
    void screenNeedsATerminal();
};

void TestLoadLiveScreen::leavesTheTerminalClean()
{
    Terminal terminal(80, 24);
    QVERIFY(terminal.isValid());
    const WatchedRun run;
    const QByteArray shown = terminal.shownBy([&run](int descriptor) {
        LiveScreen screen(descriptor, -1, Colours::On);
        screen.second(run.status());
        screen.second(run.status());
    });
    QCOMPARE(terminal.endedBy, 0);
    QVERIFY2(shown.startsWith(kEntered), shown.constData());
    QVERIFY(shown.endsWith(kLeft));
    QCOMPARE(shown.count("\033[?1049h"), 1);
    QCOMPARE(shown.count("parlor-cli load"), 2);
}

void TestLoadLiveScreen::linesDoNotWrap()
{
    Terminal terminal(33, 9);
    QVERIFY(terminal.isValid());
    const WatchedRun run;
    const QByteArray shown = terminal.shownBy([&run](int descriptor) {
        LiveScreen screen(descriptor, -1, Colours::Off);
        screen.second(run.status());
    });
    // Nine lines, eight line feeds, each line cleared before it is written.
    QCOMPARE(shown.count('\n'), 8);
    QCOMPARE(shown.count("\033[K"), 9);
    for (const QByteArray &line : shown.split('\n')) {
        const QByteArray text =
            line.mid(line.indexOf("\033[K") + 3).split('\r').first().split('\033').first();
        QVERIFY2(columnsOf(text.toStdString()) <= 33, line.constData());
    }
}

void TestLoadLiveScreen::qIsCtrlC()
{
    Terminal terminal(80, 24);
    QVERIFY(terminal.isValid());
    terminal.type("xq");
    const WatchedRun run;
    const QByteArray shown = terminal.shownBy([&run](int descriptor) {
        static volatile sig_atomic_t interrupts;
        std::signal(SIGINT, [](int) { interrupts = interrupts + 1; });
        LiveScreen screen(descriptor, descriptor, Colours::Off);
        for (int i = 0; i < 3; ++i)
            screen.second(run.status());
        ::_exit(interrupts == 1 ? 0 : 1);
    });
    QCOMPARE(terminal.exitCode, 0);
    QVERIFY(shown.contains("q or Ctrl-C: end the plan"));
}

void TestLoadLiveScreen::terminalIsGivenBack_data()
{
    QTest::addColumn<int>("signal");
    QTest::newRow("by its end") << 0;
    QTest::newRow("by Ctrl-\\") << SIGQUIT;
    QTest::newRow("by a failed assertion") << SIGABRT;
    QTest::newRow("by a crash") << SIGSEGV;
}

void TestLoadLiveScreen::terminalIsGivenBack()
{
    QFETCH(int, signal);
    Terminal terminal(80, 24);
    QVERIFY(terminal.isValid());
    const termios before = terminal.settings();
    const WatchedRun run;
    const QByteArray shown = terminal.shownBy([&run, signal, before](int descriptor) {
        for (const int each : {SIGQUIT, SIGABRT, SIGSEGV})
            std::signal(each, SIG_DFL); // in place of QTest's
        LiveScreen screen(descriptor, descriptor, Colours::Off);
        screen.second(run.status());
        termios now{};
        ::tcgetattr(descriptor, &now);
        if (now.c_lflag == before.c_lflag)
            ::_exit(1);
        if (signal != 0)
            ::raise(signal);
    });
    QCOMPARE(terminal.exitCode, 0);
    QCOMPARE(terminal.endedBy, signal);
    QCOMPARE(shown.count(kLeft), 1);
    QCOMPARE(terminal.settings().c_lflag, before.c_lflag);
}

void TestLoadLiveScreen::nothingWasShown()
{
    Terminal terminal(80, 24);
    QVERIFY(terminal.isValid());
    const QByteArray shown = terminal.shownBy(
        [](int descriptor) { const LiveScreen screen(descriptor, descriptor, Colours::On); });
    QCOMPARE(shown, QByteArray());
}

void TestLoadLiveScreen::terminalThatNobodyReads_data()
{
    QTest::addColumn<bool>("isScreen");
    QTest::newRow("screen") << true;
    QTest::newRow("status line") << false;
}

void TestLoadLiveScreen::terminalThatNobodyReads()
{
    QFETCH(bool, isScreen);
    Terminal terminal(200, 60);
    QVERIFY(terminal.isValid());
    int toldThrough[2] = {-1, -1};
    QCOMPARE(::pipe2(toldThrough, O_CLOEXEC), 0);
    const WatchedRun run;
    const std::string longName(3000, 'x');
    RunStatus status = run.status();
    status.phase = longName;
    terminal.start([&](int descriptor) {
        ::dup2(descriptor, STDERR_FILENO);
        std::unique_ptr<RunWatcher> watcher;
        if (isScreen)
            watcher = std::make_unique<LiveScreen>(descriptor, -1, Colours::On);
        else
            watcher = std::make_unique<StatusPrinter>();
        constexpr int kMoreThanFits = 300;
        for (int i = 0; i < kMoreThanFits; ++i)
            watcher->second(status);
        if (::write(toldThrough[1], "x", 1) != 1)
            ::_exit(1);
    });
    pollfd told{.fd = toldThrough[0], .events = POLLIN, .revents = 0};
    constexpr int kLongestMs = 20'000;
    const bool isThrough = ::poll(&told, 1, kLongestMs) == 1;
    if (!isThrough)
        terminal.kill();
    const QByteArray shown = terminal.finish();
    ::close(toldThrough[0]);
    ::close(toldThrough[1]);
    QVERIFY(isThrough);
    QCOMPARE(terminal.exitCode, 0);
    // What gives the terminal back waits until it is read.
    QVERIFY(shown.endsWith(isScreen ? kLeft : "\r\033[K"));
}

void TestLoadLiveScreen::stoppedAndContinued_data()
{
    QTest::addColumn<bool>("isForeground");
    QTest::addColumn<int>("times");
    QTest::newRow("in the foreground") << true << 2;
#if !defined(__SANITIZE_THREAD__) // it puts signals off: SIGTSTP comes after the next picture
    QTest::newRow("in the background") << false << 1;
#endif
}

void TestLoadLiveScreen::stoppedAndContinued()
{
    QFETCH(bool, isForeground);
    QFETCH(int, times);
    Terminal terminal(80, 24);
    QVERIFY(terminal.isValid());
    const WatchedRun run;
    const QByteArray shown = terminal.shownBy([&](int descriptor) {
        runStoppedOnce(descriptor, isForeground, [&] {
            LiveScreen screen(descriptor, descriptor, Colours::Off);
            screen.second(run.status());
            ::raise(SIGTSTP);
            screen.second(run.status());
        });
    });
    QCOMPARE(terminal.endedBy, 0);
    QCOMPARE(terminal.exitCode, 0);
    QCOMPARE(shown.count(kEntered), times);
    QCOMPARE(shown.count("parlor-cli load"), times);
    QCOMPARE(shown.count(kLeft), times);
    QVERIFY(shown.endsWith(kLeft));
}

void TestLoadLiveScreen::terminalOfNoSession_data()
{
    QTest::addColumn<Tui>("tui");
    QTest::addColumn<int>("screens");
    QTest::newRow("on") << Tui::On << 1;
    QTest::newRow("auto") << Tui::Auto << 0;
}

void TestLoadLiveScreen::terminalOfNoSession()
{
    QFETCH(Tui, tui);
    QFETCH(int, screens);
    Terminal terminal(80, 24);
    QVERIFY(terminal.isValid());
    const WatchedRun run;
    const QByteArray shown = terminal.shownBy([&](int descriptor) {
        ::dup2(descriptor, STDERR_FILENO);
        ::setenv("TERM", "xterm", 1);
        std::signal(SIGHUP, SIG_IGN); // TIOCNOTTY sends it
        if (::ioctl(descriptor, TIOCNOTTY) != 0)
            ::_exit(1);
        auto watcher = newProgressWatcher(tui);
        if (!watcher)
            ::_exit(2);
        (*watcher)->second(run.status());
    });
    QCOMPARE(terminal.endedBy, 0);
    QCOMPARE(terminal.exitCode, 0);
    QCOMPARE(shown.count(kEntered), screens);
    QCOMPARE(shown.count(kLeft), screens);
    QVERIFY2(shown.contains("01:30 / 03:00"), shown.constData());
}

void TestLoadLiveScreen::screenNeedsATerminal()
{
    int pipe[2] = {-1, -1};
    QCOMPARE(::pipe2(pipe, O_CLOEXEC), 0);
    const int stderrBefore = ::dup(STDERR_FILENO);
    ::dup2(pipe[1], STDERR_FILENO);
    const auto on = newProgressWatcher(Tui::On);
    auto automatic = newProgressWatcher(Tui::Auto);
    const WatchedRun run(3);
    if (automatic)
        (*automatic)->second(run.status());
    ::dup2(stderrBefore, STDERR_FILENO);
    ::close(stderrBefore);
    QVERIFY(!on);
    QVERIFY(on.error().text.starts_with("--tui on: stderr is no terminal"));
    QVERIFY(automatic);
    std::array<char, 4096> buffer{};
    const ssize_t size = ::read(pipe[0], buffer.data(), buffer.size());
    const QByteArray line(buffer.data(), std::max<ssize_t>(size, 0));
    QVERIFY2(line.startsWith("00:03 / 03:00  ramp 0-50  users 50/50") && line.endsWith('\n'),
             line.constData());
    QVERIFY(!line.contains('\033'));
    ::close(pipe[0]);
    ::close(pipe[1]);
}

PARLOR_TEST(TestLoadLiveScreen)
#include "tst_load_livescreen.moc"
