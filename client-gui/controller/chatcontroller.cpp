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
    , m_joined(m_client, m_recorder, store.outbox())
    , m_deletions(m_client, [this](const QString &room) { return messages(room); })
    , m_restrictions(options.clock)
    , m_signIn(keychain)
    , m_connection(options)
{
    wireConnection();
    wireRooms();
    wireOutgoing();
    wireModeration();
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
                    m_joined.list().setDirectory(std::exchange(m_listed, {}));
            });
}

void ChatController::wireRooms()
{
    connect(&m_client.rooms(), &RoomBook::roomRefused, this, &ChatController::onRefused);
    connect(&m_joined, &JoinedRooms::changed, this, [this] {
        if (!m_server.isEmpty())
            m_settings.setRooms(m_server, m_joined.list().joined());
    });
    connect(&m_joined, &JoinedRooms::currentChanged, this, &ChatController::currentRoomChanged);
    connect(&m_joined, &JoinedRooms::typingChanged, this, &ChatController::typingChanged);
    connect(&m_joined, &JoinedRooms::missedOnesCame, this, &ChatController::missedOnesCame);
}

void ChatController::wireOutgoing()
{
    OutboxSender &outgoing = m_client.outgoing();
    connect(&outgoing, &OutboxSender::entryChanged, this, [this](const OutboxEntry &entry) {
        m_connection.setKeeps(keepsWhatIsWritten()); // the store says only the first failure in a row
        if (entry.state == OutboxState::NeedsDecision || entry.state == OutboxState::Failed)
            countUnsent();
    });
    connect(&outgoing, &OutboxSender::messageAcknowledged, this, [this] {
        if (m_connection.banner())
            countUnsent();
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
    m_joined.setModerating(isModerating());
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
    const QString room = m_joined.current();
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
        m_joined.add(each);
    for (const OutboxEntry &each : m_store.outbox().entries())
        m_joined.setOutgoing(each);
    if (wanted.isEmpty() || !openRoom(wanted))
        openRoom(last.isEmpty() ? QStringLiteral("general") : last);
    for (const QString &each : before)
        m_joined.join(each);
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
    m_joined.leaveAll();
    m_listed.clear();
    m_joined.list().setDirectory({});
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
    m_joined.add(name);
    m_joined.open(name);
    m_settings.setCurrentRoom(m_server, name);
    m_joined.join(name); // it may have refused us before
    return true;
}

void ChatController::leaveRoom(const QString &name)
{
    m_deletions.flush();
    m_client.outgoing().discardRoom(name);
    m_recorder.forget(name);
    m_joined.setDraft(name, false);
    m_client.rooms().leave(name);
    m_joined.forget(name); // one that refused us is nothing to the client
    Q_EMIT roomLeft(name);
}

void ChatController::resend(const QString &cid)
{
    if (const auto entry = m_store.outbox().find(cid))
        m_joined.join(entry->room);
    m_client.outgoing().resend(cid);
}

void ChatController::send(const QString &text)
{
    const QString room = m_joined.current();
    if (room.isEmpty() || text.trimmed().isEmpty())
        return;
    m_joined.clearMarker();
    m_client.rooms().setTyping(room, TypingState::Off);
    m_joined.join(room);
    m_client.outgoing().send(room, text);
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
    if (!m_joined.current().isEmpty())
        m_client.rooms().setTyping(m_joined.current(), now);
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

void ChatController::refreshRooms()
{
    m_listed.clear();
    m_client.directory().requestRooms();
}

// ---- what happens

/// A room where something is written stays: it can be sent again, copied or deleted.
void ChatController::onRefused(const QString &name, const Refusal &refusal)
{
    QString text = tr("Cannot join #%1: %2").arg(name, oneLine(refusal.text));
    if (!m_joined.contains(name) || (unsentIn(name) == 0 && !hasDraft(name))) {
        if (name == m_joined.current())
            Q_EMIT currentRoomLost(name);
        m_joined.forget(name);
    } else {
        m_joined.setRefused(name);
        text += QLatin1String(text.endsWith(u'.') ? " " : ". ") +
                tr("What you wrote there is kept until you leave the room.");
    }
    Q_EMIT refused(text);
}

void ChatController::onRequestRefused(const QString &what, const Refusal &refusal)
{
    // What is asked again by itself is nobody's business.
    const bool isLoss = refusal.code.isEmpty();
    if (m_joined.older().takesRefusal() || (isLoss && what == Directory::tr("the rooms")))
        return;
    const QString text = sentence(oneLine(refusal.text));
    Q_EMIT refused(what.isEmpty() ? text : tr("No answer about %1: %2").arg(what, text));
}

void ChatController::onConnectionLost()
{
    m_directory.stop();
    m_listed.clear();
    m_joined.connectionLost();
}

void ChatController::setSelf()
{
    SessionInfo who = m_client.session();
    if (who.clientId.isEmpty())
        who = m_recorder.session().info; // what we wrote then is ours
    who.username = m_name;
    m_joined.setSelf(who);
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

bool ChatController::isConnected() const
{
    const ConnectionState &state = m_client.state();
    return m_client.isReady() || std::holds_alternative<state::Connecting>(state) ||
           std::holds_alternative<state::Authenticating>(state);
}

} // namespace parlor::gui
