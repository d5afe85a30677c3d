// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/memoryoutbox.h"
#include "shared/client/storage/sqliteaccounts.h"

namespace parlor {

/// An outbox whose every change is committed before it returns. Where that fails the entries live on in
/// memory, and the next change tries to write them all. Owned by SqliteStore.
class SqliteOutbox final : public Outbox
{
public:
    /// `failed` hears the first of several failures in a row.
    SqliteOutbox(Database &database, SqliteAccounts &accounts, std::function<void()> failed);

    /// Before another account comes into use: what could not be written yet is tried a last time, and is
    /// gone if that fails.
    void close();
    /// Reads the outbox of the account in use.
    void open();
    /// Tries again what could not be written. False: it still cannot.
    bool writeAgain();
    void append(const OutboxEntry &entry) override;
    void update(const OutboxEntry &entry) override;
    void remove(const QString &cid) override;

    [[nodiscard]] QList<OutboxEntry> entries() const override { return m_entries.entries(); }
    [[nodiscard]] std::optional<OutboxEntry> find(const QString &cid) const override
    {
        return m_entries.find(cid);
    }
    /// Whether all of it is in the file.
    [[nodiscard]] bool isWritten() const { return m_isWritten; }

private:
    [[nodiscard]] bool insert(const OutboxEntry &entry);
    [[nodiscard]] bool load();
    [[nodiscard]] bool hasAccount();
    [[nodiscard]] bool writeAll();
    void write(const std::function<bool()> &change);

    Database &m_database;
    SqliteAccounts &m_accounts;
    std::function<void()> m_failed;
    MemoryOutbox m_entries;
    qint64 m_account = 0; ///< 0: it has no row yet, or that could not be read
    bool m_isWritten = true;
};

} // namespace parlor
