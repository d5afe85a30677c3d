// SPDX-License-Identifier: MIT
#pragma once

#include <QSocketNotifier>

#include <functional>
#include <memory>

namespace parlor {

/// What is left of a connection after its TLS has ended: a descriptor of its own for the same socket, kept
/// until the peer has ended too. QSslSocket cannot end one direction: it closes, and a close with bytes
/// unread resets the connection, so that the peer may lose what it was sent. Its worker's thread.
class Linger
{
public:
    /// Duplicates the descriptor, so that the original's close() ends nothing.
    explicit Linger(int descriptor);
    ~Linger();
    Linger(const Linger &) = delete;
    Linger &operator=(const Linger &) = delete;

    /// Ends our direction (FIN) and throws away what the peer sends, until `ended` is called, once: the peer
    /// has ended, or the system has no descriptor left for this.
    void start(std::function<void()> ended);
    [[nodiscard]] int descriptor() const { return m_descriptor; }
    [[nodiscard]] bool hasStarted() const { return m_ended != nullptr; }
    [[nodiscard]] bool isOver() const { return m_isOver; }

private:
    void drain();
    void end();

    int m_descriptor;
    bool m_isOver = false;
    std::function<void()> m_ended;
    std::unique_ptr<QSocketNotifier> m_notifier; ///< from start() to the end
};

} // namespace parlor
