// SPDX-License-Identifier: MIT
#pragma once

#include <QTcpServer>

#include <functional>

namespace parlor {

/// Accepts on one address and hands each bare descriptor on. When the system refuses to accept (no
/// descriptors are left, above all) it waits for a moment and tries again, for as long as it takes. Main
/// thread.
class Listener final : public QTcpServer
{
    Q_OBJECT
public:
    /// `take` owns the descriptor that it gets.
    explicit Listener(std::function<void(int descriptor)> take, QObject *parent = nullptr);

    /// False: errorString() says why.
    [[nodiscard]] bool start(const QHostAddress &address, quint16 port);

protected:
    void incomingConnection(qintptr descriptor) override;

private:
    void onAcceptError();

    std::function<void(int)> m_take;
    bool m_pausedBefore = false; ///< said so in the log since the last success
};

} // namespace parlor
