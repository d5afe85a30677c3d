// SPDX-License-Identifier: MIT
#pragma once

#include "tests/support/rawchat.h"
#include "tests/support/serverprocess.h"

#include <QObject>
#include <QTemporaryDir>

#include <memory>
#include <set>

namespace parlor::test {

/// A test with a folder for a store, and servers that use it one after the other.
class StoreCase : public QObject
{
    Q_OBJECT
protected Q_SLOTS:
    void init();
    void cleanup();

protected:
    [[nodiscard]] QString path(const QString &name = QStringLiteral("parlor.db")) const
    {
        return m_folder->filePath(name);
    }
    [[nodiscard]] ServerProcess::Settings settings(const QStringList &more = {}) const;
    /// A new server process on the store.
    [[nodiscard]] Problem start(const QStringList &more = {});
    [[nodiscard]] ServerProcess &server() { return *m_server; }
    /// Runs the server's program to its end: its exit code, and what it said.
    struct Ended
    {
        int code = -1;
        QString said;
    };
    [[nodiscard]] static Ended run(const QStringList &arguments);
    /// One of the server's own metrics; -1: it has none of this name.
    [[nodiscard]] double metric(const QByteArray &name) const;
    [[nodiscard]] static QByteArray contents(const QString &path);

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<ServerProcess> m_server;
};

/// Frames that store tests send.
[[nodiscard]] QJsonObject joinFrame(const QString &room);
[[nodiscard]] QJsonObject joinSince(const QString &room, const QString &epoch, qint64 seq,
                                    const QString &id = {});
[[nodiscard]] QJsonObject messageFrame(const QString &room, const QString &content, const QString &cid);
/// The id of the message with this number; the client is a member.
[[nodiscard]] QString idAt(RawChat &chat, const QString &room, qint64 seq);
/// The `cid` of all messages of the room, in order; the client is a member.
[[nodiscard]] QStringList wholeHistory(RawChat &chat, const QString &room);

} // namespace parlor::test
