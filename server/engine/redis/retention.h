// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/messagestore.h"
#include "server/engine/redis/commands.h"
#include "server/engine/redis/keys.h"

#include <QTimer>

namespace parlor::redis {

/// Drops messages that are too many or too old. The store's thread.
class Retention : public QObject
{
    Q_OBJECT
public:
    struct Limits
    {
        std::uint64_t messages = 0;       ///< of a room; 0: none
        std::chrono::milliseconds age{0}; ///< 0: none
    };

    /// `dropped`: is told how many were; nullopt: it failed.
    Retention(Commands &commands, const Keys &keys, const Limits &limits, WallClock clock,
              std::function<void(std::optional<std::uint64_t> messages)> dropped);
    void start();
    void stop() { m_sweep.stop(); }
    /// The room has got the message with this number.
    void onKept(const std::string &room, std::uint64_t seq);

private:
    void sweep();
    void sweepFrom(const std::string &after);
    void trim(const std::string &room, std::uint64_t upTo, std::chrono::milliseconds before);

    Commands &m_commands;
    const Keys &m_keys;
    const Limits m_limits;
    const WallClock m_clock;
    const std::function<void(std::optional<std::uint64_t> messages)> m_dropped;
    QTimer m_sweep;
};

} // namespace parlor::redis
