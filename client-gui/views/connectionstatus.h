// SPDX-License-Identifier: MIT
#pragma once

#include "client-gui/models/connectionmodel.h"

#include <QWidget>

class QLabel;

namespace parlor::gui {

class ElidedLabel;
class Theme;

/// The line at the window's foot: the state of the connection as a shape and a word, the server's address,
/// the host that serves us, and how far away it is.
class ConnectionStatus : public QWidget
{
    Q_OBJECT
public:
    /// Both must outlive it.
    ConnectionStatus(ConnectionModel &connection, Theme &theme, QWidget *parent = nullptr);

private:
    class Dot;
    void update();

    ConnectionModel &m_connection;
    Theme &m_theme;
    Dot *m_dot;
    QLabel *m_state;
    ElidedLabel *m_host;
    QLabel *m_served; ///< "served by"
    ElidedLabel *m_servedBy;
    ElidedLabel *m_detail;
    QLabel *m_lock;
    QLabel *m_security;
};

} // namespace parlor::gui
