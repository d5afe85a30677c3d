// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/chat/console.h"
#include "client-cli/chat/editedline.h"
#include "client-cli/chat/keys.h"
#include "client-cli/chat/linedrawing.h"
#include "client-cli/chat/linehistory.h"
#include "client-cli/chat/paste.h"
#include "client-cli/chat/terminalinput.h"

#include <QSocketNotifier>
#include <QTimer>

#include <functional>
#include <optional>
#include <termios.h>

namespace parlor::cli {

/// The line that a person edits at the bottom of a terminal, while other lines arrive above it. What is
/// pasted becomes part of the line, line breaks and all; only the Enter key sends it. One a process.
class LineEditor : public Console
{
    Q_OBJECT
public:
    /// `historyFile`: kept for the next run; empty: not kept.
    explicit LineEditor(const QString &historyFile, QObject *parent = nullptr);
    ~LineEditor() override;

    void finish() override;
    void setPrompt(const QString &prompt) override;
    /// Above the line that is edited.
    void print(const QString &line) override;
    void windowResized() override { draw(); }
    void suspend() override;
    void takeTerminalAgain() override;

private:
    /// For a line of the history, while its text is typed.
    struct Search
    {
        std::u32string text;
        qsizetype place = 0; ///< of the line that is shown
        bool isFound = true;
        EditedLine before;
    };

    void readInput();
    /// Some of what is pasted.
    void readPaste();
    void endPaste();
    void readOneKey();
    void press(KeyPress press);
    /// Whether the key belongs to the search that is under way. Any other ends it.
    bool pressInSearch(KeyPress press);
    void search(qsizetype from);
    void finishLine();
    /// What a key means at this terminal while the system looks for such keys; 0: it is an ordinary one.
    [[nodiscard]] int signalOf(unsigned char key) const;
    /// `signal` stops this process, and perhaps others.
    void stop(const std::function<void()> &signal);
    void takeTerminal();
    void giveTerminalBack();
    void draw();
    void clear();

    LineHistory m_history;
    QString m_prompt;
    EditedLine m_line;
    LineDrawing m_drawing;
    std::optional<Search> m_search;
    QSocketNotifier m_notifier;
    TerminalInput m_input;
    PasteReader m_paste;
    QTimer m_pasteTimeout;
    termios m_modesBefore{}; ///< of the terminal
    bool m_pasting = false;
    bool m_quoting = false; ///< the next key is a character, whatever it is; a paste is none
    bool m_editing = true;
};

} // namespace parlor::cli
