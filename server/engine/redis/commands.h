// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/redis/connection.h"
#include "server/engine/redis/scripts.h"

#include <string>
#include <vector>

namespace parlor::redis {

/// Commands and scripts over one connection, which comes up by itself. A script that Redis does not know is
/// loaded, and what was asked meanwhile is asked again, in order. The connection's thread.
class Commands : public QObject
{
    Q_OBJECT
public:
    explicit Commands(const Connection::Options &options);

    [[nodiscard]] Connection &connection() { return m_connection; }
    [[nodiscard]] bool isUp() const { return m_connection.isUp(); }
    /// `reply` is nil where the connection ended before the answer: whether Redis did it is not known.
    using Then = std::function<void(const Reply &reply)>;
    void send(const std::vector<std::string> &command, Then then);
    void run(const Script &script, std::vector<std::string> keys, std::vector<std::string> arguments,
             Then then);
    /// Nothing waits for an answer.
    [[nodiscard]] bool isIdle() const { return m_underWay == 0 && m_held.empty(); }

private:
    struct Call
    {
        std::vector<std::string> command;
        Then then;
        bool wasUnknown = false; ///< and was loaded; once is enough
    };
    void start(Call call);
    void replay();
    void loadScripts();

    Connection m_connection;
    std::size_t m_underWay = 0;
    std::size_t m_running = 0;   ///< scripts
    bool m_isReplaying = false;  ///< a script was not known: nothing new goes before what has to go again
    std::vector<Call> m_unknown; ///< to go again
    std::vector<Call> m_held;    ///< to go behind them
};

} // namespace parlor::redis
