// SPDX-License-Identifier: MIT
#include "server/chat/v2session.h"

#include "server/chat/syncframe.h"
#include "shared/protocol/encoder.h"
#include "shared/protocol/jsonwriter.h"
#include "shared/protocol/limits.h"
#include "shared/protocol/values.h"

#include <algorithm>

namespace parlor {

namespace {

constexpr std::chrono::seconds kTypingInterval{3};
/// That are read for one answer.
constexpr std::uint32_t kMostListPages = 10;

/// A page's size as asked for, within what there can be.
std::uint32_t pageSize(std::optional<std::uint32_t> asked, std::uint32_t most)
{
    return std::clamp(asked.value_or(most), std::uint32_t(1), most);
}

} // namespace

// ---- frames

void V2Session::sendError(RequestId rid, const Error &error, std::string_view room, std::string_view cid)
{
    frame::Error answer{rid, toString(error.code), error.text, isRetryable(error.code), error.retryAfter};
    if (!room.empty())
        answer.room = room;
    if (!cid.empty())
        answer.cid = cid;
    send(answer);
}

void V2Session::sendUsers(RequestId rid, const RoomName &room, const std::vector<IdentityPtr> &members,
                          std::uint64_t count, bool truncated)
{
    frame::RoomUsers users{rid, *room};
    users.members.reserve(members.size());
    for (const IdentityPtr &each : members)
        users.members.push_back(each->member());
    users.count = count;
    users.truncated = truncated;
    m_context.hub.noteSnapshot(room);
    send(std::move(users));
}

void V2Session::sendSync(const RoomName &room, const SyncPage &page)
{
    std::string json;
    encodeSync(json, *room, page);
    sendJson(json);
}

bool V2Session::maySuspend(const Ending &ending) const
{
    if (!m_authenticated || m_context.limits.grace.count() == 0)
        return false;
    const bool isDone = ending.byPeer && ending.code == static_cast<std::uint16_t>(CloseCode::Normal);
    const bool isPutOut = !ending.byPeer && ending.code >= 4000 && ending.code < 4100 &&
                          ending.code != static_cast<std::uint16_t>(CloseCode::Replaced);
    return !isDone && !isPutOut;
}

// ---- requests
//
// What is answered at length, by the engine, holds the input until the answer is queued: only then can the
// connection see whether more may be asked for (docs/protocol.md section 9).

void V2Session::onText(std::string_view message)
{
    const auto decoded = m_context.decoder.request(message);
    if (const auto *wrong = std::get_if<RequestError>(&decoded)) {
        m_mayAuthenticate = m_mayAuthenticate && (needsToken() || wrong->type == request::Auth::kType);
        if (charge(1, wrong->rid))
            sendError(wrong->rid, wrong->error, {}, {});
        return;
    }
    const Request &request = std::get<Request>(decoded);
    if (!chargeFor(request))
        return;
    if (needsToken() && !std::holds_alternative<request::Auth>(request.body) &&
        !std::holds_alternative<request::Ping>(request.body))
        return sendError(request.rid,
                         {ErrorCode::NotAuthenticated, "say who you are first: send \"auth\" with a token"},
                         {}, {});
    if (!needsToken() && !std::holds_alternative<request::Auth>(request.body))
        m_mayAuthenticate = false;
    std::visit([this, &request](const auto &body) { handle(request.rid, body); }, request.body);
}

bool V2Session::chargeFor(const Request &request)
{
    using namespace request;
    if (std::holds_alternative<Auth>(request.body) && m_mayAuthenticate)
        return true;
    if (const auto *join = std::get_if<Join>(&request.body)) {
        // Its answer is a roster and a page of history, which to ask for alone is not free.
        const auto name = values::roomName(join->room);
        const Membership *const mine = name ? membership(*name) : nullptr;
        if (m_joins < limits::kFreeJoins && !(mine && mine->present)) {
            if (!chargeShared(limits::kListCost, request.rid, join->room))
                return false;
            ++m_joins;
            return true;
        }
        return charge(limits::kListCost, request.rid, join->room);
    }
    if (const auto *typing = std::get_if<Typing>(&request.body)) {
        // What is too often is dropped; what is wrong has to be answered.
        const auto name = values::roomName(typing->room);
        const Membership *const mine = name ? membership(*name) : nullptr;
        return (mine && mine->present) || charge(1, request.rid, typing->room);
    }
    // A list is a page, a new name is told in every room, and an act to everybody.
    const bool isLarge =
        std::holds_alternative<History>(request.body) || std::holds_alternative<Rooms>(request.body) ||
        std::holds_alternative<Who>(request.body) || std::holds_alternative<Nick>(request.body) ||
        std::holds_alternative<Moderate>(request.body);
    if (const auto *publish = std::get_if<Publish>(&request.body))
        return charge(1, request.rid, publish->room, publish->cid);
    return charge(isLarge ? limits::kListCost : 1, request.rid);
}

Session::Membership *V2Session::memberOf(std::string_view room, RequestId rid, std::string_view cid)
{
    const auto name = values::roomName(room);
    if (!name) {
        sendError(rid, name.error(), room, cid);
        return nullptr;
    }
    Membership *const mine = membership(*name);
    if (mine && mine->present)
        return mine;
    sendError(rid, {ErrorCode::NotInRoom, "join \"" + *name + "\" first"}, *name, cid);
    return nullptr;
}

void V2Session::handle(RequestId rid, const request::Join &join)
{
    auto name = values::roomName(join.room);
    if (!name)
        return sendError(rid, name.error(), join.room, {});
    if (const auto why = whyNot(RoomPolicies::Deed::Read, *name))
        return sendError(rid, *why, *name, {});
    Membership *mine = membership(*name);
    if (!mine || !mine->present) {
        const auto rooms = static_cast<std::size_t>(
            std::count_if(m_rooms.begin(), m_rooms.end(), [](const auto &each) { return each->present; }));
        const std::uint32_t most = m_context.limits.roomsPerSession;
        if (most != 0 && rooms >= most) {
            return sendError(
                rid,
                {ErrorCode::TooManyRooms, "you are in " + std::to_string(rooms) + " rooms: leave one first"},
                *name, {});
        }
    }
    if (!mine)
        mine = &addMembership(std::make_shared<const std::string>(*name));
    mine->present = true;
    ++mine->entering;
    EnterRequest request{std::move(*name), rid};
    request.mayMake = !whyNot(RoomPolicies::Deed::Make, request.room);
    request.history = join.history.value_or(limits::kHistoryDefault);
    if (join.since)
        request.since =
            EnterRequest::Since{std::string(join.since->epoch), join.since->seq, std::string(join.since->id)};
    m_peer.holdInput();
    ++m_unanswered;
    m_context.engine.enter(m_caller, std::move(request));
}

void V2Session::handle(RequestId rid, const request::Leave &leave)
{
    if (Membership *const mine = memberOf(leave.room, rid))
        this->leave(*mine, rid);
}

void V2Session::onRightsChanged()
{
    m_passed = nullptr; // it may read other rooms now
    for (const auto &each : m_rooms) {
        const auto why = each->present ? whyNot(RoomPolicies::Deed::Read, *each->name) : std::nullopt;
        if (!why)
            continue;
        sendError({}, *why, *each->name, {});
        leave(*each, {});
    }
}

void V2Session::leave(Membership &mine, RequestId rid)
{
    mine.present = false;
    ++mine.leaving;
    ++m_unanswered;
    m_context.engine.leave(m_caller, *mine.name, rid);
}

void V2Session::handle(RequestId rid, const request::Publish &publish)
{
    const Membership *const mine = memberOf(publish.room, rid, publish.cid);
    if (!mine)
        return;
    auto mistake = values::checkContent(publish.content.text);
    if (!mistake)
        mistake = values::checkCid(publish.cid);
    if (!mistake)
        mistake = whyNot(RoomPolicies::Deed::Write, *mine->name);
    if (mistake)
        return sendError(rid, *mistake, *mine->name, publish.cid);
    PublishRequest request{
        mine->name, rid, m_context.ids.next(m_context.wallClock()), std::string(publish.cid), {}, {}};
    JsonWriter(request.content).string(publish.content.text);
    request.interval = intervalIn(*mine->name);
    ++m_unanswered;
    m_context.engine.publish(m_caller, std::move(request));
}

void V2Session::handle(RequestId rid, const request::History &history)
{
    if (const Membership *const mine = memberOf(history.room, rid)) {
        m_peer.holdInput();
        ++m_unanswered;
        m_context.engine.history(
            m_caller, *mine->name, rid,
            {history.before, history.after, pageSize(history.limit, limits::kHistoryPage)});
    }
}

void V2Session::handle(RequestId rid, const request::Typing &typing)
{
    Membership *const mine = memberOf(typing.room, rid);
    if (!mine)
        return;
    if (const auto why = whyNot(RoomPolicies::Deed::Write, *mine->name)) {
        if (charge(1, rid, *mine->name)) // what is allowed is free
            sendError(rid, *why, *mine->name, {});
        return;
    }
    const SteadyTime now = m_context.now();
    if (typing.on) {
        if (mine->lastTyping != SteadyTime{} && now - mine->lastTyping < kTypingInterval)
            return;
        mine->lastTyping = now;
    } else if (!mine->typing) {
        return; // nobody was told that they type
    }
    mine->typing = typing.on;
    m_context.engine.typing(m_caller, *mine->name, typing.on);
}

void V2Session::handle(RequestId rid, const request::Nick &nick)
{
    if (grant() && !grant()->username.empty())
        return sendError(rid, {ErrorCode::Forbidden, "your name comes from your token"}, {}, {});
    if (const Sanction *const mute = muteOf({})) // a name is told to all
        return sendError(rid, {ErrorCode::Forbidden, wording(*mute)}, {}, {});
    auto name = values::username(nick.username);
    if (!name)
        return sendError(rid, name.error(), {}, {});
    m_caller.identity = std::make_shared<const Identity>(m_caller.identity->renamed(std::move(*name)));
    send(frame::Ack{
        rid, frame::NickAck{m_caller.identity->username(), m_context.tokens.issue(*m_caller.identity)}});
    m_context.engine.rename(m_caller, roomNames());
}

void V2Session::handle(RequestId rid, const request::Rooms &rooms)
{
    m_listing = std::make_unique<Listing>();
    m_listing->prefix = rooms.prefix;
    m_listing->after = rooms.after.substr(0, limits::kRoomNameBytes); // a longer one is behind the same names
    m_listing->limit = pageSize(rooms.limit, limits::kRoomsPage);
    const auto passed = std::exchange(m_passed, nullptr);
    const bool goesOn = passed && passed->prefix == m_listing->prefix && passed->after == m_listing->after;
    list(rid, goesOn ? passed->last : m_listing->after);
}

void V2Session::list(RequestId rid, std::string after)
{
    const bool isFirst = m_listing->pages++ == 0;
    m_peer.holdInput();
    ++m_unanswered;
    m_context.engine.rooms(m_caller, rid, m_listing->prefix, std::move(after),
                           isFirst ? m_listing->limit : limits::kRoomsPage);
}

void V2Session::handle(RequestId rid, const request::Who &who)
{
    if (const Membership *const mine = memberOf(who.room, rid)) {
        m_peer.holdInput();
        ++m_unanswered;
        m_context.engine.members(m_caller, *mine->name, rid, std::string(who.after),
                                 pageSize(who.limit, limits::kMembersPage));
    }
}

void V2Session::handle(RequestId rid, const request::Ping &ping)
{
    send(frame::Pong{rid, ping.t, m_context.wallClock()});
}

void V2Session::handle(RequestId rid, const request::Delete &request)
{
    const Membership *const mine = memberOf(request.room, rid);
    if (!mine)
        return;
    const auto target = Ulid::parse(request.id);
    if (!target)
        return sendError(rid, {ErrorCode::BadRequest, "\"id\" is no message's id"}, *mine->name, {});
    EraseRequest erase{*mine->name, rid, m_context.ids.next(m_context.wallClock())};
    erase.erasure = {{request.seq, *target}, role() != Role::Member};
    m_peer.holdInput();
    ++m_unanswered;
    m_context.engine.erase(m_caller, std::move(erase));
}

// ---- answers

void V2Session::onEntered(delivery::Entered &entered)
{
    --m_unanswered;
    m_peer.releaseInput();
    Membership *const mine = membership(*entered.room);
    if (!mine)
        return;
    --mine->entering;
    mine->entered = true;
    if (entered.page.more)
        endLive(*mine); // it was here already, and now catches up
    else
        goLive(*mine);
    if (entered.announced)
        m_context.hub.presenceChanged(
            {entered.room, m_caller.identity, *entered.announced, {}, entered.count});
    send(frame::Ack{entered.rid, frame::RoomAck{*entered.room}});
    sendUsers({}, entered.room, entered.members, entered.count, entered.count > entered.members.size());
    sendSync(entered.room, entered.page);
    mine->catchingUp = entered.page.more ? std::make_unique<SyncPage>(std::move(entered.page)) : nullptr;
}

/// One page at a time, of all rooms together but those whose pages were put off: the next one is made when
/// this one has left. None is asked for
/// while a room is joined again: it would be the new stay's, from where the old one was. If that is refused,
/// the old one goes on, once the refusal has left.
void V2Session::onDrained()
{
    for (const auto &each : m_rooms) {
        if (each->entering != 0)
            continue;
        if (!each->catchingUp)
            continue;
        if (!chargePage())
            return awaitBudget();
        const auto last = std::exchange(each->catchingUp, nullptr);
        return m_context.engine.catchUp(m_caller, each->name, *last);
    }
}

void V2Session::awaitBudget()
{
    if (!std::exchange(m_awaitsBudget, true))
        m_context.delayedPages.push_back(m_caller.session);
}

void V2Session::onBudget()
{
    m_awaitsBudget = false;
    if (m_peer.isDrained())
        onDrained();
}

/// Of a stay that a join on its way has not ended yet: it may be refused, and no other page would follow.
void V2Session::onCaughtUp(delivery::CaughtUp &caught)
{
    Membership *const mine = membership(*caught.room);
    if (!mine || !mine->entered)
        return;
    if (!caught.page.more) {
        goLive(*mine);
        sendUsers({}, caught.room, caught.members, caught.count, caught.count > caught.members.size());
    }
    sendSync(caught.room, caught.page);
    if (caught.page.more)
        mine->catchingUp = std::make_unique<SyncPage>(std::move(caught.page));
}

void V2Session::stopCatchingUp(const delivery::Diverged &event)
{
    Membership *const mine = membership(*event.room);
    if (!mine || !mine->entered || mine->room)
        return;
    mine->catchingUp = nullptr;
    goLive(*mine);
    sendUsers({}, event.room, event.members, event.count, event.count > event.members.size());
}

/// Nothing has left that would have another room go on.
void V2Session::onPageDelayed(const delivery::PageDelayed &)
{
    if (m_peer.isDrained())
        onDrained();
}

void V2Session::onLeft(const delivery::Left &left)
{
    --m_unanswered;
    if (Membership *const mine = membership(*left.room)) {
        --mine->leaving;
        mine->entered = false;
        mine->catchingUp = nullptr;
        endLive(*mine);
        send(frame::Ack{left.rid, frame::RoomAck{*left.room}});
        dropIfDone(*mine);
    }
}

void V2Session::onPublished(const delivery::PublishDone &done)
{
    --m_unanswered;
    const auto &receipt = done.receipt;
    const auto id = receipt.id.text();
    const auto timestamp = values::timestamp(receipt.time);
    send(frame::Ack{done.rid, frame::PublishAck{*done.room, id, receipt.seq, timestamp, done.cid,
                                                receipt.duplicate, receipt.durable}});
}

void V2Session::onErased(const delivery::EraseDone &done)
{
    --m_unanswered;
    m_peer.releaseInput();
    const auto &receipt = done.receipt;
    const auto id = receipt.id.text();
    const auto target = done.target.text();
    const auto timestamp = values::timestamp(receipt.time);
    send(frame::Ack{done.rid, frame::DeleteAck{*done.room, id, receipt.seq, timestamp, target,
                                               receipt.duplicate, receipt.durable}});
}

void V2Session::onRefused(const delivery::Refused &refused)
{
    --m_unanswered;
    if (refused.cid.empty()) // a message does not hold it, but a join that follows may
        m_peer.releaseInput();
    sendError(refused.rid, refused.error, refused.room, refused.cid);
    Membership *const mine = refused.entering ? membership(refused.room) : nullptr;
    if (!mine)
        return;
    if (--mine->entering == 0 && !mine->entered)
        mine->present = false;
    dropIfDone(*mine);
}

void V2Session::onHistory(const delivery::HistoryRead &read)
{
    --m_unanswered;
    m_peer.releaseInput();
    std::string json;
    encode(json, frame::History{read.rid, *read.room, read.page.epoch, {}, read.page.more}, read.page.events);
    sendJson(json);
}

void V2Session::onMembers(const delivery::MembersListed &listed)
{
    --m_unanswered;
    m_peer.releaseInput();
    sendUsers(listed.rid, listed.room, listed.members, listed.count, listed.truncated);
}

/// Where the client may not read all of a page's rooms, the next page fills up what it lacks. Where it may
/// read hardly any of very many, its next request goes on behind those: their names are not for it.
void V2Session::onRooms(const delivery::RoomsListed &listed)
{
    --m_unanswered;
    m_peer.releaseInput();
    auto listing = std::exchange(m_listing, nullptr);
    for (const auto &each : listed.rooms) {
        if (!whyNot(RoomPolicies::Deed::Read, each.name))
            listing->rooms.push_back(each);
    }
    if (listed.more && listing->rooms.size() < listing->limit && listing->pages < kMostListPages) {
        m_listing = std::move(listing);
        return list(listed.rid, listed.rooms.back().name);
    }
    const bool isCut = listing->rooms.size() > listing->limit;
    if (isCut)
        listing->rooms.resize(listing->limit);
    frame::Rooms rooms{listed.rid, {}, listed.more || isCut};
    if (listed.more && !isCut) {
        std::string after = listing->rooms.empty() ? listing->after : listing->rooms.back().name;
        m_passed = std::make_unique<Passed>(
            Passed{std::move(listing->prefix), std::move(after), listed.rooms.back().name});
    }
    for (const auto &each : listing->rooms)
        rooms.rooms.push_back({each.name, each.count, each.seq});
    send(std::move(rooms));
}

} // namespace parlor
