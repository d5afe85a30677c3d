// SPDX-License-Identifier: MIT
#pragma once

#include "client-gui/models/connectionmodel.h"

#include <QFrame>

class QLabel;
class QPushButton;

namespace parlor::gui {

class ElidedLabel;
class TextBox;
class Theme;

/// The strip above the chat that says in one line what is wrong with the connection, what is done about it,
/// and what the person can do; the whole of it on demand. Never modal, never takes the focus.
class ConnectionBanner : public QFrame
{
    Q_OBJECT
public:
    /// Both must outlive it.
    ConnectionBanner(ConnectionModel &connection, Theme &theme, QWidget *parent = nullptr);

Q_SIGNALS:
    void retryRequested();
    void cancelRequested();
    void connectRequested();
    /// It hides what the focus was on.
    void focusGivenUp();

private:
    void update();
    void updateDetails();
    void act();

    ConnectionModel &m_connection;
    Theme &m_theme;
    QLabel *m_icon;
    ElidedLabel *m_text;
    TextBox *m_details;
    QPushButton *m_action;
    QPushButton *m_detailsButton;
};

} // namespace parlor::gui
