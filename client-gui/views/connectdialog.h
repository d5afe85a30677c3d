// SPDX-License-Identifier: MIT
#pragma once

#include <QDialog>
#include <QUrl>

class QLineEdit;

namespace parlor::gui {

class TextBox;

/// Asks for the server's address and a name, and accepts only what can work.
class ConnectDialog : public QDialog
{
    Q_OBJECT
public:
    ConnectDialog(const QString &server, const QString &username, QWidget *parent = nullptr);
    enum class Field { Server, Name };
    /// What is wrong with what stands in a field.
    void showProblem(const QString &text, Field field);

Q_SIGNALS:
    /// `address` as it was written; `url` as it is meant.
    void chosen(const QString &address, const QUrl &url, const QString &username);

private:
    void check();

    QLineEdit *m_server;
    QLineEdit *m_name;
    TextBox *m_problem;
};

} // namespace parlor::gui
