// SPDX-License-Identifier: MIT
#include "server/chat/session.h"

#include "shared/protocol/encoder.h"
#include "shared/protocol/limits.h"
#include "shared/protocol/values.h"

#include <algorithm>
#include <array>

namespace parlor {

namespace {

/// Whoever waits so long is never past its own session's rate, however often others were faster.
constexpr std::chrono::milliseconds kSharedRetry{1000};

/// A name for somebody whose token has none.
std::string nameFor(const std::string &user, const std::string &clientId)
{
    const auto name = values::username(user);
    return name ? *name : clientId;
}

} // namespace

Session::Session(SessionContext &context, const Newcomer &newcomer)
    : m_context(context)
    , m_peer(newcomer.peer)
    , m_address(newcomer.address)
    , m_grant(newcomer.grant)
    , m_addressRequests(newcomer.addressRequests)
    , m_place(newcomer.place)
{
    m_caller.port = &context.port;
    m_caller.session = newcomer.key;
    std::string clientId = context.clients.at(m_place).toString();
    m_caller.identity = m_grant ? std::make_shared<const Identity>(identityOf(*m_grant, clientId, {}))
                                : std::make_shared<const Identity>(std::move(clientId));
    if (newcomer.user)
        m_user.emplace(std::move(*newcomer.user));
}

Session::~Session()
{
    for (const auto &each : m_rooms)
        endLive(*each);
}

void Session::attach()
{
    m_caller.attachment = m_context.engine.nextAttachment();
    m_context.engine.attach(m_caller);
}

void Session::assume(IdentityPtr identity)
{
    m_context.engine.detach(m_caller);
    m_caller.identity = std::move(identity);
    attach();
    if (const auto id = Ulid::parse(m_caller.identity->clientId()))
        m_context.clients.replace(m_place, *id);
}

void Session::resume(IdentityPtr identity)
{
    m_context.engine.takeOver(identity);
    assume(std::move(identity));
}

void Session::onBinary()
{
    m_peer.close(CloseCode::UnsupportedData, "only text frames are understood");
}

Identity Session::identityOf(const Grant &grant, std::string clientId, std::string chosen)
{
    if (!grant.username.empty())
        chosen = grant.username;
    else if (chosen.empty())
        chosen = nameFor(grant.user, clientId);
    return {std::move(clientId), grant.user, std::move(chosen)};
}

void Session::setGrant(std::shared_ptr<const Grant> grant)
{
    m_grant = std::move(grant);
    m_context.metrics.countAuth(AuthResult::Accepted);
    enterAsUser();
    if (m_grant->expires) {
        m_context.appointments.add(m_context.now(), timeLeft(*m_grant, m_context.wallClock()),
                                   m_caller.session);
    }
}

void Session::onDue()
{
    if (needsToken()) {
        m_context.metrics.countAuth(AuthResult::Late);
        return dismiss(CloseCode::AuthDeadline, kTooLate);
    }
    if (!m_grant || !m_grant->expires)
        return;
    if (const auto left = timeLeft(*m_grant, m_context.wallClock()); left.count() > 0)
        return m_context.appointments.add(m_context.now(), left, m_caller.session);
    m_context.metrics.countAuth(AuthResult::Expired);
    dismiss(CloseCode::AuthInvalid, kExpired);
}

void Session::onReplaced()
{
    m_peer.close(CloseCode::Replaced, "replaced by a newer connection of the same session");
}

// ---- sending

void Session::take(const Slice &slice, Route route)
{
    // Another of its rooms may have something too, and what leaves together is one send.
    m_peer.deliver(slice, m_rooms.size() > 1 ? Route::Queued : route);
}

void Session::pinRooms()
{
    for (const auto &each : m_rooms) {
        if (each->room)
            each->room->fanout.pin(each->index);
    }
}

void Session::sendJson(std::string_view json)
{
    pinRooms();
    m_context.metrics.messagesOut.add();
    m_peer.sendText(json);
}

void Session::dismiss(CloseCode code, std::string_view reason)
{
    pinRooms();
    m_peer.close(code, reason);
}

void Session::send(const frame::Any &any)
{
    std::string json;
    encode(json, any);
    sendJson(json);
}

bool Session::charge(double cost, RequestId rid, std::string_view room, std::string_view cid)
{
    const auto refusal = m_requests.charge(m_context.limits.requests, cost, m_context.now());
    if (!refusal)
        return chargeShared(cost, rid, room, cid);
    m_context.metrics.rateLimited.add();
    sendError(rid,
              Error{ErrorCode::RateLimited, "too many requests: wait before the next one", refusal->retry},
              room, cid);
    if (refusal->enough)
        m_peer.close(CloseCode::RateLimit, "too many requests");
    return false;
}

bool Session::chargeShared(double cost, RequestId rid, std::string_view room, std::string_view cid)
{
    Counter *by = nullptr;
    const auto retry = takeShared(cost, by);
    if (!retry)
        return true;
    m_context.metrics.rateLimited.add();
    by->add();
    sendError(rid,
              Error{ErrorCode::RateLimited,
                    by == &m_context.metrics.userLimited
                        ? "too many requests from all your connections: wait before the next one"
                        : "too many requests from your address: wait before the next one",
                    *retry},
              room, cid);
    return false;
}

/// How long to wait, where a budget that it shares with others is used up, and whose that is.
std::optional<std::chrono::milliseconds> Session::takeShared(double cost, Counter *&by)
{
    struct Budget
    {
        SharedBucket *bucket; ///< null: there is none
        const RateLimit &limit;
        Counter &refused;
        [[nodiscard]] double tokens(double cost) const { return std::min(cost, limit.burst); }
    };
    const SteadyTime now = m_context.now();
    const ChatLimits &limits = m_context.limits;
    const std::array budgets{
        Budget{m_user ? &m_user->requests() : nullptr, limits.user, m_context.metrics.userLimited},
        Budget{m_addressRequests, limits.address, m_context.metrics.addressLimited}};
    for (const Budget &each : budgets) {
        if (!each.bucket || each.bucket->has(each.limit, each.tokens(cost), now))
            continue;
        by = &each.refused;
        return std::max(kSharedRetry, each.bucket->waitFor(each.limit, each.tokens(cost), now));
    }
    for (const Budget &each : budgets) {
        if (each.bucket) // another thread may have been faster: then it is one too many
            (void)each.bucket->take(each.limit, each.tokens(cost), now);
    }
    return std::nullopt;
}

bool Session::chargePage()
{
    const RateLimit &limit = m_context.limits.requests;
    Counter *by = nullptr;
    if (!m_requests.hasSpare(limit, limits::kListCost, m_context.now()) ||
        takeShared(limits::kListCost, by)) {
        m_context.metrics.pagesDelayed.add();
        return false;
    }
    m_requests.takeSpare(limit, limits::kListCost, m_context.now());
    return true;
}

/// The newest is refused rather than the oldest sent away: else two clients would take each other's place for
/// ever.
void Session::enterAsUser()
{
    if (m_user || !m_context.users)
        return;
    if (auto place =
            m_context.users->enter(m_grant->user, m_context.limits.connectionsPerUser, m_context.now()))
        m_user.emplace(*std::move(place));
    else
        dismiss(CloseCode::Overload, kTooManyOfUser);
}

// ---- rooms

std::vector<RoomName> Session::roomNames() const
{
    std::vector<RoomName> names;
    names.reserve(m_rooms.size());
    for (const auto &each : m_rooms)
        names.push_back(each->name);
    return names;
}

accesslog::Visitor Session::visitor() const
{
    accesslog::Visitor visitor{m_caller.identity->clientId(), m_caller.identity->username(), {}};
    for (const auto &each : m_rooms)
        visitor.rooms += (visitor.rooms.empty() ? "" : ",") + *each->name;
    return visitor;
}

Session::Membership *Session::membership(std::string_view room)
{
    const auto found = std::find_if(m_rooms.begin(), m_rooms.end(),
                                    [room](const auto &each) { return *each->name == room; });
    return found == m_rooms.end() ? nullptr : found->get();
}

Session::Membership &Session::addMembership(RoomName room)
{
    return *m_rooms.emplace_back(std::make_unique<Membership>(std::move(room)));
}

void Session::dropIfDone(Membership &membership)
{
    if (membership.present || membership.entered || membership.entering != 0 || membership.leaving != 0)
        return;
    endLive(membership);
    std::erase_if(m_rooms, [&membership](const auto &each) { return each.get() == &membership; });
}

void Session::goLive(Membership &membership)
{
    if (membership.room)
        return;
    membership.room = &m_context.hub.room(membership.name);
    membership.index = membership.room->fanout.add(*this, dialect());
}

void Session::endLive(Membership &membership)
{
    if (HubRoom *const room = std::exchange(membership.room, nullptr))
        m_context.hub.remove(*room, membership.index);
}

void Session::onMoved(Fanout &fanout, std::uint32_t index)
{
    for (const auto &each : m_rooms) {
        if (each->room && &each->room->fanout == &fanout)
            each->index = index;
    }
}

} // namespace parlor
