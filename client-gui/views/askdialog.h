// SPDX-License-Identifier: MIT
#pragma once

#include <QDialog>

#include <functional>

class QLineEdit;

namespace parlor::gui {

class TextBox;

/// Asks for one short text: a room to join, a new name. What is wrong with it is said while it is open.
class AskDialog : public QDialog
{
    Q_OBJECT
public:
    struct Question
    {
        QString title;
        QString label;
        QString value{};
        QString accept; ///< the button
        QStringList suggestions{};
        /// What is wrong with a text, for people; empty: nothing.
        std::function<QString(const QString &)> problemWith;
    };
    explicit AskDialog(Question question, QWidget *parent = nullptr);

Q_SIGNALS:
    void answered(const QString &text);

private:
    void check();

    Question m_question;
    QLineEdit *m_edit;
    TextBox *m_problem;
};

} // namespace parlor::gui
