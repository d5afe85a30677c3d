// SPDX-License-Identifier: MIT
#include "client-gui/models/connectionmodel.h"

#include "client-gui/models/harmless.h"
#include "client-gui/models/sentence.h"
#include "shared/client/linkfailure.h"
#include "shared/protocol/closecode.h"

#include <QDateTime>
#include <QLocale>

namespace parlor::gui {

namespace {

using namespace std::chrono_literals;

constexpr auto kTick = 250ms;
/// A short blip is nobody's business.
constexpr auto kQuiet = 1s;
/// How long "Back online" stays.
constexpr auto kGoodNews = 3s;
constexpr auto kSlow = 1s;
constexpr qsizetype kReasonCodePoints = 200;

QString clockTime(std::chrono::milliseconds wall)
{
    return QLocale().toString(QDateTime::fromMSecsSinceEpoch(wall.count()).time(), QStringLiteral("HH:mm"));
}

QString causeOf(const CloseInfo &why)
{
    const QString text = sentence(oneLine(why.text));
    const QString reason = oneLine(why.reason, kReasonCodePoints);
    if (reason.isEmpty() || why.code == 0) // of what was refused with a code, the text has the words
        return text;
    // The server's words are shown as its own.
    return text.isEmpty() ? sentence(reason)
                          : ConnectionModel::tr("%1 The server said: %2").arg(text, reason);
}

/// The cause without the advice behind it, and without the host, which was named before.
QString shortCause(const CloseInfo &why, const QString &host)
{
    QString text = oneLine(why.text).section(u';', 0, 0);
    if (text.startsWith(host + u' '))
        text = ConnectionModel::tr("it %1").arg(text.mid(host.size() + 1));
    return text.isEmpty() ? QString() : sentence(text) + u' ';
}

bool isCertificateProblem(const CloseInfo &why)
{
    return why.text.contains(QLatin1String("certificate SHA-256"));
}

} // namespace

ConnectionModel::ConnectionModel(const ClientOptions &options, QObject *parent)
    : QObject(parent)
    , m_clock(options.clock)
    , m_quietLoss(options.quietLoss)
    , m_resendWithin(options.resendWithin)
{
    m_tick.setInterval(kTick);
    connect(&m_tick, &QTimer::timeout, this, &ConnectionModel::update);
    m_status = makeStatus();
    m_banner = makeBanner();
}

bool ConnectionModel::isReady() const
{
    return std::holds_alternative<state::Ready>(m_state);
}

void ConnectionModel::connectingTo(const QUrl &url)
{
    if (url == m_url)
        return;
    m_url = url;
    m_servedBy.clear();
    m_roundTrip.reset();
    m_lastContact.reset();
    m_lostAt.reset();
    m_backAt.reset();
    m_heldUp.reset();
    m_cluster = ClusterState::Whole;
    update();
}

void ConnectionModel::setState(const ConnectionState &state)
{
    const bool wasReady = isReady();
    const bool wasWorking = std::holds_alternative<state::Connecting>(m_state) ||
                            std::holds_alternative<state::Authenticating>(m_state);
    const bool isWorking = std::holds_alternative<state::Connecting>(state) ||
                           std::holds_alternative<state::Authenticating>(state);
    if (!wasWorking || !isWorking) // one attempt, in two steps
        m_since = now();
    if (wasReady) {
        m_lastContact = m_clock.wall();
        m_lostAt = m_lastContact;
        m_lostSince = now();
        m_heldUp.reset();
        m_cluster = ClusterState::Whole;
    }
    m_state = state;
    if (const auto *waiting = std::get_if<state::WaitingToReconnect>(&state))
        m_why = waiting->why;
    else if (const auto *stopped = std::get_if<state::Stopped>(&state))
        m_why = stopped->why;
    else if (std::holds_alternative<state::Ready>(state)) {
        if (isLossNoticed()) {
            m_backAt = now();
            m_wasHeldUp = false;
            m_roundTrip.reset();
        }
        m_lostAt.reset();
    }
    update();
}

void ConnectionModel::sessionStarted(const ServerInfo &server)
{
    m_servedBy = oneLine(server.hostname, kReasonCodePoints);
    update();
}

void ConnectionModel::setUnsent(qsizetype going, qsizetype undecided)
{
    m_going = going;
    m_undecided = undecided;
    update();
}

void ConnectionModel::setKeeps(bool keeps)
{
    m_keeps = keeps;
    update();
}

void ConnectionModel::setCluster(ClusterState cluster)
{
    m_cluster = cluster;
    update();
}

void ConnectionModel::setSigningIn(bool signingIn)
{
    m_signingIn = signingIn;
    update();
}

void ConnectionModel::heldUp(const Refusal &refusal)
{
    m_heldUp = refusal.text;
    update();
}

void ConnectionModel::heldUpEnded(bool flows)
{
    m_heldUp.reset();
    if (flows) {
        m_backAt = now();
        m_wasHeldUp = true;
    }
    update();
}

void ConnectionModel::roundTripMeasured(std::chrono::milliseconds roundTrip)
{
    m_roundTrip = roundTrip;
    update();
}

void ConnectionModel::update()
{
    if (isReady() && m_backAt && now() - *m_backAt >= kGoodNews)
        m_backAt.reset();
    const bool still = (isReady() && !m_backAt) || std::holds_alternative<state::Stopped>(m_state) ||
                       std::holds_alternative<state::Disconnected>(m_state);
    if (still)
        m_tick.stop();
    else if (!m_tick.isActive())
        m_tick.start();
    if (isQuietlyAway())
        return;
    Status status = makeStatus();
    if (status != m_status) {
        m_status = std::move(status);
        Q_EMIT statusChanged();
    }
    auto banner = makeBanner();
    if (banner != m_banner) {
        m_banner = std::move(banner);
        Q_EMIT bannerChanged();
    }
}

bool ConnectionModel::isQuietlyAway() const
{
    const bool isOver = isReady() || std::holds_alternative<state::Stopped>(m_state) ||
                        std::holds_alternative<state::Disconnected>(m_state);
    return !isOver && m_lostAt && !isLossNoticed();
}

QString ConnectionModel::lastContact() const
{
    return m_lastContact ? tr("Last contact %1.").arg(clockTime(*m_lastContact)) : QString();
}

ConnectionModel::Status ConnectionModel::makeStatus() const
{
    Status status;
    status.host = displayHost(m_url);
    status.ready = isReady();
    status.secure = status.ready && m_url.scheme() == QLatin1String("wss");
    status.servedBy = m_servedBy;
    if (m_lastContact && !isReady())
        status.detail = tr("last contact %1").arg(clockTime(*m_lastContact));

    const auto retrying = [&](int attempt) {
        const int retry = retryNumber(attempt);
        if (retry > kAttempts) {
            status.shape = Shape::Cross;
            status.state = tr("Offline");
            return;
        }
        status.shape = Shape::Ring;
        status.state = retry == 0 ? tr("Connecting…") : tr("Reconnecting %1/%2").arg(retry).arg(kAttempts);
    };
    if (isReady()) {
        status.shape = Shape::Disc;
        status.state = tr("Connected");
        if (m_roundTrip) {
            status.slow = *m_roundTrip >= kSlow;
            status.detail =
                status.slow ? tr("%1 s, slow")
                                  .arg(QLocale().toString(std::chrono::duration<double>(*m_roundTrip).count(),
                                                          'f', 1))
                            : tr("%1 ms").arg(m_roundTrip->count());
        }
    } else if (const auto *connecting = std::get_if<state::Connecting>(&m_state)) {
        retrying(connecting->attempt);
    } else if (const auto *waiting = std::get_if<state::WaitingToReconnect>(&m_state)) {
        retrying(waiting->attempt);
    } else if (std::holds_alternative<state::Authenticating>(m_state)) {
        status.shape = Shape::Ring;
        status.state = m_lostAt ? tr("Reconnecting…") : tr("Connecting…");
    } else {
        status.shape = Shape::Cross;
        status.state = m_signingIn ? tr("Not signed in") : tr("Not connected");
    }
    return status;
}

ConnectionModel::Banner ConnectionModel::waitingBanner(const state::WaitingToReconnect &waiting) const
{
    Banner banner;
    banner.action = Action::RetryNow;
    banner.details = causeOf(waiting.why);
    const auto left = std::max(0ms, waiting.delay - (now() - m_since));
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(left).count();
    const int retry = retryNumber(waiting.attempt);
    const QString cause = shortCause(waiting.why, displayHost(m_url));
    if (retry > kAttempts) {
        banner.lead = tr("Could not reach %1 (%2 of %2 attempts).").arg(displayHost(m_url)).arg(kAttempts);
        const QString next = (m_keeps ? tr("Next check in %1 s. What you write is kept.")
                                      : tr("Next check in %1 s. What you write is lost if Parlor ends."))
                                 .arg(seconds);
        banner.text = cause + (m_lastContact ? lastContact() + u' ' + next : next);
        return banner;
    }
    banner.lead = m_lostAt ? tr("Connection lost at %1.").arg(clockTime(*m_lostAt))
                           : tr("Could not reach %1.").arg(displayHost(m_url));
    banner.text = cause +
                  tr("Trying again in %1 s (attempt %2 of %3).").arg(seconds).arg(retry).arg(kAttempts) +
                  u' ' + sentWhenBack();
    return banner;
}

QString ConnectionModel::sentWhenBack() const
{
    return (m_keeps ? tr("What you write is kept, and sent if we are back within %1 minutes; after that you "
                         "decide.")
                    : tr("What you write is sent if we are back within %1 minutes, but lost if Parlor ends "
                         "before."))
        .arg(resendMinutes());
}

qint64 ConnectionModel::resendMinutes() const
{
    return std::chrono::duration_cast<std::chrono::minutes>(m_resendWithin).count();
}

ConnectionModel::Banner ConnectionModel::heldUpBanner(const QString &why) const
{
    Banner banner;
    banner.lead = tr("The server takes no messages for now.");
    banner.text =
        (m_keeps ? tr("What you write is kept, and sent if it does within %1 minutes; after that you decide.")
                 : tr("What you write is sent if it does within %1 minutes, but lost if Parlor ends before."))
            .arg(resendMinutes());
    const QString words = oneLine(why, kReasonCodePoints);
    if (!words.isEmpty())
        banner.details = tr("The server said: %1").arg(words);
    return banner;
}

ConnectionModel::Banner ConnectionModel::degradedBanner() const
{
    Banner banner;
    banner.lead = tr("Messages wait until the servers reach each other again.");
    banner.text =
        (m_keeps ? tr("What you write is kept, and sent if they do within %1 minutes; after that you decide.")
                 : tr("What you write is sent if they do within %1 minutes, but lost if Parlor ends before."))
            .arg(resendMinutes());
    return banner;
}

ConnectionModel::Banner ConnectionModel::goodNews() const
{
    Banner banner;
    banner.mood = Mood::Good;
    banner.lead = m_wasHeldUp ? tr("The server takes messages again.") : tr("Back online.");
    QStringList texts;
    if (m_going > 0)
        texts.append(m_going == 1 ? tr("Sending the message that you wrote meanwhile.")
                                  : tr("Sending the %1 messages that you wrote meanwhile.").arg(m_going));
    if (m_undecided > 0)
        texts.append(m_undecided == 1
                         ? tr("A message waits for your decision: send it again, or delete it.")
                         : tr("%1 messages wait for your decision: send them again, or delete them.")
                               .arg(m_undecided));
    banner.text = texts.join(u' ');
    return banner;
}

/// The server's words, as its own, before a sentence of ours.
QString ConnectionModel::said(const QString &reason) const
{
    const QString words = oneLine(reason, kReasonCodePoints);
    if (words.isEmpty())
        return {};
    return tr("%1 said: %2").arg(displayHost(m_url), words) +
           QLatin1String(words.endsWith(u'.') ? " " : ". ");
}

ConnectionModel::Banner ConnectionModel::stoppedBanner() const
{
    Banner banner;
    banner.mood = Mood::Error;
    banner.lead = tr("Not connected.");
    banner.text = causeOf(m_why);
    banner.action = Action::Connect;
    switch (static_cast<CloseCode>(m_why.code)) {
    case CloseCode::Banned:
        banner.lead = tr("You are banned.");
        banner.text = said(m_why.reason) + tr("Only its moderators can end this sooner.");
        break;
    case CloseCode::Kicked:
        banner.lead = tr("You were kicked.");
        banner.text = said(m_why.reason) + tr("You can come back.");
        banner.action = Action::ComeBack;
        break;
    case CloseCode::AuthDeadline:
        banner.action = Action::RetryNow;
        break;
    default:
        break;
    }
    if (isCertificateProblem(m_why))
        banner.text += u' ' + tr("To trust it, start Parlor with --ca-file FILE, where FILE holds the "
                                 "authority's certificate as PEM.");
    banner.details = banner.text;
    return banner;
}

std::optional<ConnectionModel::Banner> ConnectionModel::makeBanner() const
{
    if (m_signingIn)
        return std::nullopt;
    if (isReady() && m_cluster == ClusterState::Degraded)
        return degradedBanner();
    if (isReady() && m_heldUp)
        return heldUpBanner(*m_heldUp);
    if (isReady())
        return m_backAt ? std::optional(goodNews()) : std::nullopt;
    if (const auto *waiting = std::get_if<state::WaitingToReconnect>(&m_state))
        return waitingBanner(*waiting);
    if (std::holds_alternative<state::Stopped>(m_state)) {
        if (m_why.signIn != SignInProblem::None)
            return std::nullopt; // the person is about to be asked
        return stoppedBanner();
    }
    if (std::holds_alternative<state::Disconnected>(m_state)) {
        Banner banner;
        banner.lead = tr("Not connected.");
        banner.text = tr("Choose a server to chat on.");
        banner.action = Action::Connect;
        return banner;
    }

    const auto *connecting = std::get_if<state::Connecting>(&m_state);
    const int retry = connecting ? retryNumber(connecting->attempt) : 0;
    if (retry > kAttempts && m_banner) { // the slow check works quietly behind the same words
        Banner banner = *m_banner;
        banner.text = tr("Checking now…");
        if (m_lastContact)
            banner.text = lastContact() + u' ' + banner.text;
        banner.action = Action::None;
        return banner;
    }
    const bool reconnecting = m_lostAt || retry > 0;
    if (!reconnecting && now() - m_since < kQuiet)
        return std::nullopt;
    Banner banner;
    banner.action = Action::Cancel;
    if (!reconnecting)
        banner.lead = tr("Connecting to %1…").arg(displayHost(m_url));
    else if (retry > 0)
        banner.lead = tr("Reconnecting… (attempt %1 of %2)").arg(retry).arg(kAttempts);
    else
        banner.lead = tr("Reconnecting…");
    if (reconnecting)
        banner.text = sentWhenBack();
    return banner;
}

} // namespace parlor::gui
