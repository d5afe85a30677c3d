// SPDX-License-Identifier: MIT
#include "client-gui/controller/chatcontroller.h"

#include "client-gui/controller/settings.h"
#include "client-gui/models/harmless.h"
#include "client-gui/models/moderationtext.h"
#include "client-gui/models/sentence.h"
#include "shared/client/fromwire.h"
#include "shared/protocol/values.h"

#include <algorithm>
#include <utility>

namespace parlor::gui {

namespace {

using namespace std::chrono_literals;

constexpr auto kDirectoryRefresh = 30s;
/// Rooms that are listed; a server may have a hundred thousand.
constexpr qsizetype kDirectoryMaximum = 1000;
constexpr qsizetype kNoticeCodePoints = 200;

MessageModel::Gap gapKind(const MissingMessages &missing)
{
    if (!missing.reason)
        return MessageModel::Gap::Final; // the history was asked
    return missing.beginsAnew() ? MessageModel::Gap::NewHistory : MessageModel::Gap::Open;
}

QString gapText(const MissingMessages &missing)
{
    if (!missing.reason)
        return ChatController::tr("Messages are missing here");
    switch (*missing.reason) {
    case frame::SyncReason::TooOld:
    case frame::SyncReason::Unknown:
        return ChatController::tr(
            "The server no longer has all that came since: messages may be missing here");
    case frame::SyncReason::TooMany:
        return ChatController::tr("More came since than is brought at once: messages may be missing here");
    case frame::SyncReason::Epoch:
    case frame::SyncReason::Ahead:
    case frame::SyncReason::Diverged:
        return ChatController::tr("History begins anew: messages may be missing");
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

ChatController::ChatController(Settings &settings, ClientStore &store, Keychain &keychain,
                               const ClientOptions &options, QObject *parent)
    : QObject(parent)
    , m_settings(settings)
    , m_store(store)
    , m_client(options, store.outbox())
    , m_recorder(m_client, store)
    , m_older(m_client, [this](const QString &room) { return messages(room); })
    , m_deletions(m_client, [this](const QString &room) { return messages(room); })
    , m_restrictions(options.clock)
    , m_signIn(keychain)
    , m_connection(options)
    , m_marks(m_rooms, m_recorder)
{
    wireConnection();
    wireRooms();
    wireOutgoing();
    wireModeration();
    connect(this, &ChatController::currentRoomChanged, &m_older, &OlderPages::roomOpened);
    connect(&m_older, &OlderPages::brought, this, [this](const QString &name, const HistoryPage &page) {
        if (Room *room = find(name))
            m_marks.brought(page, name, room->messages);
    });
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
        countUnsent();
        m_signIn.setState(state);
        m_connection.setState(state);
        if (!m_client.isReady())
            onConnectionLost();
    });
    connect(&m_client, &ChatClient::sessionStarted, this, [this](const SessionInfo &session) {
        m_connection.sessionStarted(m_client.server());
        m_name = session.username;
        m_renewalProblem.clear();
        m_restrictions.clear();
        setRole(session.role);
        setSelf();
        Q_EMIT usernameChanged(m_name);
        refreshRooms();
        m_directory.start();
    });
    connect(&m_client, &ChatClient::anotherPersonSignedIn, this, &ChatController::becomePerson);
    connect(&m_client, &ChatClient::renewalFailed, this, [this](const QString &text) {
        if (m_signIn.isByProgram() && std::exchange(m_renewalProblem, text) != text)
            Q_EMIT refused(tr("The session ends soon: %1").arg(sentence(oneLine(text, kNoticeCodePoints))));
    });
    connect(&m_signIn, &SignIn::promptChanged, this,
            [this] { m_connection.setSigningIn(m_signIn.prompt().has_value()); });
    connect(&m_signIn, &SignIn::noticed, this, &ChatController::refused);
    connect(&m_signIn, &SignIn::connectWanted, this, [this] {
        if (m_server == m_signIn.url())
            m_client.reconnectNow();
        else
            connectTo(m_signIn.url(), m_asked); // we had signed out
    });
    connect(&m_client, &ChatClient::roundTripMeasured, &m_connection, &ConnectionModel::roundTripMeasured);
    connect(&m_client, &ChatClient::clusterStateChanged, &m_connection, &ConnectionModel::setCluster);
    connect(&m_client, &ChatClient::nameChanged, this, [this](const QString &name) {
        m_store.rename(name); // first: whichever of both names the next start gives is known to it then
        m_settings.setUsername(name);
        m_name = name;
        setSelf();
        Q_EMIT usernameChanged(name);
    });
    connect(&m_client, &ChatClient::requestRefused, this, &ChatController::onRequestRefused);
    connect(&m_recorder, &Recorder::failed, this, [this](const QString &text) {
        countUnsent();
        Q_EMIT refused(text);
    });
    connect(&m_recorder, &Recorder::mended, this, &ChatController::countUnsent);
    connect(&m_client.directory(), &Directory::roomsListed, this,
            [this](const QList<RoomSummary> &rooms, bool more) {
                m_listed += rooms;
                if (more && !rooms.isEmpty() && m_listed.size() < kDirectoryMaximum)
                    m_client.directory().requestRooms({}, rooms.last().name);
                else
                    m_rooms.setDirectory(std::exchange(m_listed, {}));
            });
}

void ChatController::wireRooms()
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
    connect(&book, &RoomBook::roomRefused, this, &ChatController::onRefused);
    connect(&book, &RoomBook::roomLeft, this, &ChatController::forget);
    connect(&book, &RoomBook::messageReceived, this, &ChatController::onMessage);
    connect(&book, &RoomBook::messageDeleted, this, &ChatController::onDeleted);
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
    connect(&book, &RoomBook::membersReset, this, [this](const QString &name) {
        Room *room = find(name);
        if (!room)
            return;
        room->members.reset(m_client.rooms().members(name), m_client.rooms().memberCount(name));
        m_rooms.setMembers(name, room->members.count());
        updateNamesakes(name, *room);
    });
    connect(&book, &RoomBook::presenceChanged, this,
            [this](const QString &name, const PresenceChange &change) {
                Room *room = find(name);
                if (!room)
                    return;
                room->members.apply(change);
                m_rooms.setMembers(name, change.count);
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

void ChatController::wireOutgoing()
{
    OutboxSender &outgoing = m_client.outgoing();
    connect(&outgoing, &OutboxSender::entryChanged, this, [this](const OutboxEntry &entry) {
        if (Room *room = find(entry.room))
            room->messages.setOutgoing(entry);
        m_connection.setKeeps(keepsWhatIsWritten()); // the store says only the first failure in a row
        if (entry.state == OutboxState::NeedsDecision || entry.state == OutboxState::Failed)
            countUnsent();
    });
    connect(&outgoing, &OutboxSender::messageAcknowledged, this, [this](const PublishReceipt &receipt) {
        if (Room *room = find(receipt.room))
            room->messages.acknowledge(receipt);
        if (m_connection.banner())
            countUnsent();
    });
    connect(&outgoing, &OutboxSender::entryDiscarded, this, [this](const QString &cid) {
        for (auto &[name, each] : m_book)
            each->messages.removeOutgoing(cid);
    });
    connect(&outgoing, &OutboxSender::heldUp, this, [this](const Refusal &refusal) {
        countUnsent();
        m_connection.heldUp(refusal);
    });
    connect(&outgoing, &OutboxSender::heldUpEnded, this, [this](OutboxSender::HeldUpEnd end) {
        countUnsent();
        m_connection.heldUpEnded(end == OutboxSender::HeldUpEnd::Flows);
    });
}

void ChatController::wireModeration()
{
    connect(&m_deletions, &Deletions::refused, this, &ChatController::refused);
    connect(&m_client, &ChatClient::roleChanged, this, &ChatController::setRole);
    connect(&m_client, &ChatClient::moderated, &m_restrictions, &Restrictions::apply);
    connect(&m_client.outgoing(), &OutboxSender::slowedDown, &m_restrictions, &Restrictions::slowDown);
    Moderation &moderation = m_client.moderation();
    connect(&moderation, &Moderation::done, this, [this](const ModerationAct &act) {
        Q_EMIT done(doneText(act, m_subjects.value(act.user, act.user)));
    });
    connect(&moderation, &Moderation::refused, this,
            [this](const ModerationAct &act, const Refusal &refusal) {
                Q_EMIT refused(refusedText(act, m_subjects.value(act.user, act.user), refusal));
            });
}

void ChatController::setRole(SessionRole role)
{
    if (std::exchange(m_role, role) == role)
        return;
    for (auto &[name, each] : m_book)
        each->messages.setModerating(isModerating());
    Q_EMIT moderatingChanged(isModerating());
}

// ---- what the person wants

void ChatController::connectTo(const QUrl &url, const QString &username, const QString &wanted)
{
    QStringList notices;
    if (url != m_server) {
        leaveServer();
        m_recorder.open(accountOf(url, username));
        if (const QString elsewhere = sentenceOn(m_recorder.unsentElsewhere(), url); !elsewhere.isEmpty())
            notices.append(oneLine(elsewhere, kNoticeCodePoints));
    } else {
        // Also where it is the name that the server gave: what is kept may have another one.
        const bool waits =
            std::ranges::count(m_recorder.unsentElsewhere(), username, &UnsentElsewhere::identity) > 0;
        m_store.rename(username);
        if (waits && m_store.outlivesProcess()) {
            m_client.leaveServer(); // then nothing is on its way any more
            m_recorder.open(accountOf(url, username));
        }
    }
    enter(url, username, wanted, notices);
}

void ChatController::becomePerson(const SessionInfo &session)
{
    const QUrl url = m_server;
    const QString room = m_current;
    leaveServer();
    Account account = accountOf(url, m_asked);
    account.person = session.person();
    m_recorder.open(account);
    enter(url, m_asked, room, {});
}

void ChatController::signOut()
{
    m_signIn.signOut();
    leaveServer();
    m_signIn.ask();
}

void ChatController::enter(const QUrl &url, const QString &username, const QString &wanted,
                           QStringList notices)
{
    m_server = url;
    m_asked = username;
    m_name = username;
    m_connection.connectingTo(url);
    auto [before, dropped] = m_settings.rooms(url);
    const QString last = m_settings.currentRoom(url);
    for (const OutboxEntry &each : m_store.outbox().entries()) {
        if (!before.contains(each.room))
            before.append(each.room);
    }
    m_client.connectToServer(url,
                             {.username = username,
                              .token = m_signIn.sourceFor(url),
                              .resumeToken = m_recorder.session().resumeToken,
                              .person = m_recorder.session().info.person()},
                             m_tls);
    setSelf();
    for (const QString &each : before)
        room(each);
    for (const OutboxEntry &each : m_store.outbox().entries())
        room(each.room).messages.setOutgoing(each);
    if (wanted.isEmpty() || !openRoom(wanted))
        openRoom(last.isEmpty() ? QStringLiteral("general") : last);
    for (const QString &each : before)
        join(each);
    if (!dropped.isEmpty())
        notices.append(tr("The settings named rooms that cannot be, and that were left out: %1")
                           .arg(oneLine(dropped.join(QStringLiteral(", ")), kNoticeCodePoints)));
    if (!notices.isEmpty())
        Q_EMIT refused(notices.join(u'\n'));
}

/// Another server has other rooms, and nothing that was written for this one may go there: it waits in the
/// store for our return, or goes.
void ChatController::leaveServer()
{
    m_deletions.flush();
    m_client.leaveServer(); // first: then nothing is on its way any more, and all can be discarded
    if (!m_store.outlivesProcess()) {
        for (const OutboxEntry &each : m_store.outbox().entries())
            m_client.outgoing().discard(each.cid);
    }
    m_recorder.flush();
    m_server.clear(); // its rooms stay remembered, for when we come back
    m_drafts.clear();
    m_before.clear();
    if (!std::exchange(m_current, {}).isEmpty())
        Q_EMIT currentRoomChanged({});
    for (const QString &each : m_client.rooms().rooms())
        m_client.rooms().leave(each);
    while (!m_book.empty()) // those that refused us
        forget(QString(m_book.begin()->first));
    m_listed.clear();
    m_rooms.setDirectory({});
    Q_EMIT serverLeft();
}

void ChatController::disconnect()
{
    m_deletions.flush();
    m_client.disconnectFromServer();
}

void ChatController::retryNow()
{
    m_client.reconnectNow();
}

bool ChatController::openRoom(const QString &text)
{
    const auto checked = values::roomName(text.trimmed().toStdString());
    if (!checked) {
        Q_EMIT refused(tr("Cannot open the room \"%1\": %2")
                           .arg(text.trimmed(), QString::fromStdString(checked.error().text)));
        return false;
    }
    const QString name = QString::fromStdString(*checked);
    room(name);
    show(name);
    join(name); // it may have refused us before
    return true;
}

void ChatController::leaveRoom(const QString &name)
{
    m_deletions.flush();
    m_client.outgoing().discardRoom(name);
    m_recorder.forget(name);
    setDraft(name, false);
    m_client.rooms().leave(name);
    forget(name); // one that refused us is nothing to the client
    Q_EMIT roomLeft(name);
}

void ChatController::setDraft(const QString &name, bool draft)
{
    if (draft)
        m_drafts.insert(name);
    else
        m_drafts.remove(name);
    m_rooms.setDraft(name, draft);
}

void ChatController::resend(const QString &cid)
{
    if (const auto entry = m_store.outbox().find(cid))
        join(entry->room);
    m_client.outgoing().resend(cid);
}

void ChatController::send(const QString &text)
{
    if (m_current.isEmpty() || text.trimmed().isEmpty())
        return;
    clearMarker();
    m_client.rooms().setTyping(m_current, TypingState::Off);
    join(m_current);
    m_client.outgoing().send(m_current, text);
    // Whoever writes wants to be connected now, not at the end of a countdown.
    if (std::holds_alternative<state::WaitingToReconnect>(m_client.state()))
        m_client.reconnectNow();
}

void ChatController::discard(const QString &cid)
{
    const auto entry = m_store.outbox().find(cid);
    if (entry && entry->state == OutboxState::InFlight) {
        Q_EMIT refused(tr("The message is on its way already: it cannot be deleted now."));
        return;
    }
    m_client.outgoing().discard(cid);
    if (entry && mayBePublished(*entry))
        Q_EMIT refused(tr(
            "Deleted only here: the message was sent, but not confirmed, and others may have it already."));
}

void ChatController::moderate(const ModerationAct &act, const QString &name)
{
    if (!act.user.isEmpty())
        m_subjects.insert(act.user, name);
    m_client.moderation().act(act);
}

void ChatController::setTyping(TypingState now)
{
    if (!m_current.isEmpty())
        m_client.rooms().setTyping(m_current, now);
}

void ChatController::changeName(const QString &username)
{
    m_client.changeName(username);
    if (m_client.isReady())
        return; // the server has a word in it
    m_settings.setUsername(username);
    m_name = username;
    setSelf();
    Q_EMIT usernameChanged(username);
}

void ChatController::setWatching(bool watching)
{
    Room *room = find(m_current);
    if (std::exchange(m_watching, watching) && !watching && room)
        m_marks.lookedAway(m_current, room->messages);
}

void ChatController::setSeen(int first, int last)
{
    if (Room *room = find(m_current))
        m_marks.seen(m_current, first, last, room->messages, room->position);
}

void ChatController::markRead()
{
    if (Room *room = find(m_current))
        m_marks.read(m_current, room->messages, room->position);
    clearMarker();
}

void ChatController::clearMarker()
{
    if (Room *room = find(m_current))
        m_marks.markFirst(m_current, room->messages);
}

void ChatController::updateNamesakes(const QString &name, Room &room)
{
    const QSet<QString> names = m_client.rooms().namesakes(name);
    room.members.setNamesakes(names);
    room.messages.setNamesakes(names);
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

void ChatController::onDeleted(const MessageDeletion &deletion)
{
    Room *room = find(deletion.room);
    if (!room)
        return;
    const auto key =
        room->messages.setDeleted(deletion.id, shownName(deletion.by.username, deletion.by.user));
    if (key)
        m_marks.deleted(deletion.room, *key, room->messages);
}

/// A room where something is written stays: it can be sent again, copied or deleted.
void ChatController::onRefused(const QString &name, const Refusal &refusal)
{
    QString text = tr("Cannot join #%1: %2").arg(name, oneLine(refusal.text));
    Room *room = find(name);
    if (!room || (unsentIn(name) == 0 && !hasDraft(name))) {
        if (room && name == m_current)
            Q_EMIT currentRoomLost(name);
        forget(name);
    } else {
        room->messages.setReached(false);
        room->members.setUnknown();
        text += QLatin1String(text.endsWith(u'.') ? " " : ". ") +
                tr("What you wrote there is kept until you leave the room.");
    }
    Q_EMIT refused(text);
}

void ChatController::onRequestRefused(const QString &what, const Refusal &refusal)
{
    // What is asked again by itself is nobody's business.
    const bool isLoss = refusal.code.isEmpty();
    if (m_older.takesRefusal() || (isLoss && what == Directory::tr("the rooms")))
        return;
    const QString text = sentence(oneLine(refusal.text));
    Q_EMIT refused(what.isEmpty() ? text : tr("No answer about %1: %2").arg(what, text));
}

void ChatController::onConnectionLost()
{
    m_directory.stop();
    m_listed.clear();
    m_older.connectionLost();
    for (auto &[name, each] : m_book) {
        if (!std::exchange(each->typing, {}).isEmpty())
            Q_EMIT typingChanged(name);
    }
}

void ChatController::show(const QString &name)
{
    if (name == m_current)
        return;
    if (Room *room = find(m_current))
        m_marks.lookedAway(m_current, room->messages);
    clearMarker();
    m_before = std::exchange(m_current, name);
    m_settings.setCurrentRoom(m_server, name);
    Q_EMIT currentRoomChanged(name);
}

void ChatController::forget(const QString &name)
{
    const auto it = m_book.find(name);
    if (it == m_book.end())
        return;
    const auto room = std::move(it->second); // the views let go of its models first
    m_book.erase(it);
    m_older.forget(name);
    m_marks.forget(name);
    m_rooms.setJoined(name, false);
    rememberRooms();
    if (name == m_current) {
        m_current = find(m_before) ? m_before : m_rooms.joined().value(0);
        Q_EMIT currentRoomChanged(m_current);
    }
}

ChatController::Room &ChatController::room(const QString &name)
{
    auto &slot = m_book[name];
    if (!slot) {
        slot = std::make_unique<Room>();
        slot->messages.setSelf(self());
        slot->messages.setModerating(isModerating());
        slot->members.setSelf(m_client.session().clientId);
        m_rooms.setJoined(name, true);
        connect(&slot->messages, &QAbstractItemModel::rowsRemoved, this,
                [this, name, messages = &slot->messages](const QModelIndex &, int first) {
                    if (first == 0 && messages->rowCount() > 0)
                        m_marks.trimmed(name, *messages);
                });
        recall(name, *slot);
        for (const OutboxEntry &each : m_store.outbox().entries()) {
            if (each.room == name)
                slot->messages.setOutgoing(each);
        }
        m_rooms.setDraft(name, hasDraft(name));
        rememberRooms();
    }
    return *slot;
}

void ChatController::recall(const QString &name, Room &room)
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

ChatController::Room *ChatController::find(const QString &name)
{
    const auto it = m_book.find(name);
    return it == m_book.end() ? nullptr : it->second.get();
}

void ChatController::rememberRooms()
{
    if (!m_server.isEmpty())
        m_settings.setRooms(m_server, m_rooms.joined());
}

void ChatController::join(const QString &name)
{
    const Room *room = find(name);
    JoinOptions how;
    if (room && room->position)
        how = {.since = room->position, .shown = m_recorder.shown(name)};
    m_client.rooms().join(name, how);
}

SessionInfo ChatController::self() const
{
    SessionInfo who = m_client.session();
    if (who.clientId.isEmpty())
        who = m_recorder.session().info; // what we wrote then is ours
    who.username = m_name;
    return who;
}

void ChatController::setSelf()
{
    for (auto &[name, each] : m_book) {
        each->messages.setSelf(self());
        each->members.setSelf(m_client.session().clientId);
    }
}

qsizetype ChatController::unsentIn(const QString &room) const
{
    const QList<OutboxEntry> all = m_store.outbox().entries();
    return std::ranges::count(all, room, &OutboxEntry::room);
}

void ChatController::countUnsent()
{
    const QList<OutboxEntry> all = m_store.outbox().entries();
    const auto undecided = std::ranges::count_if(all, [](const OutboxEntry &each) {
        return each.state == OutboxState::NeedsDecision || each.state == OutboxState::Failed;
    });
    m_connection.setKeeps(keepsWhatIsWritten());
    m_connection.setUnsent(all.size() - undecided, undecided);
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

QString ChatController::typingText(const QString &name) const
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
