// SPDX-License-Identifier: MIT
#include "shared/client/roombook.h"

#include "shared/client/fromwire.h"
#include "shared/protocol/values.h"

#include <QStringList>

namespace parlor {

RoomBook::RoomBook(Requests &requests, const ClientOptions &options, QObject *parent)
    : QObject(parent)
    , m_requests(requests)
    , m_options(options)
    , m_typing(options)
{
    connect(&m_typing, &TypingTracker::typingChanged, this, &RoomBook::typingChanged);
}

void RoomBook::join(const QString &name, const JoinOptions &how)
{
    const auto checked = values::roomName(name.toStdString());
    if (!checked) {
        Q_EMIT roomRefused(name, Refusal{fromwire::text(toString(checked.error().code)),
                                         fromwire::text(checked.error().text)});
        return;
    }
    const QString room = fromwire::text(*checked);
    if (find(room))
        return;
    Room &added =
        m_rooms.emplace(room, Room{.retryWait = RetryWait(m_options), .history = how.history}).first->second;
    if (how.since)
        added.timeline.restore(*how.since, how.shown);
    if (m_requests.isOpen())
        sendJoin(room);
}

void RoomBook::leave(const QString &name)
{
    if (m_rooms.erase(name) == 0)
        return;
    m_typing.forgetRoom(name);
    if (m_requests.isOpen())
        sendLeave(name, RetryWait(m_options));
    Q_EMIT roomLeft(name);
}

void RoomBook::setTyping(const QString &room, TypingState now)
{
    if (phase(room) != RoomPhase::Ready || !m_requests.isOpen() || !m_typing.shouldTell(room, now))
        return;
    const std::string name = room.toStdString();
    m_requests.sendWithoutAnswer(request::Typing{name, now == TypingState::On});
}

QStringList RoomBook::rooms() const
{
    QStringList names;
    for (const auto &[name, room] : m_rooms)
        names.append(name);
    return names;
}

RoomPhase RoomBook::phase(const QString &room) const
{
    const Room *found = find(room);
    return found ? found->phase : RoomPhase::NotJoined;
}

std::optional<RoomPosition> RoomBook::position(const QString &room) const
{
    const Room *found = find(room);
    return found ? found->timeline.position() : std::nullopt;
}

QList<RoomMember> RoomBook::members(const QString &room) const
{
    const Room *found = find(room);
    return found ? found->roster.members() : QList<RoomMember>();
}

quint64 RoomBook::memberCount(const QString &room) const
{
    const Room *found = find(room);
    return found ? found->roster.count() : 0;
}

QSet<QString> RoomBook::namesakes(const QString &room) const
{
    const Room *found = find(room);
    return found ? found->roster.namesakes() : QSet<QString>();
}

void RoomBook::sessionStarted()
{
    for (const QString &name : rooms())
        sendJoin(name);
}

void RoomBook::connectionLost()
{
    ++m_connection;
    for (auto &[name, room] : m_rooms) {
        room.phase = RoomPhase::Joining;
        room.entered = false;
        room.membersStale = false;
        room.timeline.connectionLost();
    }
    m_typing.connectionLost();
}

void RoomBook::handle(const frame::RoomUsers &users)
{
    const QString name = fromwire::text(users.room);
    if (Room *room = find(name)) {
        room->roster.reset(fromwire::members(users.members), users.count);
        Q_EMIT membersReset(name);
    }
}

void RoomBook::handle(const frame::Presence &presence)
{
    const QString name = fromwire::text(presence.room);
    Room *room = find(name);
    if (!room)
        return;
    QList<QString> left;
    for (const frame::Departure &each : presence.left)
        left.append(fromwire::text(each.id));
    const auto change = room->roster.apply(fromwire::members(presence.joined), left, presence.count);
    for (const RoomMember &each : change.left)
        m_typing.heard(name, each, TypingState::Off);
    if (presence.truncated && !std::exchange(room->membersStale, true))
        retry(membersAgainAfter(presence.count), [this, name] { askMembers(name); });
    Q_EMIT presenceChanged(name, change);
}

void RoomBook::handle(const frame::Message &message)
{
    const QString name = fromwire::text(message.room);
    if (Room *room = findEntered(name))
        follow(name, room->timeline.live(fromwire::message(message)));
}

void RoomBook::handle(const frame::Deleted &deleted)
{
    const QString name = fromwire::text(deleted.room);
    if (Room *room = findEntered(name))
        follow(name, room->timeline.live(fromwire::deletion(deleted)));
}

void RoomBook::handle(const frame::Sync &sync)
{
    const QString name = fromwire::text(sync.room);
    Room *room = findEntered(name);
    if (!room)
        return;
    MessagePage page{fromwire::text(sync.epoch), fromwire::events(sync.events), sync.more};
    follow(name, room->timeline.sync(std::move(page), sync));
}

void RoomBook::handle(const frame::UserUpdated &updated)
{
    const QString name = fromwire::text(updated.room);
    Room *room = find(name);
    if (!room)
        return;
    const QString username = fromwire::text(updated.username);
    if (const auto before = room->roster.rename(fromwire::text(updated.id), username))
        Q_EMIT memberRenamed(name, *before, username);
}

void RoomBook::handle(const frame::Typing &typing)
{
    const QString name = fromwire::text(typing.room);
    if (!find(name))
        return;
    const RoomMember member{fromwire::text(typing.id), {}, fromwire::text(typing.username)};
    m_typing.heard(name, member, typing.on ? TypingState::On : TypingState::Off);
}

void RoomBook::sendJoin(const QString &name)
{
    const Room *room = find(name);
    if (!room)
        return;
    if (const auto wait = m_requests.waitFor(request::Join{}); wait.count() > 0) {
        return retry(wait, [this, name] {
            if (phase(name) == RoomPhase::Joining)
                sendJoin(name);
        });
    }
    const std::string utf8 = name.toStdString();
    std::string epoch;
    std::string id;
    request::Join join{utf8};
    if (const auto &position = room->timeline.position()) {
        epoch = position->epoch.toStdString();
        id = position->id.toStdString();
        join.since = Position{epoch, position->seq, id};
    } else {
        join.history = room->history;
    }
    m_requests.send(join, [this, name](const frame::Any *any) {
        const auto *error = std::get_if<frame::Error>(any);
        Room *asked = find(name);
        if (!any || !asked)
            return;
        if (!error) {
            asked->retryWait.reset();
            asked->entered = true;
            Q_EMIT roomJoined(name);
            return;
        }
        const Refusal refusal = fromwire::refusal(*error);
        if (fromwire::isWorthRepeating(refusal)) {
            retry(asked->retryWait.after(refusal), [this, name] { sendJoin(name); });
            return;
        }
        m_rooms.erase(name);
        Q_EMIT roomRefused(name, refusal);
    });
}

void RoomBook::sendLeave(const QString &name, RetryWait retryWait)
{
    const std::string utf8 = name.toStdString();
    m_requests.send(request::Leave{utf8}, [this, name, retryWait](const frame::Any *any) mutable {
        const auto *error = std::get_if<frame::Error>(any);
        if (!error)
            return;
        const Refusal refusal = fromwire::refusal(*error);
        if (!fromwire::isWorthRepeating(refusal))
            return;
        const auto wait = retryWait.after(refusal);
        retry(wait, [this, name, retryWait] {
            if (!find(name))
                sendLeave(name, retryWait);
        });
    });
}

void RoomBook::askHistory(const QString &name, quint64 after)
{
    if (const auto wait = m_requests.waitFor(request::History{}); wait.count() > 0)
        return retry(wait, [this, name, after] {
            if (find(name))
                askHistory(name, after);
        });
    const std::string utf8 = name.toStdString();
    m_requests.send(request::History{utf8, std::nullopt, after, std::nullopt}, [this, name, after](
                                                                                   const frame::Any *any) {
        Room *room = find(name);
        if (!any || !room)
            return;
        if (const auto *page = std::get_if<frame::History>(any)) {
            room->retryWait.reset();
            follow(name, room->timeline.history(MessagePage{fromwire::text(page->epoch),
                                                            fromwire::events(page->events), page->more}));
            return;
        }
        const auto *error = std::get_if<frame::Error>(any);
        if (error && fromwire::isWorthRepeating(fromwire::refusal(*error)))
            retry(room->retryWait.after(fromwire::refusal(*error)),
                  [this, name, after] { askHistory(name, after); });
        else
            follow(name, room->timeline.historyRefused());
    });
}

/// All members of a crowd are told at once that they know only a part. Their questions are spread over a time
/// that grows with their number, for each is answered at length.
std::chrono::milliseconds RoomBook::membersAgainAfter(quint64 count) const
{
    // A server may say any number.
    const std::chrono::duration<double, std::milli> spread =
        m_options.membersAgainSpread * std::min(static_cast<double>(count), 1e6) * m_options.random();
    return m_options.membersAgainAfter + std::chrono::duration_cast<std::chrono::milliseconds>(spread);
}

/// What was told meanwhile is in the answer, and what comes after it is news.
void RoomBook::askMembers(const QString &name)
{
    Room *room = find(name);
    if (!room || !m_requests.isOpen())
        return;
    if (const auto wait = m_requests.waitFor(request::Who{}); wait.count() > 0)
        return retry(wait, [this, name] { askMembers(name); });
    room->membersStale = false;
    const std::string utf8 = name.toStdString();
    m_requests.send(request::Who{utf8}, [this, name](const frame::Any *any) {
        Room *asked = find(name);
        if (const auto *users = std::get_if<frame::RoomUsers>(any))
            return handle(*users);
        const auto *error = std::get_if<frame::Error>(any);
        if (!error || !asked || !fromwire::isWorthRepeating(fromwire::refusal(*error)) ||
            std::exchange(asked->membersStale, true))
            return;
        retry(asked->retryWait.after(fromwire::refusal(*error)), [this, name] { askMembers(name); });
    });
}

void RoomBook::follow(const QString &name, RoomTimeline::Step step)
{
    // A slot may leave the room: it is looked up anew after each signal. Or it ends the connection: the
    // timeline is back at its position then, and the next connection goes on there. The rest is shown
    // nevertheless, since what was decided once does not come again.
    const quint64 connection = m_connection;
    const auto sayMissing = [&](std::size_t shown) {
        if (step.missing && step.missingAt == shown)
            Q_EMIT messagesMissing(name, *step.missing);
    };
    for (const ChatMessage &each : step.blank)
        Q_EMIT messageDeleted({name, each.id, *each.deletedBy}, step.source);
    for (std::size_t shown = 0; shown < step.show.size(); ++shown) {
        const ChatMessage &each = step.show[shown];
        sayMissing(shown);
        if (each.deletes.isEmpty())
            Q_EMIT messageReceived(each, step.source);
        else
            Q_EMIT messageDeleted({name, each.deletes, {each.user, each.username, each.timestamp}},
                                  step.source);
        Room *room = find(name);
        if (!room)
            return;
        if (m_connection != connection)
            continue;
        room->timeline.commit(each);
        Q_EMIT positionChanged(name, *room->timeline.position());
    }
    sayMissing(step.show.size());
    Room *room = find(name);
    if (!room || m_connection != connection)
        return;
    const auto before = room->timeline.position();
    room->timeline.commitAll();
    const auto after = room->timeline.position();
    const bool becomesReady = step.upToDate && room->phase != RoomPhase::Ready && m_requests.isOpen();
    if (becomesReady)
        room->phase = RoomPhase::Ready;
    if (step.askAfter && m_requests.isOpen())
        askHistory(name, *step.askAfter);
    if (after != before)
        Q_EMIT positionChanged(name, *after);
    if (becomesReady)
        Q_EMIT roomReady(name);
}

void RoomBook::retry(std::chrono::milliseconds wait, std::function<void()> action)
{
    QTimer::singleShot(wait, this, [this, connection = m_connection, action = std::move(action)] {
        if (connection == m_connection)
            action();
    });
}

RoomBook::Room *RoomBook::find(const QString &name)
{
    const auto it = m_rooms.find(name);
    return it == m_rooms.end() ? nullptr : &it->second;
}

RoomBook::Room *RoomBook::findEntered(const QString &name)
{
    Room *room = find(name);
    return room && room->entered ? room : nullptr;
}

const RoomBook::Room *RoomBook::find(const QString &name) const
{
    const auto it = m_rooms.find(name);
    return it == m_rooms.end() ? nullptr : &it->second;
}

} // namespace parlor
