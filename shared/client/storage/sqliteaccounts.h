// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/clientstore.h"
#include "shared/client/clock.h"
#include "shared/client/storage/database.h"

namespace parlor {

/// Who a state file knows, and whose things are in use now. Owned by SqliteStore.
class SqliteAccounts
{
public:
    static constexpr int kKept = 16; ///< those used last, and all that have something unsent

    SqliteAccounts(Database &database, const Clock &clock);

    /// This account is in use from now on. False: not all of it could be written, and id() may be 0.
    [[nodiscard]] bool use(const Account &account);
    /// Writes the row that use() could not, for want of room on the disk. False: it still cannot.
    [[nodiscard]] bool ensure();
    /// Writes that this account is still in use. False: nothing can be written.
    [[nodiscard]] bool touch();
    [[nodiscard]] bool rename(const QString &identity);
    [[nodiscard]] bool keepSession(const KeptSession &session);
    /// The row of this account, which need not be the one in use; part of a transaction. `asked`: the name
    /// that was given at first.
    [[nodiscard]] std::optional<qint64> findOrMake(const Account &account, const QString &asked);

    /// The row of the account in use; 0: it has none yet.
    [[nodiscard]] qint64 id() const { return m_id; }
    [[nodiscard]] KeptSession session() const;
    /// What the others on this server left unsent.
    [[nodiscard]] QList<UnsentElsewhere> unsentElsewhere() const;

private:
    [[nodiscard]] std::optional<QList<qint64>> find(const Account &account) const;
    [[nodiscard]] std::optional<QList<qint64>> findPerson(const Account &account) const;
    [[nodiscard]] std::optional<qint64> make(const Account &account, const QString &asked);
    [[nodiscard]] qint64 now() const { return m_clock.wall().count(); }

    Database &m_database;
    Clock m_clock;
    Account m_account;
    QString m_asked;
    qint64 m_id = 0;
};

} // namespace parlor
