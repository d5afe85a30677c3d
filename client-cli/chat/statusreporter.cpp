// SPDX-License-Identifier: MIT
#include "client-cli/chat/statusreporter.h"

#include "client-cli/chat/closeadvice.h"
#include "client-cli/chat/terminaltext.h"
#include "shared/client/personname.h"
#include "shared/protocol/closecode.h"

#include <QDateTime>

#include <utility>

namespace parlor::cli {

namespace {

QString seconds(std::chrono::milliseconds time)
{
    return QString::number(std::chrono::duration<double>(time).count(), 'f', 1);
}

QString excerpt(const QString &text)
{
    constexpr qsizetype kShown = 40;
    return text.size() <= kShown ? text : text.left(kShown) + QStringLiteral("…");
}

QString nameOf(SessionRole role)
{
    switch (role) {
    case SessionRole::Member:
        break;
    case SessionRole::Moderator:
        return QStringLiteral("moderator");
    case SessionRole::Admin:
        return QStringLiteral("admin");
    }
    return QStringLiteral("member");
}

/// Empty for what most are.
QString inApposition(SessionRole role)
{
    return role == SessionRole::Member ? QString() : QStringLiteral(", ") + nameOf(role);
}

QString nameOf(OutboxState state)
{
    switch (state) {
    case OutboxState::Queued:
        return QStringLiteral("waiting");
    case OutboxState::InFlight:
        return QStringLiteral("sent, not confirmed yet");
    case OutboxState::Unconfirmed:
        return QStringLiteral("not confirmed; will be sent again");
    case OutboxState::NeedsDecision:
        return QStringLiteral("undecided");
    case OutboxState::Failed:
        return QStringLiteral("failed");
    }
    return {};
}

} // namespace

StatusReporter::StatusReporter(ChatClient &client, std::function<void(const QString &)> sink,
                               std::chrono::milliseconds quietLoss, QObject *parent)
    : QObject(parent)
    , m_client(client)
    , m_sink(std::move(sink))
{
    m_quiet.setSingleShot(true);
    m_quiet.setInterval(quietLoss);
    connect(&m_quiet, &QTimer::timeout, this, &StatusReporter::tellOfLoss);
    connect(&client, &ChatClient::stateChanged, this, &StatusReporter::onState);
    connect(&client, &ChatClient::connectionEnded, this, &StatusReporter::onEnded);
    connect(&client, &ChatClient::sessionStarted, this, [this](const SessionInfo &session) {
        m_renewalProblem.clear();
        if (m_wasQuiet && session.resumed)
            return;
        say(QStringLiteral("signed in as %1%2 (%3), served by %4")
                .arg(personName(session.username), inApposition(session.role),
                     session.resumed ? QStringLiteral("session resumed") : QStringLiteral("new session"),
                     m_client.server().hostname));
    });
    connect(&client, &ChatClient::roleChanged, this, [this](SessionRole role) {
        say(QStringLiteral("the new token makes you a %1").arg(nameOf(role)));
    });
    connect(&client, &ChatClient::renewalFailed, this, [this](const QString &text) {
        if (std::exchange(m_renewalProblem, text) != text)
            say(QStringLiteral("the token could not be renewed: %1; trying again by itself until it ends")
                    .arg(text));
    });
    connect(&client, &ChatClient::moderated, this, &StatusReporter::onModerated);
    connect(&client.outgoing(), &OutboxSender::slowedDown, this,
            [this](const QString &room, std::chrono::milliseconds wait, const QString &text) {
                say(QStringLiteral("#%1: %2; your message goes out by itself in %3 s")
                        .arg(room, text, seconds(wait)));
            });
    connect(&client, &ChatClient::nameChanged, this, [this](const QString &name) {
        say(QStringLiteral("your name is now %1").arg(personName(name)));
    });
    connect(&client, &ChatClient::requestRefused, this, [this](const QString &what, const Refusal &refusal) {
        say(what.isEmpty() ? QStringLiteral("refused: %1 (%2)").arg(refusal.text, refusal.code)
                           : QStringLiteral("no answer about %1: %2").arg(what, refusal.text));
    });
    connect(&client, &ChatClient::reconnectAnnounced, this,
            [this](const QString &reason, std::chrono::milliseconds delay) {
                const auto line =
                    QStringLiteral("the server will close this connection (%1) and wants us back after %2 s")
                        .arg(reason, seconds(delay));
                if (m_quiet.interval() > 0)
                    m_ofLoss = QStringList{line};
                else
                    say(line);
            });
    connect(&client, &ChatClient::clusterStateChanged, this, [this](ClusterState cluster) {
        if (cluster == ClusterState::Degraded)
            say(QStringLiteral("messages wait until the servers reach each other again"));
        else if (m_client.isReady()) // and not a new connection
            say(QStringLiteral("the servers reach each other again"));
    });
    connect(&client.rooms(), &RoomBook::roomJoined, this, [this](const QString &room) {
        if (m_wasQuiet && m_joinedBefore.contains(room))
            return;
        say(m_joinedBefore.contains(room) ? QStringLiteral("joined #%1 again").arg(room)
                                          : QStringLiteral("joined #%1").arg(room));
        m_joinedBefore.insert(room);
    });
    connect(&client.rooms(), &RoomBook::roomLeft, this,
            [this](const QString &room) { say(QStringLiteral("left #%1").arg(room)); });
    connect(&client.rooms(), &RoomBook::roomRefused, this,
            [this](const QString &room, const Refusal &refusal) {
                say(QStringLiteral("cannot join #%1: %2 (%3)").arg(room, refusal.text, refusal.code));
            });
    connect(&client.rooms(), &RoomBook::messagesMissing, this, &StatusReporter::tellOfMissing);
    connect(&client.outgoing(), &OutboxSender::entryChanged, this, &StatusReporter::onEntry);
    connect(&client.outgoing(), &OutboxSender::heldUp, this, [this](const Refusal &refusal) {
        say(QStringLiteral("the server takes no messages for now (%1); trying again by itself")
                .arg(refusal.text));
    });
    connect(&client.outgoing(), &OutboxSender::heldUpEnded, this, [this](OutboxSender::HeldUpEnd end) {
        if (end == OutboxSender::HeldUpEnd::Flows)
            say(QStringLiteral("the server takes messages again"));
    });
    connect(&client.outgoing(), &OutboxSender::messageAcknowledged, this,
            [this](const PublishReceipt &receipt) { m_lastState.remove(receipt.cid); });
    connect(&client.outgoing(), &OutboxSender::entryDiscarded, this,
            [this](const QString &cid) { m_lastState.remove(cid); });
}

int StatusReporter::numberOf(const QString &cid)
{
    qsizetype index = m_numbered.indexOf(cid);
    if (index < 0) {
        index = m_numbered.size();
        m_numbered.append(cid);
    }
    return static_cast<int>(index) + 1;
}

QString StatusReporter::cidOf(int number) const
{
    return m_numbered.value(number - 1);
}

QString StatusReporter::name(const OutboxEntry &entry)
{
    return QStringLiteral("%1: '%2' to #%3").arg(numberOf(entry.cid)).arg(excerpt(entry.text), entry.room);
}

QString StatusReporter::describe(const OutboxEntry &entry)
{
    const bool isAgain = entry.state == OutboxState::Queued && mayBePublished(entry);
    const OutboxState state = isAgain ? OutboxState::Unconfirmed : entry.state;
    QString line = name(entry) + QStringLiteral(": ");
    if (state == OutboxState::Unconfirmed && m_dropsAll)
        line += QStringLiteral("not confirmed; it may have arrived");
    else
        line += nameOf(state);
    if (!entry.problem.isEmpty())
        line += QStringLiteral(" (%1)").arg(entry.problem);
    return line;
}

void StatusReporter::tellOfOutbox(const QList<UnsentElsewhere> &elsewhere, const QUrl &server)
{
    for (const OutboxEntry &each : m_client.outgoing().entries()) {
        say(QStringLiteral("from before, message ") + describe(each));
        m_lastState.insert(each.cid, each.state);
    }
    if (!elsewhere.isEmpty())
        say(sentenceOn(elsewhere, server));
}

void StatusReporter::tellOfUnsent(Fate fate, const QString &file)
{
    m_dropsAll = fate != Fate::Kept;
    qsizetype unsent = 0;
    qsizetype unconfirmed = 0;
    qsizetype stuck = 0;
    qsizetype perhapsThere = 0; // of those
    for (const OutboxEntry &each : m_client.outgoing().entries()) {
        if (isUnderWay(each.state)) {
            (mayBePublished(each) ? unconfirmed : unsent) += 1;
        } else {
            stuck += 1;
            perhapsThere += mayBePublished(each) ? 1 : 0;
        }
    }
    tellOfStuck(stuck, perhapsThere, fate, file);
    if (unsent + unconfirmed == 0)
        return;
    if (fate == Fate::Kept) {
        const auto minutes =
            std::chrono::duration_cast<std::chrono::minutes>(ClientOptions().resendWithin).count();
        say(QStringLiteral(
                "not sent or not confirmed: %1, kept in %2; started again with it within %3 minutes, this "
                "program sends them, later they wait for /resend at a terminal")
                .arg(unsent + unconfirmed)
                .arg(file)
                .arg(minutes));
        return;
    }
    const QString why =
        fate == Fate::CannotBeKept ? QStringLiteral(", as %1 cannot be written").arg(file) : QString();
    if (unsent > 0)
        say(QStringLiteral("not sent: %1, dropped%2").arg(unsent).arg(why));
    if (unconfirmed > 0)
        say(QStringLiteral("sent, but not confirmed: %1; they may have arrived").arg(unconfirmed));
}

/// What waits for somebody's decision.
void StatusReporter::tellOfStuck(qsizetype count, qsizetype perhapsThere, Fate fate, const QString &file)
{
    if (count == 0)
        return;
    QString line = QStringLiteral("undecided or failed: %1, ").arg(count);
    if (fate == Fate::Kept)
        line += QStringLiteral("kept in %1 for /resend or /discard at a terminal").arg(file);
    else
        line += QStringLiteral("dropped");
    if (fate == Fate::CannotBeKept)
        line += QStringLiteral(", as %1 cannot be written").arg(file);
    if (perhapsThere > 0)
        line += QStringLiteral("; %1 of them may have arrived").arg(perhapsThere);
    say(line);
}

void StatusReporter::onState(const ConnectionState &state)
{
    if (const auto *connecting = std::get_if<state::Connecting>(&state)) {
        const QString where = m_client.url().toString(QUrl::RemoveQuery);
        sayOfLoss(connecting->attempt == 1
                      ? QStringLiteral("connecting to %1").arg(where)
                      : QStringLiteral("connecting to %1, attempt %2").arg(where).arg(connecting->attempt));
    } else if (const auto *waiting = std::get_if<state::WaitingToReconnect>(&state)) {
        sayOfLoss(QStringLiteral("trying again in %1 s (attempt %2)")
                      .arg(seconds(waiting->delay))
                      .arg(waiting->attempt));
    } else if (std::holds_alternative<state::Stopped>(state)) {
        tellOfLoss();
        say(QStringLiteral("not trying again"));
    } else if (std::holds_alternative<state::Ready>(state)) {
        m_wasQuiet = m_quiet.isActive();
        m_quiet.stop();
        m_ofLoss.clear();
    }
}

void StatusReporter::onEnded(const CloseInfo &info)
{
    if (m_client.isReady() && retryPolicy(info.code) == RetryPolicy::Never)
        tellOfLoss();
    else if (m_client.isReady() && m_quiet.interval() > 0)
        m_quiet.start();
    const QString advice = adviceAfter(info);
    const QString andThen = advice.isEmpty() ? QString() : QStringLiteral("; ") + advice;
    if (info.code == 0) {
        if (!info.text.isEmpty())
            sayOfLoss(info.text + andThen);
        return;
    }
    QString line = QStringLiteral("connection closed, code %1").arg(info.code);
    if (!info.text.isEmpty())
        line += QStringLiteral(": ") + info.text;
    if (!info.reason.isEmpty())
        line += QStringLiteral(" (reason: %1)").arg(info.reason);
    sayOfLoss(line + andThen);
}

/// What else may be done to us ends the connection.
void StatusReporter::onModerated(const ModerationNotice &notice)
{
    const QString where =
        notice.room.isEmpty() ? QStringLiteral("in all rooms") : QStringLiteral("in #%1").arg(notice.room);
    if (notice.action == QLatin1String("unmute")) {
        say(QStringLiteral("you are not muted any more %1").arg(where));
    } else if (notice.action == QLatin1String("mute")) {
        QString line = QStringLiteral("a moderator muted you %1").arg(where);
        if (notice.until)
            line += QStringLiteral(" until %1")
                        .arg(QDateTime::fromMSecsSinceEpoch(notice.until->count())
                                 .toString(QStringLiteral("yyyy-MM-dd HH:mm")));
        if (!notice.reason.isEmpty())
            line += QStringLiteral(": ") + notice.reason;
        say(line);
    }
}

void StatusReporter::onEntry(const OutboxEntry &entry)
{
    const auto before = m_lastState.constFind(entry.cid);
    const bool known = before != m_lastState.cend();
    const bool wasUnconfirmed = known && *before == OutboxState::Unconfirmed;
    m_lastState.insert(entry.cid, entry.state);
    switch (entry.state) {
    case OutboxState::Queued:
        if (wasUnconfirmed && !m_wasQuiet)
            say(QStringLiteral("sending again: '%1'").arg(excerpt(entry.text)));
        else if (!known && !m_client.isReady())
            sayOfLoss(QStringLiteral("not connected; will be sent later: '%1'").arg(excerpt(entry.text)));
        break;
    case OutboxState::InFlight:
        break;
    case OutboxState::Unconfirmed: // its connection has ended, and onEnded() follows
        if (m_quiet.interval() > 0 && m_client.isReady())
            m_ofLoss.append(QStringLiteral("message ") + describe(entry));
        else
            sayOfLoss(QStringLiteral("message ") + describe(entry));
        break;
    case OutboxState::NeedsDecision:
    case OutboxState::Failed:
        say(QStringLiteral("message ") + describe(entry));
        break;
    }
}

void StatusReporter::tellOfMissing(const QString &room, const MissingMessages &missing)
{
    QString why = QStringLiteral("the server no longer has them");
    if (missing.reason == frame::SyncReason::TooMany)
        why = QStringLiteral("too many to bring all");
    else if (missing.beginsAnew())
        why = QStringLiteral("the room's history begins anew");
    say(QStringLiteral("messages may be missing in #%1: %2").arg(room, why));
}

void StatusReporter::sayOfLoss(const QString &text)
{
    if (m_quiet.isActive())
        m_ofLoss.append(text);
    else
        say(text);
}

void StatusReporter::tellOfLoss()
{
    m_quiet.stop();
    for (const QString &each : std::exchange(m_ofLoss, {}))
        say(each);
    Q_EMIT lossTold();
}

void StatusReporter::say(const QString &text)
{
    m_sink(sanitised(text));
}

} // namespace parlor::cli
