// SPDX-License-Identifier: MIT
#pragma once

#include "shared/protocol/result.h"

#include <QObject>
#include <QProcess>
#include <QString>
#include <QTimer>

#include <functional>

namespace parlor {

/// Where the token comes from that a server may ask for. It is read anew for each connection, and before it
/// expires. Lives in its client's thread.
class TokenSource : public QObject
{
    Q_OBJECT
public:
    /// An empty text: there is no token. An error says why none could be had, and what to do.
    using Handler = std::function<void(const Result<QString> &)>;

    using QObject::QObject;
    /// Calls `done` once, now or later; a further read() drops the one before.
    virtual void read(const Handler &done) = 0;
};

/// A token that somebody gave to the program.
class GivenToken final : public TokenSource
{
    Q_OBJECT
public:
    explicit GivenToken(const QString &token = {}, QObject *parent = nullptr)
        : TokenSource(parent)
        , m_token(token)
    {
    }
    /// Counts from the next connection or renewal on; empty: there is none any more.
    void set(const QString &token) { m_token = token; }
    void read(const Handler &done) override { done(m_token); }

private:
    QString m_token;
};

/// A token in a file.
class TokenFile final : public TokenSource
{
    Q_OBJECT
public:
    explicit TokenFile(const QString &path, QObject *parent = nullptr)
        : TokenSource(parent)
        , m_path(path)
    {
    }
    void read(const Handler &done) override;

private:
    QString m_path;
};

/// The first line that a command prints, which /bin/sh runs in a session of its own. It gets no input, and
/// its messages go nowhere unless it fails. One that is not waited for any more is killed with all that it
/// started.
class TokenCommand final : public TokenSource
{
    Q_OBJECT
public:
    explicit TokenCommand(const QString &command,
                          std::chrono::milliseconds timeout = std::chrono::seconds(30),
                          QObject *parent = nullptr);
    ~TokenCommand() override;
    void read(const Handler &done) override;

private:
    void end(const Result<QString> &result);
    /// Forgets the process of the read before, if there is one.
    void drop();
    [[nodiscard]] Result<QString> outcome(QProcess &process) const;

    QString m_command;
    QTimer m_deadline;
    QProcess *m_process = nullptr; ///< our child
    QByteArray m_said;             ///< the beginning of its messages
    Handler m_done;
};

/// Takes off the white space around it. An error: a token cannot look like this.
[[nodiscard]] Result<QString> checkedToken(const QByteArray &text);

} // namespace parlor
