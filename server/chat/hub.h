// SPDX-License-Identifier: MIT
#pragma once

#include "server/chat/fanout.h"
#include "server/chat/presencedelta.h"
#include "server/engine/engine.h"
#include "server/ops/metrics.h"
#include "server/peer/application.h"

#include <array>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace parlor {

/// A room as this worker knows it: its members here, and what is on its way to them.
struct HubRoom
{
    HubRoom(RoomName roomName, Counter &queueBytes)
        : name(std::move(roomName))
        , fanout(queueBytes)
    {
    }
    const RoomName name;
    Fanout fanout;
    PresenceDelta presence;
    std::size_t presenceFrames = 0;                 ///< single ones, for v1 clients, since the last tick
    bool listed = false;                            ///< among those to flush
    std::vector<std::chrono::milliseconds> taken{}; ///< times of the messages that are on their way
    /// Pacing of large fan-outs: see Hub::onFlushed().
    std::array<std::size_t, kDialects> waiting{}; ///< frames for the next flush
    std::size_t joined = 0;                       ///< frames that one member gets in the present one
    std::chrono::nanoseconds spent{};             ///< on it
    SteadyTime heldUntil{};
};

/// This worker's rooms: turns what the engine delivers into frames, once for each dialect, for the members
/// that are here. One thread, no lock.
class Hub
{
public:
    explicit Hub(WorkerMetrics &metrics)
        : m_metrics(metrics)
    {
    }

    /// The room, made if this worker does not have it. Stays while it has members.
    [[nodiscard]] HubRoom &room(const RoomName &name);
    /// The member gets what was said so far; then it is out. The room may be gone afterwards.
    void remove(HubRoom &room, std::uint32_t index);

    void publish(const delivery::Published &message);
    void diverged(const delivery::Diverged &event);
    /// Whether v1 members are told. In a crowd few changes are, and a repeated join is the joiner's alone.
    bool presenceChanged(const delivery::PresenceChanged &change);
    /// A whole roster of the room goes to somebody: see PresenceDelta.
    void noteSnapshot(const RoomName &name);
    void typingChanged(const delivery::TypingChanged &change);
    void renamed(const delivery::Renamed &change);

    /// See Application. After a large fan-out in which messages had joined, the room's next flush is held
    /// back for half of its time, so that more do: what costs is flushing often, not sending more at once.
    /// Where messages come one by one, none waits.
    Application::Flushed flush(std::size_t sends, SteadyTime now);
    void onFlushed(std::chrono::nanoseconds took, SteadyTime now);
    /// After onFlushed(): how old the messages were that went to all their members.
    void observeSent(const WallClock &clock);
    /// Sends what presence gathered since the last tick.
    void tick();

private:
    [[nodiscard]] HubRoom *find(const RoomName &name);
    void append(HubRoom &room, Dialect dialect, std::string_view payload);
    void list(HubRoom &room);

    WorkerMetrics &m_metrics;
    std::unordered_map<std::string_view, std::unique_ptr<HubRoom>> m_rooms; ///< keys are the rooms' names
    std::vector<HubRoom *> m_toFlush;
    struct Part
    {
        HubRoom *room;
        std::size_t sends;
        bool last; ///< the flush of the room is finished
    };
    std::vector<Part> m_flushed; ///< large fan-outs, in the flush that onFlushed() will tell of
    std::size_t m_sends = 0;     ///< of all rooms, in that flush
    std::vector<std::chrono::milliseconds> m_sent; ///< times of messages, in that flush
    std::vector<RoomName> m_withPresence;
    std::string m_json; ///< kept for its memory
};

} // namespace parlor
