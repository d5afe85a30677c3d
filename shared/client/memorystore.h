// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/clientstore.h"
#include "shared/client/memoryoutbox.h"

namespace parlor {

/// A store that ends with the process, and so has only an outbox.
class MemoryStore final : public ClientStore
{
    Q_OBJECT
public:
    using ClientStore::ClientStore;

    bool use(const Account &account) override;
    void rename(const QString &identity) override { m_account.identity = identity; }
    bool keepSession(const KeptSession &) override { return true; }
    bool keepRoom(const QString &, const KeptRoom &, Continuity) override { return true; }
    bool keepRead(const QString &, quint64) override { return true; }
    void forgetRoom(const QString &) override {}

    [[nodiscard]] Outbox &outbox() override { return m_outbox; }
    [[nodiscard]] KeptSession session() const override { return {}; }
    [[nodiscard]] KeptRoom room(const QString &) const override { return {}; }
    [[nodiscard]] bool outlivesProcess() const override { return false; }

private:
    Account m_account;
    MemoryOutbox m_outbox;
};

} // namespace parlor
