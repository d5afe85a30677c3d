// SPDX-License-Identifier: MIT
#pragma once

#include "client-gui/keychain/keychain.h"
#include "client-gui/models/signinprompt.h"
#include "shared/client/chattypes.h"
#include "shared/client/tokensource.h"

#include <QObject>
#include <QTimer>
#include <QUrl>

#include <memory>
#include <optional>

namespace parlor::gui {

/// Where the client's token comes from: a file or a command that the program was started with, else the
/// keychain, else the person, who is asked only when the server wants one. Owned by ChatController.
class SignIn : public QObject
{
    Q_OBJECT
public:
    /// The keychain must outlive it.
    explicit SignIn(Keychain &keychain, QObject *parent = nullptr);

    /// What the program was started with. It is for the first server that is connected to, and no other one
    /// gets its tokens.
    void setProgramSource(std::shared_ptr<TokenSource> source) { m_program = std::move(source); }
    /// Called before each connectToServer().
    [[nodiscard]] std::shared_ptr<TokenSource> sourceFor(const QUrl &url);
    void setState(const ConnectionState &state);

    enum class Keep { WhileItRuns, InKeychain };
    void give(const QString &token, Keep keep);
    /// Forgets the token, here and in the keychain.
    void signOut();
    /// Asks the person, who has signed out.
    void ask() { ask(QString()); }

    [[nodiscard]] const std::optional<SignInPrompt> &prompt() const { return m_prompt; }
    /// Whether there is a token that we can forget.
    [[nodiscard]] bool canSignOut() const { return !m_token.isEmpty(); }
    [[nodiscard]] const QUrl &url() const { return m_url; }
    /// Whether tokens come from what the program was started with.
    [[nodiscard]] bool isByProgram() const { return m_program && m_programUrl == m_url; }

Q_SIGNALS:
    void promptChanged();
    void canSignOutChanged();
    /// There is another token: the client may try again.
    void connectWanted();
    /// Something that the person should know; `text` says what.
    void noticed(const QString &text);

private:
    void refused(const CloseInfo &why);
    void accepted();
    void lookInKeychain();
    void ask(const QString &problem);
    void setPrompt(const std::optional<SignInPrompt> &prompt);
    void setToken(const QString &token);
    [[nodiscard]] QString key() const;

    Keychain &m_keychain;
    std::shared_ptr<TokenSource> m_program;
    QUrl m_programUrl;
    QUrl m_url;
    std::shared_ptr<GivenToken> m_given;
    QString m_token;            ///< that m_given has
    std::optional<Keep> m_keep; ///< what to do with it once the server takes it
    bool m_looked = false;      ///< in the keychain, for this server
    quint64 m_lookups = 0;      ///< tells an answer that is not waited for any more
    QTimer m_patience;          ///< for the keychain, before the person is asked as well
    QString m_keychainProblem;
    std::optional<SignInPrompt> m_prompt;
};

} // namespace parlor::gui
