// SPDX-License-Identifier: MIT
#pragma once

#include <QDialog>

namespace parlor::gui {

/// One message's text, to select a part of it and copy that. Deletes itself when it is closed.
class SelectTextDialog : public QDialog
{
    Q_OBJECT
public:
    SelectTextDialog(const QString &author, const QString &text, QWidget *parent);
};

} // namespace parlor::gui
