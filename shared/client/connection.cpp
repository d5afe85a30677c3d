// SPDX-License-Identifier: MIT
#include "shared/client/connection.h"

#include "shared/client/fromwire.h"
#include "shared/protocol/closecode.h"

#include <QPointer>

#include <utility>

namespace parlor {

namespace {

/// A server that breaks the protocol may have had an accident; one that does so again and again has not.
constexpr int kMaxRefusals = 3;

} // namespace

Connection::Connection(const ClientOptions &options, QObject *parent)
    : QObject(parent)
    , m_options(options)
    , m_backoff(options.backoff, options.random)
{
    m_deadline.setSingleShot(true);
    m_stable.setSingleShot(true);
    m_retry.setSingleShot(true);
    connect(&m_deadline, &QTimer::timeout, this, [this] {
        giveUpLink(
            tr("%1 accepted the connection, but said nothing for %2 s; check that it is a chat server, and "
               "whether it is well")
                .arg(displayHost(m_url))
                .arg(std::chrono::duration<double>(m_options.connectTimeout).count()));
    });
    connect(&m_stable, &QTimer::timeout, this, [this] {
        m_failures = 0;
        m_refusals = 0;
        m_backoff.reset();
    });
    connect(&m_retry, &QTimer::timeout, this, &Connection::attempt);
}

void Connection::open(const QUrl &url, const std::optional<QSslConfiguration> &tls,
                      const std::shared_ptr<TokenSource> &token)
{
    letLinkGo(); // its end is still that of the old address
    m_url = url;
    m_tls = tls;
    m_tokenSource = token;
    m_token.clear();
    m_refusedToken.clear();
    m_failures = 0;
    m_refusals = 0;
    m_ended = 0;
    m_everWorked = false;
    m_backoff.reset();
    attempt();
}

void Connection::close()
{
    m_wanted = false;
    m_retry.stop();
    if (!m_link) {
        setState(state::Disconnected{});
        return;
    }
    m_closing = true;
    m_link->close();
}

void Connection::leave()
{
    m_wanted = false;
    letLinkGo();
    if (m_link)
        return; // a slot opened another one
    m_retry.stop();
    setState(state::Disconnected{});
}

void Connection::reconnectNow()
{
    if (m_link || m_url.isEmpty())
        return;
    m_refusedToken.clear();
    if (std::holds_alternative<state::Stopped>(m_state) ||
        std::holds_alternative<state::Disconnected>(m_state)) {
        m_failures = 0;
        m_refusals = 0;
        m_ended = 0;
    }
    attempt();
}

void Connection::send(const std::string &json)
{
    if (m_link)
        m_link->send(json);
}

void Connection::established()
{
    m_deadline.stop();
    m_everWorked = true;
    m_ended = 0;
    m_backoff.noteContact();
    m_stable.start(m_options.stableAfter);
    setState(state::Ready{});
}

void Connection::giveUpLink(const QString &text)
{
    if (m_link)
        m_link->abort({{static_cast<quint16>(CloseCode::Abnormal), {}, text}});
}

void Connection::stop(const CloseInfo &why)
{
    m_stopping = why;
    if (m_link)
        m_link->close();
}

void Connection::refuseToken(const CloseInfo &why)
{
    m_refusedToken = m_token;
    m_refusal = why;
    stop(why);
}

void Connection::readToken(const TokenSource::Handler &done)
{
    if (!m_tokenSource)
        return done(QString());
    m_tokenSource->read([this, done, link = QPointer<Link>(m_link)](const Result<QString> &token) {
        if (!link || link != m_link)
            return;
        if (token)
            m_token = *token;
        done(token);
    });
}

void Connection::attempt()
{
    dropLink();
    m_retry.stop();
    m_deadline.stop();
    m_advice.reset();
    m_stopping.reset();
    m_closing = false;
    m_wanted = true;
    m_acceptedToken.clear();
    auto *link = new Link({.url = m_url,
                           .tls = m_tls,
                           .subprotocols = {"parlor.v2"},
                           .fields = {{"User-Agent", "parlor/" PARLOR_VERSION}},
                           .connectTimeout = m_options.connectTimeout},
                          this);
    m_link = link;
    connect(link, &Link::opened, this, [this] {
        m_deadline.start(m_options.connectTimeout);
        setState(state::Authenticating{});
        Q_EMIT opened();
    });
    connect(link, &Link::textReceived, this, &Connection::textReceived);
    connect(link, &Link::bytesArrived, this, &Connection::bytesArrived);
    connect(link, &Link::ended, this, &Connection::onEnded);
    setState(state::Connecting{m_ended + 1});
    if (m_link != link)
        return;
    readToken([this](const Result<QString> &token) {
        if (!token)
            m_link->abort({.info = {0, {}, fromwire::text(token.error().text), 0, SignInProblem::NoToken}});
        else if (!m_token.isEmpty() && m_token == m_refusedToken)
            stop(m_refusal);
        else
            m_link->open();
    });
}

void Connection::onEnded(const LinkEnd &end)
{
    m_deadline.stop();
    m_stable.stop();
    dropLink();
    if (m_closing) {
        m_closing = false;
        Q_EMIT ended(end.info);
        if (!m_link)
            setState(state::Disconnected{});
        return;
    }
    CloseInfo info = m_stopping.value_or(end.info);
    if (!m_stopping && tokenWasRefused(end.info)) {
        info.signIn = SignInProblem::TokenRefused;
        m_refusedToken = m_acceptedToken.isEmpty() ? m_token : m_acceptedToken; // a newer one was not judged
        m_refusal = info;
    }
    const auto delay = m_stopping ? std::nullopt : delayAfter(end);
    m_stopping.reset();
    Q_EMIT ended(info);
    if (m_link || !m_wanted)
        return; // a slot opened another one, or wants none any more
    if (!delay) {
        setState(state::Stopped{info});
        return;
    }
    m_retry.start(*delay);
    setState(state::WaitingToReconnect{m_ended + 1, *delay, info});
}

bool Connection::tokenWasRefused(const CloseInfo &info) const
{
    return !m_token.isEmpty() &&
           (info.code == static_cast<quint16>(CloseCode::AuthInvalid) || info.httpStatus == 401);
}

std::optional<std::chrono::milliseconds> Connection::delayAfter(const LinkEnd &end)
{
    using Outlook = LinkFailure::Outlook;
    auto policy = end.info.code == 0 ? RetryPolicy::BackOff : retryPolicy(end.info.code);
    if (end.info.code == 0 &&
        (end.outlook == Outlook::Lasting || (end.outlook == Outlook::WrongAddress && !m_everWorked)))
        policy = RetryPolicy::Never;
    // The session has outlived its token, and there may be another one by now.
    if (std::holds_alternative<state::Ready>(m_state) && tokenWasRefused(end.info))
        policy = RetryPolicy::BackOff;
    if (end.refused == LinkEnd::By::Us)
        policy = ++m_refusals < kMaxRefusals ? RetryPolicy::BackOff : RetryPolicy::Never;
    ++m_failures;
    ++m_ended;
    if (policy == RetryPolicy::Never)
        return std::nullopt;
    if (!m_everWorked && m_options.firstFailure == FirstFailure::GiveUp)
        return std::nullopt;
    if (m_options.maxAttempts && m_failures >= *m_options.maxAttempts)
        return std::nullopt;
    const auto delay = m_backoff.next();
    return policy == RetryPolicy::AdvisedDelay ? std::max(delay, m_advice.value_or(delay)) : delay;
}

void Connection::dropLink()
{
    if (!m_link)
        return;
    // It may be in the middle of telling us something.
    m_link->disconnect(this);
    m_link->deleteLater();
    m_link = nullptr;
}

void Connection::letLinkGo()
{
    Link *link = std::exchange(m_link, nullptr);
    if (!link)
        return;
    m_deadline.stop();
    m_stable.stop();
    m_closing = false;
    m_stopping.reset();
    link->disconnect(this);
    connect(link, &Link::ended, link, &QObject::deleteLater);
    link->close();
    Q_EMIT ended({static_cast<quint16>(CloseCode::Normal), {}, {}});
}

void Connection::setState(ConnectionState state)
{
    if (m_state == state)
        return;
    m_state = std::move(state);
    Q_EMIT stateChanged(m_state);
}

} // namespace parlor
