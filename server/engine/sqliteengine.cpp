// SPDX-License-Identifier: MIT
#include "server/engine/sqliteengine.h"

#include "shared/protocol/ulid.h"

#include <algorithm>
#include <fstream>
#include <utility>

namespace parlor {

using sqlite::Post;
using sqlite::Problem;
using sqlite::StoreReader;

namespace {

/// Messages read at once for those who catch up: several pages, and never more than a ring takes.
constexpr std::size_t kRunMessages = HistoryRing::kMaxMessages;
constexpr std::size_t kRunBytes = HistoryRing::kMaxBytes / 2;

constexpr std::chrono::milliseconds kRetry{1000};

Error notKept()
{
    return {ErrorCode::Unavailable, "the server cannot store messages at present; this one is not published",
            kRetry};
}

Error tooMany()
{
    return {ErrorCode::Unavailable, "messages come faster than the server can store them; try again later",
            kRetry};
}

Error stopping()
{
    return {ErrorCode::Unavailable, "the server is stopping; this message is not published", kRetry};
}

Error notRead()
{
    return {ErrorCode::Unavailable, "the server cannot read its messages at present; try again later",
            kRetry};
}

Error gone()
{
    return {ErrorCode::Unavailable, "a newer connection has this session"};
}

std::string bootId()
{
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::string id;
    std::getline(file, id);
    return id; // empty: it cannot be read
}

/// A list's entries from memory and from the store, by name; rooms in both count in memory.
std::vector<delivery::RoomsListed::Entry> merged(std::vector<delivery::RoomsListed::Entry> memory,
                                                 std::vector<delivery::RoomsListed::Entry> stored)
{
    std::vector<delivery::RoomsListed::Entry> all;
    all.reserve(memory.size() + stored.size());
    std::ranges::merge(memory, stored, std::back_inserter(all), {}, &delivery::RoomsListed::Entry::name,
                       &delivery::RoomsListed::Entry::name);
    for (std::size_t i = 1; i < all.size(); ++i) {
        if (all[i].name == all[i - 1].name) // the former is from memory, and may not be loaded yet
            all[i - 1].seq = std::max(all[i - 1].seq, all[i].seq);
    }
    const auto doubles = std::ranges::unique(all, {}, &delivery::RoomsListed::Entry::name);
    all.erase(doubles.begin(), doubles.end());
    return all;
}

} // namespace

std::unique_ptr<SqliteEngine> SqliteEngine::open(const Config &config, const WallClock &clock,
                                                 std::string &why)
{
    sqlite::StoreConfig store{config.path, config.durability,
                              config.bootId.empty() ? bootId() : config.bootId,
                              [clock] { return UlidSource().next(clock()).toString(); }};
    if (store.bootId.empty() && config.durability == sqlite::Durability::Normal)
        config.warn("/proc/sys/kernel/random/boot_id cannot be read: after a kill positions of clients in " +
                    config.path + " will be void");
    auto file = sqlite::StoreFile::open(store, why);
    if (!file)
        return nullptr;
    if (file->hasNewEpochs())
        config.warn(
            "the store " + config.path +
            " may lack messages (it is a copy, was edited or got other rights while no server ran, or the "
            "machine went down under it): to clients its history begins anew; nothing need be done");
    std::unique_ptr<SqliteEngine> engine(new SqliteEngine(config, clock, std::move(file)));
    Problem problem = engine->m_writer.start();
    if (!problem)
        problem = engine->m_reads.start(engine->m_file->path());
    if (problem) {
        why = "cannot use the store " + config.path + ": " + problem.text + remedy(problem);
        return nullptr;
    }
    engine->m_rooms.makePermanent();
    return engine;
}

SqliteEngine::SqliteEngine(const Config &config, const WallClock &clock,
                           std::unique_ptr<sqlite::StoreFile> file)
    : LocalEngine(config.rooms, clock, file->epoch(), [this](const RoomPointer &room) { load(room); })
    , m_warn(config.warn)
    , m_inform(config.inform)
    , m_retention(config.retention)
    , m_pageRetry(config.pageRetry)
    , m_file(std::move(file))
    , m_writer(m_file->database(), config.retention, clock, *this, config.writing)
{
}

SqliteEngine::~SqliteEngine()
{
    stop();
    if (m_writer.isDamaged())
        m_file->closeDamaged();
    else
        m_file->closeCleanly();
}

void SqliteEngine::stop()
{
    m_reads.stop();
    m_writer.stop();
}

void SqliteEngine::waitUntilIdle()
{
    do {
        m_reads.waitUntilIdle();
        m_writer.flush();
        m_writer.waitUntilIdle();
    } while (!m_writer.isIdle());
}

std::optional<StoreFigures> SqliteEngine::storeFigures() const
{
    StoreFigures figures;
    m_writer.addTo(figures);
    figures.reads = m_reads.count();
    figures.logBytes = m_file->logBytes();
    return figures;
}

// ---- reading

void SqliteEngine::load(const RoomPointer &room)
{
    m_reads.push({[this, room](StoreReader &reader) {
        StoreReader::Found found;
        const bool done = reader.room(*room->room.name(), found);
        noteRead(reader.problem());
        if (done) {
            room->storeRow.store(found.row, std::memory_order_relaxed); // before anybody else may use it
            m_rooms.loaded(room, std::move(found.past));
        } else {
            m_rooms.loadFailed(room, notRead());
        }
        m_writer.flush();
    }});
}

/// All who need something from the store of this room wait for one read, and then look again whether they
/// have what they need. Under the room's lock.
void SqliteEngine::readFor(LockedRoom &room, const Room::Missing &missing, LockedRoom::Reader reader)
{
    room.readers.push_back(std::move(reader));
    ++room.pins;
    if (std::exchange(room.reading, true))
        return;
    const auto read = [this, locked = room.shared_from_this(),
                       row = room.storeRow.load(std::memory_order_relaxed), missing](StoreReader &store) {
        HistoryRing::Stretch found;
        const bool isPage = missing.before.has_value();
        const bool done = store.messages(row, missing, isPage ? limits::kHistoryPage : kRunMessages,
                                         isPage ? limits::kHistoryPageBytes : kRunBytes, found);
        noteRead(store.problem());
        const Error why = notRead();
        {
            const std::lock_guard lock(locked->mutex);
            if (done)
                locked->room.complete(missing, std::move(found));
            endRead(*locked, done ? nullptr : &why);
        }
        m_rooms.settle(locked);
    };
    m_reads.push({read, [this, locked = room.shared_from_this()] { return isAbandoned(locked); }});
}

/// Under the room's lock.
void SqliteEngine::endRead(LockedRoom &room, const Error *why)
{
    room.reading = false;
    const auto readers = std::exchange(room.readers, {});
    for (const LockedRoom::Reader &each : readers)
        each.done(room, why);
    room.pins -= static_cast<unsigned>(readers.size());
    room.noteUse();
}

/// Whether all who waited for the read of this room have gone; then it is over.
bool SqliteEngine::isAbandoned(const RoomPointer &room)
{
    {
        const std::lock_guard lock(room->mutex);
        const auto isHere = [this](const LockedRoom::Reader &each) {
            return m_directory.isAttached(each.caller);
        };
        if (std::ranges::any_of(room->readers, isHere))
            return false;
        const Error why = gone();
        endRead(*room, &why);
    }
    m_rooms.settle(room);
    return true;
}

void SqliteEngine::admit(LockedRoom &room, const Caller &caller, EnterRequest request)
{
    if (!m_directory.isAttached(caller)) { // it went, or moved, while it waited
        return refuse(caller, request.rid, gone(), request.room, {}, true);
    }
    const auto missing = room.room.missingFor(request);
    if (!missing)
        return room.room.enter(caller, request);
    readFor(room, *missing, {caller, [this, caller, request](LockedRoom &locked, const Error *why) {
                                 if (why)
                                     return refuse(caller, request.rid, *why, request.room, {}, true);
                                 admit(locked, caller, request);
                             }});
}

void SqliteEngine::catchUp(const Caller &caller, const RoomName &room, const SyncPage &last)
{
    m_rooms.with(*room, [this, caller, last](LockedRoom *locked, const Error *) {
        if (locked)
            sendPage(*locked, caller, last, locked->room.entryOf(caller));
    });
}

void SqliteEngine::sendPage(LockedRoom &room, const Caller &caller, const SyncPage &last, std::uint64_t entry)
{
    const auto missing = room.room.missingFor(caller, last, entry);
    if (!missing)
        return room.room.catchUp(caller, last, entry);
    readFor(room, *missing, {caller, [this, caller, last, entry](LockedRoom &locked, const Error *why) {
                                 if (why)
                                     sendPageLater(locked.shared_from_this(), caller, last, entry);
                                 else
                                     sendPage(locked, caller, last, entry);
                             }});
}

/// It is a member, and only the end of its connection could take that back: it waits as a slow reader does.
void SqliteEngine::sendPageLater(const RoomPointer &room, const Caller &caller, const SyncPage &last,
                                 std::uint64_t entry)
{
    const auto again = [this, room, caller, last, entry](StoreReader &) {
        const std::lock_guard lock(room->mutex);
        sendPage(*room, caller, last, entry);
    };
    m_reads.pushAfter(m_pageRetry, {again, [this, caller] { return !m_directory.isAttached(caller); }});
    caller.port->deliver(delivery::PageDelayed{caller.session, room->room.name()});
}

void SqliteEngine::history(const Caller &caller, const std::string &room, RequestId rid, HistoryRange range)
{
    m_rooms.with(room, [this, caller, room, rid, range](LockedRoom *locked, const Error *why) {
        if (!locked)
            return refuse(caller, rid, *why, room);
        const auto missing = locked->room.missingFor(range);
        if (!missing)
            return locked->room.history(caller, rid, range);
        const auto read = [this, caller, rid, range, missing = *missing,
                           row = locked->storeRow.load(std::memory_order_relaxed),
                           shared = locked->shared_from_this()](StoreReader &store) {
            HistoryRing::Stretch found;
            const bool done =
                store.messages(row, missing, limits::kHistoryPage, limits::kHistoryPageBytes, found);
            noteRead(store.problem());
            if (!done)
                return refuse(caller, rid, notRead(), *shared->room.name());
            const std::lock_guard lock(shared->mutex);
            shared->room.history(caller, rid, range, std::move(found));
        };
        m_reads.push({read, [this, caller] { return !m_directory.isAttached(caller); }});
    });
}

/// As StoreReader::rooms(), of those that can be entered: any number of others may lie between them.
bool SqliteEngine::storedRooms(StoreReader &store, const std::string &prefix, const std::string &after,
                               std::size_t most, std::vector<delivery::RoomsListed::Entry> &found) const
{
    if (!m_rooms.isFixed())
        return store.rooms(prefix, after, most, found);
    for (const std::string_view name : RoomTable::kPermanentRooms) {
        if (!name.starts_with(prefix) || name <= after)
            continue;
        std::vector<delivery::RoomsListed::Entry>
            first; // of those whose names begin so: itself, if it is there
        if (!store.rooms(std::string(name), {}, 1, first))
            return false;
        if (!first.empty() && first.front().name == name)
            found.push_back(std::move(first.front()));
    }
    return true;
}

void SqliteEngine::rooms(const Caller &caller, RequestId rid, std::string prefix, std::string after,
                         std::uint32_t limit)
{
    const auto read = [this, caller, rid, prefix = std::move(prefix), after = std::move(after),
                       limit](StoreReader &store) {
        const std::size_t most = std::size_t(limit) + 1;
        std::vector<delivery::RoomsListed::Entry> stored;
        const bool done = storedRooms(store, prefix, after, most, stored);
        noteRead(store.problem());
        if (!done)
            return refuse(caller, rid, notRead(), {});
        auto all = merged(listed(prefix, after, most), std::move(stored));
        const bool more = all.size() > limit;
        all.resize(std::min<std::size_t>(all.size(), limit));
        caller.port->deliver(delivery::RoomsListed{caller.session, rid, std::move(all), more});
    };
    m_reads.push({read, [this, caller] { return !m_directory.isAttached(caller); }});
}

// ---- writing

void SqliteEngine::publish(const Caller &caller, PublishRequest request)
{
    const RoomName name = request.room;
    const bool isMade = request.enterFirst != nullptr;
    auto post = [this, caller, request = std::move(request)](LockedRoom *locked, const Error *why) mutable {
        const bool entering = request.enterFirst != nullptr;
        if (!locked)
            return refuse(caller, request.rid, *why, *request.room, request.cid, entering);
        if (!entering && !locked->room.has(caller))
            return refuse(caller, request.rid, notInRoom(*request.room), *request.room, request.cid);
        if (auto receipt = locked->room.receiptFor(caller, request)) {
            caller.port->deliver(Room::done(caller, std::move(request), *receipt));
            return;
        }
        Post waiting{locked->shared_from_this(), caller, std::move(request)};
        const auto pushed = m_writer.push(std::move(waiting));
        if (pushed == sqlite::Writer::Pushed::Taken)
            ++locked->pins;
        else
            refuse(caller, waiting.request.rid,
                   pushed == sqlite::Writer::Pushed::Full ? tooMany() : stopping(), *waiting.request.room,
                   waiting.request.cid, entering);
    };
    if (isMade)
        m_rooms.withMade(*name, std::move(post));
    else
        m_rooms.with(*name, std::move(post));
}

void SqliteEngine::onCommitted(std::span<Post> posts)
{
    // Before anybody hears of them.
    m_file->noteCommitted(static_cast<std::uint64_t>(
        std::ranges::count_if(posts, [](const Post &post) { return !post.duplicateOf; })));
    const auto note = [this](DeliveryPort *port) {
        if (std::ranges::find(m_toNotify, port) == m_toNotify.end())
            m_toNotify.push_back(port);
    };
    for (Post &post : posts) {
        LockedRoom &locked = *post.room;
        const std::lock_guard lock(locked.mutex);
        note(post.caller.port);
        if (post.duplicateOf) {
            post.caller.port->queue(Room::done(post.caller, std::move(post.request), *post.duplicateOf));
        } else {
            locked.room.add(post.caller, std::move(post.request), std::move(post.entry));
            locked.room.forEachPort(note);
        }
        --locked.pins;
        locked.noteUse();
    }
    for (DeliveryPort *port : std::exchange(m_toNotify, {}))
        port->notify();
    for (const Post &post : posts)
        m_rooms.settle(post.room);
}

void SqliteEngine::onRefused(std::span<Post> posts)
{
    for (Post &post : posts) {
        {
            const std::lock_guard lock(post.room->mutex);
            --post.room->pins;
            post.room->noteUse();
            refuse(post.caller, post.request.rid, notKept(), *post.request.room, post.request.cid,
                   post.request.enterFirst != nullptr);
        }
        m_rooms.settle(post.room);
    }
}

void SqliteEngine::onDropped(const sqlite::Retention::Dropped &dropped)
{
    const RoomPointer room = m_rooms.find(dropped.room);
    if (!room)
        return;
    const std::lock_guard lock(room->mutex);
    room->room.forgetBefore(dropped.oldest);
    room->countBytes();
}

void SqliteEngine::onDroppedInAll(std::uint64_t messages)
{
    std::string limits = m_retention.age.count() != 0 ? "--history-max-age" : "";
    if (m_retention.messages != 0)
        limits += limits.empty() ? "--history-max-messages" : " or --history-max-messages";
    m_inform("dropped " + std::to_string(messages) + (messages == 1 ? " message" : " messages") + " past " +
             limits);
}

void SqliteEngine::onBehind(LockedRoom &locked, std::uint64_t top)
{
    m_warn("the store " + m_file->path() + " has messages of the room \"" + *locked.room.name() +
           "\" that another program wrote; the next one is " + std::to_string(top + 1));
    const std::lock_guard lock(locked.mutex);
    locked.room.passOver(top);
    locked.countBytes();
}

void SqliteEngine::onStoreState(Activity activity, const Problem &problem)
{
    const std::string store = "the store " + m_file->path();
    const std::string why = problem.text + remedy(problem);
    if (activity == Activity::Writing)
        m_warn(problem ? store + " cannot be written, messages are refused until it can: " + why
                       : store + " can be written again");
    else
        m_warn(problem ? "old messages cannot be dropped from " + store + ": " + why
                       : "old messages are dropped from " + store + " again");
}

void SqliteEngine::noteRead(const Problem &problem)
{
    if (problem.isDamage())
        m_writer.noteDamage(problem);
    m_unreadable.note(problem);
    const auto news = m_unreadable.news(m_clock());
    if (!news)
        return;
    const std::string store = "the store " + m_file->path();
    const std::string count = " (" + std::to_string(news->failures) + " reads failed since it was last said)";
    if (news->problem)
        m_warn(store + " cannot be read: " + news->problem.text + remedy(news->problem) +
               (news->failures > 1 ? count : ""));
    else
        m_warn(store + " can be read again" + (news->failures > 0 ? count : ""));
}

} // namespace parlor
