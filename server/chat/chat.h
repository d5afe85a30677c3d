// SPDX-License-Identifier: MIT
#pragma once

#include "server/chat/session.h"
#include "server/chat/sessioncontext.h"
#include "server/peer/application.h"

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
    ClientRegistry &clients;
};

/// The chat of one worker: its sessions, the way from an engine's delivery to a session, and the farewell.
/// Worker's thread.
class Chat final : public Application
{
public:
    /// `port`, `metrics` and `now` (the time of the turn) are the worker's.
    Chat(const ChatServices &services, DeliveryPort &port, WorkerMetrics &metrics,
         std::function<SteadyTime()> now);
    ~Chat() override;

    [[nodiscard]] PeerNumber greet(Peer &peer, const PeerInfo &info) override;
    [[nodiscard]] std::unique_ptr<PeerListener> accept(PeerNumber number) override;
    void forget(PeerNumber number) override;
    void onDelivery(Delivery delivery) override;
    Flushed flush(std::size_t sends) override;
    void onFlushed(std::chrono::nanoseconds took, SteadyTime now) override;
    void onTick() override;
    void drain(std::chrono::milliseconds window) override;

private:
    /// A Session that the chat knows by its key, for as long as its connection owns it.
    template <typename Dialect>
    class Registered;
    struct Dispatch;

    /// A connection; its number is its place among the slots.
    struct Slot
    {
        Peer *peer = nullptr;       ///< null: the slot is free
        Session *session = nullptr; ///< null: it has said nothing yet
        std::uint32_t generation = 0;
        ClientRegistry::Place client = 0;
        Dialect dialect = Dialect::V1;
        bool isDue = false; ///< the server stops, and the client's time to go has come
    };
    struct Farewell
    {
        SteadyTime at;
        SessionKey client;
    };

    void retire(Session &session, const Ending &ending);
    [[nodiscard]] Slot *slot(SessionKey key);
    [[nodiscard]] Session *find(SessionKey key);
    void send(const Slot &to, const frame::Any &any);
    void sendAway(const Slot &client);
    void diverge(const delivery::Diverged &event);
    void noteCluster(bool isReachable);
    void kick(const delivery::Kicked &kicked);
    void sendClusterState(const Slot &to);
    void enteredTooLate(const delivery::Entered &event);
    void noteAnswer(SessionKey key);
    void sayFarewells(SteadyTime now);

    Hub m_hub;
    Decoder m_decoder;
    UlidSource m_ids;
    SessionContext m_context;
    std::deque<Slot> m_slots;
    std::vector<PeerNumber> m_freeSlots;
    std::string m_json; ///< kept for its memory
    std::deque<Farewell> m_farewells;
    std::vector<SessionKey> m_leaving; ///< at the end of this turn
    SteadyTime m_drainUntil{};
    bool m_draining = false;
    bool m_isReachable = true; ///< the servers of the chat reach each other
};

} // namespace parlor
