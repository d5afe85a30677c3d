// SPDX-License-Identifier: MIT
#include "server/engine/redis/storeworker.h"

#include "server/engine/redis/problem.h"
#include "server/ops/secret.h"
#include "shared/protocol/limits.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace parlor::redis {

namespace {

constexpr std::size_t kRunMessages = HistoryRing::kMaxMessages;
/// Between two attempts to find Redis at the start.
constexpr std::chrono::milliseconds kOpenAgain{1'000};

void ignore(const Reply &) {}

} // namespace

StoreWorker::StoreWorker(const Store::Config &config, const WallClock &clock, Told &told)
    : m_config(config)
    , m_clock(clock)
    , m_keys{config.prefix}
    , m_told(told)
    , m_log(config.warn)
    , m_commands(config.connection)
    , m_subscriber(config.connection)
    , m_presence(m_commands, m_keys, UlidSource().next(clock()), config.presence, m_log)
    , m_sanctions(m_commands, m_keys, m_log, clock,
                  {[this] { tellOpened(); }, [this](const std::string &error) { onUnusable(error); }})
    , m_reader(m_commands, m_keys)
    , m_retention(m_commands, m_keys, {config.historyMessages, config.historyAge}, clock,
                  [this](std::optional<std::uint64_t> messages) {
                      if (messages)
                          m_told.count(&StoreFigures::dropped, *messages);
                      else
                          m_told.count(&StoreFigures::retentionFailures);
                  })
    , m_outgoing({m_commands, m_reader, m_retention, m_keys, m_log, m_told, *this},
                 {config.wait, config.echo}, clock)
{
    Connection &commands = m_commands.connection();
    connect(&commands, &Connection::up, this, &StoreWorker::onCommandsUp);
    connect(&commands, &Connection::down, this, &StoreWorker::onDown);
    connect(&m_subscriber, &Connection::up, this, &StoreWorker::onSubscriberUp);
    connect(&m_subscriber, &Connection::down, this, &StoreWorker::onDown);
    connect(&m_subscriber, &Connection::pushed, this, &StoreWorker::onPushed);
    connect(&commands, &Connection::turnOver, this, &StoreWorker::endTurn);
    connect(&m_subscriber, &Connection::turnOver, this, &StoreWorker::endTurn);
    connect(&m_proof, &QTimer::timeout, this, [this] { proveAll(); });
    m_patience.setSingleShot(true);
    connect(&m_patience, &QTimer::timeout, this, [this] {
        m_isReachable = false;
        m_cluster->onReachable(false);
    });
}

// ---- connections

void StoreWorker::open(std::function<void(Result<Chat>)> then)
{
    m_opening = std::move(then);
    m_commands.connection().open();
    if (m_opening) // where nobody is at the socket, that is known already
        m_subscriber.open();
}

void StoreWorker::start(MessageStore::Listener &listener, Cluster::Listener &cluster)
{
    m_listener = &listener;
    m_cluster = &cluster;
    m_presence.start(cluster);
    m_sanctions.start(listener);
    m_outgoing.start(listener);
    m_proof.start(m_config.proof);
    m_retention.start();
}

void StoreWorker::close()
{
    m_proof.stop();
    m_outgoing.stop();
    m_retention.stop();
    m_patience.stop();
    m_presence.stop();
    m_commands.connection().close();
    m_subscriber.close();
}

void StoreWorker::onCommandsUp()
{
    proveAll();
    m_presence.restate();
    noteState();
}

/// The first server names the chat. One that has known it longer than Redis does gives it its name again.
void StoreWorker::nameChat()
{
    const auto problem = std::make_shared<std::string>();
    const auto note = [problem](const Reply &reply) {
        if (reply.isError())
            *problem = reply.text();
    };
    const std::string known = epoch();
    m_commands.send(
        {"SET", m_keys.epoch(), known.empty() ? UlidSource().next(m_clock()).toString() : known, "NX"}, note);
    m_commands.send({"SET", m_keys.secret(), m_secret.empty() ? drawSecret() : m_secret, "NX"}, note);
    m_commands.send({"MGET", m_keys.epoch(), m_keys.secret()}, [this, note, problem](const Reply &reply) {
        const bool isNamed = Ulid::parse(reply[0].text()) && !reply[1].text().empty();
        if (isNamed) {
            const std::lock_guard lock(m_told.mutex);
            m_told.epoch = reply[0].text();
            if (m_secret.empty())
                m_secret = reply[1].text();
        }
        if (isNamed)
            return tellOpened();
        if (reply.isNil())
            return; // the connection ended, and that was told
        note(reply);
        if (problem->empty()) // something of another type, or not ours
            *problem = "WRONGTYPE " + m_keys.epoch() + " or " + m_keys.secret();
        onUnusable(*problem);
    });
}

/// What the chat cannot do without cannot be read.
void StoreWorker::onUnusable(const std::string &problem)
{
    const std::string why = "Redis at " + m_config.connection.address.text() + ": " + explain(problem);
    if (m_opening)
        return failOpening(why,
                           passes(problem) ? Connection::Outlook::Passing : Connection::Outlook::Lasting);
    m_log.warn("name", why);
}

void StoreWorker::failOpening(const std::string &why, Connection::Outlook outlook)
{
    const auto then = std::exchange(m_opening, nullptr);
    close(); // it tries no further, and says no more
    Error error{ErrorCode::Unavailable, why};
    if (outlook == Connection::Outlook::Passing)
        error.retryAfter = kOpenAgain;
    then(error);
}

void StoreWorker::tellOpened()
{
    if (m_opening && m_isListening && !m_secret.empty() && m_sanctions.present())
        std::exchange(m_opening, nullptr)(Chat{m_secret, m_sanctions.present()});
}

void StoreWorker::onSubscriberUp()
{
    subscribe(m_keys.control());
    for (const auto &[room, feed] : m_feeds)
        subscribe(m_keys.channel(room));
    noteState();
}

void StoreWorker::onDown(const QString &why, Connection::Outlook outlook)
{
    if (m_opening)
        return failOpening(why.toStdString(), outlook);
    m_wasDown = true;
    const std::string text = why.toStdString();
    m_log.warn(text.substr(0, text.find(" (")), text + "; messages wait until it is back");
    if (!m_commands.isUp())
        m_outgoing.refuseKept();
    if (!m_subscriber.isUp()) {
        std::vector<std::string> unheard;
        for (const auto &[room, feed] : m_feeds) {
            if (feed.state == Feed::State::Subscribing)
                unheard.push_back(room);
        }
        for (const std::string &each : unheard)
            failLoad(each);
    }
    endTurn();
    noteState();
}

void StoreWorker::noteState()
{
    const bool isUp = m_commands.isUp() && m_subscriber.isUp();
    {
        const std::lock_guard lock(m_told.mutex);
        if (isUp && !m_told.figures.isUp && m_cluster)
            ++m_told.figures.reconnects;
        m_told.figures.isUp = isUp;
    }
    if (!m_cluster)
        return;
    if (!isUp) {
        if (m_isReachable && !m_patience.isActive())
            m_patience.start(m_config.patience);
        return;
    }
    m_patience.stop();
    if (std::exchange(m_wasDown, false))
        m_config.inform("Redis is back");
    if (!std::exchange(m_isReachable, true))
        m_cluster->onReachable(true);
}

// ---- rooms

StoreWorker::Feed *StoreWorker::find(const std::string &room)
{
    const auto found = m_feeds.find(room);
    return found == m_feeds.end() ? nullptr : &found->second;
}

/// Null: the room was released since, and perhaps read again.
StoreWorker::Feed *StoreWorker::find(const std::string &room, std::uint64_t number)
{
    Feed *const feed = find(room);
    return feed && feed->number == number ? feed : nullptr;
}

void StoreWorker::readRoom(const std::string &room, MessageStore::Then<StoredRoom> then)
{
    ++m_loading;
    Feed &feed = m_feeds[room];
    feed.number = ++m_lastNumber;
    feed.waiting.push_back(std::move(then));
    if (!m_subscriber.isUp() || !m_commands.isUp())
        return failLoad(room);
    subscribe(m_keys.channel(room));
}

void StoreWorker::release(const std::string &room)
{
    const Feed *const feed = find(room);
    const bool isUnused = feed && feed->last.seq == 0;
    m_feeds.erase(room);
    m_presence.forget(room);
    const std::string channel = m_keys.channel(room);
    m_subscriber.sendPush(std::array<std::string_view, 2>{"UNSUBSCRIBE", channel});
    if (!isUnused)
        return;
    m_commands.run(scripts::glance, {m_keys.top(room), m_keys.servers(room)}, {},
                   [this, room](const Reply &reply) {
                       if (reply.isArray() && reply[0].isNil() && reply[1].integer() == 0 && !find(room))
                           m_commands.send({"ZREM", m_keys.rooms(), room}, ignore);
                   });
}

void StoreWorker::subscribe(const std::string &channel)
{
    m_subscriber.sendPush(std::array<std::string_view, 2>{"SUBSCRIBE", channel});
}

void StoreWorker::load(const std::string &room)
{
    Feed &feed = m_feeds[room];
    feed.state = Feed::State::Loading;
    noteReading(feed);
    m_commands.run(scripts::load, {m_keys.top(room), m_keys.servers(room), m_keys.version(room)}, {},
                   [this, room, number = feed.number](const Reply &reply) { onHead(room, number, reply); });
}

/// The newest messages are read behind the room's top: so they reach up to it.
void StoreWorker::onHead(const std::string &room, std::uint64_t number, const Reply &reply)
{
    Feed *const feed = find(room, number);
    if (!feed)
        return;
    if (!reply.isArray())
        return failLoad(room, reply);
    StoredRoom stored;
    const bool isNamed = Ulid::parse(reply[0].text()).has_value();
    stored.epoch = isNamed ? std::string(reply[0].text()) : epoch();
    stored.top = place(reply[1].text(), reply[2].text());
    stored.newest.floor = place(reply[3].text());
    m_presence.show(room, reply[4], reply[5]);
    m_reader.page(room, {0, Reader::kNewest, limits::kHistoryPage, EntryReader::Order::NewestFirst},
                  [this, room, number, stored = std::move(stored)](Reader::Page *page, const Reply &answer) {
                      if (page)
                          onLoaded(room, number, stored, std::move(*page));
                      else if (find(room, number))
                          failLoad(room, answer);
                  });
}

void StoreWorker::onLoaded(const std::string &room, std::uint64_t number, StoredRoom stored,
                           Reader::Page page)
{
    Feed *const feed = find(room, number);
    if (!feed)
        return;
    noteWrong(room, page.wrong);
    auto &stretch = stored.newest.stretch;
    stretch.entries = std::move(page.entries);
    if (!stretch.entries.empty() && stretch.entries.back().seq > stored.top.seq)
        stored.top = stretch.entries.back().place(); // the top alone was lost
    if (stored.newest.floor.seq > stored.top.seq)
        stored.newest.floor = {}; // nobody of us wrote it
    stretch.end = stored.top.seq + 1;
    if (!page.isCut)
        stretch.begin = stored.newest.floor.seq + 1;
    else
        stretch.begin = stretch.entries.empty() ? stretch.end : stretch.entries.front().seq;
    feed->state = Feed::State::Live;
    m_hasTold = true;
    if (std::exchange(feed->isDoubted, false)) {
        compare(*feed, room, std::move(stored));
    } else {
        feed->last = stored.top;
        feed->epoch = stored.epoch;
        m_commands.send({"ZADD", m_keys.rooms(), "0", room}, ignore);
        for (const auto &each : std::exchange(feed->waiting, {})) {
            --m_loading;
            each(stored);
        }
    }
    deliverHeld(room);
    tellUpToDate(room, true);
}

/// Goes on behind the last message that was told, if it is in the room's history, or was its last one to be
/// dropped. Else the history has gone another way, or too far, and the room begins anew.
void StoreWorker::compare(Feed &feed, const std::string &room, StoredRoom stored)
{
    const MessagePlace last = feed.last;
    auto &newest = stored.newest;
    const auto isLast = [&last](const HistoryRing::Entry &each) { return each.place() == last; };
    const bool isThere =
        stored.top == last || newest.floor == last || std::ranges::any_of(newest.stretch.entries, isLast);
    if (isThere && stored.epoch == feed.epoch && newest.stretch.begin <= last.seq + 1) {
        for (HistoryRing::Entry &each : newest.stretch.entries) {
            if (each.seq > last.seq)
                onNext(feed, room, std::move(each));
        }
        return;
    }
    m_told.count(&StoreFigures::diverged);
    m_log.warn("diverged",
               "the history of #" + room + " in Redis is not the one that was told here: message " +
                   std::to_string(last.seq) + " is not in it, and it goes up to " +
                   std::to_string(stored.top.seq) +
                   "; a failover or a restart lost the newest, and members are told (docs/operating.md)");
    feed.last = stored.top;
    feed.epoch = stored.epoch;
    const bool isTooOld = newest.floor.seq > last.seq && stored.top.seq > last.seq;
    const auto entries = newest.stretch.entries;
    m_cluster->onDiverged(room, std::move(stored),
                          isTooOld ? frame::SyncReason::TooOld : frame::SyncReason::Diverged);
    m_outgoing.answer(room, entries);
}

void StoreWorker::failLoad(const std::string &room, const Reply &reply)
{
    Feed *const feed = find(room);
    if (!feed)
        return;
    if (reply.isError())
        m_log.warn("read", "cannot read #" + room + " in Redis: " + explain(reply.text()));
    if (feed->waiting.empty()) { // it is in memory, and goes on; the next proof tries again
        feed->state = Feed::State::Live;
        return tellUpToDate(room, false);
    }
    const auto waiting = std::exchange(feed->waiting, {});
    m_feeds.erase(room);
    for (const auto &each : waiting) {
        --m_loading;
        each(Error{ErrorCode::Unavailable, "Redis does not answer"});
    }
}

/// Entries that others wrote are passed over.
void StoreWorker::noteWrong(const std::string &room, std::size_t entries)
{
    if (entries != 0)
        m_log.warn("wrong", std::to_string(entries) + " entries of " + m_keys.stream(room) +
                                " in Redis are not Parlor's messages, and are left out; see who else writes "
                                "there, and delete them with XDEL");
}

/// Whether the newest message of each room is still the one that is known here.
void StoreWorker::proveAll()
{
    if (!m_commands.isUp())
        return;
    nameChat();
    m_sanctions.prove();
    for (const auto &[room, feed] : m_feeds) {
        if (feed.state == Feed::State::Live)
            prove(room, feed);
    }
}

void StoreWorker::prove(const std::string &room, const Feed &feed)
{
    m_commands.run(scripts::prove, {m_keys.top(room), m_keys.version(room)}, {},
                   [this, room, number = feed.number, last = feed.last](const Reply &reply) {
                       if (find(room, number))
                           onProof(room, last, reply);
                   });
}

void StoreWorker::onProof(const std::string &room, const MessagePlace &asked, const Reply &reply)
{
    const Feed *const feed = find(room);
    if (!reply.isArray())
        return;
    m_presence.prove(room, reply[3]);
    if (feed->state != Feed::State::Live)
        return;
    if (feed->isDoubted)
        return startAnew(room); // it could not be read
    if (feed->last != asked)
        return; // the answer is older than what was told since
    const MessagePlace top = place(reply[1].text(), reply[2].text());
    const bool isRenamed = !reply[0].isNil() && reply[0].text() != feed->epoch;
    if (top.seq > asked.seq && !isRenamed)
        repair(room);
    else if (top != asked || isRenamed)
        startAnew(room);
}

/// The room's messages in Redis seem not to be those that were told here.
void StoreWorker::startAnew(const std::string &room)
{
    m_feeds[room].isDoubted = true;
    load(room);
}

// ---- messages come

void StoreWorker::onPushed(const Reply &pushed)
{
    const std::string_view channel = pushed[1].text();
    const bool isMessage = pushed[0].text() == "message";
    if (channel == m_keys.control()) {
        if (!isMessage) {
            m_isListening = true;
            m_presence.onListening();
            tellOpened();
        } else if (m_cluster && !m_sanctions.onControl(pushed[2].text())) {
            m_presence.onControl(pushed[2].text());
        }
        return;
    }
    const auto room = m_keys.roomOf(channel);
    Feed *const feed = room ? find(*room) : nullptr;
    if (!feed)
        return;
    if (pushed[0].text() == "subscribe") {
        if (feed->state == Feed::State::Subscribing)
            load(*room);
        else if (feed->state == Feed::State::Live) {
            prove(*room, *feed); // something may have been told meanwhile
            repair(*room);
        }
        return;
    }
    if (!isMessage || feed->state == Feed::State::Subscribing)
        return;
    const std::string_view text = pushed[2].text();
    m_hasTold = true;
    const MessagePlace floor = text.starts_with('f') ? place(text.substr(1)) : MessagePlace();
    const bool isBelieved = feed->state == Feed::State::Loading || floor.seq <= feed->last.seq;
    if (!floor.id.isNull() && isBelieved) {
        m_listener->onDropped(*room, floor);
    } else if (auto echo = m_entries.echo(*room, text)) {
        feed->held.push_back(*std::move(echo));
        deliverHeld(*room);
    } else if (!m_presence.onTold(*room, text)) {
        m_log.warn("told",
                   "somebody else publishes on " + std::string(channel) + " in Redis; that is left out");
    }
}

void StoreWorker::deliverHeld(const std::string &room)
{
    for (Feed *feed = find(room); feed && feed->state == Feed::State::Live && !feed->held.empty();) {
        if (!take(*feed, room, feed->held.front()))
            return;
        feed->held.pop_front();
    }
}

/// False: it has to wait.
bool StoreWorker::take(Feed &feed, const std::string &room, const Echo &echo)
{
    const HistoryRing::Entry &entry = echo.entry;
    if (entry.seq <= feed.last.seq) {
        if (entry.seq == feed.last.seq && entry.id != feed.last.id) {
            startAnew(room); // the same number was given again; what is loaded has this one, or it is gone
        }
        return true; // read already; where numbers went back further, the next proof sees it
    }
    const bool follows = entry.seq == feed.last.seq + 1 && echo.before == feed.last.id;
    if (!follows) {
        if (feed.missing == entry.id)
            return true; // what it follows, and itself, are not in the stream any more
        feed.missing = entry.id;
        repair(room);
        return false;
    }
    if (m_outgoing.isUnsettled(room, entry.id))
        return false;
    onNext(feed, room, entry);
    return true;
}

void StoreWorker::onNext(Feed &feed, const std::string &room, HistoryRing::Entry entry)
{
    feed.last = entry.place();
    if (!m_outgoing.keep(room, entry))
        m_cluster->onAnnounced(room, std::move(entry));
}

void StoreWorker::bringUpToDate(const std::string &room, std::function<void(bool isRead)> then)
{
    Feed *const feed = find(room);
    if (!feed)
        return then(false);
    feed->whenUpToDate.push_back(std::move(then));
    if (feed->state == Feed::State::Live)
        repair(room);
}

/// To those who had asked when the reading began. For the others it is read once more.
void StoreWorker::tellUpToDate(const std::string &room, bool isRead)
{
    Feed *const feed = find(room);
    if (!feed || feed->state != Feed::State::Live)
        return; // it is being read again
    for (const auto &each : std::exchange(feed->whenRead, {}))
        each(isRead);
    if (!feed->whenUpToDate.empty())
        repair(room);
}

void StoreWorker::noteReading(Feed &feed)
{
    for (auto &each : std::exchange(feed.whenUpToDate, {}))
        feed.whenRead.push_back(std::move(each));
}

/// Reads what follows the last message. The answer begins with that one, which proves it.
void StoreWorker::repair(const std::string &room)
{
    Feed &feed = m_feeds[room];
    feed.state = Feed::State::Repairing;
    noteReading(feed);
    readFrom(room, feed.number, feed.last.seq, true);
}

void StoreWorker::readFrom(const std::string &room, std::uint64_t number, std::uint64_t from, bool hasProof)
{
    m_reader.page(room, {from, Reader::kNewest, kRunMessages},
                  [this, room, number, hasProof](Reader::Page *page, const Reply &) {
                      onRepaired(room, number, hasProof, page);
                  });
}

/// `page`: null where it could not be read.
void StoreWorker::onRepaired(const std::string &room, std::uint64_t number, bool hasProof, Reader::Page *page)
{
    Feed *const feed = find(room, number);
    if (!feed || feed->state != Feed::State::Repairing)
        return;
    if (!page) {
        feed->state = Feed::State::Live;
        feed->missing = {};
        return tellUpToDate(room, false); // the next proof asks again
    }
    noteWrong(room, page->wrong);
    auto &entries = page->entries;
    const bool isFirst = entries.empty() || entries.front().seq == 1;
    const bool isLast = !entries.empty() && entries.front().place() == feed->last;
    if (hasProof && !(feed->last.seq == 0 ? isFirst : isLast))
        return startAnew(room);
    bool isHole = false;
    for (HistoryRing::Entry &each : entries) {
        if (each.seq <= feed->last.seq)
            continue;
        isHole = true;
        onNext(*feed, room, std::move(each));
    }
    if (isHole) {
        m_told.count(&StoreFigures::repairs);
        m_hasTold = true;
    }
    if (page->isCut)
        return readFrom(room, number, page->lastSeq + 1, false);
    feed->state = Feed::State::Live;
    deliverHeld(room);
    tellUpToDate(room, true);
}

/// All that comes in one turn of the event loop is delivered together.
void StoreWorker::endTurn()
{
    m_commands.connection().flush();
    if (std::exchange(m_hasTold, false))
        m_cluster->onTurnOver();
}

void StoreWorker::flush()
{
    m_presence.flush();
    m_outgoing.flush();
    endTurn();
}

// ---- what this server's own messages are told, and tell

const std::string *StoreWorker::epochOf(const std::string &room) const
{
    const auto found = m_feeds.find(room);
    return found == m_feeds.end() ? nullptr : &found->second.epoch;
}

void StoreWorker::onSettled(const std::string &room)
{
    m_hasTold = true;
    deliverHeld(room);
}

void StoreWorker::onUnheard(const std::string &room)
{
    if (const Feed *const feed = find(room); feed && feed->state == Feed::State::Live)
        repair(room);
}

void StoreWorker::onOtherEpoch(const std::string &room)
{
    if (const Feed *const feed = find(room); feed && feed->state == Feed::State::Live)
        startAnew(room);
}

std::string StoreWorker::epoch() const
{
    const std::lock_guard lock(m_told.mutex);
    return m_told.epoch;
}

} // namespace parlor::redis
