// SPDX-License-Identifier: MIT
#include "tests/integration/model/replay.h"

#include <algorithm>

namespace parlor::test::model {

using namespace Qt::StringLiterals;
using Kind = Violation::Kind;

namespace {

constexpr qint64 kPageMessages = 200;
constexpr qint64 kPageBytes = 128 * 1024;
constexpr qint64 kLongestEvent = 4096; ///< of these programs' messages

/// Whether a page may have had no place for one more.
bool isFull(qint64 bytes)
{
    return bytes + kLongestEvent > kPageBytes;
}

} // namespace

void Replay::run()
{
    for (const Entry &each : m_record.clients[static_cast<std::size_t>(m_client)])
        std::visit([this](const auto &known) { handle(known); }, each);
    judgeEnd();
}

void Replay::report(Kind kind, const QString &what)
{
    m_violations.push_back({kind, u"client %1: "_s.arg(m_client) + what});
}

void Replay::follow(Stream &stream, const Message &message, const QString &where)
{
    if (message.seq > stream.at + 1)
        report(Kind::Hole, u"%1 %2: %3 after %4"_s.arg(where, message.room).arg(message.seq).arg(stream.at));
    else if (message.seq <= stream.at)
        report(Kind::Repeat,
               u"%1 %2: %3 after %4"_s.arg(where, message.room).arg(message.seq).arg(stream.at));
    stream.at = message.seq;
    stream.id = message.id;
    m_facts.saw(message, m_era, u"client %1"_s.arg(m_client));
}

void Replay::handle(const entry::Opened &opened)
{
    m_isV2 = opened.isV2;
    const int era = m_facts.era(opened.run);
    if (era != m_era && !m_record.isDurable)
        m_sent.clear();
    m_era = era;
    m_unechoed.clear();
    m_room.clear();
    for (auto &[room, stream] : m_streams) {
        stream.stage = Stage::Outside;
        stream.askedIn.clear();
    }
}

void Replay::handle(const entry::Refused &refused)
{
    // The old connection's last requests may find its places taken.
    if (!refused.replaced)
        report(Kind::Refused, refused.frame);
}

/// As if it had not been sent: the next time it is new.
void Replay::handle(const entry::Declined &declined)
{
    if (m_isV2)
        --m_sent[{declined.room, declined.cid}];
    else
        std::erase(m_unechoed, declined.content);
}

/// Its outcome is settled by the next time, and for v1 never.
void Replay::handle(const entry::Unsure &unsure)
{
    if (unsure.type == u"join" && !m_streams[unsure.room].askedIn.empty())
        m_streams[unsure.room].askedIn.pop_front();
    else if (unsure.type == u"leave")
        m_streams[unsure.room].stage = Stage::Outside;
    else if (!m_isV2)
        std::erase(m_unechoed, unsure.content);
}

void Replay::handle(const entry::Session &session)
{
    if (session.wantedOld && (!session.resumed || (m_session && (session.clientId != m_session->clientId ||
                                                                 session.user != m_session->user))))
        report(Kind::NotResumed, u"is now %1 (resumed: %2)"_s.arg(session.clientId).arg(session.resumed));
    m_session = session;
}

void Replay::handle(const entry::JoinAsked &asked)
{
    m_streams[asked.room].askedIn.push_back(m_streams[asked.room].knownIn);
    if (asked.since && asked.since != m_streams[asked.room].known)
        report(Kind::WrongSince, u"%1: %2"_s.arg(asked.room).arg(asked.since->seq));
}

void Replay::handle(const entry::Joined &joined)
{
    Stream &stream = m_streams[joined.room];
    stream.since = joined.since;
    if (!stream.askedIn.empty()) { // v1 asks for nothing
        stream.sinceIn = stream.askedIn.front();
        stream.askedIn.pop_front();
    }
    stream.history = joined.history;
    if (m_isV2) {
        stream.stage = Stage::Awaiting;
        return;
    }
    if (m_room != joined.room) {
        m_streams[m_room].stage = Stage::Outside;
        stream.at = 0; // v1 does not say where a room stands
    }
    m_room = joined.room;
    stream.stage = Stage::Live;
}

void Replay::handle(const entry::Sent &sent)
{
    if (m_isV2)
        ++m_sent[{sent.room, sent.cid}];
    else
        m_unechoed.push_back(sent.content);
}

void Replay::handle(const entry::Echoed &echo)
{
    if (m_unechoed.empty() || m_unechoed.front() != echo.content)
        report(Kind::Invented, u"an echo of \"%1\""_s.arg(echo.content.left(12).trimmed()));
    else
        m_unechoed.pop_front();
    m_facts.sawEcho(echo.content, m_era);
}

void Replay::handle(const entry::Acked &ack)
{
    const int times = m_sent[{ack.room, ack.cid}];
    if (times == 0)
        report(Kind::Invented, u"an ack of cid %1 in %2, not sent"_s.arg(ack.cid, ack.room));
    else if (ack.dup && times == 1)
        report(Kind::WrongResend, u"cid %1 in %2, sent once, is a dup"_s.arg(ack.cid, ack.room));
    m_facts.sawAck(ack, m_era, m_client);
}

void Replay::handle(const entry::Ended &ended)
{
    if (ended.hung || ended.code != ended.expected)
        report(Kind::Cut, u"it ends with Close %1, not %2 (0: none), hung: %3"_s.arg(ended.code.value_or(0))
                              .arg(ended.expected.value_or(0))
                              .arg(ended.hung));
}

void Replay::judgeFirstPage(Stream &stream, const entry::Synced &sync)
{
    QString expected; // why it cannot resume
    if (stream.since && stream.since->epoch != sync.top.epoch)
        expected = u"epoch"_s;
    else if (stream.since && stream.since->seq > sync.top.seq)
        expected = u"ahead"_s;
    else if (stream.since && m_facts.eraOf(sync.room, stream.sinceIn, stream.since->seq) !=
                                 m_facts.eraOf(sync.room, m_era, stream.since->seq))
        expected = u"diverged"_s;
    const bool isOurs = stream.since && expected.isEmpty();
    if (sync.recovered != isOurs || sync.reason != expected)
        report(Kind::NotRecovered, u"%1, since %2: recovered %3, reason \"%4\", not \"%5\""_s.arg(sync.room)
                                       .arg(stream.since ? stream.since->seq : -1)
                                       .arg(sync.recovered)
                                       .arg(sync.reason, expected));
    stream.recovered = sync.recovered;
    stream.reason = sync.reason;
    if (sync.recovered && stream.since) {
        stream.at = stream.since->seq;
        stream.id = stream.since->id;
        return;
    }
    stream.at = sync.events.empty() ? sync.top.seq : sync.events.front().seq - 1;
    stream.id = sync.events.empty() ? sync.top.id : QString();
    judgeNewestPage(stream, sync);
}

/// It has as much of the past as was asked for, if the room has, and a page.
void Replay::judgeNewestPage(const Stream &stream, const entry::Synced &sync)
{
    const qint64 asked = stream.since ? kPageMessages : std::min<qint64>(stream.history, kPageMessages);
    const qint64 wanted = std::min(asked, sync.top.seq);
    const qint64 events = std::ssize(sync.events);
    if (events > wanted)
        report(Kind::Repeat, u"sync of %1: %2 events, not %3"_s.arg(sync.room).arg(events).arg(wanted));
    else if (events < wanted && !isFull(sync.bytes))
        report(Kind::Hole, u"sync of %1: %2 events, not %3"_s.arg(sync.room).arg(events).arg(wanted));
}

/// It repeats what the first one said: no program says so much that a room's memory drops what is awaited.
void Replay::judgeLaterPage(const Stream &stream, const entry::Synced &sync)
{
    if (sync.recovered != stream.recovered || sync.reason != stream.reason)
        report(Kind::NotRecovered,
               u"a later page of %1, after %2: recovered %3, reason \"%4\""_s.arg(sync.room)
                   .arg(stream.at)
                   .arg(sync.recovered)
                   .arg(sync.reason));
}

void Replay::handle(const entry::Synced &sync)
{
    m_facts.sawEpoch(sync.room, m_era, sync.top.epoch);
    Stream &stream = m_streams[sync.room];
    if (stream.stage == Stage::Awaiting)
        judgeFirstPage(stream, sync);
    else if (stream.stage == Stage::Paging)
        judgeLaterPage(stream, sync);
    else
        report(Kind::Stray, u"a sync of %1 that it did not ask for"_s.arg(sync.room));
    for (const Message &message : sync.events)
        follow(stream, message, u"sync"_s);
    stream.stage = sync.more ? Stage::Paging : Stage::Live;
    if (!sync.more && stream.at != sync.top.seq) {
        report(Kind::Hole,
               u"sync of %1 ends at %2, not %3"_s.arg(sync.room).arg(stream.at).arg(sync.top.seq));
        stream.at = sync.top.seq;
    } else if (!sync.more && stream.id != sync.top.id) {
        report(Kind::TwoOrders,
               u"sync of %1: %2 is %3, but the top is %4"_s.arg(sync.room).arg(stream.at).arg(stream.id,
                                                                                              sync.top.id));
    }
    stream.known = {sync.top.epoch, stream.at, stream.id};
    stream.knownIn = m_era;
}

void Replay::handle(const entry::Heard &heard)
{
    Stream &stream = m_streams[heard.message.room];
    if (stream.stage != Stage::Live)
        report(Kind::Stray, u"live %1/%2"_s.arg(heard.message.room).arg(heard.message.seq));
    if (!m_isV2 && m_session && heard.message.sender == m_session->clientId &&
        std::ranges::find(m_unechoed, heard.message.content) != m_unechoed.end())
        report(Kind::Stray, u"%1/%2 before its echo"_s.arg(heard.message.room).arg(heard.message.seq));
    if (!m_isV2 && stream.at == 0)
        stream.at = heard.message.seq - 1;
    follow(stream, heard.message, u"live"_s);
    if (stream.known)
        stream.known = {stream.known->epoch, stream.at, stream.id};
    stream.knownIn = m_era;
}

/// A page adjoins its bound, and holds something if there is something that way. A bound from another epoch
/// may be anywhere, and so may one from a history that is not there any more.
void Replay::judgeBound(const entry::Paged &page)
{
    const bool isThere =
        page.known.seq == 0 || m_record.forks.empty() || m_facts.isThere(page.known.id, m_era);
    if (page.known.epoch != page.epoch || !isThere)
        return;
    const bool isEmpty = page.events.empty();
    const qint64 first = isEmpty ? 0 : page.events.front().seq;
    const qint64 last = isEmpty ? 0 : page.events.back().seq;
    if (page.after && (isEmpty ? page.known.seq > *page.after : first != *page.after + 1))
        report(Kind::Hole,
               u"history of %1 after %2 begins at %3"_s.arg(page.room).arg(*page.after).arg(first));
    if (page.before && last != std::min(*page.before - 1, page.known.seq))
        report(Kind::Hole,
               u"history of %1 before %2 ends at %3"_s.arg(page.room).arg(*page.before).arg(last));
    judgeMore(page);
}

/// Whether others exist that way. Live messages come in their order with the answer, so that a member knows
/// what was there.
void Replay::judgeMore(const entry::Paged &page)
{
    const bool isEmpty = page.events.empty();
    const qint64 first = isEmpty ? 0 : page.events.front().seq;
    const qint64 last = isEmpty ? 0 : page.events.back().seq;
    const Stream &stream = m_streams[page.room];
    const bool isLive = stream.stage == Stage::Live;
    const qint64 told = isLive ? stream.at : page.known.seq;
    bool isWrong = false;
    if (page.before)
        isWrong = page.more != (first > 1);
    else if (isEmpty)
        isWrong = page.more;
    else
        isWrong = page.more ? isLive && last >= told : last < told;
    if (isWrong)
        report(Kind::Hole,
               u"history of %1, %2 to %3 of %4, more: %5"_s.arg(page.room).arg(first).arg(last).arg(told).arg(
                   page.more));
}

void Replay::handle(const entry::Paged &page)
{
    m_facts.sawEpoch(page.room, m_era, page.epoch);
    judgeBound(page);
    Stream stream;
    stream.at = page.events.empty() ? 0 : page.events.front().seq - 1;
    for (const Message &message : page.events)
        follow(stream, message, u"history"_s);
    if (std::ssize(page.events) > page.limit)
        report(Kind::Repeat, u"history of %1: more than %2"_s.arg(page.room).arg(page.limit));
    if (std::ssize(page.events) < page.limit && page.more && !isFull(page.bytes))
        report(Kind::Hole, u"history of %1: %2 of %3, and there are more"_s.arg(page.room)
                               .arg(page.events.size())
                               .arg(page.limit));
}

void Replay::judgeEnd()
{
    for (const auto &[room, stream] : m_streams) {
        const auto history = m_record.rooms.find(room);
        if (stream.stage == Stage::Outside || history == m_record.rooms.end())
            continue;
        const qint64 top = history->second.messages.empty() ? 0 : history->second.messages.back().seq;
        if (stream.stage != Stage::Live || stream.at < top)
            report(Kind::Behind, u"%1: %2 of %3"_s.arg(room).arg(stream.at).arg(top));
    }
}

} // namespace parlor::test::model
