// SPDX-License-Identifier: MIT
#include "client-gui/views/askdialog.h"

#include "client-gui/views/fitheight.h"
#include "client-gui/views/textbox.h"

#include <QBoxLayout>
#include <QCompleter>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>

namespace parlor::gui {

AskDialog::AskDialog(Question question, QWidget *parent)
    : QDialog(parent)
    , m_question(std::move(question))
    , m_edit(new QLineEdit(m_question.value))
    , m_problem(new TextBox(TextBox::Place::Dialog))
{
    setObjectName(QStringLiteral("askDialog"));
    setWindowTitle(m_question.title);
    setAttribute(Qt::WA_DeleteOnClose);
    auto *title = new QLabel(m_question.title);
    title->setProperty("look", QStringLiteral("title"));
    auto *label = new QLabel(m_question.label);
    label->setBuddy(m_edit);
    m_edit->setObjectName(QStringLiteral("askEdit"));
    m_edit->setAccessibleName(m_question.label);
    m_edit->selectAll();
    if (!m_question.suggestions.isEmpty())
        m_edit->setCompleter(new QCompleter(m_question.suggestions, m_edit));
    m_problem->label().setObjectName(QStringLiteral("askProblem"));
    m_problem->label().setProperty("look", QStringLiteral("problem"));
    m_problem->hide();
    auto *ok = new QPushButton(m_question.accept);
    ok->setProperty("look", QStringLiteral("primary"));
    ok->setDefault(true);
    auto *cancel = new QPushButton(tr("Cancel"));
    cancel->setAutoDefault(false);

    auto *buttons = new QHBoxLayout;
    buttons->addStretch(1);
    buttons->addWidget(cancel);
    buttons->addWidget(ok);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(24, 24, 24, 24);
    column->setSpacing(8);
    column->addWidget(title);
    column->addSpacing(8);
    column->addWidget(label);
    column->addWidget(m_edit);
    column->addWidget(m_problem);
    column->addSpacing(12);
    column->addLayout(buttons);
    setMinimumWidth(380);

    connect(ok, &QPushButton::clicked, this, &AskDialog::check);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_edit, &QLineEdit::textEdited, this, [this] {
        if (m_problem->isHidden())
            return;
        m_problem->hide();
        fitHeight(*this);
    });
}

void AskDialog::check()
{
    const QString text = m_edit->text().trimmed();
    const QString problem = m_question.problemWith(text);
    if (!problem.isEmpty()) {
        m_problem->setText(problem);
        m_problem->show();
        fitHeight(*this);
        return;
    }
    Q_EMIT answered(text);
    accept();
}

} // namespace parlor::gui
