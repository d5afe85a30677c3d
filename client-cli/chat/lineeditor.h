// SPDX-License-Identifier: MIT
#pragma once

#include <QObject>
#include <QSocketNotifier>
#include <QString>

#include <histedit.h>

#include <memory>
#include <string>

namespace parlor::cli {

/// The line that a person edits at the bottom of a terminal, while other lines arrive above it. libedit reads
/// and draws, one key at a time; this class feeds it from the event loop and moves its line out of the way.
/// One a process; main thread.
class LineEditor : public QObject
{
    Q_OBJECT
public:
    /// `historyFile`: kept for the next run; empty: not kept.
    explicit LineEditor(const QString &historyFile, QObject *parent = nullptr);
    ~LineEditor() override;

    void setPrompt(const QString &prompt);
    /// Shows a line above the one that is edited.
    void print(const QString &line);
    void windowResized();

Q_SIGNALS:
    void lineEntered(const QString &line);
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
    bool m_editing = false;
    bool m_atEnd = false;
};

} // namespace parlor::cli
