// SPDX-License-Identifier: MIT
#pragma once

#include "tests/support/rawwebsocket.h"

#include <QJsonObject>
#include <QStringList>

#include <atomic>
#include <memory>
#include <thread>

namespace parlor::test {

/// A v2 client that listens to one room for as long as it lives, on a thread of its own. It comes back after
/// each end of its connection, as the protocol has it: with its session and its position.
class Traveller
{
public:
    Traveller(std::uint16_t port, QString room);
    ~Traveller();
    Traveller(const Traveller &) = delete;
    Traveller &operator=(const Traveller &) = delete;

    // After stop().
    void stop();
    /// What no client may meet: a hole, a repetition, a position that does not resume, a session that is
    /// lost.
    [[nodiscard]] const QStringList &problems() const { return m_problems; }
    [[nodiscard]] qint64 messages() const { return m_messages; }
    [[nodiscard]] int moves() const { return m_moves; }
    /// The longest time from the server's stamp on a message until it came here.
    [[nodiscard]] qint64 longestWaitMs() const { return m_longestWaitMs; }

private:
    void run();
    /// To the end of one connection.
    void visit();
    bool ask(QJsonObject frame);
    void on(const QJsonObject &frame);
    void onSync(const QJsonObject &frame);
    void onMessage(const QJsonObject &frame);

    const std::uint16_t m_port;
    const QString m_room;
    std::unique_ptr<RawWebSocket> m_socket;
    QString m_token;
    QJsonObject m_position; ///< empty: it has none
    bool m_isInside = false;
    qint64 m_delayMs = 0; ///< that the server advised
    QStringList m_problems;
    qint64 m_messages = 0;
    int m_moves = 0;
    qint64 m_longestWaitMs = 0;
    std::atomic<bool> m_isOver = false;
    std::thread m_thread;
};

} // namespace parlor::test
