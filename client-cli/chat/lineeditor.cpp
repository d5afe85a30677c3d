// SPDX-License-Identifier: MIT
#include "client-cli/chat/lineeditor.h"

#include <QFileInfo>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <numeric>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <utility>
#include <wchar.h>
#include <wctype.h>

namespace parlor::cli {

namespace {

constexpr int kHistoryLines = 500;
constexpr unsigned char kEscape = 0x1b;
/// After so long without another byte the end of a paste was lost, and keys must work again.
constexpr std::chrono::seconds kPasteTimeout{10};
/// What a key means at this terminal while the system looks for such keys; 0: it is an ordinary one.
int signalOf(unsigned char key)
{
    termios modes{};
    if (key == _POSIX_VDISABLE || ::tcgetattr(STDIN_FILENO, &modes) != 0)
        return 0;
    if (key == modes.c_cc[VINTR])
        return SIGINT;
    if (key == modes.c_cc[VSUSP])
        return SIGTSTP;
    return key == modes.c_cc[VQUIT] ? SIGQUIT : 0;
}

int terminalColumns()
{
    winsize size{};
    return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/// As libedit draws it: a control character as ^X, what the system cannot print as \U+XXXX.
int columnsOf(wchar_t character)
{
    if (::iswprint(static_cast<wint_t>(character)))
        return std::max(::wcwidth(character), 0);
    if (character < 0x80)
        return 2;
    return character > 0xffff ? 8 : 7;
}

int columnsOf(const wchar_t *text, std::ptrdiff_t length)
{
    return std::accumulate(text, text + length, 0,
                           [](int sum, wchar_t character) { return sum + columnsOf(character); });
}

} // namespace

LineEditor::LineEditor(const QString &historyFile, QObject *parent)
    : QObject(parent)
    , m_historyFile(historyFile.toStdString())
    , m_history(history_winit())
    , m_el(el_init("parlor-cli", stdin, stdout, stderr))
    , m_notifier(STDIN_FILENO, QSocketNotifier::Read)
{
    HistEventW event;
    history_w(m_history.get(), &event, H_SETSIZE, kHistoryLines);
    history_w(m_history.get(), &event, H_SETUNIQUE, 1);
    if (!m_historyFile.empty() && QFileInfo::exists(historyFile))
        history_w(m_history.get(), &event, H_LOAD, m_historyFile.c_str());

    EditLine *el = m_el.get();
    el_wset(el, EL_CLIENTDATA, this);
    el_wset(
        el, EL_PROMPT, +[](EditLine *e) { return self(e).m_prompt.data(); });
    el_wset(el, EL_EDITOR, L"emacs");
    el_wset(el, EL_HIST, history_w, m_history.get());
    el_wset(el, EL_GETCFN, &LineEditor::readCharacter);
    el_wset(el, EL_ADDFN, L"parlor-end", L"End the input on an empty line, else delete",
            &LineEditor::onControlD);
    el_wset(el, EL_BIND, L"^D", L"parlor-end", nullptr);
    el_wset(el, EL_BIND, L"^R", L"em-inc-search-prev", nullptr);
    // Else the system would take a pasted ^C for an interrupt, and drop all that came before it.
    el_wset(el, EL_SETTY, L"-d", L"-isig", L"-ixon", nullptr);
    el_source(el, nullptr);

    connect(&m_notifier, &QSocketNotifier::activated, this, &LineEditor::readInput);
    m_pasteTimeout.setSingleShot(true);
    m_pasteTimeout.setInterval(kPasteTimeout);
    connect(&m_pasteTimeout, &QTimer::timeout, this, &LineEditor::endPaste);
    startEditing();
}

LineEditor::~LineEditor()
{
    if (m_editing)
        erase();
    stopEditing();
    if (!m_historyFile.empty()) {
        HistEventW event;
        history_w(m_history.get(), &event, H_SAVE, m_historyFile.c_str());
    }
}

void LineEditor::finish()
{
    if (m_editing)
        erase();
    stopEditing();
    m_notifier.setEnabled(false);
}

void LineEditor::setPrompt(const QString &prompt)
{
    const std::wstring wide = prompt.toStdWString();
    if (wide == m_prompt)
        return;
    if (m_editing)
        erase();
    m_prompt = wide;
    refresh();
}

void LineEditor::print(const QString &line)
{
    if (m_editing)
        erase();
    const QByteArray utf8 = line.toUtf8() + '\n'; // libedit leaves the terminal's output processing on
    std::fwrite(utf8.constData(), 1, static_cast<std::size_t>(utf8.size()), stdout);
    std::fflush(stdout);
    refresh();
}

void LineEditor::windowResized()
{
    el_resize(m_el.get());
}

void LineEditor::suspend()
{
    stop([] { ::raise(SIGTSTP); });
}

void LineEditor::stop(const std::function<void()> &signal)
{
    // If a shell has the terminal again already, changing its modes would stop us before our time.
    sigset_t background{};
    ::sigemptyset(&background);
    ::sigaddset(&background, SIGTTOU);
    sigset_t before{};
    ::pthread_sigmask(SIG_BLOCK, &background, &before);
    if (m_editing) {
        erase();
        askForPasteMarks(paste::kNoMore);
        el_wset(m_el.get(), EL_PREP_TERM, 0);
    }
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);

    struct sigaction standard = {};
    standard.sa_handler = SIG_DFL;
    struct sigaction ours = {};
    ::sigaction(SIGTSTP, &standard, &ours);
    signal(); // returns when the process is continued; at once where no shell is there to do that
    ::sigaction(SIGTSTP, &ours, nullptr);
    resume();
}

void LineEditor::takeTerminalAgain()
{
    if (m_editing)
        erase();
    resume();
}

void LineEditor::resume()
{
    if (!m_editing)
        return;
    el_wset(m_el.get(), EL_PREP_TERM, 0); // libedit believes that the terminal is as it left it
    el_wset(m_el.get(), EL_PREP_TERM, 1);
    askForPasteMarks(paste::kAskFor);
    refresh();
}

LineEditor &LineEditor::self(EditLine *el)
{
    void *data = nullptr;
    el_wget(el, EL_CLIENTDATA, &data);
    return *static_cast<LineEditor *>(data);
}

int LineEditor::readCharacter(EditLine *el, wchar_t *out)
{
    LineEditor &editor = self(el);
    if (editor.m_leaveAsked)
        return -1; // what was typed behind it is perhaps for somebody else
    const auto first = editor.m_input.nextByte();
    if (!first)
        return editor.m_input.isAtEnd() ? 0 : -1;
    if (*first == kEscape && editor.m_input.takePasteBegin()) {
        editor.m_pasting = true;
        editor.m_pasteTimeout.start();
        return -1; // el_wgets() returns; the paste is no business of libedit's
    }
    if (const int signal = signalOf(*first); signal != 0) {
        if (signal == SIGTSTP)
            editor.m_stopAsked = true;
        else
            ::kill(0, signal); // to all those that the system would tell
        return -1;
    }
    const char32_t point = editor.m_input.completed(*first);
    *out = static_cast<wchar_t>(point == paste::kLineBreakMark ? paste::kMarkTyped : point);
    return 1;
}

unsigned char LineEditor::onControlD(EditLine *el, wint_t)
{
    const LineInfoW *line = el_wline(el);
    if (line->buffer == line->lastchar) {
        self(el).m_leaveAsked = true;
        return CC_NORM;
    }
    if (line->cursor == line->lastchar)
        return CC_NORM;
    el_cursor(el, 1);
    el_wdeletestr(el, 1);
    return CC_REFRESH;
}

void LineEditor::readInput()
{
    do {
        int length = 0;
        const wchar_t *text = nullptr;
        if (m_pasting)
            readPaste();
        else
            text = el_wgets(m_el.get(), &length);
        if (m_input.isAtEnd()) {
            finish();
            Q_EMIT inputEnded();
            return;
        }
        if (std::exchange(m_leaveAsked, false)) {
            Q_EMIT leaveAsked();
            continue;
        }
        if (std::exchange(m_stopAsked, false)) {
            stop([] { ::kill(0, SIGTSTP); });
            continue;
        }
        if (text && length > 0 && (text[length - 1] == L'\n' || text[length - 1] == L'\r'))
            finishLine(std::wstring(text, static_cast<std::size_t>(length) - 1));
    } while (m_notifier.isEnabled() && m_input.hasInput());
}

void LineEditor::readPaste()
{
    const auto bytes = m_input.nextBytes();
    if (!bytes || bytes->empty())
        return;
    m_pasteTimeout.start();
    if (const auto keys = m_paste.feed(*bytes)) {
        m_input.putBack(*keys);
        endPaste();
    }
}

void LineEditor::endPaste()
{
    m_pasteTimeout.stop();
    m_pasting = false;
    insert(m_paste.take());
}

void LineEditor::insert(const QString &text)
{
    erase();
    el_winsertstr(m_el.get(), text.toStdWString().c_str());
    refresh();
}

void LineEditor::finishLine(const std::wstring &text)
{
    stopEditing();
    const QString edited = paste::withoutBreaksAtEnd(QString::fromStdWString(text));
    if (!edited.trimmed().isEmpty()) {
        HistEventW event;
        history_w(m_history.get(), &event, H_ENTER, edited.toStdWString().c_str());
    }
    Q_EMIT lineEntered(paste::message(edited));
    startEditing();
}

void LineEditor::startEditing()
{
    m_editing = true;
    el_wset(m_el.get(), EL_UNBUFFERED, 1);
    askForPasteMarks(paste::kAskFor);
}

void LineEditor::stopEditing()
{
    if (std::exchange(m_editing, false))
        askForPasteMarks(paste::kNoMore);
    el_wset(m_el.get(), EL_UNBUFFERED, 0);
}

void LineEditor::askForPasteMarks(std::string_view sequence)
{
    if (qEnvironmentVariableIsEmpty("TERM") || qgetenv("TERM") == "dumb")
        return; // it would print them
    std::fwrite(sequence.data(), 1, sequence.size(), stdout);
    std::fflush(stdout);
}

void LineEditor::erase()
{
    const LineInfoW *line = el_wline(m_el.get());
    const int before = columnsOf(m_prompt.data(), static_cast<std::ptrdiff_t>(m_prompt.size())) +
                       columnsOf(line->buffer, line->cursor - line->buffer);
    if (const int rows = before / terminalColumns(); rows > 0)
        std::fprintf(stdout, "\x1b[%dA", rows);
    std::fputs("\r\x1b[J", stdout);
    std::fflush(stdout);
}

void LineEditor::refresh()
{
    if (m_editing)
        el_wset(m_el.get(), EL_REFRESH);
}

} // namespace parlor::cli
