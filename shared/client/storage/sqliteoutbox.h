// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/memoryoutbox.h"
#include "shared/client/storage/database.h"

namespace parlor {

/// An outbox whose every change is committed before it returns. Where that fails the entries live on in
/// memory, and the next change tries to write them all. Owned by SqliteStore.
class SqliteOutbox final : public Outbox
{
public:
    /// `failed` hears the first of several failures in a row.
    SqliteOutbox(Database &database, std::function<void()> failed);

    /// From now on it is this account's.
    void open(qint64 account);
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
    [[nodiscard]] bool writeAll();
    void write(const std::function<bool()> &change);

    Database &m_database;
    std::function<void()> m_failed;
    MemoryOutbox m_entries;
    qint64 m_account = 0;
    bool m_isWritten = true;
};

} // namespace parlor
