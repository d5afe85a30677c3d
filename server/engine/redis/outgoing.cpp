// SPDX-License-Identifier: MIT
#include "server/engine/redis/outgoing.h"

#include "server/engine/erasure.h"
#include "server/engine/redis/problem.h"

#include <iterator>
#include <utility>

namespace parlor::redis {

namespace {

/// Redis serves nobody else on the connection meanwhile.
constexpr std::string_view kReplicaWait = "1000";
/// After replicas were missing, until they are waited for again.
constexpr std::chrono::seconds kImpatience{5};

} // namespace

Outgoing::Outgoing(const Parts &parts, const Config &config, WallClock clock)
    : m_commands(parts.commands)
    , m_reader(parts.reader)
    , m_retention(parts.retention)
    , m_keys(parts.keys)
    , m_log(parts.log)
    , m_told(parts.told)
    , m_rooms(parts.rooms)
    , m_config(config)
    , m_clock(std::move(clock))
{
    connect(&m_echo, &QTimer::timeout, this, &Outgoing::lookForUnheard);
}

Outgoing::Sent *Outgoing::find(const std::string &room, const Ulid &id)
{
    const auto sent = m_sent.find(room);
    if (sent == m_sent.end())
        return nullptr;
    const auto own = sent->second.find(id);
    return own == sent->second.end() ? nullptr : &own->second;
}

std::optional<Post> Outgoing::take(const std::string &room, const Ulid &id)
{
    const auto sent = m_sent.find(room);
    auto own = sent == m_sent.end() ? SentOfRoom::node_type() : sent->second.extract(id);
    if (!own)
        return std::nullopt;
    if (sent->second.empty())
        m_sent.erase(sent);
    return std::move(own.mapped().post);
}

// ---- to Redis

void Outgoing::publish(Post post)
{
    if (post.request.erasure)
        return erase(std::move(post));
    const PublishRequest &request = post.request;
    std::string key =
        request.cid.empty()
            ? std::string()
            : m_keys.record(*request.room,
                            HistoryRing::idempotencyKey(post.caller.identity->user(), request.cid));
    send(std::move(post), scripts::publish, std::move(key));
}

/// The message is read first: it tells who may delete it, and what stays of it.
void Outgoing::erase(Post post)
{
    const std::uint64_t seq = post.request.erasure->target.seq;
    const std::string room = *post.request.room;
    const auto waiting = std::make_shared<Post>(std::move(post));
    m_reader.page(room, {seq, seq, 1}, [this, room, waiting](Reader::Page *page, const Reply &reply) {
        if (page)
            return onTarget(std::move(*waiting), page->entries.empty() ? nullptr : &page->entries.front());
        if (reply.isError())
            m_log.warn("read", "cannot read #" + room + " in Redis: " + explain(reply.text()));
        tellRefused(std::move(*waiting));
    });
}

/// The script answers for a tombstone: where replicas have to have it, it may not be there yet.
void Outgoing::onTarget(Post post, const HistoryRing::Entry *target)
{
    const PublishRequest &request = post.request;
    post.refusal = erasure::judge(target, post.caller, *request.erasure).refusal;
    if (post.refusal)
        return tellKept(std::move(post));
    HistoryRing::Entry left = *target;
    const auto deletion = History::compose(*request.room, post.caller, request, 1, m_clock());
    left.frame = erasure::tombstone(target->frame, deletion.frame).value_or(target->frame);
    TombstoneText text = tombstoneText(left);
    std::string key = m_keys.tombstones(*request.room);
    send(std::move(post), scripts::erase, std::move(key),
         {std::to_string(left.seq), left.id.toString(), std::move(text.head), std::move(text.tail)});
}

/// `key` and `rest`: what the script has besides those of all events.
void Outgoing::send(Post post, const Script &script, std::string key, std::vector<std::string> rest)
{
    const std::string room = *post.request.room;
    const std::string *const epoch = m_rooms.epochOf(room);
    if (!epoch || !m_commands.isUp())
        return tellRefused(std::move(post));
    const auto entry = History::compose(room, post.caller, post.request, 1, m_clock());
    // Redis puts the number in. Only the room stands before it, and in its text a quotation mark is escaped.
    static constexpr std::string_view kNumber = "\"seq\":";
    const std::string_view frame = entry.frame.view();
    const std::size_t at = frame.find("\"seq\":1") + kNumber.size();
    std::vector<std::string> keys{m_keys.stream(room), m_keys.top(room)};
    if (!key.empty())
        keys.push_back(std::move(key));
    const Ulid id = entry.id;
    if (m_config.wait != 0)
        m_turn.emplace_back(room, id);
    post.isDurable = m_config.wait == 0;
    m_sent[room].emplace(id, Sent{std::move(post), false, m_config.wait == 0});
    std::vector<std::string> arguments{
        id.toString(), std::string(frame.substr(0, at)),   std::string(frame.substr(at + 1)),
        entry.key,     std::to_string(entry.time.count()), m_keys.channel(room),
        *epoch};
    std::ranges::move(rest, std::back_inserter(arguments));
    m_commands.run(script, std::move(keys), std::move(arguments),
                   [this, room, id](const Reply &reply) { onPublished(room, id, reply); });
}

void Outgoing::onPublished(const std::string &room, const Ulid &id, const Reply &reply)
{
    Sent *const own = find(room, id);
    if (reply[0].text() == "kept") {
        const std::uint64_t seq = number(reply[1].text());
        m_retention.onKept(room, seq);
        if (seq == 1) // another server may have thought that nobody uses it
            m_commands.send({"ZADD", m_keys.rooms(), "0", room}, [](const Reply &) {});
        if (!own)
            return;
        own->isKept = true;
        m_unheard.push_back({std::chrono::steady_clock::now(), room, id});
        if (!m_echo.isActive())
            m_echo.start(m_config.echo / 2);
        return;
    }
    if (!own)
        return; // it was told before the answer was lost
    const bool isRecord = reply[0].text() == "dup" && reply[1].text().find(' ') != std::string_view::npos;
    if (isRecord) {
        std::string_view record = reply[1].text();
        const std::uint64_t seq = number(takeUntil(record, ' '));
        const auto first = Ulid::parse(takeUntil(record, ' '));
        own->isKept = true;
        own->post.duplicateOf = History::Receipt{first.value_or(Ulid()), seq,
                                                 std::chrono::milliseconds(number(record)), true, true};
        if (own->isSettled) // else it waits until replicas have it
            tellKept(*take(room, id));
        return;
    }
    Post post = *take(room, id);
    if (reply[0].text() == "gone") { // it was dropped meanwhile
        post.refusal = erasure::noSuchMessage();
        return tellKept(std::move(post));
    }
    if (reply.isError())
        m_log.warn("write " + explain(reply.text().substr(0, reply.text().find(' '))),
                   "Redis does not take messages of #" + room + ": " + explain(reply.text()));
    const bool isOfAnother = reply[0].text() == "epoch";
    tellRefused(std::move(post), !reply.isNil());
    if (isOfAnother)
        m_rooms.onOtherEpoch(room);
}

void Outgoing::lookForUnheard()
{
    const auto due = std::chrono::steady_clock::now() - m_config.echo;
    while (!m_unheard.empty() && m_unheard.front().since <= due) {
        const Unheard each = std::move(m_unheard.front());
        m_unheard.pop_front();
        if (find(each.room, each.id))
            m_rooms.onUnheard(each.room);
    }
    if (m_unheard.empty())
        m_echo.stop();
}

// ---- replicas

void Outgoing::flush()
{
    if (m_config.wait != 0 && !m_isWaiting)
        waitForReplicas();
}

/// For all that was sent since the last time. Redis does nothing else on this connection meanwhile: where
/// replicas were missing it is asked for next to no time, until it is worth another try.
void Outgoing::waitForReplicas()
{
    if (m_turn.empty())
        return;
    m_isWaiting = true;
    const auto now = std::chrono::steady_clock::now();
    const bool isPatient = now >= m_impatientUntil;
    m_commands.send({"WAIT", std::to_string(m_config.wait), std::string(isPatient ? kReplicaWait : "1")},
                    [this, isPatient, turn = std::exchange(m_turn, {})](const Reply &reply) {
                        m_isWaiting = false;
                        const bool isDurable = reply.integer().value_or(0) >= m_config.wait;
                        if (reply.integer())
                            noteReplicas(isDurable, isPatient);
                        for (const auto &[room, id] : turn)
                            settle(room, id, isDurable);
                        waitForReplicas();
                    });
}

void Outgoing::noteReplicas(bool areThere, bool isPatient)
{
    if (areThere) {
        m_impatientUntil = {};
    } else if (isPatient) {
        m_impatientUntil = std::chrono::steady_clock::now() + kImpatience;
        m_log.warn("wait",
                   "fewer replicas of Redis than --redis-wait wants have the messages; senders are told "
                   "that they are not durable");
    }
}

void Outgoing::settle(const std::string &room, const Ulid &id, bool isDurable)
{
    Sent *const sent = find(room, id);
    if (!sent)
        return;
    if (!sent->isKept) {
        if (m_commands.isUp()) // the script had to be loaded first, and ran behind the wait
            m_turn.emplace_back(room, id);
        return;
    }
    sent->isSettled = true;
    sent->post.isDurable = isDurable;
    if (!sent->post.duplicateOf)
        return m_rooms.onSettled(room);
    sent->post.duplicateOf->durable = isDurable;
    tellKept(*take(room, id));
}

bool Outgoing::isUnsettled(const std::string &room, const Ulid &id) const
{
    const auto sent = m_sent.find(room);
    const auto own = sent == m_sent.end() ? SentOfRoom::const_iterator() : sent->second.find(id);
    return sent != m_sent.end() && own != sent->second.end() && !own->second.isSettled;
}

// ---- outcomes

bool Outgoing::keep(const std::string &room, HistoryRing::Entry &entry)
{
    auto post = take(room, entry.id);
    if (!post)
        return false;
    post->entry = std::move(entry);
    tellKept(*std::move(post));
    return true;
}

void Outgoing::answer(const std::string &room, const std::vector<HistoryRing::Entry> &entries)
{
    for (const HistoryRing::Entry &each : entries) {
        auto post = take(room, each.id);
        if (!post)
            continue;
        post->duplicateOf = History::Receipt{each.id, each.seq, each.time, false, post->isDurable};
        tellKept(*std::move(post));
    }
    refuseKeptOf(&room);
}

/// `room`: null for all of them.
void Outgoing::refuseKeptOf(const std::string *room)
{
    std::vector<Post> lost;
    for (auto &[name, sent] : m_sent) {
        if (room && name != *room)
            continue;
        std::erase_if(sent, [&lost](auto &each) {
            if (each.second.isKept)
                lost.push_back(std::move(each.second.post));
            return each.second.isKept;
        });
    }
    std::erase_if(m_sent, [](const auto &each) { return each.second.empty(); });
    for (Post &each : lost)
        tellRefused(std::move(each), false);
}

void Outgoing::tellKept(Post post)
{
    m_told.waiting.fetch_sub(1);
    if (!post.duplicateOf && !post.refusal)
        m_told.count(&StoreFigures::messages);
    m_listener->onKept({&post, 1});
    m_rooms.onOutcome();
}

void Outgoing::tellRefused(Post post, bool isOutcomeKnown)
{
    post.isOutcomeKnown = isOutcomeKnown;
    m_told.waiting.fetch_sub(1);
    m_told.count(&StoreFigures::failures);
    m_listener->onRefused({&post, 1});
}

} // namespace parlor::redis
