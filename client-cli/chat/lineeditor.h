// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/chat/paste.h"
#include "client-cli/chat/terminalinput.h"

#include <QObject>
#include <QSocketNotifier>
#include <QString>
#include <QTimer>

#include <histedit.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace parlor::cli {

/// The line that a person edits at the bottom of a terminal, while other lines arrive above it. libedit reads
/// and draws, one key at a time; this class feeds it from the event loop and moves its line out of the way.
/// What is pasted becomes part of the line, line breaks and all; only the Enter key sends it. One a process;
/// main thread.
class LineEditor : public QObject
{
    Q_OBJECT
public:
    /// `historyFile`: kept for the next run; empty: not kept.
    explicit LineEditor(const QString &historyFile, QObject *parent = nullptr);
    ~LineEditor() override;

    /// The end of editing: what is typed from now on is for whoever has the terminal next.
    void finish();
    void setPrompt(const QString &prompt);
    /// Shows a line above the one that is edited.
    void print(const QString &line);
    void windowResized();
    /// Gives the terminal back as it was, and stops the process until it is continued.
    void suspend();
    /// After the process was stopped and continued, by whomever: others may have used the terminal.
    void takeTerminalAgain();

Q_SIGNALS:
    /// May have several lines, if they were pasted.
    void lineEntered(const QString &line);
    /// Ctrl-D on an empty line: the line can still be edited.
    void leaveAsked();
    /// There is no more to read.
    void inputEnded();

private:
    struct EditLineDeleter
    {
        void operator()(EditLine *el) const { el_end(el); }
    };
    struct HistoryDeleter
    {
        void operator()(HistoryW *history) const { history_wend(history); }
    };

    static LineEditor &self(EditLine *el);
    static int readCharacter(EditLine *el, wchar_t *out);
    static unsigned char onControlD(EditLine *el, wint_t key);

    void readInput();
    /// Some of what is pasted.
    void readPaste();
    void endPaste();
    void insert(const QString &text);
    /// `signal` stops this process, and perhaps others.
    void stop(const std::function<void()> &signal);
    void resume();
    void askForPasteMarks(std::string_view sequence);
    void finishLine(const std::wstring &text);
    void startEditing();
    void stopEditing();
    /// Moves to the start of what libedit drew, and clears from there on.
    void erase();
    void refresh();

    std::string m_historyFile;
    std::wstring m_prompt;
    std::unique_ptr<HistoryW, HistoryDeleter> m_history;
    std::unique_ptr<EditLine, EditLineDeleter> m_el;
    QSocketNotifier m_notifier;
    TerminalInput m_input;
    PasteReader m_paste;
    QTimer m_pasteTimeout;
    bool m_pasting = false;
    bool m_stopAsked = false;
    bool m_editing = false;
    bool m_leaveAsked = false;
};

} // namespace parlor::cli
