// SPDX-License-Identifier: MIT
#include "server/engine/history.h"

#include "server/engine/erasure.h"
#include "shared/protocol/encoder.h"
#include "shared/protocol/values.h"

#include <algorithm>
#include <utility>

namespace parlor {

// ---- messages

HistoryRing::Entry History::compose(const std::string &room, const Caller &caller,
                                    const PublishRequest &request, std::uint64_t seq,
                                    std::chrono::milliseconds now)
{
    if (request.erasure)
        return erasure::compose(room, caller, request, seq);
    const auto id = request.id.text();
    const auto timestamp = values::timestamp(now);
    std::string json;
    json.reserve(256 + request.content.size());
    encode(json, frame::Message{room,
                                seq,
                                id,
                                request.cid,
                                caller.identity->clientId(),
                                caller.identity->user(),
                                caller.identity->username(),
                                Content{{}, request.content},
                                timestamp,
                                {}});
    return {seq, now, request.id,
            request.cid.empty() ? std::string()
                                : HistoryRing::idempotencyKey(caller.identity->user(), request.cid),
            SharedBytes(json)};
}

std::optional<History::Receipt> History::receiptFor(const Caller &caller, const PublishRequest &request) const
{
    if (request.cid.empty())
        return std::nullopt;
    const HistoryRing::Entry *const first =
        m_ring.find(HistoryRing::idempotencyKey(caller.identity->user(), request.cid));
    if (!first)
        return std::nullopt;
    return Receipt{first->id, first->seq, first->time, true, isDurable()};
}

void History::append(HistoryRing::Entry entry)
{
    m_top = entry.place();
    if (entry.erases != 0) {
        for (HistoryRing *ring : {&m_ring, m_run.get()}) {
            const HistoryRing::Entry *const target = ring ? ring->at(entry.erases) : nullptr;
            if (auto frame = target ? erasure::tombstone(target->frame, entry.frame) : std::nullopt)
                ring->replace(entry.erases, *std::move(frame));
        }
    }
    m_ring.append(std::move(entry));
    if (m_keeping == Keeping::InMemory)
        m_floor = m_ring.dropped();
}

// ---- positions

bool History::remembers(std::uint64_t seq) const
{
    return m_ring.covers(seq) || (m_run && m_run->covers(seq));
}

/// Of the message with this number. Null: there is none, or none whose id is known. nullopt: it is to be read
/// from the store.
std::optional<Ulid> History::idAt(std::uint64_t seq) const
{
    if (seq == m_top.seq)
        return m_top.id;
    if (seq == m_floor.seq)
        return m_floor.id;
    if (!remembers(seq))
        return std::nullopt;
    const HistoryRing::Entry *const entry = (m_ring.covers(seq) ? m_ring : *m_run).at(seq);
    return entry ? entry->id : Ulid();
}

/// Why a position cannot be resumed. nullopt: it can, unless its message is to be read first.
std::optional<frame::SyncReason> History::whyNot(const EnterRequest::Since &since) const
{
    using enum frame::SyncReason;
    const bool isProvable = since.seq == 0 || !since.id.empty();
    if (since.epoch != m_epoch || !isProvable)
        return Epoch;
    if (since.seq > m_top.seq)
        return Ahead;
    if (since.seq < m_floor.seq)
        return TooOld;
    if (m_top.seq - since.seq > limits::kResumeMessages)
        return TooMany;
    const auto id = since.seq == 0 ? std::nullopt : idAt(since.seq);
    if (!id || id->toString() == since.id)
        return std::nullopt;
    return id->isNull() && since.seq == m_floor.seq ? TooOld : Diverged;
}

// ---- pages

SyncPage History::newestPage(std::optional<frame::SyncReason> reason, std::uint32_t limit) const
{
    HistoryRing::Page page = m_ring.before(m_top.seq + 1, limit);
    return {m_epoch, m_top, false, reason, std::move(page.events), false, m_top.seq};
}

SyncPage History::pageAfter(std::uint64_t seq, bool recovered, std::optional<frame::SyncReason> reason) const
{
    HistoryRing::Page page(limits::kHistoryPage);
    page.lastSeq = seq;
    while (page.events.empty() && page.lastSeq < m_top.seq && remembers(page.lastSeq + 1))
        (m_ring.covers(page.lastSeq + 1) ? m_ring : *m_run).continuePage(page);
    return {m_epoch,     m_top, recovered, reason, std::move(page.events), page.lastSeq < m_top.seq,
            page.lastSeq};
}

SyncPage History::firstPage(const EnterRequest &request) const
{
    if (!request.since)
        return newestPage(std::nullopt, std::min(request.history, limits::kHistoryPage));
    if (const auto reason = whyNot(*request.since))
        return newestPage(reason, limits::kHistoryPage);
    return pageAfter(request.since->seq, true, std::nullopt);
}

SyncPage History::nextPage(const SyncPage &last) const
{
    // What the next page needs may be gone since this one was sent on its way.
    if (last.lastSeq < m_top.seq && !remembers(last.lastSeq + 1))
        return newestPage(frame::SyncReason::TooOld, limits::kHistoryPage);
    return pageAfter(last.lastSeq, last.recovered, last.reason);
}

SyncPage History::answer(const Engine::HistoryRange &range, HistoryRing::Page page) const
{
    bool more = false;
    if (!page.events.empty())
        more = range.after ? page.lastSeq < m_top.seq : page.firstSeq > m_floor.seq + 1;
    return {m_epoch, m_top, false, std::nullopt, std::move(page.events), more, page.lastSeq};
}

SyncPage History::page(const Engine::HistoryRange &range) const
{
    const std::size_t limit = std::min(range.limit, limits::kHistoryPage);
    return answer(range, range.after ? m_ring.after(*range.after, limit)
                                     : m_ring.before(range.before.value_or(m_top.seq + 1), limit));
}

SyncPage History::page(const Engine::HistoryRange &range, StoredMessages found) const
{
    matchAnnounced(found.stretch);
    HistoryRing read(found.stretch.end);
    read.prepend(std::move(found.stretch));
    const std::size_t limit = std::min(range.limit, limits::kHistoryPage);
    HistoryRing::Page page = range.after ? read.after(*range.after, limit) : read.before(read.end(), limit);
    // What was announced since the read began: else the page were short, and said that there is more.
    if (range.after && !page.isFull && m_ring.covers(page.lastSeq + 1))
        m_ring.continuePage(page);
    return answer(range, std::move(page));
}

// ---- the store

void History::restore(StoredRoom stored)
{
    if (!stored.epoch.empty())
        m_epoch = std::move(stored.epoch);
    m_top = stored.top;
    m_ring = HistoryRing(m_top.seq + 1);
    if (stored.newest.stretch.end == m_ring.begin())
        m_ring.prepend(std::move(stored.newest.stretch));
    m_ring.evict();
    // The store may have dropped more since it was read, and may have said so.
    const MessagePlace raised = std::exchange(m_floor, {});
    raiseFloor(stored.newest.floor);
    raiseFloor(raised);
}

void History::replace(StoredRoom stored)
{
    m_run.reset();
    m_floor = {};
    restore(std::move(stored));
}

std::optional<MessageRange> History::missingFrom(std::uint64_t seq) const
{
    if (seq > m_top.seq || remembers(seq))
        return std::nullopt;
    return MessageRange{seq, std::nullopt, m_top.seq};
}

std::optional<MessageRange> History::missingNewest(std::uint32_t limit) const
{
    const std::size_t here = m_ring.countBefore(m_top.seq + 1);
    const bool isFull = here != 0 && m_ring.bytes() >= limits::kHistoryPageBytes;
    if (isFull || here >= limit || m_ring.begin() <= m_floor.seq + 1)
        return std::nullopt;
    return MessageRange{std::nullopt, m_ring.begin(), m_top.seq};
}

std::optional<MessageRange> History::missingFor(const EnterRequest &request) const
{
    if (!request.since)
        return missingNewest(std::min(request.history, limits::kHistoryPage));
    if (whyNot(*request.since))
        return missingNewest(limits::kHistoryPage);
    const std::uint64_t seq = request.since->seq;
    return missingFrom(seq != 0 && !idAt(seq) ? seq : seq + 1);
}

std::optional<MessageRange> History::missingFor(const SyncPage &last) const
{
    return last.lastSeq < m_floor.seq ? missingNewest(limits::kHistoryPage) : missingFrom(last.lastSeq + 1);
}

std::optional<MessageRange> History::missingFor(const Engine::HistoryRange &range) const
{
    const std::uint64_t oldest = m_floor.seq + 1;
    if (range.after) {
        const std::uint64_t first = std::max(std::min(*range.after, m_top.seq) + 1, oldest);
        if (first > m_top.seq || m_ring.covers(first))
            return std::nullopt;
        return MessageRange{first, std::nullopt, m_top.seq};
    }
    const std::uint64_t end = std::min(range.before.value_or(m_top.seq + 1), m_top.seq + 1);
    // All of the page: one that the memory has the end of would be a short one.
    const std::uint64_t wanted = std::clamp<std::uint64_t>(range.limit, 1, limits::kHistoryPage);
    const bool isHere = m_ring.begin() <= oldest || m_ring.countBefore(end) >= wanted;
    if (end <= oldest || isHere)
        return std::nullopt;
    return MessageRange{std::nullopt, end, m_top.seq};
}

/// A read sees what is committed and not yet announced: that comes live, and must not come twice. What was
/// deleted since the read began it sees whole.
void History::matchAnnounced(HistoryRing::Stretch &found) const
{
    while (!found.entries.empty() && found.entries.back().seq > m_top.seq)
        found.entries.pop_back();
    found.end = std::min(found.end, m_top.seq + 1);
    for (const HistoryRing::Entry &each : m_ring.entries()) {
        if (each.erases < found.begin || each.erases >= found.end)
            continue;
        const auto target =
            std::ranges::lower_bound(found.entries, each.erases, {}, &HistoryRing::Entry::seq);
        if (target == found.entries.end() || target->seq != each.erases)
            continue;
        if (auto frame = erasure::tombstone(target->frame, each.frame))
            target->frame = *std::move(frame);
    }
}

void History::complete(const MessageRange &range, StoredMessages found)
{
    matchAnnounced(found.stretch);
    if (range.from) {
        m_run = std::make_unique<HistoryRing>(found.stretch.end);
        m_run->prepend(std::move(found.stretch));
    } else if (found.stretch.end == m_ring.begin()) {
        m_ring.prepend(std::move(found.stretch));
    }
    raiseFloor(found.floor);
}

void History::raiseFloor(const MessagePlace &floor)
{
    if (floor.seq > m_floor.seq)
        m_floor = floor;
    m_ring.dropBefore(m_floor.seq + 1);
    if (m_run && m_run->begin() <= m_floor.seq)
        m_run.reset();
}

// ---- memory

std::optional<std::chrono::milliseconds> History::oldestTime() const
{
    if (m_run && !m_run->isEmpty())
        return m_run->oldest().time;
    return m_ring.isEmpty() ? std::nullopt : std::optional(m_ring.oldest().time);
}

void History::dropOldest()
{
    if (std::exchange(m_run, nullptr))
        return;
    if (m_ring.isEmpty())
        return;
    m_ring.dropOldest();
    if (m_keeping == Keeping::InMemory)
        m_floor = m_ring.dropped();
}

} // namespace parlor
