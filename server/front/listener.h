// SPDX-License-Identifier: MIT
#pragma once

#include <QSocketNotifier>
#include <QTcpServer>

#include <functional>
#include <memory>

namespace parlor {

/// Listens on one address and hands each accepted descriptor on. When the system refuses to accept (no
/// descriptors are left, above all) it waits for a moment and tries again, for as long as it takes. Main
/// thread. QTcpServer listens; the accepting is our own, since Qt 6.4.2's tries again at once, without end,
/// when there is no descriptor left.
class Listener final : public QObject
{
    Q_OBJECT
public:
    /// `take` owns the descriptor that it gets.
    explicit Listener(std::function<void(int descriptor)> take, QObject *parent = nullptr);

    /// False: server() says why.
    [[nodiscard]] bool start(const QHostAddress &address, quint16 port);
    /// The same on a socket that listens already, which it owns from here on.
    [[nodiscard]] bool startOn(int descriptor);
    [[nodiscard]] const QTcpServer &server() const { return m_server; }

private:
    void watch();
    void acceptAll();
    void pause(int error);

    std::function<void(int)> m_take;
    QTcpServer m_server;
    std::unique_ptr<QSocketNotifier> m_notifier; ///< gone before the server closes its descriptor
    bool m_saidSo = false;                       ///< that it cannot accept, since the last success
};

} // namespace parlor
