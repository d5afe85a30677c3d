// SPDX-License-Identifier: MIT
#include "server/engine/room.h"

#include "shared/protocol/encoder.h"
#include "shared/protocol/values.h"

#include <algorithm>
#include <utility>

namespace parlor {

using Changed = delivery::PresenceChanged;

// ---- roster

/// The caller's place, if it is this connection's and no newer one's.
const Room::Place *Room::place(const Caller &caller) const
{
    const auto found = m_roster.find(caller.identity->clientId());
    return found == m_roster.end() || found->second.attachment != caller.attachment ? nullptr
                                                                                    : &found->second;
}

Room::Place *Room::place(const Caller &caller)
{
    return const_cast<Place *>(std::as_const(*this).place(caller));
}

std::uint64_t Room::entryOf(const Caller &caller) const
{
    const Place *const mine = place(caller);
    return mine ? mine->entry : 0;
}

/// Keeps count of the connected members, and of the live ones behind each port: a port without any hears
/// nothing of the room.
void Room::setPresence(Place &place, Presence presence)
{
    if (place.presence == Presence::Suspended && presence != Presence::Suspended)
        ++m_connected;
    else if (place.presence != Presence::Suspended && presence == Presence::Suspended)
        --m_connected;
    const bool was = place.presence == Presence::Live;
    const bool is = presence == Presence::Live;
    place.presence = presence;
    if (was == is)
        return;
    const auto listener = std::find_if(m_listeners.begin(), m_listeners.end(),
                                       [&place](const Listener &l) { return l.port == place.port; });
    if (is && listener == m_listeners.end())
        m_listeners.push_back({place.port, 1});
    else if (is)
        ++listener->members;
    else if (--listener->members == 0)
        m_listeners.erase(listener);
}

void Room::remove(Roster::iterator at, std::string_view reason)
{
    setPresence(at->second, Presence::Suspended);
    const IdentityPtr who = at->second.identity;
    m_roster.erase(at);
    deliverToAll(Changed{m_name, who, Changed::What::Left, reason, m_roster.size()});
}

void Room::deliverToAll(const Delivery &event, const DeliveryPort *except) const
{
    for (const Listener &listener : m_listeners) {
        if (listener.port != except)
            listener.port->deliver(event);
    }
}

void Room::enter(const Caller &caller, const EnterRequest &request)
{
    const auto [at, isNew] = m_roster.try_emplace(caller.identity->clientId());
    Place &place = at->second;
    if (!isNew && place.attachment > caller.attachment) {
        // Sent on a connection that the session has left behind: the place is the newer connection's.
        caller.port->deliver(
            delivery::Refused{caller.session,
                              request.rid,
                              {ErrorCode::Unavailable, "a newer connection has this session"},
                              *m_name,
                              {},
                              true});
        return;
    }
    if (!isNew)
        setPresence(place, Presence::Suspended); // whatever connection it had the place from
    const bool renamed = !isNew && place.identity->username() != caller.identity->username();
    SyncPage page = firstPage(request);
    place = Place{caller.identity, caller.port, caller.attachment, ++m_lastEntry, Presence::Suspended};
    setPresence(place, page.more ? Presence::CatchingUp : Presence::Live);

    std::optional<Changed::What> announced;
    if (isNew)
        announced = Changed::What::Joined;
    else if (request.announceAgain)
        announced = Changed::What::JoinedAgain;
    caller.port->deliver(delivery::Entered{caller.session, caller.identity, request.rid, m_name,
                                           membersAfter({}, limits::kMembersPage), m_roster.size(),
                                           std::move(page), announced, caller.attachment});
    if (announced)
        deliverToAll(Changed{m_name, caller.identity, *announced, {}, m_roster.size()}, caller.port);
    if (renamed)
        deliverToAll(delivery::Renamed{m_name, caller.identity});
}

void Room::leave(const Caller &caller, RequestId rid, std::string_view reason)
{
    Place *const mine = place(caller);
    if (mine)
        setPresence(*mine, Presence::Suspended);
    caller.port->deliver(delivery::Left{caller.session, m_name, rid});
    if (mine)
        remove(m_roster.find(caller.identity->clientId()), reason);
}

void Room::suspend(const Caller &caller)
{
    if (Place *mine = place(caller))
        setPresence(*mine, Presence::Suspended);
}

void Room::expire(const Caller &caller, std::string_view reason)
{
    if (place(caller))
        remove(m_roster.find(caller.identity->clientId()), reason);
}

void Room::rename(const Caller &caller)
{
    Place *mine = place(caller);
    if (!mine)
        return;
    mine->identity = caller.identity;
    deliverToAll(delivery::Renamed{m_name, caller.identity});
}

std::vector<IdentityPtr> Room::membersAfter(std::string_view after, std::uint32_t limit) const
{
    std::vector<IdentityPtr> result;
    result.reserve(std::min<std::size_t>(limit, m_roster.size()));
    for (auto at = m_roster.upper_bound(after); at != m_roster.end() && result.size() < limit; ++at)
        result.push_back(at->second.identity);
    return result;
}

void Room::members(const Caller &caller, RequestId rid, const std::string &after, std::uint32_t limit) const
{
    auto list = membersAfter(after, limit);
    const bool truncated = !m_roster.empty() && limit > 0 && !list.empty() &&
                           list.back()->clientId() != m_roster.rbegin()->first;
    caller.port->deliver(
        delivery::MembersListed{caller.session, rid, m_name, std::move(list), m_roster.size(), truncated});
}

// ---- messages

std::optional<Room::Receipt> Room::receiptFor(const Caller &caller, const PublishRequest &request) const
{
    if (request.cid.empty())
        return std::nullopt;
    const HistoryRing::Entry *const first =
        m_ring.find(HistoryRing::idempotencyKey(caller.identity->user(), request.cid));
    if (!first)
        return std::nullopt;
    return Receipt{first->id, first->seq, first->time, true, m_keeping == Keeping::InStore};
}

delivery::PublishDone Room::done(const Caller &caller, PublishRequest &&request, const Receipt &receipt)
{
    return {caller.session, request.rid, request.room, std::move(request.cid), std::move(request.content),
            receipt};
}

HistoryRing::Entry Room::compose(const std::string &room, const Caller &caller, const PublishRequest &request,
                                 std::uint64_t seq, std::chrono::milliseconds now)
{
    const auto id = request.id.text();
    const auto timestamp = values::timestamp(now);
    std::string json;
    json.reserve(256 + request.content.size());
    encode(json,
           frame::Message{room, seq, id, request.cid, caller.identity->clientId(), caller.identity->user(),
                          caller.identity->username(), Content{{}, request.content}, timestamp});
    return {seq, now, request.id,
            request.cid.empty() ? std::string()
                                : HistoryRing::idempotencyKey(caller.identity->user(), request.cid),
            SharedBytes(json)};
}

void Room::add(const Caller &caller, PublishRequest request, HistoryRing::Entry entry)
{
    m_seq = entry.seq;
    caller.port->queue(done(caller, std::move(request),
                            {entry.id, entry.seq, entry.time, false, m_keeping == Keeping::InStore}));
    const SharedBytes bytes = entry.frame;
    m_ring.append(std::move(entry));
    if (request.enterFirst)
        enter(caller, *request.enterFirst);
    for (const Listener &listener : m_listeners)
        listener.port->queue(delivery::Published{m_name, bytes});
}

void Room::typing(const Caller &caller, bool on)
{
    if (place(caller))
        deliverToAll(delivery::TypingChanged{m_name, caller.identity, on});
}

// ---- history

std::uint64_t Room::oldest() const
{
    return m_keeping == Keeping::InStore ? m_oldest : m_ring.begin();
}

bool Room::remembers(std::uint64_t seq) const
{
    return m_ring.covers(seq) || (m_run && m_run->covers(seq));
}

SyncPage Room::newestPage(std::optional<frame::SyncReason> reason, std::uint32_t limit) const
{
    HistoryRing::Page page = m_ring.before(m_seq + 1, limit);
    return {m_epoch, m_seq, false, reason, std::move(page.events), false, m_seq};
}

SyncPage Room::pageAfter(std::uint64_t seq, bool recovered, std::optional<frame::SyncReason> reason) const
{
    HistoryRing::Page page(limits::kHistoryPage);
    page.lastSeq = seq;
    while (page.events.empty() && page.lastSeq < m_seq && remembers(page.lastSeq + 1))
        (m_ring.covers(page.lastSeq + 1) ? m_ring : *m_run).continuePage(page);
    return {m_epoch, m_seq, recovered, reason, std::move(page.events), page.lastSeq < m_seq, page.lastSeq};
}

std::optional<frame::SyncReason> Room::whyNot(const EnterRequest::Since &since) const
{
    using enum frame::SyncReason;
    if (since.epoch != m_epoch)
        return Epoch;
    if (since.seq > m_seq)
        return Ahead;
    if (m_seq - since.seq > limits::kResumeMessages)
        return TooMany;
    if (since.seq < m_seq && since.seq + 1 < oldest())
        return TooOld;
    return std::nullopt;
}

SyncPage Room::firstPage(const EnterRequest &request) const
{
    if (!request.since)
        return newestPage(std::nullopt, std::min(request.history, limits::kHistoryPage));
    if (const auto reason = whyNot(*request.since))
        return newestPage(reason, limits::kHistoryPage);
    return pageAfter(request.since->seq, true, std::nullopt);
}

void Room::catchUp(const Caller &caller, const SyncPage &last, std::uint64_t entry)
{
    Place *mine = place(caller);
    if (!mine || mine->entry != entry || mine->presence != Presence::CatchingUp)
        return;
    // What the next page needs may be gone since this one was sent on its way.
    const bool lost = last.lastSeq < m_seq && !remembers(last.lastSeq + 1);
    SyncPage page = lost ? newestPage(frame::SyncReason::TooOld, limits::kHistoryPage)
                         : pageAfter(last.lastSeq, last.recovered, last.reason);
    if (!page.more)
        setPresence(*mine, Presence::Live);
    caller.port->deliver(delivery::CaughtUp{caller.session, m_name, membersAfter({}, limits::kMembersPage),
                                            m_roster.size(), std::move(page)});
}

void Room::answerHistory(const Caller &caller, RequestId rid, const Engine::HistoryRange &range,
                         HistoryRing::Page page) const
{
    bool more = false;
    if (!page.events.empty())
        more = range.after ? page.lastSeq < m_seq : page.firstSeq > oldest();
    SyncPage answer{m_epoch, m_seq, false, std::nullopt, std::move(page.events), more, page.lastSeq};
    caller.port->deliver(delivery::HistoryRead{caller.session, rid, m_name, std::move(answer)});
}

void Room::history(const Caller &caller, RequestId rid, const Engine::HistoryRange &range) const
{
    const std::size_t limit = std::min(range.limit, limits::kHistoryPage);
    answerHistory(caller, rid, range,
                  range.after ? m_ring.after(*range.after, limit)
                              : m_ring.before(range.before.value_or(m_seq + 1), limit));
}

// ---- the store

void Room::restore(Past past)
{
    if (!past.epoch.empty())
        m_epoch = std::move(past.epoch);
    m_seq = past.seq;
    m_oldest = std::max(m_oldest, past.oldest); // some may have been dropped since it was read
    m_ring = HistoryRing(m_seq + 1);
    if (past.newest.end == m_ring.begin())
        m_ring.prepend(std::move(past.newest));
    m_ring.evict();
    forgetBefore(m_oldest);
}

std::optional<Room::Missing> Room::missingAfter(std::uint64_t seq) const
{
    if (seq >= m_seq || remembers(seq + 1))
        return std::nullopt;
    return Missing{seq, std::nullopt, m_seq};
}

std::optional<Room::Missing> Room::missingNewest(std::uint32_t limit) const
{
    const std::size_t here = m_ring.countBefore(m_seq + 1);
    const bool isFull = here != 0 && m_ring.bytes() >= limits::kHistoryPageBytes;
    if (isFull || here >= limit || m_ring.begin() <= oldest())
        return std::nullopt;
    return Missing{std::nullopt, m_ring.begin(), m_seq};
}

std::optional<Room::Missing> Room::missingFor(const EnterRequest &request) const
{
    if (request.since && !whyNot(*request.since))
        return missingAfter(request.since->seq);
    return missingNewest(request.since ? limits::kHistoryPage
                                       : std::min(request.history, limits::kHistoryPage));
}

std::optional<Room::Missing> Room::missingFor(const Caller &caller, const SyncPage &last,
                                              std::uint64_t entry) const
{
    const Place *const mine = place(caller);
    if (!mine || mine->entry != entry)
        return std::nullopt;
    return last.lastSeq + 1 < oldest() ? missingNewest(limits::kHistoryPage) : missingAfter(last.lastSeq);
}

std::optional<Room::Missing> Room::missingFor(const Engine::HistoryRange &range) const
{
    if (range.after) {
        const std::uint64_t first = std::max(std::min(*range.after, m_seq) + 1, oldest());
        if (first > m_seq || m_ring.covers(first))
            return std::nullopt;
        return Missing{first - 1, std::nullopt, m_seq};
    }
    const std::uint64_t end = std::min(range.before.value_or(m_seq + 1), m_seq + 1);
    // All of the page: one that the memory has the end of would be a short one.
    const std::uint64_t wanted = std::clamp<std::uint64_t>(range.limit, 1, limits::kHistoryPage);
    const bool isHere = m_ring.begin() <= oldest() || m_ring.countBefore(end) >= wanted;
    if (end <= oldest() || isHere)
        return std::nullopt;
    return Missing{std::nullopt, end, m_seq};
}

/// A read sees what is committed and not yet announced: that comes live, and must not come twice.
void Room::dropUnannounced(HistoryRing::Stretch &found) const
{
    while (!found.entries.empty() && found.entries.back().seq > m_seq)
        found.entries.pop_back();
    found.end = std::min(found.end, m_seq + 1);
}

void Room::complete(const Missing &missing, HistoryRing::Stretch found)
{
    dropUnannounced(found);
    // Retention may have taken what was to be read.
    if (missing.before && found.entries.empty())
        m_oldest = std::max(m_oldest, *missing.before);
    if (missing.after && found.begin > *missing.after + 1)
        m_oldest = std::max(m_oldest, found.begin);
    if (missing.after) {
        m_run = std::make_unique<HistoryRing>(found.end);
        m_run->prepend(std::move(found));
    } else if (found.end == m_ring.begin()) {
        m_ring.prepend(std::move(found));
    }
    forgetBefore(m_oldest);
}

void Room::history(const Caller &caller, RequestId rid, const Engine::HistoryRange &range,
                   HistoryRing::Stretch found) const
{
    dropUnannounced(found);
    if (found.entries.empty())
        return history(caller, rid, range);
    const std::size_t limit = std::min(range.limit, limits::kHistoryPage);
    HistoryRing read(found.end);
    read.prepend(std::move(found));
    HistoryRing::Page page = range.after ? read.after(*range.after, limit) : read.before(read.end(), limit);
    // What was announced since the read began: else the page were short, and said that there is more.
    if (range.after && !page.isFull && m_ring.covers(page.lastSeq + 1))
        m_ring.continuePage(page);
    answerHistory(caller, rid, range, std::move(page));
}

void Room::passOver(std::uint64_t seq)
{
    m_seq = seq;
    m_ring = HistoryRing(seq + 1);
    m_run.reset();
}

void Room::forgetBefore(std::uint64_t seq)
{
    m_oldest = std::max(m_oldest, seq);
    m_ring.dropBefore(m_oldest);
    if (m_run && m_run->begin() < m_oldest)
        m_run.reset();
}

// ---- memory

std::optional<std::chrono::milliseconds> Room::oldestTime() const
{
    if (m_run && !m_run->isEmpty())
        return m_run->oldest().time;
    return m_ring.isEmpty() ? std::nullopt : std::optional(m_ring.oldest().time);
}

void Room::dropOldest()
{
    if (std::exchange(m_run, nullptr))
        return;
    if (!m_ring.isEmpty())
        m_ring.dropOldest();
}

} // namespace parlor
