// SPDX-License-Identifier: MIT
#pragma once

#include "server/chat/peer.h"
#include "server/chat/session.h"
#include "server/chat/sessioncontext.h"

#include <deque>
#include <vector>

namespace parlor {

/// What all workers' chats share.
struct ChatServices
{
    Engine &engine;
    const ResumeTokens &tokens;
    const ChatLimits &limits;
    std::string hostname;
    WallClock wallClock;
    std::atomic<std::size_t> &v2Sessions;
};

/// The chat of one worker: its sessions, the way from an engine's delivery to a session, the graces that run,
/// and the farewell. Worker's thread.
class Chat final : public Application
{
public:
    /// `port`, `metrics` and `now` (the time of the turn) are the worker's.
    Chat(const ChatServices &services, DeliveryPort &port, WorkerMetrics &metrics,
         std::function<SteadyTime()> now);
    ~Chat() override;

    [[nodiscard]] std::unique_ptr<PeerListener> accept(Peer &peer, const PeerInfo &info) override;
    void onDelivery(Delivery delivery) override;
    Flushed flush(std::size_t sends) override;
    void onFlushed(std::chrono::nanoseconds took, SteadyTime now) override { m_hub.onFlushed(took, now); }
    void onTick() override;
    void drain(std::chrono::milliseconds window) override;

private:
    /// A Session that the chat knows by its key, for as long as its connection owns it.
    template <typename Dialect>
    class Registered;
    struct Dispatch;

    struct Slot
    {
        Session *session = nullptr;
        std::uint32_t generation = 0;
    };
    /// Gone, and may come back until then.
    struct Grace
    {
        SteadyTime until;
        Caller caller;
        std::vector<RoomName> rooms;
    };
    struct Farewell
    {
        SteadyTime at;
        SessionKey session;
    };

    [[nodiscard]] SessionKey enlist(Session &session);
    void retire(Session &session, const Ending &ending);
    [[nodiscard]] Session *find(SessionKey key);
    void enteredTooLate(const delivery::Entered &event);
    void sayFarewells(SteadyTime now);

    Hub m_hub;
    Decoder m_decoder;
    UlidSource m_ids;
    SessionContext m_context;
    std::vector<Slot> m_slots;
    std::vector<std::uint32_t> m_freeSlots;
    std::deque<Grace> m_graces; ///< by time: all last equally long
    std::deque<Farewell> m_farewells;
    bool m_draining = false;
};

} // namespace parlor
