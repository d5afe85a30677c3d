// SPDX-License-Identifier: MIT
#include "server/engine/redis/retention.h"

#include "shared/protocol/values.h"

#include <utility>

namespace parlor::redis {

namespace {

/// Messages are dropped in steps of so many.
constexpr std::uint64_t kStep = 64;
constexpr std::chrono::seconds kSweep{60};
constexpr std::size_t kRoomsAtOnce = 50;

} // namespace

Retention::Retention(Commands &commands, const Keys &keys, const Limits &limits, WallClock clock,
                     std::function<void(std::optional<std::uint64_t> messages)> dropped)
    : m_commands(commands)
    , m_keys(keys)
    , m_limits(limits)
    , m_clock(std::move(clock))
    , m_dropped(std::move(dropped))
{
    connect(&m_sweep, &QTimer::timeout, this, &Retention::sweep);
}

void Retention::start()
{
    if (m_limits.age.count() != 0)
        m_sweep.start(kSweep);
}

void Retention::onKept(const std::string &room, std::uint64_t seq)
{
    if (m_limits.messages != 0 && seq % kStep == 0 && seq > m_limits.messages)
        trim(room, seq - m_limits.messages, {});
}

/// One server at a time drops what is too old, of all rooms: of those that nobody has in memory, too.
void Retention::sweep()
{
    const auto held = std::chrono::duration_cast<std::chrono::milliseconds>(kSweep - std::chrono::seconds(5));
    m_commands.send({"SET", m_keys.sweep(), "1", "NX", "PX", std::to_string(held.count())},
                    [this](const Reply &reply) {
                        if (reply.text() == "OK")
                            sweepFrom({});
                    });
}

void Retention::sweepFrom(const std::string &after)
{
    m_commands.send({"ZRANGEBYLEX", m_keys.rooms(), after.empty() ? "-" : '(' + after, "+", "LIMIT", "0",
                     std::to_string(kRoomsAtOnce)},
                    [this](const Reply &reply) {
                        const auto before = m_clock() - m_limits.age;
                        for (std::size_t i = 0; i < reply.size(); ++i) {
                            if (const auto room = values::roomName(reply[i].text()))
                                trim(*room, 0, before);
                        }
                        if (reply.size() == kRoomsAtOnce)
                            sweepFrom(std::string(reply[reply.size() - 1].text()));
                    });
}

void Retention::trim(const std::string &room, std::uint64_t upTo, std::chrono::milliseconds before)
{
    m_commands.run(scripts::trim, {m_keys.stream(room), m_keys.top(room), m_keys.tombstones(room)},
                   {std::to_string(upTo), std::to_string(before.count()), m_keys.channel(room)},
                   [this](const Reply &reply) {
                       if (reply.integer())
                           m_dropped(static_cast<std::uint64_t>(*reply.integer()));
                       else if (reply.isError())
                           m_dropped(std::nullopt);
                   });
}

} // namespace parlor::redis
