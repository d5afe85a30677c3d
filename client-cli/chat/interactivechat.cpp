// SPDX-License-Identifier: MIT
#include "client-cli/chat/interactivechat.h"

#include "client-cli/chat/chatlines.h"
#include "client-cli/exitcode.h"
#include "shared/client/personname.h"

#include <QJsonDocument>
#include <QJsonObject>

#include <csignal>
#include <unistd.h>

namespace parlor::cli {

namespace {

/// Kept messages that are shown at the start: as many as the server brings unless told otherwise.
constexpr qsizetype kKeptShown = 50;

/// How long leaving waits for what is on its way to be acknowledged.
constexpr std::chrono::seconds kLastAnswers{2};

/// Whether the frame comes unasked, and so answers no /raw.
bool tellsOfOthers(const QByteArray &frame)
{
    static const QStringList kUnasked{
        QStringLiteral("message"),      QStringLiteral("presence"), QStringLiteral("typing"),
        QStringLiteral("user_updated"), QStringLiteral("sync"),     QStringLiteral("server_state"),
        QStringLiteral("reconnect"),    QStringLiteral("deleted"),  QStringLiteral("moderated")};
    return kUnasked.contains(QJsonDocument::fromJson(frame).object().value(QLatin1String("type")).toString());
}

} // namespace

InteractiveChat::InteractiveChat(ChatClient &client, Recorder &recorder, Console &console,
                                 const ChatOptions &options, QObject *parent)
    : QObject(parent)
    , m_client(client)
    , m_recorder(recorder)
    , m_console(console)
    , m_options(options)
    , m_palette(Palette::forDescriptor(STDOUT_FILENO))
    , m_reporter(
          client, [this](const QString &text) { status(text); }, ClientOptions().quietLoss)
    , m_room(options.rooms.first())
{
    connect(&console, &Console::lineEntered, this, &InteractiveChat::onLine);
    connect(&console, &Console::inputRefused, this, [this](const QString &why) { status(why); });
    connect(&console, &Console::leaveAsked, this, &InteractiveChat::leave);
    connect(&console, &Console::inputEnded, this, &InteractiveChat::quit);
    connect(&console, &Console::outputFailed, this, [this] {
        if (m_quitting)
            return;
        m_client.leaveServer(); // what nobody can see must not count as seen
        m_exitCode = exitcode::kFailed;
        quit();
    });
    connect(&client, &ChatClient::stateChanged, this, &InteractiveChat::onState);
    connect(&client, &ChatClient::frameReceived, this, &InteractiveChat::onFrame);
    connect(&client, &ChatClient::roundTripMeasured, this, [this](std::chrono::milliseconds time) {
        if (std::exchange(m_pingAsked, false))
            status(QStringLiteral("%1 ms to the server and back").arg(time.count()));
    });
    connect(&recorder, &Recorder::failed, this, [this](const QString &text) { status(text); });
    connect(&client.outgoing(), &OutboxSender::entryChanged, this, &InteractiveChat::updatePrompt);
    connect(&client.outgoing(), &OutboxSender::entryDiscarded, this, &InteractiveChat::updatePrompt);
    connect(&client.outgoing(), &OutboxSender::heldUp, this, &InteractiveChat::updatePrompt);
    connect(&client, &ChatClient::clusterStateChanged, this, &InteractiveChat::updatePrompt);
    connect(&m_reporter, &StatusReporter::lossTold, this, &InteractiveChat::updatePrompt);
    connect(&client.outgoing(), &OutboxSender::messageAcknowledged, this, [this] {
        updatePrompt();
        if (m_leaving.isActive() && m_client.outgoing().entries().isEmpty())
            quit();
    });
    m_leaving.setSingleShot(true);
    m_leaving.setInterval(kLastAnswers);
    connect(&m_leaving, &QTimer::timeout, this, [this] {
        if (m_recorder.keepsOutbox())
            quit();
        else
            warnOfUnsent();
    });
    RoomBook &rooms = client.rooms();
    connect(&rooms, &RoomBook::messageReceived, this, &InteractiveChat::onMessage);
    connect(&rooms, &RoomBook::messageDeleted, this, &InteractiveChat::onDeleted);
    connect(
        &rooms, &RoomBook::presenceChanged, this,
        [this](const QString &room, const PresenceChange &change) { status(presenceLines(room, change)); });
    connect(&rooms, &RoomBook::memberRenamed, this,
            [this](const QString &room, const RoomMember &before, const QString &username) {
                if (before.id != m_client.session().clientId)
                    status(sanitised(QStringLiteral("%1 is now %2 in #%3")
                                         .arg(personName(before.username), personName(username), room)));
            });
    connect(&rooms, &RoomBook::roomRefused, this, [this](const QString &room) {
        if (room == m_room)
            goTo(m_client.rooms().rooms().value(0));
    });
    const Moderation &moderation = client.moderation();
    connect(&moderation, &Moderation::done, this,
            [this](const ModerationAct &act) { status(sanitised(doneLine(act, people(m_room)))); });
    connect(&moderation, &Moderation::refused, this,
            [this](const ModerationAct &act, const Refusal &refusal) {
                status(sanitised(refusedLine(act, people(m_room), refusal)));
            });
    connect(&moderation, &Moderation::deleteRefused, this,
            [this](const QString &room, const QString &, const Refusal &refusal) {
                status(
                    sanitised(QStringLiteral("cannot delete a message in #%1: %2").arg(room, refusal.text)));
            });
    connect(&client.directory(), &Directory::membersListed, this,
            [this](const QString &room, const QList<RoomMember> &members, quint64 count) {
                status(membersLine(room, members, count));
            });
    connect(&client.directory(), &Directory::roomsListed, this,
            [this](const QList<RoomSummary> &list, bool more) { status(roomLines(list, more)); });
}

void InteractiveChat::start()
{
    m_recorder.open(accountOf(m_options.url, m_options.credentials.username));
    m_options.credentials.resumeToken = m_recorder.session().resumeToken;
    m_options.credentials.person = m_recorder.session().info.person();
    updatePrompt();
    status(QStringLiteral("/help lists the commands, Ctrl-D leaves"));
    for (const QString &room : m_options.rooms)
        join(room);
    for (const OutboxEntry &each : m_client.outgoing().entries())
        join(each.room);
    m_reporter.tellOfOutbox(m_recorder.unsentElsewhere(), m_options.url);
    m_client.connectToServer(m_options.url, m_options.credentials, m_options.tls);
}

void InteractiveChat::leave()
{
    const OutboxSender &outgoing = m_client.outgoing();
    const auto left = outgoing.entries().size();
    const bool isWaiting = m_leaving.isActive();
    m_leaving.stop();
    if (m_quitting || left == 0)
        quit();
    else if (!isWaiting && m_client.isReady() && !outgoing.isHeldUp() && outgoing.underWay() == left)
        m_leaving.start(); // mostly it takes one way to the server and back
    else if (m_recorder.keepsOutbox() || m_warnedOfOutbox)
        quit();
    else
        warnOfUnsent();
}

void InteractiveChat::warnOfUnsent()
{
    m_warnedOfOutbox = true;
    status(QStringLiteral(
               "not all messages are sent (%1 left), and they are not kept; /outbox shows them, to leave "
               "again (/quit, Ctrl-D or Ctrl-C) drops them")
               .arg(m_client.outgoing().entries().size()));
}

void InteractiveChat::tellOfUnsent()
{
    m_reporter.tellOfUnsent(
        m_recorder.keepsOutbox() ? StatusReporter::Fate::Kept : StatusReporter::Fate::Dropped,
        m_options.stateFile.isEmpty() ? QStringLiteral("the state file") : m_options.stateFile);
}

void InteractiveChat::terminate(int signal)
{
    if (signal == SIGINT)
        leave();
    else
        quit();
}

void InteractiveChat::quit()
{
    if (m_quitting) {
        Q_EMIT finished(m_exitCode);
        return;
    }
    m_quitting = true;
    m_console.finish();
    tellOfUnsent();
    const bool everConnected = !m_client.session().clientId.isEmpty();
    const bool isLost = !everConnected || std::holds_alternative<state::Stopped>(m_client.state());
    if (isLost && m_exitCode == exitcode::kOk)
        m_exitCode = exitcode::kNoConnection;
    m_client.disconnectFromServer();
    if (std::holds_alternative<state::Disconnected>(m_client.state()))
        Q_EMIT finished(m_exitCode);
}

void InteractiveChat::onLine(const QString &line)
{
    if (m_quitting)
        return;                 // it was not meant for the chat
    if (m_leaving.isActive()) { // nor was this, most likely
        status(QStringLiteral("about to leave: what you typed is ignored"));
        return;
    }
    const Command command = parseCommand(line);
    if (!std::holds_alternative<command::Quit>(command))
        m_warnedOfOutbox = false;
    std::visit([this](const auto &each) { run(each); }, command);
}

void InteractiveChat::onState(const ConnectionState &state)
{
    updatePrompt();
    if (std::holds_alternative<state::Disconnected>(state) && m_quitting)
        Q_EMIT finished(m_exitCode);
    if (!std::holds_alternative<state::Stopped>(state))
        return;
    if (m_client.session().clientId.isEmpty()) {
        tellOfUnsent();
        Q_EMIT finished(exitcode::kNoConnection); // there never was a chat to stay in
    } else {
        status(QStringLiteral("/connect tries again, /quit leaves"));
    }
}

void InteractiveChat::onMessage(const ChatMessage &message, MessageSource source)
{
    m_shown.add(message);
    const bool own = message.sender == m_client.session().clientId;
    m_console.print(messageLine(message, source, own ? Speaker::Self : Speaker::Other, m_palette,
                                m_client.rooms().namesakes(message.room)));
}

void InteractiveChat::onDeleted(const MessageDeletion &deletion)
{
    if (const auto shown = m_shown.remove(deletion.room, deletion.id))
        status(deletionLine(deletion, {{}, shown->user, shown->username}, shown->timestamp));
}

void InteractiveChat::onFrame(const QByteArray &utf8)
{
    if (!m_rawAsked || tellsOfOthers(utf8))
        return;
    m_rawAsked = false;
    status(sanitised(QString::fromUtf8(utf8)));
}

void InteractiveChat::run(const command::Say &say)
{
    if (m_room.isEmpty())
        status(QStringLiteral("you are in no room; /join one"));
    else
        m_client.outgoing().send(m_room, say.text);
}

void InteractiveChat::run(const command::Join &join)
{
    QString name = join.room.toLower();
    if (name.startsWith(QLatin1Char('#')))
        name.remove(0, 1);
    const bool isIn = m_client.rooms().phase(name) != RoomPhase::NotJoined;
    if (!isIn)
        this->join(name);
    if (m_client.rooms().phase(name) != RoomPhase::NotJoined)
        goTo(name);
}

void InteractiveChat::run(const command::Leave &leave)
{
    const QString name = leave.room.isEmpty() ? m_room : leave.room;
    if (m_client.rooms().phase(name) == RoomPhase::NotJoined) {
        status(sanitised(QStringLiteral("you are not in '%1'").arg(name)));
        return;
    }
    m_client.rooms().leave(name);
    m_recorder.forget(name);
    m_shown.forget(name);
    if (name == m_room)
        goTo(m_client.rooms().rooms().value(0));
}

void InteractiveChat::run(const command::Who &who)
{
    m_client.directory().requestMembers(who.room.isEmpty() ? m_room : who.room);
}

void InteractiveChat::run(const command::Rooms &rooms)
{
    m_client.directory().requestRooms(rooms.prefix);
}

void InteractiveChat::run(const command::Nick &nick)
{
    if (!m_client.isReady())
        status(QStringLiteral("not connected; you will be called so when the connection is back"));
    m_client.changeName(nick.name);
}

void InteractiveChat::run(const command::Ping &)
{
    m_pingAsked = m_client.isReady();
    if (m_pingAsked)
        m_client.ping();
    else
        status(QStringLiteral("not connected"));
}

void InteractiveChat::run(const command::Connect &)
{
    if (m_client.isReady())
        status(QStringLiteral("the connection is there"));
    else
        m_client.reconnectNow();
}

void InteractiveChat::run(const command::Raw &raw)
{
    m_rawAsked = m_client.isReady();
    if (m_rawAsked)
        m_client.sendRaw(raw.json);
    else
        status(QStringLiteral("not connected"));
}

void InteractiveChat::run(const command::ListOutbox &)
{
    const auto entries = m_client.outgoing().entries();
    if (entries.isEmpty())
        status(QStringLiteral("everything is sent"));
    for (const OutboxEntry &each : entries)
        status(sanitised(m_reporter.describe(each)));
}

void InteractiveChat::run(const command::Resend &resend)
{
    for (const QString &cid : undecided(resend.number))
        m_client.outgoing().resend(cid);
}

void InteractiveChat::run(const command::Discard &discard)
{
    // By its number one that only waits goes, too; what is on its way cannot be called back.
    const auto entries = m_client.outgoing().entries();
    for (const OutboxEntry &each : entries) {
        if (!discard.number || m_reporter.cidOf(*discard.number) != each.cid)
            continue;
        if (each.state == OutboxState::InFlight)
            status(QStringLiteral("it is on its way already"));
        else
            drop(each);
        return;
    }
    for (const QString &cid : undecided(discard.number)) {
        if (const auto entry = m_client.outgoing().find(cid))
            drop(*entry);
    }
}

void InteractiveChat::run(const command::Delete &order)
{
    QString user = m_client.session().user;
    if (!order.person.isEmpty()) {
        const auto person = readPerson(order.person, people(m_room));
        if (!person)
            return status(sanitised(QString::fromStdString(person.error().text)));
        user = person->user;
    }
    if (const auto shown = m_shown.last(m_room, user))
        m_client.moderation().deleteMessage(m_room, shown->seq, shown->id);
    else if (order.person.isEmpty())
        status(QStringLiteral("no message of this session is shown here that could be deleted"));
    else
        status(sanitised(
            QStringLiteral("no message of %1 is shown here that could be deleted").arg(order.person)));
}

void InteractiveChat::run(const command::Moderate &order)
{
    const auto act = readModeration(order.action, order.argument, m_room, people(m_room));
    if (act)
        m_client.moderation().act(*act);
    else
        status(sanitised(QString::fromStdString(act.error().text)));
}

void InteractiveChat::run(const command::Help &)
{
    status(commandHelp());
}

void InteractiveChat::run(const command::Quit &)
{
    leave();
}

void InteractiveChat::run(const command::Wrong &wrong)
{
    status(sanitised(wrong.problem));
}

void InteractiveChat::drop(const OutboxEntry &entry)
{
    QString line = QStringLiteral("dropped %1").arg(m_reporter.name(entry));
    if (mayBePublished(entry))
        line += QStringLiteral("; it was sent, but not confirmed, and others may have it already");
    status(sanitised(line));
    m_client.outgoing().discard(entry.cid);
}

QList<KnownPerson> InteractiveChat::people(const QString &room)
{
    QList<KnownPerson> all;
    const auto add = [&all](const KnownPerson &person) {
        if (!all.contains(person))
            all.append(person);
    };
    for (const RoomMember &each : m_client.rooms().members(room))
        add({each.user, each.username});
    for (const ShownMessages::Shown &each : m_shown.of(room))
        add({each.user, each.username});
    return all;
}

QStringList InteractiveChat::undecided(std::optional<int> number)
{
    QStringList cids;
    for (const OutboxEntry &each : m_client.outgoing().entries()) {
        const bool open = each.state == OutboxState::NeedsDecision || each.state == OutboxState::Failed;
        if (open && (!number || m_reporter.cidOf(*number) == each.cid))
            cids.append(each.cid);
    }
    if (cids.isEmpty() && number)
        status(QStringLiteral("no message %1 waits for a decision; /outbox shows what is not sent")
                   .arg(*number));
    else if (cids.isEmpty())
        status(QStringLiteral("no message waits for a decision; /outbox shows what is not sent"));
    return cids;
}

void InteractiveChat::join(const QString &room)
{
    if (m_client.rooms().phase(room) != RoomPhase::NotJoined)
        return;
    const KeptRoom kept = m_recorder.recall(room);
    const auto count = std::min<qsizetype>(m_options.history.value_or(kKeptShown), kept.messages.size());
    for (const KeptMessage &each : kept.messages.last(count)) {
        if (each.missingAbove)
            m_reporter.tellOfMissing(room, *each.missingAbove);
        m_shown.add(each.message);
        m_console.print(messageLine(each.message, MessageSource::Backlog,
                                    each.own ? Speaker::Self : Speaker::Other, m_palette));
    }
    if (kept.missingNext && count > 0) // nobody says it when the messages below come
        m_reporter.tellOfMissing(room, *kept.missingNext);
    m_client.rooms().join(room, {kept.position, m_options.history, kept.shown()});
}

void InteractiveChat::goTo(const QString &room)
{
    m_room = room;
    updatePrompt();
}

void InteractiveChat::updatePrompt()
{
    const QString where = m_room.isEmpty() ? QStringLiteral("(no room)") : QStringLiteral("#") + m_room;
    const auto queued = m_client.outgoing().underWay();
    const bool isHere = m_client.isReady() || m_reporter.isQuiet();
    if (isHere && queued > 0 && m_client.outgoing().isHeldUp())
        m_console.setPrompt(QStringLiteral("%1 (%2 queued)> ").arg(where).arg(queued));
    else if (isHere)
        m_console.setPrompt(where + QStringLiteral("> "));
    else if (queued == 0)
        m_console.setPrompt(QStringLiteral("%1 (offline)> ").arg(where));
    else
        m_console.setPrompt(QStringLiteral("%1 (offline, %2 queued)> ").arg(where).arg(queued));
}

void InteractiveChat::status(const QStringList &lines)
{
    for (const QString &line : lines)
        status(line);
}

void InteractiveChat::status(const QString &text)
{
    m_console.print(m_palette.warning(QStringLiteral("* ") + text));
}

} // namespace parlor::cli
