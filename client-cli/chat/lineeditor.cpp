// SPDX-License-Identifier: MIT
#include "client-cli/chat/lineeditor.h"

#include <QFileInfo>

#include <cstdio>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

namespace parlor::cli {

namespace {

constexpr int kHistoryLines = 500;
/// How long the rest of a key's bytes may take; a lone Escape must not stop the program.
constexpr int kKeyMilliseconds = 50;

bool waitForInput(int milliseconds)
{
    pollfd input{STDIN_FILENO, POLLIN, 0};
    return ::poll(&input, 1, milliseconds) > 0;
}

int terminalColumns()
{
    winsize size{};
    return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/// As libedit draws them: control characters as ^X.
int columnsOf(const wchar_t *text, std::ptrdiff_t length)
{
    int columns = 0;
    for (std::ptrdiff_t i = 0; i < length; ++i) {
        const int width = ::wcwidth(text[i]);
        columns += width < 0 ? 2 : width;
    }
    return columns;
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
    el_source(el, nullptr);

    connect(&m_notifier, &QSocketNotifier::activated, this, &LineEditor::readInput);
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

LineEditor &LineEditor::self(EditLine *el)
{
    void *data = nullptr;
    el_wget(el, EL_CLIENTDATA, &data);
    return *static_cast<LineEditor *>(data);
}

int LineEditor::readCharacter(EditLine *el, wchar_t *out)
{
    LineEditor &editor = self(el);
    unsigned char first = 0;
    if (!waitForInput(kKeyMilliseconds))
        return -1;
    if (::read(STDIN_FILENO, &first, 1) != 1) {
        editor.m_atEnd = true;
        return 0;
    }
    if (first < 0x80) {
        *out = first;
        return 1;
    }
    const int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
    std::string utf8(1, static_cast<char>(first));
    for (int i = 0; i < more; ++i) {
        char next = 0;
        if (!waitForInput(kKeyMilliseconds) || ::read(STDIN_FILENO, &next, 1) != 1)
            break;
        utf8 += next;
    }
    const auto points = QString::fromStdString(utf8).toUcs4();
    *out = points.isEmpty() ? L'?' : static_cast<wchar_t>(points.first());
    return 1;
}

unsigned char LineEditor::onControlD(EditLine *el, wint_t)
{
    const LineInfoW *line = el_wline(el);
    if (line->buffer == line->lastchar) {
        self(el).m_atEnd = true;
        return CC_EOF;
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
        const wchar_t *text = el_wgets(m_el.get(), &length);
        if (m_atEnd) {
            erase();
            stopEditing();
            m_notifier.setEnabled(false);
            Q_EMIT inputEnded();
            return;
        }
        if (text && length > 0 && (text[length - 1] == L'\n' || text[length - 1] == L'\r'))
            finishLine(std::wstring(text, static_cast<std::size_t>(length) - 1));
    } while (m_notifier.isEnabled() && waitForInput(0));
}

void LineEditor::finishLine(const std::wstring &text)
{
    stopEditing();
    if (text.find_first_not_of(L" \t") != std::wstring::npos) {
        HistEventW event;
        history_w(m_history.get(), &event, H_ENTER, text.c_str());
    }
    Q_EMIT lineEntered(QString::fromStdWString(text));
    startEditing();
}

void LineEditor::startEditing()
{
    m_editing = true;
    el_wset(m_el.get(), EL_UNBUFFERED, 1);
}

void LineEditor::stopEditing()
{
    m_editing = false;
    el_wset(m_el.get(), EL_UNBUFFERED, 0);
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
