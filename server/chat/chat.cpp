// SPDX-License-Identifier: MIT
#include "server/chat/chat.h"

#include "server/chat/v1session.h"
#include "server/chat/v2session.h"
#include "shared/protocol/encoder.h"
#include "shared/protocol/limits.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <random>
#include <type_traits>
#include <utility>

namespace parlor {

namespace {

/// Few clients need not wait for all of the window, only long enough to finish their sentence.
constexpr std::chrono::milliseconds kFarewellSpacing{20};
constexpr std::chrono::milliseconds kFarewellMinimum{500};
/// Clients that are sent away come back spread over this time.
constexpr std::chrono::milliseconds kMaxReconnectDelay{2'000};

} // namespace

template <typename Dialect>
class Chat::Registered final : public PeerListener
{
public:
    Registered(Chat &chat, const Session::Newcomer &newcomer)
        : m_chat(chat)
        , m_session(chat.m_context, newcomer)
    {
        chat.m_slots[newcomer.key.slot].session = &m_session;
    }
    void onText(std::string_view message) override { m_session.onText(message); }
    void onBinary(std::string_view) override { m_session.onBinary(); }
    void onDrained() override
    {
        if constexpr (requires { m_session.onDrained(); })
            m_session.onDrained();
    }
    void onEnded(const Ending &ending) override { m_chat.retire(m_session, ending); }
    accesslog::Visitor visitor() const override { return m_session.visitor(); }

private:
    Chat &m_chat;
    Dialect m_session;
};

Chat::Chat(const ChatServices &services, DeliveryPort &port, WorkerMetrics &metrics,
           std::function<SteadyTime()> now)
    : m_hub(metrics)
    , m_decoder(services.limits.jsonDepth)
    , m_context{services.engine,
                port,
                m_hub,
                m_decoder,
                m_ids,
                services.tokens,
                services.limits,
                metrics,
                services.hostname,
                std::move(now),
                services.wallClock,
                services.clients}
{
    services.engine.addPort(port);
}

Chat::~Chat() = default;

// ---- connections

PeerNumber Chat::greet(Peer &peer, const PeerInfo &info)
{
    if (m_freeSlots.empty()) {
        m_freeSlots.push_back(static_cast<PeerNumber>(m_slots.size()));
        m_slots.emplace_back();
    }
    const PeerNumber number = m_freeSlots.back();
    m_freeSlots.pop_back();

    const auto now = m_context.wallClock();
    const Ulid id = m_ids.next(now);
    const auto clientId = id.text();
    const bool isV2 = info.subprotocol == "parlor.v2";
    Slot &slot = m_slots[number];
    slot = {&peer, nullptr, slot.generation + 1, m_context.clients.add(id), isV2 ? Dialect::V2 : Dialect::V1};
    frame::Connection greeting{clientId, m_context.hostname};
    std::string chat;
    if (isV2) {
        chat = m_context.engine.chat();
        const ChatLimits &limits = m_context.limits;
        frame::ServerTerms &terms = greeting.terms.emplace();
        terms.ping = limits.ping;
        terms.limits = {limits.frameBytes, limits::kContentCodePoints, limits.roomsPerSession,
                        limits.requests.rate, limits.requests.burst};
        terms.serverTime = now;
        terms.chat = chat;
    }
    send(slot, greeting);
    if (isV2 && !m_isReachable)
        sendClusterState(slot);
    return number;
}

std::unique_ptr<PeerListener> Chat::accept(PeerNumber number)
{
    const Slot &slot = m_slots[number];
    const Session::Newcomer newcomer{*slot.peer, {number, slot.generation}, slot.client};
    if (slot.dialect == Dialect::V2)
        return std::make_unique<Registered<V2Session>>(*this, newcomer);
    return std::make_unique<Registered<V1Session>>(*this, newcomer);
}

void Chat::forget(PeerNumber number)
{
    Slot &slot = m_slots[number];
    m_context.clients.remove(slot.client);
    slot.peer = nullptr;
    slot.session = nullptr;
    m_freeSlots.push_back(number);
}

void Chat::retire(Session &session, const Ending &ending)
{
    const Caller &caller = session.caller();
    forget(caller.session.slot);
    m_context.engine.detach(caller);
    auto rooms = session.roomNames();
    if (session.maySuspend(ending)) {
        m_context.engine.suspend(caller, std::move(rooms), m_context.now() + m_context.limits.grace);
    } else {
        m_context.engine.depart(caller, rooms, ending.byPeer ? Departure::Closed : Departure::Removed);
    }
}

/// The connection, if it is still the one that the key was given for.
Chat::Slot *Chat::slot(SessionKey key)
{
    Slot &slot = m_slots[key.slot];
    return slot.peer && slot.generation == key.generation ? &slot : nullptr;
}

Session *Chat::find(SessionKey key)
{
    const Slot *const found = slot(key);
    return found ? found->session : nullptr;
}

void Chat::send(const Slot &to, const frame::Any &any)
{
    m_json.clear();
    encode(m_json, any);
    if (to.session)
        return to.session->sendJson(m_json);
    m_context.metrics.messagesOut.add();
    to.peer->sendText(m_json);
}

// ---- deliveries

/// Where each kind of delivery goes.
struct Chat::Dispatch
{
    Chat &chat;

    void operator()(const delivery::Published &event) const { chat.m_hub.publish(event); }
    void operator()(const delivery::PresenceChanged &event) const { chat.m_hub.presenceChanged(event); }
    void operator()(const delivery::TypingChanged &event) const { chat.m_hub.typingChanged(event); }
    void operator()(const delivery::Renamed &event) const { chat.m_hub.renamed(event); }
    void operator()(delivery::Entered &event) const
    {
        if (chat.find(event.session))
            to(event, &Session::onEntered);
        else
            chat.enteredTooLate(event);
    }
    void operator()(delivery::CaughtUp &event) const { to(event, &V2Session::onCaughtUp); }
    void operator()(const delivery::PageDelayed &event) const { to(event, &V2Session::onPageDelayed); }
    void operator()(const delivery::Left &event) const { to(event, &Session::onLeft); }
    void operator()(const delivery::PublishDone &event) const { to(event, &Session::onPublished); }
    void operator()(const delivery::Refused &event) const { to(event, &Session::onRefused); }
    void operator()(const delivery::HistoryRead &event) const { to(event, &V2Session::onHistory); }
    void operator()(const delivery::MembersListed &event) const { to(event, &V2Session::onMembers); }
    void operator()(const delivery::RoomsListed &event) const { to(event, &V2Session::onRooms); }
    void operator()(const delivery::Diverged &event) const { chat.diverge(event); }
    void operator()(const delivery::ClusterState &event) const { chat.noteCluster(event.isReachable); }
    void operator()(const delivery::SanctionsChanged &) const {} // no session asks for them yet
    void operator()(const delivery::Kicked &event) const { chat.kick(event); }
    void operator()(const delivery::Moderated &) const {} // no session moderates yet
    void operator()(const delivery::Replaced &event) const
    {
        if (Session *const session = chat.find(event.session))
            session->onReplaced();
    }

    /// A handler of one dialect's hears only what that dialect's requests led to.
    template <typename Event, typename Receiver, typename Parameter>
    void to(Event &event, void (Receiver::*handler)(Parameter)) const
    {
        if (Session *const session = chat.find(event.session)) {
            assert((std::is_same_v<Receiver, Session> || session->dialect() == Dialect::V2));
            (static_cast<Receiver *>(session)->*handler)(event);
            chat.noteAnswer(event.session);
        }
    }
};

/// One frame for all of the room, and whoever was catching up is live before it.
void Chat::diverge(const delivery::Diverged &event)
{
    for (const Slot &each : m_slots) {
        if (each.session && each.dialect == Dialect::V2)
            static_cast<V2Session *>(each.session)->stopCatchingUp(event);
    }
    m_hub.diverged(event);
}

void Chat::noteCluster(bool isReachable)
{
    m_isReachable = isReachable;
    for (const Slot &each : m_slots) {
        if (each.peer && each.dialect == Dialect::V2)
            sendClusterState(each);
    }
}

void Chat::kick(const delivery::Kicked &kicked)
{
    for (const Slot &each : m_slots) {
        if (each.session && each.session->caller().identity->user() == kicked.user)
            each.session->dismiss(CloseCode::Kicked, kicked.reason);
    }
}

void Chat::sendClusterState(const Slot &to)
{
    send(to, frame::ServerState{m_isReachable ? "ok" : "degraded"});
}

/// The session went while it came in. Others were told that it came, and will be told that it left.
void Chat::enteredTooLate(const delivery::Entered &event)
{
    if (event.announced)
        m_hub.presenceChanged({event.room, event.who, *event.announced, {}, event.count});
    m_context.engine.enteredTooLate({&m_context.port, event.session, event.who, event.attachment},
                                    event.room);
}

void Chat::onDelivery(Delivery delivery)
{
    std::visit(Dispatch{*this}, delivery);
}

Application::Flushed Chat::flush(std::size_t sends)
{
    m_context.engine.flush();
    for (const SessionKey key : std::exchange(m_leaving, {})) { // what it said meanwhile has been read
        if (Slot *const client = slot(key); client && !client->session->hasUnanswered())
            sendAway(*client);
    }
    return m_hub.flush(sends, m_context.now());
}

void Chat::onFlushed(std::chrono::nanoseconds took, SteadyTime now)
{
    m_hub.onFlushed(took, now);
    m_hub.observeSent(m_context.wallClock);
}

void Chat::onTick()
{
    m_hub.tick();
    const SteadyTime now = m_context.now();
    m_context.engine.tick(now);
    if (m_draining)
        sayFarewells(now);
}

void Chat::drain(std::chrono::milliseconds window)
{
    m_draining = true;
    m_drainUntil = m_context.now() + window;
    std::vector<SessionKey> keys;
    for (std::uint32_t i = 0; i < m_slots.size(); ++i) {
        if (m_slots[i].peer)
            keys.push_back({i, m_slots[i].generation});
    }
    std::minstd_rand random{std::random_device{}()};
    std::shuffle(keys.begin(), keys.end(), random);
    const auto count = static_cast<std::int64_t>(keys.size());
    const auto spread = std::min(window, std::max(kFarewellMinimum, kFarewellSpacing * count));
    std::uniform_int_distribution<std::int64_t> delay(0, kMaxReconnectDelay.count());
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (const Slot &client = m_slots[keys[i].slot]; client.dialect == Dialect::V2)
            send(client, frame::Reconnect{"shutdown", std::chrono::milliseconds(delay(random))});
        m_farewells.push_back({m_context.now() + spread * static_cast<std::int64_t>(i + 1) / count, keys[i]});
    }
}

void Chat::sendAway(const Slot &client)
{
    const CloseCode code = client.dialect == Dialect::V2 ? CloseCode::Shutdown : CloseCode::GoingAway;
    constexpr std::string_view kReason = "the server is shutting down";
    if (client.session)
        client.session->dismiss(code, kReason);
    else
        client.peer->close(code, kReason);
}

/// Nobody goes without the answers to what it said, while there is time: in v1 it could not know whether its
/// messages were kept.
void Chat::sayFarewells(SteadyTime now)
{
    for (; !m_farewells.empty() && m_farewells.front().at <= now; m_farewells.pop_front()) {
        if (Slot *const client = slot(m_farewells.front().client))
            client->isDue = true;
    }
    for (Slot &each : m_slots) {
        if (!each.peer || !each.isDue)
            continue;
        if (now >= m_drainUntil || !each.session || !each.session->hasUnanswered())
            sendAway(each);
    }
}

/// Whoever is due goes with the first answer that leaves none open, and at the end of the turn: what it was
/// answered for may still come from its room, and what it said behind that is read only now.
void Chat::noteAnswer(SessionKey key)
{
    if (!m_draining)
        return;
    Slot *const client = slot(key);
    if (!client || !client->isDue || client->session->hasUnanswered())
        return;
    m_leaving.push_back(key);
}

} // namespace parlor
