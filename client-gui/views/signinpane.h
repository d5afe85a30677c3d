// SPDX-License-Identifier: MIT
#pragma once

#include "client-gui/models/signinprompt.h"

#include <QFrame>

#include <optional>

class QCheckBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace parlor::gui {

class TextBox;

/// Above the chat while a server wants to know who the person is: what is wrong, and a field for a token; or,
/// where a program brings it, a button to run that again.
class SignInPane : public QFrame
{
    Q_OBJECT
public:
    explicit SignInPane(QWidget *parent = nullptr);

    /// nullopt: nothing is asked, and what was written is forgotten.
    void setPrompt(const std::optional<SignInPrompt> &prompt);

    void takeFocus();

    enum class Keep { WhileItRuns, OnThisComputer };

Q_SIGNALS:
    void tokenGiven(const QString &token, parlor::gui::SignInPane::Keep keep);
    void retryRequested();
    /// It hides what the focus was on.
    void focusGivenUp();

private:
    void submit();
    void updateButton();

    std::optional<SignInPrompt> m_prompt;
    QLabel *m_title;
    TextBox *m_problem;
    QLineEdit *m_token;
    QPushButton *m_show;
    QCheckBox *m_keep;
    TextBox *m_note;
    QPushButton *m_signIn;
};

} // namespace parlor::gui
