// SPDX-License-Identifier: MIT
#pragma once

#include "tests/support/problem.h"
#include "tests/support/rawwebsocket.h"

#include <QJsonObject>
#include <QStringList>

namespace parlor::test {

/// A v2 client, made from the protocol's document, that notes who came and went in the rooms that it is in.
class Watcher
{
public:
    /// Connects with a session of this name, or one that it resumes.
    [[nodiscard]] Problem open(std::uint16_t port, const QString &name, const QString &token = {});
    /// Its `room_users` are in members().
    [[nodiscard]] Problem join(const QString &room);
    /// Sends, and returns the next frame of this type; what came before it is noted. Empty: it does not come.
    [[nodiscard]] QJsonObject ask(const QJsonObject &frame, const QString &type);
    [[nodiscard]] QJsonObject next(const QString &type, std::chrono::milliseconds patience = kPatience);

    [[nodiscard]] const QString &id() const { return m_id; }
    [[nodiscard]] const QString &token() const { return m_token; }
    /// Ids: of the last list, as it has changed since.
    [[nodiscard]] const QStringList &members() const { return m_members; }
    /// "+name" and "-id", in their order.
    [[nodiscard]] const QStringList &changes() const { return m_changes; }
    /// Says Close 1000, and reads what was on its way until the server's own.
    [[nodiscard]] Problem closeNormally();
    /// Of the Close that it met; 0: none.
    [[nodiscard]] int closeCode() const { return m_closeCode; }

private:
    void note(const QJsonObject &frame);

    RawWebSocket m_socket;
    QString m_id;
    QString m_token;
    QStringList m_members;
    QStringList m_changes;
    int m_closeCode = 0;
};

} // namespace parlor::test
