// SPDX-License-Identifier: MIT
#include "client-gui/views/signinpane.h"

#include "client-gui/views/restyle.h"
#include "client-gui/views/textbox.h"

#include <QAccessible>
#include <QBoxLayout>
#include <QCheckBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>

namespace parlor::gui {

SignInPane::SignInPane(QWidget *parent)
    : QFrame(parent)
    , m_title(new QLabel)
    , m_problem(new TextBox(TextBox::Place::Window))
    , m_token(new QLineEdit)
    , m_show(new QPushButton(tr("Show")))
    , m_keep(new QCheckBox(tr("&Keep it on this computer")))
    , m_note(new TextBox(TextBox::Place::Window))
    , m_signIn(new QPushButton)
{
    setObjectName(QStringLiteral("signInPane"));
    m_title->setObjectName(QStringLiteral("signInTitle"));
    m_title->setProperty("look", QStringLiteral("strong"));
    m_title->setTextFormat(Qt::PlainText);
    m_title->setWordWrap(true);
    m_problem->label().setObjectName(QStringLiteral("signInProblem"));
    m_token->setObjectName(QStringLiteral("signInToken"));
    m_token->setEchoMode(QLineEdit::Password);
    m_token->setPlaceholderText(tr("Paste your token"));
    m_token->setAccessibleName(tr("Token"));
    m_token->setInputMethodHints(Qt::ImhSensitiveData | Qt::ImhNoPredictiveText | Qt::ImhNoAutoUppercase);
    m_show->setObjectName(QStringLiteral("signInShow"));
    m_show->setProperty("look", QStringLiteral("link"));
    m_show->setCheckable(true);
    m_show->setAccessibleName(tr("Show the token"));
    m_keep->setObjectName(QStringLiteral("signInKeep"));
    m_keep->setChecked(true);
    m_keep->setToolTip(tr("In the system's keychain, not in a file"));
    m_note->label().setObjectName(QStringLiteral("signInNote"));
    m_note->label().setProperty("look", QStringLiteral("small"));
    m_signIn->setObjectName(QStringLiteral("signInButton"));
    m_signIn->setProperty("look", QStringLiteral("primary"));

    auto *field = new QHBoxLayout;
    field->setSpacing(4);
    field->addWidget(m_token, 1);
    field->addWidget(m_show);
    auto *foot = new QHBoxLayout;
    foot->setSpacing(12);
    foot->addWidget(m_keep);
    foot->addWidget(m_note, 1);
    foot->addStretch(); // where there is no note
    foot->addWidget(m_signIn);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(20, 10, 16, 10);
    column->setSpacing(6);
    column->addWidget(m_title);
    column->addWidget(m_problem);
    column->addLayout(field);
    column->addLayout(foot);

    connect(m_token, &QLineEdit::textChanged, this, [this](const QString &text) {
        QString token = text; // one that was copied over several lines is whole again
        token.removeIf([](QChar each) { return each.isSpace() || !each.isPrint(); });
        if (token != text)
            m_token->setText(token);
        updateButton();
    });
    connect(m_token, &QLineEdit::returnPressed, this, &SignInPane::submit);
    connect(m_signIn, &QPushButton::clicked, this, &SignInPane::submit);
    connect(m_show, &QPushButton::toggled, this, [this](bool shown) {
        m_token->setEchoMode(shown ? QLineEdit::Normal : QLineEdit::Password);
        m_show->setText(shown ? tr("Hide") : tr("Show"));
    });
    hide();
}

void SignInPane::setPrompt(const std::optional<SignInPrompt> &prompt)
{
    const auto before = std::exchange(m_prompt, prompt);
    if (!prompt) {
        if (const QWidget *focused = focusWidget(); focused && focused->hasFocus())
            Q_EMIT focusGivenUp();
        hide();
        m_token->setText({}); // and not clear(), which can be undone
        m_show->setChecked(false);
        return;
    }
    const bool byPerson = prompt->from == SignInPrompt::From::Person;
    m_title->setText(tr("Sign in to %1").arg(prompt->host));
    const bool isWrong = !prompt->problem.isEmpty();
    m_problem->setText(isWrong ? prompt->problem
                               : tr("The server asks who you are. Its owner gives you a token."));
    m_problem->label().setProperty("look", isWrong ? QStringLiteral("problem") : QStringLiteral("muted"));
    restyle(m_problem->label());
    QStringList notes;
    if (byPerson && !prompt->keychainProblem.isEmpty())
        notes.append(tr("It is kept until Parlor ends: %1.").arg(prompt->keychainProblem));
    if (prompt->readable)
        notes.append(tr("The connection is not encrypted: whoever is on the way can read the token."));
    m_note->setText(notes.join(u' '));
    m_note->setVisible(!notes.isEmpty());
    m_token->setVisible(byPerson);
    m_token->setReadOnly(prompt->busy); // and not disabled, which would move the focus on
    m_show->setVisible(byPerson);
    m_keep->setVisible(byPerson && prompt->keychainProblem.isEmpty());
    updateButton();
    show();
    if (!before || (before->busy && !prompt->busy)) {
        m_token->selectAll();
        setAccessibleName(m_title->text() + QStringLiteral(". ") + m_problem->label().text());
        QAccessibleEvent event(this, QAccessible::Alert);
        QAccessible::updateAccessibility(&event);
    }
}

void SignInPane::takeFocus()
{
    (m_token->isVisible() ? static_cast<QWidget *>(m_token) : m_signIn)->setFocus(Qt::OtherFocusReason);
}

void SignInPane::updateButton()
{
    const bool busy = m_prompt && m_prompt->busy;
    const bool byPerson = !m_prompt || m_prompt->from == SignInPrompt::From::Person;
    m_signIn->setText(busy ? tr("Signing in…") : byPerson ? tr("Sign in") : tr("Try again"));
    m_signIn->setEnabled(!busy && (!byPerson || !m_token->text().isEmpty()));
}

void SignInPane::submit()
{
    if (!m_signIn->isEnabled())
        return;
    if (m_prompt->from == SignInPrompt::From::Program) {
        Q_EMIT retryRequested();
        return;
    }
    const bool keeps = m_keep->isChecked() && m_prompt->keychainProblem.isEmpty();
    Q_EMIT tokenGiven(m_token->text(), keeps ? Keep::OnThisComputer : Keep::WhileItRuns);
}

} // namespace parlor::gui
