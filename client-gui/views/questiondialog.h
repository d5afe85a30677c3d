// SPDX-License-Identifier: MIT
#pragma once

#include <QDialog>

namespace parlor::gui {

/// Asks before something is done that cannot be undone. Cancel is the default.
class QuestionDialog : public QDialog
{
    Q_OBJECT
public:
    struct Question
    {
        QString title;
        QString text;
        QString accept; ///< the button
    };
    explicit QuestionDialog(const Question &question, QWidget *parent = nullptr);
};

} // namespace parlor::gui
