// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/clientstore.h"
#include "shared/client/clock.h"
#include "shared/client/storage/database.h"
#include "shared/client/storage/sqliteaccounts.h"
#include "shared/client/storage/sqliteoutbox.h"

namespace parlor {

/// A store in one SQLite file. Of a room it keeps the newest messages, of an account the rooms written last,
/// of accounts those used last; what is in an outbox is never dropped.
class SqliteStore final : public ClientStore
{
    Q_OBJECT
public:
    static constexpr int kMessagesPerRoom = 100;
    static constexpr int kTextBytesPerRoom =
        512 * 1024; ///< of those, only the newest whose texts fit into this
    static constexpr int kRoomsPerAccount = 64;

    explicit SqliteStore(std::unique_ptr<Database> database, const Clock &clock = {},
                         QObject *parent = nullptr);
    ~SqliteStore() override;

    bool use(const Account &account) override;
    void rename(const QString &identity) override;
    bool keepSession(const KeptSession &session) override;
    bool keepRoom(const QString &name, const KeptRoom &news, Continuity continuity) override;
    bool keepRead(const QString &name, quint64 seq) override;
    void forgetRoom(const QString &name) override;
    bool writeAgain() override { return check(m_accounts.touch() && m_outbox.writeAgain()); }
    /// Takes over what is unsent in another file, whose program is gone. On an error it stays there whole.
    [[nodiscard]] Result<bool> adopt(Database &orphan);

    [[nodiscard]] Outbox &outbox() override { return m_outbox; }
    [[nodiscard]] KeptSession session() const override { return m_accounts.session(); }
    [[nodiscard]] KeptRoom room(const QString &name) const override;
    [[nodiscard]] bool outlivesProcess() const override { return m_outbox.isWritten(); }
    [[nodiscard]] bool isFailing() const override { return m_isFailing; }
    [[nodiscard]] QList<UnsentElsewhere> unsentElsewhere() const override
    {
        return m_accounts.unsentElsewhere();
    }

private:
    [[nodiscard]] bool add(const QString &room, const KeptMessage &message);
    [[nodiscard]] bool blank(const MessageDeletion &deletion);
    [[nodiscard]] bool trim(const QString &room);
    [[nodiscard]] qint64 now() const { return m_clock.wall().count(); }
    bool check(bool succeeded);
    void sayFailed();

    std::unique_ptr<Database> m_database;
    Clock m_clock;
    SqliteAccounts m_accounts;
    SqliteOutbox m_outbox;
    bool m_isFailing = false; ///< the last write failed, and failed() has said so
};

} // namespace parlor
