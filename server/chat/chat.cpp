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
/// Whoever has to show a token has so long.
constexpr std::chrono::seconds kAuthDeadline{10};
constexpr std::string_view kV2 = "parlor.v2";

IpAddress addressOf(const QHostAddress &address)
{
    IpAddress bytes{};
    std::ranges::copy(address.toIPv6Address().c, bytes.begin()); // of IPv4 a mapped one
    return bytes;
}

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
    : m_limits(services.limits)
    , m_hub(metrics)
    , m_decoder(services.limits.jsonDepth)
    , m_context{services.engine,
                port,
                m_hub,
                m_decoder,
                m_ids,
                services.tokens,
                m_limits,
                metrics,
                services.hostname,
                std::move(now),
                services.wallClock,
                services.clients,
                services.authenticator,
                m_appointments,
                services.users,
                m_delayed}
{
    services.engine.addPort(port);
}

Chat::~Chat() = default;

// ---- connections

std::variant<Credential, NotAdmitted> Chat::admit(std::string token, std::string_view subprotocol)
{
    Credential credential{std::move(token)};
    if (!m_context.authenticator)
        return credential;
    if (credential.token.empty()) {
        if (subprotocol == kV2 && m_context.authenticator->mayComeLater())
            return credential;
        return NotAdmitted{m_context.authenticator->missing()};
    }
    auto verdict = m_context.authenticator->check(credential.token, m_context.wallClock());
    if (auto *refused = std::get_if<Authenticator::Refused>(&verdict)) {
        m_context.metrics.countAuth(AuthResult::Refused);
        return NotAdmitted{std::move(refused->why), refused->retryAfter};
    }
    if (auto *grant = std::get_if<Grant>(&verdict))
        credential.grant = std::make_shared<const Grant>(std::move(*grant));
    return credential;
}

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
    const bool isV2 = info.subprotocol == kV2;
    const auto &grant = info.credential.grant;
    Slot &slot = m_slots[number];
    slot = {&peer, nullptr, slot.generation + 1, m_context.clients.add(id), isV2 ? Dialect::V2 : Dialect::V1};
    slot.address = addressOf(info.address);
    slot.addressRequests = info.addressRequests;
    if (m_context.authenticator) {
        if (!info.credential.token.empty())
            slot.credential = std::make_unique<Credential>(grant ? Credential{{}, grant} : info.credential);
        if (grant)
            m_context.metrics.countAuth(AuthResult::Accepted);
        if (!grant || grant->expires) {
            m_appointments.add(m_context.now(), grant ? timeLeft(*grant, now) : kAuthDeadline,
                               {number, slot.generation});
        }
    }
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
        terms.needsToken = m_context.authenticator && info.credential.token.empty();
    }
    send(slot, greeting);
    if (isV2 && !m_isReachable)
        sendClusterState(slot);
    if (slot.credential && !grant)
        peer.holdInput(); // until the key of its token is there
    (void)mayStay(slot);
    return number;
}

/// A newcomer, as far as it is known who it is. False: it has been closed.
bool Chat::mayStay(Slot &slot)
{
    if (const Sanction *const ban = banOf(slot, m_context.wallClock())) {
        slot.peer->close(CloseCode::Banned, wording(*ban));
        return false;
    }
    const Grant *const grant = slot.credential ? slot.credential->grant.get() : nullptr;
    if (!grant || !m_context.users)
        return true;
    auto place = m_context.users->enter(grant->user, m_limits.connectionsPerUser, m_context.now());
    if (place)
        slot.user = std::make_unique<UserQuotas::Place>(*std::move(place));
    else
        slot.peer->close(CloseCode::Overload, Session::kTooManyOfUser);
    return place.has_value();
}

void Chat::onLimits(const ChatLimits &limits)
{
    m_limits = limits;
    for (const Slot &each : m_slots) {
        if (each.session)
            each.session->onRightsChanged();
    }
}

void Chat::onKeysRefreshed()
{
    for (Slot &each : m_slots) {
        if (each.session)
            each.session->onKeysRefreshed();
        else if (each.peer && each.credential && !each.credential->grant)
            checkAgain(each);
    }
}

/// A token that came with the upgrade, whose key was not there.
void Chat::checkAgain(Slot &slot)
{
    auto verdict = m_context.authenticator->check(slot.credential->token, m_context.wallClock());
    if (std::holds_alternative<Authenticator::KeyAwaited>(verdict))
        return;
    if (const auto *refused = std::get_if<Authenticator::Refused>(&verdict)) {
        m_context.metrics.countAuth(AuthResult::Refused);
        return slot.peer->close(refused->retryAfter ? CloseCode::InternalError : CloseCode::AuthInvalid,
                                refused->why);
    }
    const auto &grant = std::get<Grant>(verdict);
    slot.credential->grant = std::make_shared<const Grant>(grant);
    m_context.metrics.countAuth(AuthResult::Accepted);
    if (mayStay(slot))
        slot.peer->releaseInput();
}

/// A connection that has said nothing yet is as bound to its time as a session.
void Chat::onDue(SessionKey key)
{
    Slot *const client = slot(key);
    if (!client)
        return;
    if (client->session)
        return client->session->onDue();
    const Grant *const grant = client->credential ? client->credential->grant.get() : nullptr;
    if (!grant) {
        m_context.metrics.countAuth(AuthResult::Late);
        return client->peer->close(CloseCode::AuthDeadline, Session::kTooLate);
    }
    if (!grant->expires)
        return;
    if (const auto left = timeLeft(*grant, m_context.wallClock()); left.count() > 0)
        return m_appointments.add(m_context.now(), left, key);
    m_context.metrics.countAuth(AuthResult::Expired);
    client->peer->close(CloseCode::AuthInvalid, Session::kExpired);
}

std::unique_ptr<PeerListener> Chat::accept(PeerNumber number)
{
    Slot &slot = m_slots[number];
    const auto credential = std::exchange(slot.credential, nullptr);
    const auto user = std::exchange(slot.user, nullptr);
    const Session::Newcomer newcomer{*slot.peer,
                                     {number, slot.generation},
                                     slot.client,
                                     slot.address,
                                     credential ? credential->grant : nullptr,
                                     slot.addressRequests,
                                     user.get()};
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
    slot.credential = nullptr;
    slot.user = nullptr;
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
    void operator()(const delivery::EraseDone &event) const { to(event, &V2Session::onErased); }
    void operator()(const delivery::Refused &event) const { to(event, &Session::onRefused); }
    void operator()(const delivery::HistoryRead &event) const { to(event, &V2Session::onHistory); }
    void operator()(const delivery::MembersListed &event) const { to(event, &V2Session::onMembers); }
    void operator()(const delivery::RoomsListed &event) const { to(event, &V2Session::onRooms); }
    void operator()(const delivery::Diverged &event) const { chat.diverge(event); }
    void operator()(const delivery::ClusterState &event) const { chat.noteCluster(event.isReachable); }
    void operator()(const delivery::SanctionsChanged &event) const { chat.noteSanctions(event.sanctions); }
    void operator()(const delivery::Kicked &event) const { chat.kick(event); }
    void operator()(const delivery::Moderated &event) const { to(event, &V2Session::onModerated); }
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
    for (const SessionKey &each : m_appointments.takeDue(now))
        onDue(each);
    for (const SessionKey key : std::exchange(m_delayed, {})) {
        if (Session *const session = find(key))
            static_cast<V2Session *>(session)->onBudget();
    }
    if (m_parting)
        sayFarewells(now);
}

void Chat::drain(std::chrono::milliseconds window)
{
    std::vector<SessionKey> all;
    for (std::uint32_t i = 0; i < m_slots.size(); ++i) {
        if (m_slots[i].peer)
            all.push_back({i, m_slots[i].generation});
    }
    const auto count = static_cast<std::int64_t>(all.size());
    const auto spread = std::min(window, std::max(kFarewellMinimum, kFarewellSpacing * count));
    part(Parting::Shutdown, std::move(all), spread, window);
}

/// v1 clients are left alone: they could not tell it from a loss.
void Chat::rebalance(double fraction, std::chrono::milliseconds window)
{
    if (m_parting == Parting::Shutdown)
        return;
    std::vector<SessionKey> movable;
    for (std::uint32_t i = 0; i < m_slots.size(); ++i) {
        if (m_slots[i].peer && m_slots[i].dialect == Dialect::V2)
            movable.push_back({i, m_slots[i].generation});
    }
    std::minstd_rand random{std::random_device{}()};
    std::shuffle(movable.begin(), movable.end(), random);
    // Rounded at random: many workers with few clients each move the right part of all of them.
    const double part = fraction * static_cast<double>(movable.size());
    movable.resize(static_cast<std::size_t>(part + std::uniform_real_distribution<>(0, 1)(random)));
    this->part(Parting::Rebalance, std::move(movable), window, window);
}

/// Tells these clients to connect anew, and sends them away one after the other.
void Chat::part(Parting why, std::vector<SessionKey> clients, std::chrono::milliseconds spread,
                std::chrono::milliseconds window)
{
    m_parting = why;
    m_partUntil = m_context.now() + window;
    m_farewells.clear();
    std::minstd_rand random{std::random_device{}()};
    std::shuffle(clients.begin(), clients.end(), random);
    std::uniform_int_distribution<std::int64_t> delay(0, kMaxReconnectDelay.count());
    const auto count = static_cast<std::int64_t>(clients.size());
    for (std::size_t i = 0; i < clients.size(); ++i) {
        if (const Slot &client = m_slots[clients[i].slot]; client.dialect == Dialect::V2)
            send(client, frame::Reconnect{why == Parting::Shutdown ? "shutdown" : "rebalance",
                                          std::chrono::milliseconds(delay(random))});
        m_farewells.push_back(
            {m_context.now() + spread * static_cast<std::int64_t>(i + 1) / count, clients[i]});
    }
}

void Chat::sendAway(const Slot &client)
{
    const bool isMove = m_parting == Parting::Rebalance;
    const CloseCode code = isMove                          ? CloseCode::Rebalance
                           : client.dialect == Dialect::V2 ? CloseCode::Shutdown
                                                           : CloseCode::GoingAway;
    const std::string_view reason =
        isMove ? "connect again: clients are being spread anew" : "the server is shutting down";
    if (client.session)
        client.session->dismiss(code, reason);
    else
        client.peer->close(code, reason);
}

/// Nobody goes without the answers to what it said, while there is time: in v1 it could not know whether its
/// messages were kept.
void Chat::sayFarewells(SteadyTime now)
{
    for (; !m_farewells.empty() && m_farewells.front().at <= now; m_farewells.pop_front()) {
        if (Slot *const client = slot(m_farewells.front().client))
            client->isDue = true;
    }
    bool isOver = m_farewells.empty();
    for (Slot &each : m_slots) {
        if (!each.peer || !each.isDue)
            continue;
        isOver = false;
        if (now >= m_partUntil || !each.session || !each.session->hasUnanswered())
            sendAway(each);
    }
    if (isOver && m_parting == Parting::Rebalance)
        m_parting.reset();
}

/// Whoever is due goes with the first answer that leaves none open, and at the end of the turn: what it was
/// answered for may still come from its room, and what it said behind that is read only now.
void Chat::noteAnswer(SessionKey key)
{
    if (!m_parting)
        return;
    Slot *const client = slot(key);
    if (!client || !client->isDue || client->session->hasUnanswered())
        return;
    m_leaving.push_back(key);
}

} // namespace parlor
