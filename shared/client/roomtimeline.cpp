// SPDX-License-Identifier: MIT
#include "shared/client/roomtimeline.h"

#include "shared/client/fromwire.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace parlor {

RoomTimeline::RoomTimeline(std::size_t held, std::size_t remembered)
    : m_maxHeld(held)
    , m_maxRemembered(remembered)
{
}

void RoomTimeline::restore(const RoomPosition &position, const QList<ShownMessage> &shown)
{
    for (const ShownMessage &each : shown)
        remember(each);
    m_position = position;
    m_cursor = position;
    m_top = position;
    remember({position.id, {}});
}

RoomTimeline::Step RoomTimeline::sync(MessagePage page, const frame::Sync &head)
{
    Step step;
    step.source = head.recovered ? MessageSource::Recovered : MessageSource::Backlog;
    const bool isFurtherPage = continues(page, head);
    const bool first = !isFurtherPage || m_gathered;
    if (!isFurtherPage)
        m_syncReason = head.reason;
    m_syncing = page.more;
    if (gather(page, head, isFurtherPage))
        return step;
    const RoomPosition top{page.epoch, head.seq, fromwire::text(head.id)};
    const bool empty = first && page.events.empty();
    if (first) {
        m_held.clear();
        m_asked = false;
        m_top = {};
        if (!head.recovered || page.epoch != m_cursor.epoch)
            startAnew(page, step);
    }
    // The server has dropped the pages between: these are its newest.
    if (!first && head.reason == frame::SyncReason::TooOld && !page.events.empty() &&
        page.events.front().seq > m_cursor.seq + 1)
        step.missing = MissingMessages{head.reason};
    // What else is not in a page is nowhere: somebody has deleted it.
    for (ChatMessage &each : page.events) {
        passOver(each.seq, step);
        take(std::move(each), step);
    }
    if (page.more)
        return step;
    if (empty)
        jumpTo(top);
    if (top.seq > m_top.seq)
        m_top = top;
    step.upToDate = true;
    lookForHole(step);
    return step;
}

/// Whether it is of the sync under way. One that comes unasked meanwhile has another epoch or reason, or does
/// not have what came last.
bool RoomTimeline::continues(const MessagePage &page, const frame::Sync &head) const
{
    const QString &epoch = m_gathered ? m_gathered->epoch : m_cursor.epoch;
    const bool isEndOfPages = head.reason == frame::SyncReason::TooOld;
    if (!m_syncing || page.epoch != epoch || (head.reason != m_syncReason && !isEndOfPages))
        return false;
    const ChatMessage *const last =
        m_gathered && !m_gathered->events.empty() ? &m_gathered->events.back() : nullptr;
    const quint64 seq = last ? last->seq : m_cursor.seq;
    const QString &id = last ? last->id : m_cursor.id;
    return head.seq >= seq && std::ranges::none_of(page.events, [&](const ChatMessage &each) {
               return each.seq == seq && each.id != id && !id.isEmpty();
           });
}

/// A page of old messages alone does not tell whether the next one joins up with what was shown. True: it
/// waits for the next one; else `page` has all that waited before it.
bool RoomTimeline::gather(MessagePage &page, const frame::Sync &head, bool isFurtherPage)
{
    auto before = std::exchange(m_gathered, std::nullopt);
    if (before && isFurtherPage) {
        page.events.insert(page.events.begin(), std::make_move_iterator(before->events.begin()),
                           std::make_move_iterator(before->events.end()));
    } else if (isFurtherPage || head.recovered || m_known.isEmpty()) {
        return false;
    }
    if (!page.more || page.events.size() >= m_maxHeld)
        return false;
    m_gathered = std::move(page);
    return true;
}

/// With the newest messages, of which some may have been shown. Those, and all before them, are not shown
/// again, as they would come below newer ones.
void RoomTimeline::startAnew(MessagePage &page, Step &step)
{
    auto &events = page.events;
    const auto known = std::find_if(events.rbegin(), events.rend(),
                                    [this](const ChatMessage &each) { return m_known.contains(each.id); });
    const bool isKnown = known != events.rend();
    // What we are at is there, at its place: it is the same history, and lacks nothing of ours.
    if (isKnown && known->seq == m_cursor.seq && (known->id == m_cursor.id || m_cursor.id.isEmpty()))
        step.source = MessageSource::Recovered;
    else if (m_syncReason)
        step.missing =
            MissingMessages{page.epoch == m_cursor.epoch ? m_syncReason : frame::SyncReason::Epoch};
    if (isKnown) {
        for (auto each = events.begin(); each != known.base(); ++each)
            blankIfDeleted(*each, step);
        m_cursor = {page.epoch, known->seq, known->id};
        events.erase(events.begin(), known.base());
    } else {
        m_cursor = {page.epoch, events.empty() ? 0 : std::max<quint64>(events.front().seq, 1) - 1};
    }
}

void RoomTimeline::blankIfDeleted(const ChatMessage &message, Step &step) const
{
    if (message.deletedBy && m_known.contains(message.id))
        step.blank.push_back(message);
}

RoomTimeline::Step RoomTimeline::live(ChatMessage message)
{
    Step step;
    take(std::move(message), step);
    lookForHole(step);
    return step;
}

RoomTimeline::Step RoomTimeline::history(MessagePage page)
{
    Step step;
    step.source = MessageSource::Recovered;
    m_asked = false;
    const quint64 before = m_cursor.seq;
    const bool sameEpoch = page.epoch == m_cursor.epoch;
    if (sameEpoch && !page.events.empty()) {
        // Before the page something may have been dropped; within it nothing is missing.
        const bool isBehindAHole = page.events.front().seq > m_cursor.seq + 1;
        take(std::move(page.events.front()), step);
        if (isBehindAHole)
            giveUpHole(step);
        for (auto each = page.events.begin() + 1; each != page.events.end(); ++each) {
            passOver(each->seq, step);
            take(std::move(*each), step);
        }
    }
    const bool hasMore = sameEpoch && page.more && m_cursor.seq > before;
    if (!hasMore)
        giveUpHole(step);
    lookForHole(step);
    return step;
}

RoomTimeline::Step RoomTimeline::historyRefused()
{
    Step step;
    step.source = MessageSource::Recovered;
    m_asked = false;
    giveUpHole(step);
    lookForHole(step);
    return step;
}

void RoomTimeline::connectionLost()
{
    m_syncing = false;
    m_asked = false;
    m_gathered.reset();
    m_held.clear();
    if (m_position)
        m_cursor = *m_position;
    m_top = m_cursor;
}

void RoomTimeline::commit(const ChatMessage &shown)
{
    m_position = RoomPosition{m_cursor.epoch, shown.seq, shown.id};
}

void RoomTimeline::commitAll()
{
    m_position = m_cursor;
}

void RoomTimeline::take(ChatMessage message, Step &step)
{
    if (message.seq > m_top.seq)
        m_top = {m_cursor.epoch, message.seq, message.id};
    if (message.seq <= m_cursor.seq)
        return;
    if (message.seq == m_cursor.seq + 1) {
        advance(std::move(message), step);
        drainHeld(step);
        return;
    }
    if (m_held.size() < m_maxHeld) // past the cap the history brings it: m_top says that it exists
        m_held.emplace(message.seq, std::move(message));
}

/// There is nothing before `end` that is not here.
void RoomTimeline::passOver(quint64 end, Step &step)
{
    while (m_cursor.seq + 1 < end) {
        jumpTo({m_cursor.epoch, std::min(end, m_held.empty() ? end : m_held.begin()->first) - 1});
        drainHeld(step);
    }
}

void RoomTimeline::drainHeld(Step &step)
{
    while (!m_held.empty() && m_held.begin()->first <= m_cursor.seq + 1) {
        auto node = m_held.extract(m_held.begin());
        if (node.key() > m_cursor.seq)
            advance(std::move(node.mapped()), step);
    }
}

/// To the next one, which is shown unless it was already, perhaps under another id.
void RoomTimeline::advance(ChatMessage message, Step &step)
{
    const QString composed = composedName(message.user, message.cid);
    const bool wasShown = m_known.contains(message.id) || m_known.contains(composed);
    if (wasShown)
        blankIfDeleted(message, step);
    m_cursor = {m_cursor.epoch, message.seq, message.id};
    remember({message.id, composed});
    if (!wasShown && !message.isOfUnknownType)
        step.show.push_back(std::move(message));
}

/// Without what is between.
void RoomTimeline::jumpTo(const RoomPosition &position)
{
    m_cursor = position;
    remember({position.id, {}});
}

void RoomTimeline::giveUpHole(Step &step)
{
    if (m_held.empty() && m_cursor.seq < m_top.seq)
        jumpTo(m_top);
    else if (!m_held.empty() && m_cursor.seq + 1 < m_held.begin()->first)
        jumpTo({m_cursor.epoch, m_held.begin()->first - 1});
    else
        return;
    step.missing = MissingMessages{};
    step.missingAt = step.show.size();
    drainHeld(step);
}

void RoomTimeline::lookForHole(Step &step)
{
    if (m_syncing || m_asked || m_cursor.seq >= m_top.seq)
        return;
    m_asked = true;
    step.askAfter = m_cursor.seq;
}

void RoomTimeline::remember(const ShownMessage &message)
{
    if (message.id.isEmpty() || m_known.contains(message.id))
        return;
    m_byAge.push_back(message);
    m_known.insert(message.id);
    if (!message.composed.isEmpty())
        m_known.insert(message.composed);
    if (m_byAge.size() > m_maxRemembered) {
        m_known.remove(m_byAge.front().id);
        m_known.remove(m_byAge.front().composed);
        m_byAge.pop_front();
    }
}

} // namespace parlor
