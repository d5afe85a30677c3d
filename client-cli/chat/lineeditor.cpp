// SPDX-License-Identifier: MIT
#include "client-cli/chat/lineeditor.h"

#include <csignal>
#include <cstdio>
#include <unistd.h>
#include <utility>

namespace parlor::cli {

namespace {

/// After so long without another byte the end of a paste was lost, and keys must work again.
constexpr std::chrono::seconds kPasteTimeout{10};

void write(std::string_view bytes)
{
    std::fwrite(bytes.data(), 1, bytes.size(), stdout);
    std::fflush(stdout);
}

QString toQString(const std::u32string &text)
{
    return QString::fromStdU32String(text);
}

} // namespace

LineEditor::LineEditor(const QString &historyFile, QObject *parent)
    : Console(parent)
    , m_history(historyFile)
    , m_notifier(STDIN_FILENO, QSocketNotifier::Read)
{
    ::tcgetattr(STDIN_FILENO, &m_modesBefore);
    connect(&m_notifier, &QSocketNotifier::activated, this, &LineEditor::readInput);
    m_pasteTimeout.setSingleShot(true);
    m_pasteTimeout.setInterval(kPasteTimeout);
    connect(&m_pasteTimeout, &QTimer::timeout, this, &LineEditor::endPaste);
    takeTerminal();
}

LineEditor::~LineEditor()
{
    finish();
}

void LineEditor::finish()
{
    m_notifier.setEnabled(false);
    if (!m_editing)
        return;
    clear();
    giveTerminalBack();
    m_editing = false;
}

void LineEditor::setPrompt(const QString &prompt)
{
    if (std::exchange(m_prompt, prompt) != prompt)
        draw();
}

void LineEditor::print(const QString &line)
{
    if (m_editing)
        clear();
    write(line.toStdString() + '\n');
    draw();
}

void LineEditor::suspend()
{
    stop([] { ::raise(SIGTSTP); });
}

void LineEditor::stop(const std::function<void()> &signal)
{
    struct sigaction ours = {};
    ::sigaction(SIGTSTP, nullptr, &ours);
    if (ours.sa_handler == SIG_IGN) // there is no shell that could continue us
        return;
    // If a shell has the terminal again already, changing its modes would stop us before our time.
    sigset_t background{};
    ::sigemptyset(&background);
    ::sigaddset(&background, SIGTTOU);
    sigset_t before{};
    ::pthread_sigmask(SIG_BLOCK, &background, &before);
    if (m_editing) {
        clear();
        giveTerminalBack();
    }
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);

    struct sigaction standard = {};
    standard.sa_handler = SIG_DFL;
    ::sigaction(SIGTSTP, &standard, nullptr);
    signal(); // returns when the process is continued; at once where no shell is there to do that
    ::sigaction(SIGTSTP, &ours, nullptr);
    takeTerminalAgain();
}

void LineEditor::takeTerminalAgain()
{
    if (!m_editing)
        return;
    takeTerminal();
    draw();
}

void LineEditor::readInput()
{
    do {
        if (m_pasting)
            readPaste();
        else
            readOneKey();
        if (m_input.isAtEnd()) {
            finish();
            Q_EMIT inputEnded();
            return;
        }
    } while (m_notifier.isEnabled() && m_input.hasInput());
    draw();
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
    m_search.reset();
    const auto text = m_paste.take();
    if (text)
        m_line.insert(text->toStdU32String());
    draw();
    if (!text)
        Q_EMIT inputRefused(QStringLiteral("what was pasted is not UTF-8, and is left out"));
}

void LineEditor::readOneKey()
{
    const auto first = m_input.nextByte();
    if (!first)
        return;
    const bool isQuoted = std::exchange(m_quoting, false);
    if (*first == 0x1b && m_input.takePasteBegin()) {
        m_pasting = true;
        m_pasteTimeout.start();
        return;
    }
    if (isQuoted && *first < 0x80) {
        press({Key::Character, *first});
        return;
    }
    const int signal = signalOf(*first);
    if (signal == SIGTSTP)
        stop([] { ::kill(0, SIGTSTP); });
    else if (signal != 0)
        ::kill(0, signal); // to all those that the system would tell
    else if (*first == m_modesBefore.c_cc[VERASE] && *first != _POSIX_VDISABLE)
        press({Key::Backspace});
    else
        press(readKey(*first, m_input));
}

void LineEditor::press(KeyPress press)
{
    if (m_search && pressInSearch(press))
        return;
    std::optional<QString> line;
    switch (press.key) {
    case Key::None:
    case Key::Cancel:
        break;
    case Key::Character:
        if (press.character == paste::kLineBreakMark)
            press.character = paste::kMarkTyped;
        m_line.insert({&press.character, 1});
        break;
    case Key::Invalid:
        Q_EMIT inputRefused(
            QStringLiteral("a character that is not UTF-8 is ignored; set the terminal to UTF-8"));
        break;
    case Key::Enter:
        finishLine();
        break;
    case Key::Left:
        m_line.move(Motion::Left);
        break;
    case Key::Right:
        m_line.move(Motion::Right);
        break;
    case Key::WordLeft:
        m_line.move(Motion::WordLeft);
        break;
    case Key::WordRight:
        m_line.move(Motion::WordRight);
        break;
    case Key::Start:
        m_line.move(Motion::Start);
        break;
    case Key::End:
        m_line.move(Motion::End);
        break;
    case Key::Older:
        line = m_history.older(toQString(m_line.text()));
        break;
    case Key::Newer:
        line = m_history.newer();
        break;
    case Key::Backspace:
        m_line.erase(Motion::Left);
        break;
    case Key::DeleteOrLeave:
        if (m_line.text().empty())
            Q_EMIT leaveAsked();
        else
            m_line.erase(Motion::Right);
        break;
    case Key::Delete:
        m_line.erase(Motion::Right);
        break;
    case Key::KillToEnd:
        m_line.kill(Motion::End);
        break;
    case Key::KillAll:
        m_line.killAll();
        break;
    case Key::KillWordLeft:
        m_line.kill(Motion::WordLeft);
        break;
    case Key::KillWordRight:
        m_line.kill(Motion::WordRight);
        break;
    case Key::Yank:
        m_line.yank();
        break;
    case Key::Transpose:
        m_line.transpose();
        break;
    case Key::LowerCase:
        m_line.changeCase(LetterCase::Lower);
        break;
    case Key::UpperCase:
        m_line.changeCase(LetterCase::Upper);
        break;
    case Key::Capitalise:
        m_line.changeCase(LetterCase::Capital);
        break;
    case Key::Quote:
        m_quoting = true;
        break;
    case Key::Search:
        m_search.emplace();
        m_search->place = m_history.count();
        m_search->before = m_line;
        break;
    case Key::ClearScreen:
        m_drawing.leave();
        write("\x1b[H\x1b[2J");
        break;
    }
    if (line)
        m_line.set(line->toStdU32String());
}

bool LineEditor::pressInSearch(KeyPress press)
{
    switch (press.key) {
    case Key::Character:
        m_search->text += press.character;
        search(m_search->place);
        return true;
    case Key::Backspace:
        if (!m_search->text.empty())
            m_search->text.pop_back();
        search(m_history.count());
        return true;
    case Key::Search:
        search(m_search->place - 1);
        return true;
    case Key::Cancel:
        m_line = m_search->before;
        m_search.reset();
        return true;
    default:
        m_search.reset();
        return false;
    }
}

void LineEditor::search(qsizetype from)
{
    const auto found = m_history.find(toQString(m_search->text), from);
    m_search->isFound = found.has_value();
    if (!found)
        return;
    m_search->place = *found;
    m_line.set(m_history.line(*found).toStdU32String());
}

void LineEditor::finishLine()
{
    m_line.move(Motion::End);
    draw();
    m_drawing.leave();
    write("\n"); // output processing is left on
    const QString edited = paste::withoutBreaksAtEnd(toQString(m_line.text()));
    m_history.add(edited);
    m_line.set({});
    Q_EMIT lineEntered(paste::message(edited));
}

int LineEditor::signalOf(unsigned char key) const
{
    if (key == _POSIX_VDISABLE || (m_modesBefore.c_lflag & ISIG) == 0)
        return 0;
    if (key == m_modesBefore.c_cc[VINTR])
        return SIGINT;
    if (key == m_modesBefore.c_cc[VSUSP])
        return SIGTSTP;
    return key == m_modesBefore.c_cc[VQUIT] ? SIGQUIT : 0;
}

void LineEditor::takeTerminal()
{
    termios modes = m_modesBefore;
    modes.c_iflag = (modes.c_iflag | ICRNL) & ~static_cast<tcflag_t>(IGNCR | INLCR | ISTRIP | IXON);
    // Without ISIG: else the system would take a pasted ^C for an interrupt, and drop all that came before
    // it.
    modes.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | IEXTEN | ISIG);
    modes.c_cc[VMIN] = 1;
    modes.c_cc[VTIME] = 0;
    ::tcsetattr(STDIN_FILENO, TCSADRAIN, &modes);
    write(paste::kAskFor);
}

void LineEditor::giveTerminalBack()
{
    write(paste::kNoMore);
    ::tcsetattr(STDIN_FILENO, TCSADRAIN, &m_modesBefore);
}

void LineEditor::draw()
{
    if (!m_editing)
        return;
    QString prompt = m_prompt;
    if (m_search)
        prompt = QStringLiteral("(%1 '%2')> ")
                     .arg(m_search->isFound ? QStringLiteral("search") : QStringLiteral("not found"),
                          toQString(m_search->text));
    write(m_drawing.draw(prompt, m_line.text(), m_line.cursor(), terminalSize()));
}

void LineEditor::clear()
{
    write(m_drawing.clear(terminalSize()));
}

} // namespace parlor::cli
