// SPDX-License-Identifier: MIT
#include "shared/client/storage/sqliteaccounts.h"

#include <utility>

namespace parlor {

SqliteAccounts::SqliteAccounts(Database &database, const Clock &clock)
    : m_database(database)
    , m_clock(clock)
{
}

bool SqliteAccounts::use(const Account &account)
{
    m_account = account;
    m_asked = account.identity;
    m_id = 0; // whatever fails: never the one before
    std::optional<qint64> row;
    if (m_database.transaction([&, this] {
            row = findOrMake(account, m_asked);
            // Found by its name of today: from now on that is the one by which the program is started.
            return row &&
                   m_database.run(
                       QStringLiteral("UPDATE account SET asked = identity WHERE id = ? AND identity = ?"),
                       {*row, account.identity});
        })) {
        m_id = *row;
        return true;
    }
    // On a full disk, what is there already can be read nevertheless.
    if (const auto found = find(account); found && !found->isEmpty())
        m_id = found->first();
    return false;
}

bool SqliteAccounts::ensure()
{
    if (m_id != 0)
        return true;
    std::optional<qint64> row;
    if (m_database.transaction([&, this] { return (row = findOrMake(m_account, m_asked)).has_value(); }))
        m_id = *row;
    return m_id != 0;
}

/// A person's, the one used last first.
std::optional<QList<qint64>> SqliteAccounts::findPerson(const Account &account) const
{
    QList<qint64> found;
    const bool isRead = m_database.read(
        QStringLiteral("SELECT id FROM account WHERE server = ? AND user = ? AND user <> client"
                       " ORDER BY used DESC"),
        {account.server, account.person},
        [&found](const QSqlQuery &row) { found.append(row.value(0).toLongLong()); });
    return isRead ? std::optional(found) : std::nullopt;
}

/// Those of this name, the one used last first; if that is a person's, those of the person, whatever name
/// they have. Where there are none, the one that got this name at first: who changed it and starts the
/// program as always is meant.
std::optional<QList<qint64>> SqliteAccounts::find(const Account &account) const
{
    if (!account.person.isEmpty())
        return findPerson(account);
    QList<qint64> found;
    QString person;
    const auto append = [&](const QSqlQuery &row) {
        const QString each = row.value(1).toString();
        if (found.isEmpty())
            person = each;
        if (each == person)
            found.append(row.value(0).toLongLong());
    };
    const auto columns =
        QStringLiteral("SELECT id, CASE WHEN user <> client THEN user ELSE '' END FROM account ");
    if (!m_database.read(columns + QStringLiteral("WHERE server = ? AND identity = ? ORDER BY used DESC"),
                         {account.server, account.identity}, append))
        return std::nullopt;
    if (found.isEmpty() &&
        !m_database.read(columns +
                             QStringLiteral("WHERE server = ? AND asked = ? ORDER BY used DESC LIMIT 1"),
                         {account.server, account.identity}, append))
        return std::nullopt;
    return person.isEmpty() ? std::optional(found) : findPerson({account.server, account.identity, person});
}

/// Two accounts come to have one name if somebody takes the name of another one, and one person if a token
/// shows who it is: what is unsent goes to the one used last, the rest of the other is forgotten.
std::optional<qint64> SqliteAccounts::findOrMake(const Account &account, const QString &asked)
{
    auto found = find(account);
    if (!found)
        return std::nullopt;
    const auto id = found->isEmpty() ? make(account, asked) : found->takeFirst();
    if (!id)
        return std::nullopt;
    for (const qint64 each : std::as_const(*found)) {
        if (!m_database.run(QStringLiteral("UPDATE outbox SET account = ? WHERE account = ?"), {*id, each}) ||
            !m_database.run(QStringLiteral("DELETE FROM account WHERE id = ?"), {each}))
            return std::nullopt;
    }
    const bool isKept =
        m_database.run(QStringLiteral("UPDATE account SET used = ? WHERE id = ?"), {now(), *id}) &&
        m_database.run(QStringLiteral("DELETE FROM account WHERE id <> ?"
                                      " AND id NOT IN (SELECT account FROM outbox)"
                                      " AND id NOT IN (SELECT id FROM account ORDER BY used DESC LIMIT ?)"),
                       {*id, kKept});
    return isKept ? id : std::nullopt;
}

std::optional<qint64> SqliteAccounts::make(const Account &account, const QString &asked)
{
    std::optional<qint64> id;
    const bool isMade = m_database.run(
        QStringLiteral("INSERT INTO account (server, identity, asked, used, user) VALUES (?, ?, ?, ?, ?)"),
        {account.server, account.identity, asked, now(), account.person});
    if (!isMade || !m_database.read(QStringLiteral("SELECT last_insert_rowid()"), {},
                                    [&id](const QSqlQuery &row) { id = row.value(0).toLongLong(); }))
        return std::nullopt;
    return id;
}

bool SqliteAccounts::touch()
{
    return ensure() &&
           m_database.run(QStringLiteral("UPDATE account SET used = ? WHERE id = ?"), {now(), m_id});
}

bool SqliteAccounts::rename(const QString &identity)
{
    m_account.identity = identity;
    return ensure() &&
           m_database.run(QStringLiteral("UPDATE account SET identity = ?, used = ? WHERE id = ?"),
                          {identity, now(), m_id});
}

bool SqliteAccounts::keepSession(const KeptSession &session)
{
    return ensure() &&
           m_database.run(
               QStringLiteral(
                   "UPDATE account SET resume = ?, client = ?, user = ?, username = ? WHERE id = ?"),
               {session.resumeToken, session.info.clientId, session.info.user, session.info.username, m_id});
}

KeptSession SqliteAccounts::session() const
{
    KeptSession session;
    (void)m_database.read(QStringLiteral("SELECT resume, client, user, username FROM account WHERE id = ?"),
                          {m_id}, [&session](const QSqlQuery &row) {
                              session.resumeToken = row.value(0).toString();
                              session.info.clientId = row.value(1).toString();
                              session.info.user = row.value(2).toString();
                              session.info.username = row.value(3).toString();
                          });
    return session;
}

QList<UnsentElsewhere> SqliteAccounts::unsentElsewhere() const
{
    QList<UnsentElsewhere> all;
    (void)m_database.read(
        QStringLiteral("SELECT CASE WHEN identity = '' AND user <> client THEN username ELSE identity END,"
                       " count(*) FROM outbox JOIN account ON account.id = outbox.account"
                       " WHERE server = ? AND account.id <> ? GROUP BY account.id ORDER BY account.id"),
        {m_account.server, m_id}, [&all](const QSqlQuery &row) {
            all.append({row.value(0).toString(), row.value(1).toLongLong()});
        });
    return all;
}

} // namespace parlor
