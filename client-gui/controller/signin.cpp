// SPDX-License-Identifier: MIT
#include "client-gui/controller/signin.h"

#include "client-gui/models/harmless.h"
#include "client-gui/models/sentence.h"
#include "shared/client/linkfailure.h"
#include "shared/client/serverurl.h"

#include <utility>

namespace parlor::gui {

namespace {

using namespace std::chrono_literals;

/// A keychain that is locked asks the person, who may have a token at hand.
constexpr auto kPatience = 1s;
constexpr qsizetype kProblemCodePoints = 400;

} // namespace

SignIn::SignIn(Keychain &keychain, QObject *parent)
    : QObject(parent)
    , m_keychain(keychain)
    , m_given(std::make_shared<GivenToken>())
{
    m_patience.setSingleShot(true);
    m_patience.setInterval(kPatience);
    connect(&m_patience, &QTimer::timeout, this, [this] { ask(); });
}

QString SignIn::key() const
{
    return m_url.toString(QUrl::RemoveQuery | QUrl::RemoveUserInfo);
}

std::shared_ptr<TokenSource> SignIn::sourceFor(const QUrl &url)
{
    if (url != m_url) {
        m_url = url;
        m_given = std::make_shared<GivenToken>();
        m_keep.reset();
        m_looked = false;
        setToken({});
        setPrompt({});
    }
    if (m_programUrl.isEmpty())
        m_programUrl = url;
    return isByProgram() ? m_program : m_given;
}

void SignIn::setState(const ConnectionState &state)
{
    const CloseInfo *why = nullptr;
    if (const auto *stopped = std::get_if<state::Stopped>(&state))
        why = &stopped->why;
    else if (const auto *waiting = std::get_if<state::WaitingToReconnect>(&state);
             waiting && waiting->why.signIn == SignInProblem::NoToken)
        why = &waiting->why; // one that was refused may have been replaced: the next attempt tells
    const bool isTrying = std::holds_alternative<state::Connecting>(state) ||
                          std::holds_alternative<state::Authenticating>(state);
    if (isTrying) {
        if (auto prompt = m_prompt) {
            prompt->busy = true;
            setPrompt(prompt);
        }
        return;
    }
    ++m_lookups;
    m_patience.stop();
    if (std::holds_alternative<state::Ready>(state))
        accepted();
    else if (why && (why->signIn != SignInProblem::None && why->signIn != SignInProblem::AnotherPerson))
        refused(*why);
    else
        setPrompt({});
}

void SignIn::accepted()
{
    setPrompt({});
    const auto keep = std::exchange(m_keep, {});
    if (keep == Keep::InKeychain)
        m_keychain.write(key(), m_token, this, [this](const QString &problem) {
            if (!problem.isEmpty())
                Q_EMIT noticed(
                    tr("You stay signed in until Parlor ends, and not longer: %1").arg(sentence(problem)));
        });
    else if (keep == Keep::WhileItRuns && m_keychainProblem.isEmpty())
        m_keychain.erase(key(), this, [](const QString &) {}); // what was kept before, if it was
}

void SignIn::refused(const CloseInfo &why)
{
    if (why.signIn == SignInProblem::TokenNeeded && !isByProgram()) {
        if (m_looked)
            ask();
        else
            lookInKeychain();
        return;
    }
    m_keep.reset();
    const bool isClose = why.code != 0 && !why.reason.isEmpty();
    ask(sentence(oneLine(
        isClose ? tr("%1 ended the connection: %2; get another token").arg(displayHost(m_url), why.reason)
                : why.text,
        kProblemCodePoints)));
}

void SignIn::lookInKeychain()
{
    m_patience.start();
    m_keychain.read(key(), this, [this, lookup = m_lookups](const Keychain::Found &found) {
        if (lookup != m_lookups)
            return;
        m_looked = true;
        m_patience.stop();
        m_keychainProblem = found.problem;
        const auto token = checkedToken(found.secret.toUtf8());
        if (!token) {
            ask();
            return;
        }
        setToken(*token);
        Q_EMIT connectWanted();
    });
}

void SignIn::give(const QString &text, Keep keep)
{
    const auto token = checkedToken(text.toUtf8());
    if (!token) {
        ask(sentence(QString::fromStdString(token.error().text)));
        return;
    }
    ++m_lookups;
    m_patience.stop();
    m_looked = true;
    m_keep = keep;
    setToken(*token);
    Q_EMIT connectWanted();
}

void SignIn::signOut()
{
    m_looked = true;
    m_keep.reset();
    setToken({});
    if (m_keychainProblem.isEmpty())
        m_keychain.erase(key(), this, [this](const QString &problem) {
            if (!problem.isEmpty())
                Q_EMIT noticed(tr("The token may still be in the keychain: %1").arg(sentence(problem)));
        });
}

void SignIn::setToken(const QString &token)
{
    const bool could = canSignOut();
    m_token = token;
    m_given->set(token);
    if (canSignOut() != could)
        Q_EMIT canSignOutChanged();
}

void SignIn::ask(const QString &problem)
{
    SignInPrompt prompt;
    prompt.from = isByProgram() ? SignInPrompt::From::Program : SignInPrompt::From::Person;
    prompt.host = displayHost(m_url);
    prompt.problem = problem;
    prompt.keychainProblem = m_keychainProblem;
    prompt.readable = m_url.scheme() == QLatin1String("ws") && !isLoopback(m_url);
    setPrompt(prompt);
}

void SignIn::setPrompt(const std::optional<SignInPrompt> &prompt)
{
    if (std::exchange(m_prompt, prompt) != prompt)
        Q_EMIT promptChanged();
}

} // namespace parlor::gui
