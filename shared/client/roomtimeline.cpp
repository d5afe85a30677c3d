// SPDX-License-Identifier: MIT
#include "shared/client/roomtimeline.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace parlor {

RoomTimeline::RoomTimeline(std::size_t held, std::size_t rememberedIds)
    : m_maxHeld(held)
    , m_maxIds(rememberedIds)
{
}

void RoomTimeline::restore(const RoomPosition &position, const QList<ShownMessage> &shown)
{
    for (const ShownMessage &each : shown)
        (void)isNew(each);
    m_position = position;
    m_epoch = position.epoch;
    m_cursor = position.seq;
    m_top = position.seq;
}

RoomTimeline::Step RoomTimeline::sync(MessagePage page, const frame::Sync &head)
{
    Step step;
    step.source = head.recovered ? MessageSource::Recovered : MessageSource::Backlog;
    const bool isGathered = m_gathered.has_value();
    if (gather(page, head))
        return step;
    const bool first = isGathered || !m_syncing || page.epoch != m_epoch;
    m_syncing = page.more;
    const bool empty = first && page.events.empty();
    if (first) {
        m_held.clear();
        m_asked = false;
        m_top = 0;
        if (!head.recovered || page.epoch != m_epoch)
            startAnew(page, head, step);
    }
    // What is not in a page is nowhere: somebody has deleted it.
    for (ChatMessage &each : page.events) {
        passOver(each.seq, step);
        take(std::move(each), step);
    }
    if (page.more)
        return step;
    if (empty)
        m_cursor = head.seq;
    m_top = std::max({m_top, m_cursor, static_cast<quint64>(head.seq)});
    step.upToDate = true;
    lookForHole(step);
    return step;
}

/// A page of old messages alone does not tell whether the next one joins up with what was shown. True: it
/// waits for the next one; else `page` has all that waited before it.
bool RoomTimeline::gather(MessagePage &page, const frame::Sync &head)
{
    auto before = std::exchange(m_gathered, std::nullopt);
    if (before && before->epoch == page.epoch) {
        page.events.insert(page.events.begin(), std::make_move_iterator(before->events.begin()),
                           std::make_move_iterator(before->events.end()));
    } else if (head.recovered || m_ids.isEmpty() || (m_syncing && page.epoch == m_epoch)) {
        return false;
    }
    if (!page.more || page.events.size() >= m_maxHeld)
        return false;
    m_gathered = std::move(page);
    return true;
}

/// With the newest messages, of which some may have been shown. Those, and all before them, are not shown
/// again, as they would come below newer ones.
void RoomTimeline::startAnew(MessagePage &page, const frame::Sync &head, Step &step)
{
    auto &events = page.events;
    const auto known = std::find_if(events.rbegin(), events.rend(),
                                    [this](const ChatMessage &each) { return m_ids.contains(each.id); });
    // What we saw last is there under its number: it is the same history, and lacks nothing of ours.
    const bool joinsUp = known != events.rend() && ShownMessage{known->id, known->seq} == m_last;
    if (joinsUp) {
        step.source = MessageSource::Recovered;
        if (page.epoch != m_epoch) {
            step.renamed = RenamedEpoch{m_epoch, page.epoch};
            m_position = RoomPosition{page.epoch, known->seq};
        }
    } else if (head.reason) {
        step.missing = MissingMessages{head.reason};
    }
    m_epoch = page.epoch;
    if (known != events.rend()) {
        m_cursor = known->seq;
        events.erase(events.begin(), known.base());
    } else {
        m_cursor = events.empty() ? head.seq : std::max<quint64>(events.front().seq, 1) - 1;
    }
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
    const quint64 before = m_cursor;
    const bool sameEpoch = page.epoch == m_epoch;
    if (sameEpoch && !page.events.empty()) {
        // Before the page something may have been dropped; within it nothing is missing.
        const bool isBehindAHole = page.events.front().seq > m_cursor + 1;
        take(std::move(page.events.front()), step);
        if (isBehindAHole)
            giveUpHole(step);
        for (auto each = page.events.begin() + 1; each != page.events.end(); ++each) {
            passOver(each->seq, step);
            take(std::move(*each), step);
        }
    }
    const bool hasMore = sameEpoch && page.more && m_cursor > before;
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
    if (m_position) {
        m_cursor = m_position->seq;
        m_epoch = m_position->epoch;
    }
    m_top = m_cursor;
}

void RoomTimeline::commit(const ChatMessage &shown)
{
    m_position = RoomPosition{m_epoch, shown.seq};
}

void RoomTimeline::commitAll()
{
    m_position = RoomPosition{m_epoch, m_cursor};
}

void RoomTimeline::take(ChatMessage message, Step &step)
{
    m_top = std::max(m_top, message.seq);
    if (message.seq <= m_cursor)
        return;
    if (message.seq == m_cursor + 1) {
        m_cursor = message.seq;
        if (isNew({message.id, message.seq}))
            step.show.push_back(std::move(message));
        drainHeld(step);
        return;
    }
    if (m_held.size() < m_maxHeld) // past the cap the history brings it: m_top says that it exists
        m_held.emplace(message.seq, std::move(message));
}

/// There is nothing before `end` that is not here.
void RoomTimeline::passOver(quint64 end, Step &step)
{
    while (m_cursor + 1 < end) {
        m_cursor = std::min(end, m_held.empty() ? end : m_held.begin()->first) - 1;
        drainHeld(step);
    }
}

void RoomTimeline::drainHeld(Step &step)
{
    while (!m_held.empty() && m_held.begin()->first <= m_cursor + 1) {
        auto node = m_held.extract(m_held.begin());
        if (node.key() <= m_cursor)
            continue;
        m_cursor = node.key();
        if (isNew({node.mapped().id, node.key()}))
            step.show.push_back(std::move(node.mapped()));
    }
}

void RoomTimeline::giveUpHole(Step &step)
{
    const quint64 end = m_held.empty() ? m_top : m_held.begin()->first - 1;
    if (m_cursor >= end)
        return;
    m_cursor = end;
    step.missing = MissingMessages{};
    step.missingAt = step.show.size();
    drainHeld(step);
}

void RoomTimeline::lookForHole(Step &step)
{
    if (m_syncing || m_asked || m_cursor >= m_top)
        return;
    m_asked = true;
    step.askAfter = m_cursor;
}

bool RoomTimeline::isNew(const ShownMessage &message)
{
    if (m_ids.contains(message.id))
        return false;
    m_ids.insert(message.id);
    m_idsByAge.push_back(message.id);
    m_last = message;
    if (m_idsByAge.size() > m_maxIds) {
        m_ids.remove(m_idsByAge.front());
        m_idsByAge.pop_front();
    }
    return true;
}

} // namespace parlor
