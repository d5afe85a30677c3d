// SPDX-License-Identifier: MIT
#include "client-gui/views/questiondialog.h"

#include "client-gui/views/fitheight.h"
#include "client-gui/views/textbox.h"

#include <QBoxLayout>
#include <QLabel>
#include <QPushButton>

namespace parlor::gui {

QuestionDialog::QuestionDialog(const Question &question, QWidget *parent)
    : QDialog(parent)
{
    setWindowTitle(question.title);
    setAttribute(Qt::WA_DeleteOnClose);
    auto *title = new QLabel(question.title);
    title->setProperty("look", QStringLiteral("title"));
    title->setTextFormat(Qt::PlainText);
    auto *text = new TextBox(TextBox::Place::Dialog);
    text->setText(question.text);
    text->label().setObjectName(QStringLiteral("questionText"));
    auto *accepts = new QPushButton(question.accept);
    accepts->setObjectName(QStringLiteral("questionAccept"));
    accepts->setAutoDefault(false);
    auto *cancel = new QPushButton(tr("Cancel"));
    cancel->setObjectName(QStringLiteral("questionCancel"));
    cancel->setProperty("look", QStringLiteral("primary"));
    cancel->setDefault(true);

    auto *buttons = new QHBoxLayout;
    buttons->addStretch(1);
    buttons->addWidget(accepts);
    buttons->addWidget(cancel);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(24, 24, 24, 24);
    column->setSpacing(8);
    column->addWidget(title);
    column->addWidget(text);
    column->addSpacing(12);
    column->addLayout(buttons);
    setMinimumWidth(420);
    fitHeight(*this);
    cancel->setFocus();

    connect(accepts, &QPushButton::clicked, this, &QDialog::accept);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
}

} // namespace parlor::gui
