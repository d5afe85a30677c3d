// SPDX-License-Identifier: MIT
#pragma once

#include <QTcpServer>

class QTcpSocket;

namespace parlor::test {

/// Stands between clients and a server, and can keep what one of them says.
class Proxy : public QTcpServer
{
public:
    enum class Direction { ToServer, ToClient };

    explicit Proxy(std::uint16_t target);

    /// From now on nothing goes there.
    void hold(Direction direction) { m_held = direction; }
    [[nodiscard]] bool hasHeldBytes() const { return m_heldBytes > 0; }
    /// Ends all connections; new ones go to this port, and all passes.
    void restart(std::uint16_t target);

private:
    void join(QTcpSocket *client);
    void pass(QTcpSocket *from, QTcpSocket *to, Direction direction);

    std::uint16_t m_target;
    std::optional<Direction> m_held;
    qsizetype m_heldBytes = 0;
};

} // namespace parlor::test
