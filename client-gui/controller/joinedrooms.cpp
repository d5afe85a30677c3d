// SPDX-License-Identifier: MIT
#include "client-gui/controller/joinedrooms.h"

#include "client-gui/models/harmless.h"

#include <utility>

namespace parlor::gui {

namespace {

MessageModel::Gap gapKind(const MissingMessages &missing)
{
    if (!missing.reason)
        return MessageModel::Gap::Final; // the history was asked
    return missing.beginsAnew() ? MessageModel::Gap::NewHistory : MessageModel::Gap::Open;
}

QString gapText(const MissingMessages &missing)
{
    if (!missing.reason)
        return JoinedRooms::tr("Messages are missing here");
    switch (*missing.reason) {
    case frame::SyncReason::TooOld:
    case frame::SyncReason::Unknown:
        return JoinedRooms::tr("The server no longer has all that came since: messages may be missing here");
    case frame::SyncReason::TooMany:
        return JoinedRooms::tr("More came since than is brought at once: messages may be missing here");
    case frame::SyncReason::Epoch:
    case frame::SyncReason::Ahead:
    case frame::SyncReason::Diverged:
        return JoinedRooms::tr("History begins anew: messages may be missing");
    }
    return {};
}

} // namespace

JoinedRooms::JoinedRooms(ChatClient &client, Recorder &recorder, const Outbox &outbox, QObject *parent)
    : QObject(parent)
    , m_client(client)
    , m_recorder(recorder)
    , m_outbox(outbox)
    , m_older(client, [this](const QString &room) { return messages(room); })
    , m_marks(m_list, recorder)
{
    wireRooms();
    wireMembers();
    wireOutgoing();
    connect(this, &JoinedRooms::currentChanged, &m_older, &OlderPages::roomOpened);
    connect(&m_older, &OlderPages::brought, this, [this](const QString &name, const HistoryPage &page) {
        if (Room *room = find(name))
            m_marks.brought(page, name, room->messages);
    });
}

void JoinedRooms::wireRooms()
{
    RoomBook &book = m_client.rooms();
    connect(&book, &RoomBook::roomReady, this, [this](const QString &name) {
        Room *room = find(name);
        if (!room)
            return;
        room->messages.setReached(true);
        room->missedSome = false;
        m_older.roomReady(name);
    });
    connect(&book, &RoomBook::positionChanged, this, [this](const QString &name, const RoomPosition &now) {
        if (Room *room = find(name))
            room->position = now;
        m_marks.moved(name, now.seq);
    });
    connect(&book, &RoomBook::roomLeft, this, &JoinedRooms::forget);
    connect(&book, &RoomBook::messageReceived, this, &JoinedRooms::onMessage);
    connect(&book, &RoomBook::messageDeleted, this, &JoinedRooms::onDeleted);
    connect(&book, &RoomBook::messagesMissing, this,
            [this](const QString &name, const MissingMessages &missing) {
                Room *room = find(name);
                if (!room)
                    return;
                room->missedSome = true;
                if (missing.beginsAnew())
                    m_marks.numberedAnew(name);
                if (room->messages.rowCount() > 0)
                    room->messages.addGap(gapText(missing), gapKind(missing));
            });
}

void JoinedRooms::wireMembers()
{
    RoomBook &book = m_client.rooms();
    connect(&book, &RoomBook::membersReset, this, [this](const QString &name) {
        Room *room = find(name);
        if (!room)
            return;
        room->members.reset(m_client.rooms().members(name), m_client.rooms().memberCount(name));
        m_list.setMembers(name, room->members.count());
        updateNamesakes(name, *room);
    });
    connect(&book, &RoomBook::presenceChanged, this,
            [this](const QString &name, const PresenceChange &change) {
                Room *room = find(name);
                if (!room)
                    return;
                room->members.apply(change);
                m_list.setMembers(name, change.count);
                updateNamesakes(name, *room);
            });
    connect(&book, &RoomBook::memberRenamed, this,
            [this](const QString &name, const RoomMember &before, const QString &username) {
                Room *room = find(name);
                if (!room)
                    return;
                room->members.rename(before.id, username);
                updateNamesakes(name, *room);
            });
    connect(&book, &RoomBook::typingChanged, this,
            [this](const QString &name, const RoomMember &member, TypingState now) {
                Room *room = find(name);
                if (!room || member.id == m_client.session().clientId)
                    return;
                if (now == TypingState::On)
                    room->typing.insert(member.id, member.username);
                else
                    room->typing.remove(member.id);
                Q_EMIT typingChanged(name);
            });
}

void JoinedRooms::wireOutgoing()
{
    OutboxSender &outgoing = m_client.outgoing();
    connect(&outgoing, &OutboxSender::entryChanged, this, &JoinedRooms::setOutgoing);
    connect(&outgoing, &OutboxSender::messageAcknowledged, this, [this](const PublishReceipt &receipt) {
        if (Room *room = find(receipt.room))
            room->messages.acknowledge(receipt);
    });
    connect(&outgoing, &OutboxSender::entryDiscarded, this, [this](const QString &cid) {
        for (auto &[name, each] : m_book)
            each->messages.removeOutgoing(cid);
    });
}

void JoinedRooms::add(const QString &name)
{
    auto &slot = m_book[name];
    if (slot)
        return;
    slot = std::make_unique<Room>();
    slot->messages.setSelf(m_self);
    slot->messages.setModerating(m_moderating);
    slot->members.setSelf(m_client.session().clientId);
    m_list.setJoined(name, true);
    connect(&slot->messages, &QAbstractItemModel::rowsRemoved, this,
            [this, name, messages = &slot->messages](const QModelIndex &, int first) {
                if (first == 0 && messages->rowCount() > 0)
                    m_marks.trimmed(name, *messages);
            });
    recall(name, *slot);
    for (const OutboxEntry &each : m_outbox.entries()) {
        if (each.room == name)
            slot->messages.setOutgoing(each);
    }
    m_list.setDraft(name, m_drafts.contains(name));
    Q_EMIT changed();
}

void JoinedRooms::recall(const QString &name, Room &room)
{
    const KeptRoom kept = m_recorder.recall(name);
    room.position = kept.position;
    m_marks.recalled(name, kept);
    const auto markMissing = [&room](const std::optional<MissingMessages> &missing) {
        if (missing && room.messages.rowCount() > 0)
            room.messages.addGap(gapText(*missing), gapKind(*missing));
    };
    qsizetype numberedBefore = kept.numberedBefore();
    for (const KeptMessage &each : kept.messages) {
        markMissing(each.missingAbove);
        const auto author = each.own ? MessageModel::Author::Self : MessageModel::Author::ByUser;
        const auto key = room.messages.add(each.message, author);
        if (numberedBefore-- > 0)
            continue; // its seq says nothing about what is read
        if (key && m_marks.isNew(each))
            m_marks.arrived(each.message, *key, room.messages);
        else
            m_marks.kept(each);
    }
    markMissing(kept.missingNext);
}

void JoinedRooms::join(const QString &name)
{
    const Room *room = find(name);
    JoinOptions how;
    if (room && room->position)
        how = {.since = room->position, .shown = m_recorder.shown(name)};
    m_client.rooms().join(name, how);
}

void JoinedRooms::open(const QString &name)
{
    if (name == m_current)
        return;
    if (Room *room = find(m_current))
        m_marks.lookedAway(m_current, room->messages);
    clearMarker();
    m_before = std::exchange(m_current, name);
    Q_EMIT currentChanged(name);
}

void JoinedRooms::forget(const QString &name)
{
    const auto it = m_book.find(name);
    if (it == m_book.end())
        return;
    const auto room = std::move(it->second); // the views let go of its models first
    m_book.erase(it);
    m_older.forget(name);
    m_marks.forget(name);
    m_list.setJoined(name, false);
    Q_EMIT changed();
    if (name == m_current) {
        m_current = find(m_before) ? m_before : m_list.joined().value(0);
        Q_EMIT currentChanged(m_current);
    }
}

void JoinedRooms::leaveAll()
{
    m_drafts.clear();
    m_before.clear();
    if (!std::exchange(m_current, {}).isEmpty())
        Q_EMIT currentChanged({});
    for (const QString &each : m_client.rooms().rooms())
        m_client.rooms().leave(each);
    while (!m_book.empty()) // those that refused us
        forget(QString(m_book.begin()->first));
}

void JoinedRooms::setRefused(const QString &name)
{
    if (Room *room = find(name)) {
        room->messages.setReached(false);
        room->members.setUnknown();
    }
}

void JoinedRooms::setOutgoing(const OutboxEntry &entry)
{
    if (Room *room = find(entry.room))
        room->messages.setOutgoing(entry);
}

void JoinedRooms::setDraft(const QString &name, bool draft)
{
    if (draft)
        m_drafts.insert(name);
    else
        m_drafts.remove(name);
    m_list.setDraft(name, draft);
}

void JoinedRooms::setSelf(const SessionInfo &self)
{
    m_self = self;
    for (auto &[name, each] : m_book) {
        each->messages.setSelf(self);
        each->members.setSelf(m_client.session().clientId);
    }
}

void JoinedRooms::setModerating(bool moderating)
{
    m_moderating = moderating;
    for (auto &[name, each] : m_book)
        each->messages.setModerating(moderating);
}

void JoinedRooms::connectionLost()
{
    m_older.connectionLost();
    for (auto &[name, each] : m_book) {
        if (!std::exchange(each->typing, {}).isEmpty())
            Q_EMIT typingChanged(name);
    }
}

void JoinedRooms::setWatching(bool watching)
{
    Room *room = find(m_current);
    if (std::exchange(m_watching, watching) && !watching && room)
        m_marks.lookedAway(m_current, room->messages);
}

void JoinedRooms::setSeen(int first, int last)
{
    if (Room *room = find(m_current))
        m_marks.seen(m_current, first, last, room->messages, room->position);
}

void JoinedRooms::markRead()
{
    if (Room *room = find(m_current))
        m_marks.read(m_current, room->messages, room->position);
    clearMarker();
}

void JoinedRooms::clearMarker()
{
    if (Room *room = find(m_current))
        m_marks.markFirst(m_current, room->messages);
}

void JoinedRooms::updateNamesakes(const QString &name, Room &room)
{
    const QSet<QString> names = m_client.rooms().namesakes(name);
    room.members.setNamesakes(names);
    room.messages.setNamesakes(names);
}

void JoinedRooms::onMessage(const ChatMessage &message, MessageSource source)
{
    Room *room = find(message.room);
    if (!room)
        return;
    const auto key = room->messages.add(message);
    const bool own = message.user == m_client.session().user;
    const bool isOpen = message.room == m_current;
    const bool watched = m_watching && isOpen && source == MessageSource::Live;
    if (key && own && !watched)
        m_marks.missedBefore(message, *key, room->messages);
    const bool isFromBefore = source == MessageSource::Backlog && !room->missedSome;
    if (!key || own || isFromBefore) {
        m_marks.passed(message);
        return;
    }
    if (watched) { // of many that come at once the person sees the last ones only
        m_marks.arrivedInView(message, *key, room->messages);
        return;
    }
    const bool isFirst = room->messages.unread().messages == 0;
    m_marks.arrived(message, *key, room->messages);
    if (isFirst && isOpen && source != MessageSource::Live)
        Q_EMIT missedOnesCame();
}

void JoinedRooms::onDeleted(const MessageDeletion &deletion)
{
    Room *room = find(deletion.room);
    if (!room)
        return;
    const auto key =
        room->messages.setDeleted(deletion.id, shownName(deletion.by.username, deletion.by.user));
    if (key)
        m_marks.deleted(deletion.room, *key, room->messages);
}

MessageModel *JoinedRooms::messages(const QString &name)
{
    Room *room = find(name);
    return room ? &room->messages : nullptr;
}

MemberListModel *JoinedRooms::members(const QString &name)
{
    Room *room = find(name);
    return room ? &room->members : nullptr;
}

JoinedRooms::Room *JoinedRooms::find(const QString &name)
{
    const auto it = m_book.find(name);
    return it == m_book.end() ? nullptr : it->second.get();
}

QString JoinedRooms::typingText(const QString &name) const
{
    const auto it = m_book.find(name);
    if (it == m_book.end() || it->second->typing.isEmpty())
        return {};
    QStringList names;
    for (const auto &[id, username] : it->second->typing.asKeyValueRange())
        names.append(shownName(username, id));
    switch (names.size()) {
    case 1:
        return tr("%1 is typing…").arg(names[0]);
    case 2:
        return tr("%1 and %2 are typing…").arg(names[0], names[1]);
    default:
        return tr("%1 people are typing…").arg(names.size());
    }
}

} // namespace parlor::gui
