// SPDX-License-Identifier: MIT
#include "server/chat/chat.h"

#include "server/chat/v1session.h"
#include "server/chat/v2session.h"

#include <algorithm>
#include <array>
#include <random>

namespace parlor {

namespace {

/// Few clients need not wait for all of the window, only long enough to finish their sentence.
constexpr std::chrono::milliseconds kFarewellSpacing{20};
constexpr std::chrono::milliseconds kFarewellMinimum{500};

} // namespace

template <typename Dialect>
class Chat::Registered final : public PeerListener
{
public:
    Registered(Chat &chat, Peer &peer)
        : m_chat(chat)
        , m_session(chat.m_context, peer)
    {
        m_session.start(chat.enlist(m_session));
    }
    void onText(std::string_view message) override { m_session.onText(message); }
    void onBinary(std::string_view message) override { m_session.onBinary(message); }
    void onDrained() override { m_session.onDrained(); }
    void onEnded(const Ending &ending) override { m_chat.retire(m_session, ending); }

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
                services.v2Sessions}
{
}

Chat::~Chat() = default;

std::unique_ptr<PeerListener> Chat::accept(Peer &peer, const PeerInfo &info)
{
    if (info.subprotocol == "parlor.v2")
        return std::make_unique<Registered<V2Session>>(*this, peer);
    return std::make_unique<Registered<V1Session>>(*this, peer);
}

SessionKey Chat::enlist(Session &session)
{
    if (m_freeSlots.empty()) {
        m_freeSlots.push_back(static_cast<std::uint32_t>(m_slots.size()));
        m_slots.emplace_back();
    }
    const std::uint32_t slot = m_freeSlots.back();
    m_freeSlots.pop_back();
    m_slots[slot].session = &session;
    return {slot, ++m_slots[slot].generation};
}

void Chat::retire(Session &session, const Ending &ending)
{
    const Caller &caller = session.caller();
    m_slots[caller.session.slot].session = nullptr;
    m_freeSlots.push_back(caller.session.slot);
    m_context.engine.detach(caller);
    auto rooms = session.roomNames();
    if (session.maySuspend(ending)) {
        m_context.engine.suspend(caller, rooms);
        m_graces.push_back({m_context.now() + m_context.limits.grace, caller, std::move(rooms)});
    } else {
        m_context.engine.expire(caller, rooms, ending.byPeer ? departure::kClosed : departure::kRemoved);
    }
}

Session *Chat::find(SessionKey key)
{
    const Slot &slot = m_slots[key.slot];
    return slot.generation == key.generation ? slot.session : nullptr;
}

/// Where each kind of delivery goes.
struct Chat::Dispatch
{
    Chat &chat;

    void operator()(const delivery::Published &event) const { chat.m_hub.publish(event.room, event.frame); }
    void operator()(const delivery::PresenceChanged &event) const { chat.m_hub.presenceChanged(event); }
    void operator()(const delivery::TypingChanged &event) const { chat.m_hub.typingChanged(event); }
    void operator()(const delivery::Renamed &event) const { chat.m_hub.renamed(event); }
    void operator()(delivery::Entered &event) const
    {
        if (Session *const session = chat.find(event.session))
            session->onEntered(event);
        else
            chat.enteredTooLate(event);
    }
    void operator()(delivery::CaughtUp &event) const { to(event, &Session::onCaughtUp); }
    void operator()(const delivery::Left &event) const { to(event, &Session::onLeft); }
    void operator()(const delivery::PublishDone &event) const { to(event, &Session::onPublished); }
    void operator()(const delivery::Refused &event) const { to(event, &Session::onRefused); }
    void operator()(const delivery::HistoryRead &event) const { to(event, &Session::onHistory); }
    void operator()(const delivery::MembersListed &event) const { to(event, &Session::onMembers); }
    void operator()(const delivery::RoomsListed &event) const { to(event, &Session::onRooms); }
    void operator()(const delivery::Replaced &event) const
    {
        if (Session *const session = chat.find(event.session))
            session->onReplaced();
    }

    template <typename Event, typename Parameter>
    void to(Event &event, void (Session::*handler)(Parameter)) const
    {
        if (Session *const session = chat.find(event.session))
            (session->*handler)(event);
    }
};

/// The session went while it came in. Others were told that it came, and will be told that it left.
void Chat::enteredTooLate(const delivery::Entered &event)
{
    if (event.announced)
        m_hub.presenceChanged({event.room, event.who, *event.announced, {}, event.count});
    const std::array rooms{event.room};
    const auto grace =
        std::ranges::find(m_graces, event.session, [](const Grace &each) { return each.caller.session; });
    if (grace != m_graces.end())
        m_context.engine.suspend(grace->caller, rooms);
    else
        m_context.engine.expire({&m_context.port, event.session, event.who, event.attachment}, rooms,
                                departure::kClosed);
}

void Chat::onDelivery(Delivery delivery)
{
    std::visit(Dispatch{*this}, delivery);
}

Application::Flushed Chat::flush(std::size_t sends)
{
    m_context.engine.flush();
    return m_hub.flush(sends, m_context.now());
}

void Chat::onTick()
{
    m_hub.tick();
    const SteadyTime now = m_context.now();
    while (!m_graces.empty() && m_graces.front().until <= now) {
        m_context.engine.expire(m_graces.front().caller, m_graces.front().rooms, departure::kLost);
        m_graces.pop_front();
    }
    if (m_draining)
        sayFarewells(now);
}

void Chat::drain(std::chrono::milliseconds window)
{
    m_draining = true;
    std::vector<SessionKey> keys;
    for (std::uint32_t i = 0; i < m_slots.size(); ++i) {
        if (m_slots[i].session && m_slots[i].session->dialect() == Dialect::V2)
            keys.push_back({i, m_slots[i].generation});
    }
    std::shuffle(keys.begin(), keys.end(), std::minstd_rand{std::random_device{}()});
    const auto count = static_cast<std::int64_t>(keys.size());
    const auto spread = std::min(window, std::max(kFarewellMinimum, kFarewellSpacing * count));
    for (std::size_t i = 0; i < keys.size(); ++i) {
        m_slots[keys[i].slot].session->announceEnd();
        m_farewells.push_back({m_context.now() + spread * static_cast<std::int64_t>(i + 1) / count, keys[i]});
    }
}

/// First those that can be told when to come back, then the others.
void Chat::sayFarewells(SteadyTime now)
{
    while (!m_farewells.empty() && m_farewells.front().at <= now) {
        if (Session *const session = find(m_farewells.front().session))
            session->sendAway();
        m_farewells.pop_front();
    }
    if (!m_farewells.empty() || m_context.v2Sessions.load(std::memory_order_relaxed) != 0)
        return;
    for (const Slot &slot : m_slots) {
        if (slot.session)
            slot.session->sendAway();
    }
}

} // namespace parlor
