// SPDX-License-Identifier: MIT
#pragma once

#include <QByteArrayList>
#include <QTcpServer>

/// An HTTP proxy that knows CONNECT alone. It tunnels to the port that is asked for, on this machine, or
/// gives every client the same answer.
class ConnectProxy : public QTcpServer
{
    Q_OBJECT
public:
    explicit ConnectProxy(const QByteArray &answer = {});

    /// For a variable of the environment.
    [[nodiscard]] QByteArray address() const { return "127.0.0.1:" + QByteArray::number(serverPort()); }
    /// The heads that came.
    [[nodiscard]] const QByteArrayList &requests() const { return m_requests; }

private:
    void join(QTcpSocket *client, quint16 port);

    QByteArrayList m_requests;
};
