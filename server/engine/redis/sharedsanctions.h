// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/messagestore.h"
#include "server/engine/redis/commands.h"
#include "server/engine/redis/keys.h"
#include "server/engine/redis/troublelog.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace parlor::redis {

/// The bans, mutes and slow rooms of a chat: a hash that every server has read. A version in it counts its
/// changes; each is told to all servers, and the version is compared now and then, so that one that was not
/// heard is noticed. The store's thread.
class SharedSanctions
{
public:
    struct Told
    {
        std::function<void()> read; ///< for the first time
        std::function<void(const std::string &error)> failed;
    };
    SharedSanctions(Commands &commands, const Keys &keys, TroubleLog &log, WallClock clock, Told told)
        : m_commands(commands)
        , m_keys(keys)
        , m_log(log)
        , m_clock(std::move(clock))
        , m_told(std::move(told))
    {
    }
    void start(MessageStore::Listener &listener);

    void moderate(const Act &act, std::function<void(Result<void> done)> then);
    /// What was published for all servers; false: it is about something else.
    bool onControl(std::string_view text);
    /// A change may have passed by.
    void prove();
    /// Null until it was read.
    [[nodiscard]] const SanctionsPtr &present() const { return m_present; }

private:
    void kick(const Act &act, const std::function<void(Result<void> done)> &then);
    void read(std::function<void()> then = {});
    void take(const Reply &reply);
    void restore();

    Commands &m_commands;
    const Keys &m_keys;
    TroubleLog &m_log;
    const WallClock m_clock;
    const Told m_told;
    MessageStore::Listener *m_listener = nullptr; ///< from start() on
    SanctionsPtr m_present;
    std::string m_version; ///< of what is present
    bool m_isReading = false;
    bool m_isStale = false; ///< it was told of another change while it was reading
    std::vector<std::function<void()>> m_whenRead;
};

} // namespace parlor::redis
