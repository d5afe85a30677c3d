// SPDX-License-Identifier: MIT
#include "server/engine/storedengine.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace parlor {

namespace {

constexpr std::chrono::milliseconds kRetry{1000};

Error notKept(const PublishRequest &request)
{
    return {ErrorCode::Unavailable,
            request.erasure ? "the server cannot store anything at present; the message is not deleted"
                            : "the server cannot store messages at present; this one is not published",
            kRetry};
}

Error notKnown(const PublishRequest &request)
{
    return {ErrorCode::Unavailable,
            std::string("the servers do not reach each other at present; it is not known whether ") +
                (request.erasure ? "the message is deleted" : "this one is published"),
            kRetry};
}

Error tooManyWait()
{
    return {ErrorCode::Unavailable, "messages come faster than the server can store them; try again later",
            kRetry};
}

Error stopping()
{
    return {ErrorCode::Unavailable, "the server is stopping; nothing is published any more", kRetry};
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

/// A list's entries from memory and from the store, by name; rooms in both count in memory.
MessageStore::Listing merged(MessageStore::Listing memory, MessageStore::Listing stored)
{
    MessageStore::Listing all;
    all.reserve(memory.size() + stored.size());
    std::ranges::merge(memory, stored, std::back_inserter(all), {}, &delivery::RoomsListed::Entry::name,
                       &delivery::RoomsListed::Entry::name);
    for (std::size_t i = 1; i < all.size(); ++i) {
        if (all[i].name == all[i - 1].name) // the former is from memory, and may not be loaded yet
            all[i - 1].seq = std::max(all[i - 1].seq, all[i].seq);
    }
    const auto isSame = [](const auto &a, const auto &b) { return a.name == b.name; };
    all.erase(std::unique(all.begin(), all.end(), isSame), all.end());
    return all;
}

} // namespace

StoredEngine::StoredEngine(std::unique_ptr<MessageStore> store, const Config &config, const WallClock &clock)
    : RoomEngine(config.rooms, clock, store->epoch(),
                 {[this](const RoomPointer &room) { load(room); },
                  [this](const std::string &name) { m_store->release(name); }, store->cluster()})
    , m_pageRetry(config.pageRetry)
    , m_store(std::move(store))
    , m_cluster(m_store->cluster())
{
    if (m_cluster)
        m_cluster->listen(*this);
    m_store->start(*this);
    m_rooms.makePermanent();
}

StoredEngine::~StoredEngine()
{
    m_store->stop();
}

// ---- reading

void StoredEngine::load(const RoomPointer &room)
{
    m_store->readRoom(*room->room.name(), [this, room](Result<StoredRoom> found) {
        if (found)
            m_rooms.loaded(room, std::move(found).value());
        else
            m_rooms.loadFailed(room, notRead());
        m_store->flush(); // what waited for the room may have published
    });
}

MessageStore::IsAbandoned StoredEngine::whenGone(const Caller &caller) const
{
    return [this, caller] { return !m_directory.isAttached(caller); };
}

/// All who need something from the store of this room wait for one read, and then look again whether they
/// have what they need. Under the room's lock.
void StoredEngine::readFor(LockedRoom &room, const MessageRange &range, LockedRoom::Reader reader)
{
    room.readers.push_back(std::move(reader));
    ++room.pins;
    if (std::exchange(room.reading, true))
        return;
    const auto amount = range.before ? MessageStore::Amount::Page : MessageStore::Amount::Run;
    const RoomPointer locked = room.shared_from_this();
    m_store->readMessages(
        *room.room.name(), range, amount,
        [this, locked, range](Result<StoredMessages> found) {
            const Error why = notRead();
            {
                const std::lock_guard lock(locked->mutex);
                if (found)
                    locked->room.history().complete(range, std::move(found).value());
                endRead(*locked, found ? nullptr : &why);
            }
            m_rooms.settle(locked);
        },
        [this, locked] { return isAbandoned(locked); });
}

/// Under the room's lock.
void StoredEngine::endRead(LockedRoom &room, const Error *why)
{
    room.reading = false;
    const auto readers = std::exchange(room.readers, {});
    for (const LockedRoom::Reader &each : readers)
        each.done(room, why);
    room.pins -= static_cast<unsigned>(readers.size());
    room.noteUse();
}

/// Whether all who waited for the read of this room have gone; then it is over.
bool StoredEngine::isAbandoned(const RoomPointer &room)
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

void StoredEngine::admit(LockedRoom &room, const Caller &caller, EnterRequest request)
{
    admitKnowing(room, caller, std::move(request), !m_cluster);
}

/// Another server may have told the session more than has come here yet.
void StoredEngine::admitKnowing(LockedRoom &room, const Caller &caller, EnterRequest request, bool isUpToDate)
{
    if (!m_directory.isAttached(caller)) // it went, or moved, while it waited
        return refuse(caller, request.rid, gone(), request.room, {}, true);
    if (!isUpToDate && room.room.history().isBehind(request)) {
        ++room.pins;
        const RoomPointer locked = room.shared_from_this();
        m_cluster->bringUpToDate(room.room.name(), [this, locked, caller, request](bool isRead) {
            {
                const std::lock_guard lock(locked->mutex);
                if (isRead || !locked->room.history().isBehind(request))
                    admitKnowing(*locked, caller, request, true);
                else
                    refuse(caller, request.rid, notRead(), request.room, {}, true);
                --locked->pins;
                locked->noteUse();
            }
            m_rooms.settle(locked);
            m_store->flush();
        });
        m_store->flush();
        return;
    }
    const auto missing = room.room.history().missingFor(request);
    if (!missing)
        return room.room.enter(caller, request);
    readFor(room, *missing, {caller, [this, caller, request](LockedRoom &locked, const Error *why) {
                                 if (why)
                                     return refuse(caller, request.rid, *why, request.room, {}, true);
                                 admitKnowing(locked, caller, request, true);
                             }});
}

void StoredEngine::sendPage(LockedRoom &room, const Caller &caller, const SyncPage &last, std::uint64_t entry)
{
    const bool isHere = entry != 0 && room.room.entryOf(caller) == entry;
    const auto missing = isHere ? room.room.history().missingFor(last) : std::nullopt;
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
void StoredEngine::sendPageLater(const RoomPointer &room, const Caller &caller, const SyncPage &last,
                                 std::uint64_t entry)
{
    m_store->callLater(
        m_pageRetry,
        [this, room, caller, last, entry] {
            const std::lock_guard lock(room->mutex);
            sendPage(*room, caller, last, entry);
        },
        whenGone(caller));
    caller.port->deliver(delivery::PageDelayed{caller.session, room->room.name()});
}

void StoredEngine::readHistory(LockedRoom &room, const Caller &caller, RequestId rid,
                               const HistoryRange &range)
{
    const auto missing = room.room.history().missingFor(range);
    if (!missing)
        return room.room.answerHistory(caller, rid, room.room.history().page(range));
    const RoomPointer locked = room.shared_from_this();
    m_store->readMessages(
        *room.room.name(), *missing, MessageStore::Amount::Page,
        [caller, rid, range, locked](Result<StoredMessages> found) {
            if (!found)
                return refuse(caller, rid, notRead(), *locked->room.name());
            const std::lock_guard lock(locked->mutex);
            const Room &read = locked->room;
            read.answerHistory(caller, rid, read.history().page(range, std::move(found).value()));
        },
        whenGone(caller));
}

// ---- lists

/// As MessageStore::listRooms(), of those that can be entered.
void StoredEngine::listStored(const std::string &prefix, const std::string &after, std::size_t most,
                              MessageStore::Then<MessageStore::Listing> then,
                              MessageStore::IsAbandoned isAbandoned)
{
    if (!m_rooms.isFixed())
        return m_store->listRooms(prefix, after, most, std::move(then), std::move(isAbandoned));
    for (const std::string_view name : RoomTable::kPermanentRooms)
        (void)m_rooms.findOrMake(std::string(name)); // one that could not be loaded is read anew
    const auto answer = [this, then = std::move(then)] {
        if (m_rooms.count() < RoomTable::kPermanentRooms.size())
            then(notRead());
        else
            then(MessageStore::Listing());
    };
    m_store->callLater({}, answer, std::move(isAbandoned));
}

void StoredEngine::rooms(const Caller &caller, RequestId rid, std::string prefix, std::string after,
                         std::uint32_t limit)
{
    const std::size_t most = std::size_t(limit) + 1;
    const auto answer = [this, caller, rid, prefix, after, limit, most](Result<MessageStore::Listing> found) {
        if (!found)
            return refuse(caller, rid, notRead(), {});
        auto all = merged(listed(prefix, after, most), std::move(found).value());
        const bool more = all.size() > limit;
        all.resize(std::min<std::size_t>(all.size(), limit));
        caller.port->deliver(delivery::RoomsListed{caller.session, rid, std::move(all), more});
    };
    listStored(prefix, after, most, answer, whenGone(caller));
}

// ---- writing

void StoredEngine::keep(LockedRoom &room, const Caller &caller, PublishRequest request)
{
    Post post{room.shared_from_this(), caller, std::move(request)};
    const auto accepted = m_store->append(std::move(post));
    if (accepted == MessageStore::Accepted::Yes) {
        ++room.pins;
        return;
    }
    refuse(caller, post.request.rid, accepted == MessageStore::Accepted::No ? tooManyWait() : stopping(),
           *post.request.room, post.request.cid, post.request.enterFirst != nullptr);
}

/// Only what is kept changes the top, on this very thread.
std::uint64_t StoredEngine::announcedTop(const Post &post) const
{
    return post.room->room.history().top().seq;
}

void StoredEngine::note(DeliveryPort *port)
{
    if (std::ranges::find(m_toNotify, port) == m_toNotify.end())
        m_toNotify.push_back(port);
}

void StoredEngine::notifyPorts()
{
    for (DeliveryPort *port : std::exchange(m_toNotify, {}))
        port->notify();
}

void StoredEngine::onKept(std::span<Post> posts)
{
    for (Post &post : posts) {
        LockedRoom &locked = *post.room;
        const std::lock_guard lock(locked.mutex);
        note(post.caller.port);
        if (post.refusal) {
            refuse(post.caller, post.request.rid, *std::move(post.refusal), *post.request.room);
        } else if (post.duplicateOf) {
            const auto enterFirst = post.request.enterFirst;
            post.caller.port->queue(Room::done(post.caller, std::move(post.request), *post.duplicateOf));
            if (enterFirst)
                locked.room.enter(post.caller, *enterFirst);
        } else {
            locked.room.add(post.caller, std::move(post.request), std::move(post.entry), post.isDurable);
            locked.room.roster().forEachPort([this](DeliveryPort *port) { note(port); });
        }
        --locked.pins;
        locked.noteUse();
    }
    if (!m_cluster) // else they hear of more in this turn
        notifyPorts();
    for (const Post &post : posts)
        m_rooms.settle(post.room);
}

void StoredEngine::onRefused(std::span<Post> posts)
{
    for (Post &post : posts) {
        {
            const std::lock_guard lock(post.room->mutex);
            --post.room->pins;
            post.room->noteUse();
            refuse(post.caller, post.request.rid,
                   post.isOutcomeKnown ? notKept(post.request) : notKnown(post.request), *post.request.room,
                   post.request.cid, post.request.enterFirst != nullptr);
        }
        m_rooms.settle(post.room);
    }
}

void StoredEngine::onDropped(const std::string &name, const MessagePlace &floor)
{
    withRoom(name, [&floor](LockedRoom &locked) { locked.room.history().raiseFloor(floor); });
}

void StoredEngine::moderate(const Caller &caller, RequestId rid, Act act)
{
    m_store->moderate(
        act, [caller, rid, act](const Result<void> &done) { tellModerated(caller, rid, act, done); });
}

// ---- other servers

/// Under the lock of the room, if it is in memory. One that is being read yet will have what is told now.
template <typename Use>
void StoredEngine::withRoom(const std::string &name, Use use)
{
    const RoomPointer room = m_rooms.find(name);
    if (!room)
        return;
    {
        const std::lock_guard lock(room->mutex);
        use(*room);
        room->countBytes();
    }
    m_rooms.settle(room);
}

std::string StoredEngine::chat() const
{
    return m_cluster ? m_store->epoch() : RoomEngine::chat();
}

void StoredEngine::takeOver(const IdentityPtr &who)
{
    if (m_cluster)
        m_cluster->takeOver(who);
}

void StoredEngine::onAnnounced(const std::string &name, HistoryRing::Entry entry)
{
    withRoom(name, [this, &entry](LockedRoom &locked) {
        if (locked.state != LockedRoom::State::Ready)
            return;
        locked.room.add(std::move(entry));
        locked.room.roster().forEachPort([this](DeliveryPort *port) { note(port); });
    });
}

void StoredEngine::onDiverged(const std::string &name, StoredRoom now, frame::SyncReason reason)
{
    withRoom(name, [&now, reason](LockedRoom &locked) {
        if (locked.state == LockedRoom::State::Ready)
            locked.room.diverge(std::move(now), reason);
    });
}

void StoredEngine::onRosterElsewhere(const std::string &name, const std::vector<MemberElsewhere> &members,
                                     const std::vector<Ulid> *servers)
{
    withRoom(name, [&](LockedRoom &locked) { locked.room.setElsewhere(members, servers); });
}

void StoredEngine::onCameElsewhere(const std::string &name, const MemberElsewhere &member)
{
    withRoom(name, [&member](LockedRoom &locked) { locked.room.cameElsewhere(member); });
}

void StoredEngine::onWentElsewhere(const std::string &name, const Ulid &server, const std::string &clientId,
                                   Departure reason)
{
    withRoom(name, [&](LockedRoom &locked) { locked.room.wentElsewhere(server, clientId, reason); });
}

void StoredEngine::onServerLost(const std::string &name, const Ulid &server)
{
    withRoom(name, [&server](LockedRoom &locked) { locked.room.serverLost(server); });
}

void StoredEngine::onTypingElsewhere(const std::string &name, const IdentityPtr &who, bool on)
{
    withRoom(name, [&who, on](LockedRoom &locked) { locked.room.typingElsewhere(who, on); });
}

} // namespace parlor
