// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/redis/store.h"
#include "server/ops/options.h"
#include "shared/protocol/result.h"

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

#include <functional>
#include <memory>
#include <string>
#include <thread>

namespace parlor {

/// Tries again to open the store in Redis until Redis is there. Each attempt is on a thread of its own: who
/// asks for /ready is answered meanwhile. Main thread.
class RedisOpening final : public QObject
{
    Q_OBJECT
public:
    using Store = std::unique_ptr<redis::Store>;
    using Opened = Result<Store>;
    /// Called on another thread, one call at a time. An error with a retryAfter passes.
    using Attempt = std::function<Opened()>;
    /// Called once: with the store, or with an error that does not pass.
    using Then = std::function<void(Opened opened)>;

    /// One attempt, as the options say. Any thread.
    [[nodiscard]] static Opened open(const Options &options, const WallClock &clock);

    RedisOpening(Attempt attempt, Then then);
    /// Waits for the attempt that is under way; what comes of it is told to nobody.
    ~RedisOpening() override;

    /// `why`: Redis is not there yet, as the attempt before found.
    void tryAgain(const Error &why);

private:
    void begin();
    void onOpened(Opened opened);

    const Attempt m_attempt;
    const Then m_then;
    std::thread m_thread;
    QTimer m_next;
    QElapsedTimer m_said;
    std::string m_why; ///< as the log has it
};

} // namespace parlor
