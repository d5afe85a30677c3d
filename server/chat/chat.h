// SPDX-License-Identifier: MIT
#pragma once

#include "server/chat/session.h"
#include "server/chat/sessioncontext.h"
#include "server/peer/application.h"

#include <deque>
#include <optional>
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
    Authenticator *authenticator = nullptr; ///< null: nobody has to say who they are
    UserQuotas *users = nullptr;            ///< null: nobody counts what users do
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

    [[nodiscard]] std::variant<Credential, NotAdmitted> admit(std::string token,
                                                              std::string_view subprotocol) override;
    [[nodiscard]] PeerNumber greet(Peer &peer, const PeerInfo &info) override;
    [[nodiscard]] std::unique_ptr<PeerListener> accept(PeerNumber number) override;
    void forget(PeerNumber number) override;
    void onDelivery(Delivery delivery) override;
    Flushed flush(std::size_t sends) override;
    void onFlushed(std::chrono::nanoseconds took, SteadyTime now) override;
    void onKeysRefreshed() override;
    void onLimits(const ChatLimits &limits) override;
    void onTick() override;
    void drain(std::chrono::milliseconds window) override;
    void rebalance(double fraction, std::chrono::milliseconds window) override;

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
        bool isDue = false; ///< the client's time to go has come
        // Of its upgrade, until it says something:
        std::unique_ptr<Credential> credential{}; ///< what it showed
        std::unique_ptr<UserQuotas::Place> user{};
        IpAddress address{};
        SharedBucket *addressRequests = nullptr;
    };
    /// Why clients are sent away.
    enum class Parting : std::uint8_t { Shutdown, Rebalance };
    struct Farewell
    {
        SteadyTime at;
        SessionKey client;
    };

    void checkAgain(Slot &slot);
    void onDue(SessionKey key);
    void retire(Session &session, const Ending &ending);
    [[nodiscard]] Slot *slot(SessionKey key);
    [[nodiscard]] Session *find(SessionKey key);
    void send(const Slot &to, const frame::Any &any);
    void sendAway(const Slot &client);
    // chatmoderation.cpp
    [[nodiscard]] static const std::string *userOf(const Slot &slot);
    [[nodiscard]] static Role roleOf(const Slot &slot);
    static void putOut(const Slot &slot, CloseCode code, std::string_view reason);
    void kick(const delivery::Kicked &kicked);
    void noteSanctions(const SanctionsPtr &sanctions);
    static void enforce(const std::vector<const Sanction *> &bans, const Slot &slot,
                        std::chrono::milliseconds now);
    void tellMuted(const std::vector<const Sanction *> &mutes, bool isMuted);
    [[nodiscard]] const Sanction *banOf(const Slot &slot, std::chrono::milliseconds now) const;
    [[nodiscard]] bool mayStay(Slot &slot);

    void diverge(const delivery::Diverged &event);
    void noteCluster(bool isReachable);
    void sendClusterState(const Slot &to);
    void enteredTooLate(const delivery::Entered &event);
    void noteAnswer(SessionKey key);
    void sayFarewells(SteadyTime now);
    void part(Parting why, std::vector<SessionKey> clients, std::chrono::milliseconds spread,
              std::chrono::milliseconds window);

    ChatLimits m_limits; ///< sessions refer to it
    Hub m_hub;
    Decoder m_decoder;
    UlidSource m_ids;
    Appointments m_appointments;
    std::vector<SessionKey> m_delayed; ///< sessions whose next page waits for a budget
    SessionContext m_context;
    std::deque<Slot> m_slots;
    std::vector<PeerNumber> m_freeSlots;
    std::string m_json; ///< kept for its memory
    std::deque<Farewell> m_farewells;
    std::vector<SessionKey> m_leaving; ///< at the end of this turn
    std::optional<Parting> m_parting;  ///< while clients are sent away
    SteadyTime m_partUntil{};
    bool m_isReachable = true; ///< the servers of the chat reach each other
};

} // namespace parlor
