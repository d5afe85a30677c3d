// SPDX-License-Identifier: MIT
#include "client-gui/controller/chatcontroller.h"

#include "client-gui/controller/settings.h"
#include "shared/protocol/values.h"

namespace parlor::gui {

namespace {

using namespace std::chrono_literals;

constexpr auto kDirectoryRefresh = 30s;
/// Rooms that are listed; a server may have a hundred thousand.
constexpr qsizetype kDirectoryMaximum = 1000;
constexpr quint32 kOlderPage = 100;

QString gapText(const MissingMessages &missing)
{
    if (!missing.reason)
        return ChatController::tr("Messages are missing here");
    switch (*missing.reason) {
    case frame::SyncReason::TooOld:
    case frame::SyncReason::TooMany:
        return ChatController::tr("You were away for long: older messages are not shown");
    case frame::SyncReason::Epoch:
    case frame::SyncReason::Ahead:
        return ChatController::tr("The server lost its history: messages may be missing");
    }
    return {};
}

} // namespace

ClientOptions ChatController::desktopOptions()
{
    ClientOptions options;
    options.backoff = {1s, 4s, 0.8, 1.2, Backoff::Patience{ConnectionModel::kAttempts, 30s}};
    return options;
}

ChatController::ChatController(Settings &settings, const ClientOptions &options, QObject *parent)
    : QObject(parent)
    , m_settings(settings)
    , m_client(options, m_outbox)
    , m_connection(options.clock)
{
    wireConnection();
    wireRooms();
    wireOutgoing();
    m_directory.setInterval(kDirectoryRefresh);
    connect(&m_directory, &QTimer::timeout, this, &ChatController::refreshRooms);
}

ChatController::~ChatController()
{
    // Nobody listens any more to what the client says in its end.
    m_client.QObject::disconnect(this);
}

// ---- wiring

void ChatController::wireConnection()
{
    connect(&m_client, &ChatClient::stateChanged, this, [this](const ConnectionState &state) {
        m_connection.setUnsent(unsent());
        m_connection.setState(state);
        if (!m_client.isReady())
            m_directory.stop();
    });
    connect(&m_client, &ChatClient::sessionStarted, this, [this](const SessionInfo &session) {
        m_connection.sessionStarted(m_client.server());
        for (auto &[name, each] : m_book) {
            each->messages.setSelf(session);
            each->members.setSelf(session.clientId);
        }
        Q_EMIT usernameChanged(session.username);
        refreshRooms();
        m_directory.start();
    });
    connect(&m_client, &ChatClient::roundTripMeasured, &m_connection, &ConnectionModel::roundTripMeasured);
    connect(&m_client, &ChatClient::nameChanged, this, [this](const QString &name) {
        m_settings.setUsername(name);
        for (auto &[room, each] : m_book)
            each->messages.setSelf(m_client.session());
        Q_EMIT usernameChanged(name);
    });
    connect(&m_client, &ChatClient::requestRefused, this,
            [this](const QString &what, const Refusal &refusal) {
                Q_EMIT this->refused(what.isEmpty() ? refusal.text
                                                    : tr("No answer about %1: %2").arg(what, refusal.text));
            });
    connect(&m_client.directory(), &Directory::roomsListed, this,
            [this](const QList<RoomSummary> &rooms, bool more) {
                m_listed += rooms;
                if (more && !rooms.isEmpty() && m_listed.size() < kDirectoryMaximum)
                    m_client.directory().requestRooms({}, rooms.last().name);
                else
                    m_rooms.setDirectory(std::exchange(m_listed, {}));
            });
    connect(&m_client.directory(), &Directory::historyListed, this,
            [this](const QString &name, const HistoryPage &page) {
                Room *room = find(name);
                if (!room)
                    return;
                room->askedForOlder = false;
                room->messages.prepend(page.messages);
                if (!page.more)
                    room->messages.setComplete();
            });
}

void ChatController::wireRooms()
{
    RoomBook &book = m_client.rooms();
    connect(&book, &RoomBook::roomJoined, this, [this](const QString &name) {
        if (name == m_wanted)
            show(name);
    });
    connect(&book, &RoomBook::roomRefused, this, &ChatController::onRefused);
    connect(&book, &RoomBook::roomLeft, this, &ChatController::forget);
    connect(&book, &RoomBook::messageReceived, this, &ChatController::onMessage);
    connect(&book, &RoomBook::messagesMissing, this,
            [this](const QString &name, const MissingMessages &missing) {
                if (Room *room = find(name); room && room->messages.rowCount() > 0)
                    room->messages.addGap(gapText(missing));
            });
    connect(&book, &RoomBook::membersReset, this, [this](const QString &name) {
        Room *room = find(name);
        if (!room)
            return;
        room->members.reset(m_client.rooms().members(name), m_client.rooms().memberCount(name));
        m_rooms.setMembers(name, room->members.count());
    });
    connect(&book, &RoomBook::presenceChanged, this,
            [this](const QString &name, const PresenceChange &change) {
                Room *room = find(name);
                if (!room)
                    return;
                room->members.apply(change);
                m_rooms.setMembers(name, change.count);
            });
    connect(&book, &RoomBook::memberRenamed, this,
            [this](const QString &name, const RoomMember &before, const QString &username) {
                if (Room *room = find(name))
                    room->members.rename(before.id, username);
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

void ChatController::wireOutgoing()
{
    OutboxSender &outgoing = m_client.outgoing();
    connect(&outgoing, &OutboxSender::entryChanged, this, [this](const OutboxEntry &entry) {
        if (Room *room = find(entry.room))
            room->messages.setOutgoing(entry);
    });
    connect(&outgoing, &OutboxSender::messageAcknowledged, this, [this](const PublishReceipt &receipt) {
        if (Room *room = find(receipt.room))
            room->messages.acknowledge(receipt);
    });
    connect(&outgoing, &OutboxSender::entryDiscarded, this, [this](const QString &cid) {
        for (auto &[name, each] : m_book)
            each->messages.removeOutgoing(cid);
    });
}

// ---- what the person wants

void ChatController::connectTo(const QUrl &url, const QString &username, const QString &wanted)
{
    if (url != m_client.url())
        leaveServer();
    m_connection.connectingTo(url);
    const QStringList before = m_settings.rooms(url);
    QString open = wanted.isEmpty() ? m_settings.currentRoom(url) : wanted;
    if (open.isEmpty())
        open = QStringLiteral("general");
    m_client.connectToServer(url, Credentials{username, {}, {}});
    for (const QString &each : before)
        room(each);
    openRoom(open);
    for (const QString &each : before)
        m_client.rooms().join(each);
}

/// Another server has other rooms, and nothing that was written for this one may go there.
void ChatController::leaveServer()
{
    const QUrl server = m_client.url();
    const QStringList joined = m_rooms.joined();
    const QString open = m_current;
    m_client.leaveServer(); // what is in flight can be discarded afterwards
    for (const OutboxEntry &each : m_client.outgoing().entries())
        m_client.outgoing().discard(each.cid);
    for (const QString &each : m_client.rooms().rooms())
        m_client.rooms().leave(each);
    m_rooms.setDirectory({});
    if (server.isEmpty())
        return;
    m_settings.setRooms(server, joined); // for when we come back
    m_settings.setCurrentRoom(server, open);
}

void ChatController::disconnect()
{
    m_client.disconnectFromServer();
}

void ChatController::retryNow()
{
    m_client.reconnectNow();
}

void ChatController::openRoom(const QString &text)
{
    const auto checked = values::roomName(text.trimmed().toStdString());
    if (!checked) {
        Q_EMIT refused(tr("Cannot open the room \"%1\": %2")
                           .arg(text.trimmed(), QString::fromStdString(checked.error().text)));
        return;
    }
    const QString name = QString::fromStdString(*checked);
    if (find(name) && m_client.rooms().phase(name) != RoomPhase::NotJoined) {
        show(name);
        return;
    }
    m_wanted = name;
    const bool isFirst = m_current.isEmpty();
    room(name);
    m_client.rooms().join(name);
    // Where there is nothing to see yet, the room is shown before the server lets us in.
    if (isFirst && find(name))
        show(name);
}

void ChatController::leaveRoom(const QString &name)
{
    m_client.rooms().leave(name);
}

void ChatController::send(const QString &text)
{
    if (m_current.isEmpty() || text.trimmed().isEmpty())
        return;
    clearMarker();
    m_client.rooms().setTyping(m_current, TypingState::Off);
    m_client.outgoing().send(m_current, text);
    // Whoever writes wants to be connected now, not at the end of a countdown.
    if (std::holds_alternative<state::WaitingToReconnect>(m_client.state()))
        m_client.reconnectNow();
}

void ChatController::setTyping(TypingState now)
{
    if (!m_current.isEmpty())
        m_client.rooms().setTyping(m_current, now);
}

void ChatController::changeName(const QString &username)
{
    m_client.changeName(username);
}

void ChatController::loadOlder()
{
    Room *room = find(m_current);
    if (!room || room->askedForOlder || room->messages.isComplete() || !m_client.isReady())
        return;
    const auto first = room->messages.firstSeq();
    if (!first)
        return;
    if (*first <= 1) {
        room->messages.setComplete();
        return;
    }
    room->askedForOlder = true;
    m_client.directory().requestHistory(m_current, *first, kOlderPage);
}

void ChatController::setWatching(bool watching)
{
    m_watching = watching;
    markRead();
}

void ChatController::clearMarker()
{
    if (Room *room = find(m_current))
        room->messages.setMarker(std::nullopt);
}

void ChatController::refreshRooms()
{
    m_listed.clear();
    m_client.directory().requestRooms();
}

// ---- what happens

void ChatController::onMessage(const ChatMessage &message, MessageSource source)
{
    Room *room = find(message.room);
    if (!room)
        return;
    const auto key = room->messages.add(message);
    const bool own = message.user == m_client.session().user;
    const bool watched = m_watching && message.room == m_current;
    if (!key || own || watched || source == MessageSource::Backlog)
        return;
    if (m_rooms.unread(message.room) == 0)
        room->messages.setMarker(key);
    m_rooms.addUnread(message.room, room->messages.mentionsUs(message.text));
}

void ChatController::onRefused(const QString &name, const Refusal &refusal)
{
    Q_EMIT refused(tr("Cannot join #%1: %2").arg(name, refusal.text));
    forget(name);
}

void ChatController::show(const QString &name)
{
    m_wanted.clear();
    if (name == m_current)
        return;
    clearMarker();
    m_current = name;
    m_settings.setCurrentRoom(m_client.url(), name);
    Q_EMIT currentRoomChanged(name);
    markRead();
}

void ChatController::forget(const QString &name)
{
    if (name == m_wanted)
        m_wanted.clear();
    const auto it = m_book.find(name);
    if (it == m_book.end())
        return;
    const auto room = std::move(it->second); // the views let go of its models first
    m_book.erase(it);
    m_rooms.setJoined(name, false);
    rememberRooms();
    if (name == m_current) {
        m_current.clear();
        const QStringList left = m_rooms.joined();
        m_current = left.value(0);
        Q_EMIT currentRoomChanged(m_current);
    }
    Q_EMIT roomClosed(name);
}

void ChatController::markRead()
{
    if (m_watching && !m_current.isEmpty())
        m_rooms.clearUnread(m_current);
}

ChatController::Room &ChatController::room(const QString &name)
{
    auto &slot = m_book[name];
    if (!slot) {
        slot = std::make_unique<Room>();
        slot->messages.setSelf(m_client.session());
        slot->members.setSelf(m_client.session().clientId);
        m_rooms.setJoined(name, true);
        rememberRooms();
    }
    return *slot;
}

ChatController::Room *ChatController::find(const QString &name)
{
    const auto it = m_book.find(name);
    return it == m_book.end() ? nullptr : it->second.get();
}

void ChatController::rememberRooms()
{
    m_settings.setRooms(m_client.url(), m_rooms.joined());
}

MessageModel *ChatController::messages(const QString &name)
{
    Room *room = find(name);
    return room ? &room->messages : nullptr;
}

MemberListModel *ChatController::members(const QString &name)
{
    Room *room = find(name);
    return room ? &room->members : nullptr;
}

bool ChatController::isConnected() const
{
    const ConnectionState &state = m_client.state();
    return m_client.isReady() || std::holds_alternative<state::Connecting>(state) ||
           std::holds_alternative<state::Authenticating>(state);
}

QString ChatController::username() const
{
    const QString &name = m_client.session().username;
    return name.isEmpty() ? m_settings.username() : name;
}

QString ChatController::typingText(const QString &name) const
{
    const auto it = m_book.find(name);
    if (it == m_book.end() || it->second->typing.isEmpty())
        return {};
    const QStringList names = it->second->typing.values();
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
