// SPDX-License-Identifier: MIT
#include "client-gui/views/selecttextdialog.h"

#include "client-gui/models/harmless.h"

#include <QDialogButtonBox>
#include <QPlainTextEdit>
#include <QVBoxLayout>

namespace parlor::gui {

SelectTextDialog::SelectTextDialog(const QString &author, const QString &text, QWidget *parent)
    : QDialog(parent)
{
    setObjectName(QStringLiteral("selectTextDialog"));
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Message from %1").arg(oneLine(author)));
    resize(520, 280);

    auto *edit = new QPlainTextEdit(harmless(text), this);
    edit->setReadOnly(true);
    edit->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    edit->setAccessibleName(tr("Text of the message"));
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);

    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(16, 16, 16, 16);
    column->setSpacing(12);
    column->addWidget(edit);
    column->addWidget(buttons);
    edit->setFocus();
}

} // namespace parlor::gui
