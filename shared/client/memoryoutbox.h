// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/outbox.h"

namespace parlor {

/// An outbox that ends with the process.
class MemoryOutbox final : public Outbox
{
public:
    void append(const OutboxEntry &entry) override;
    void update(const OutboxEntry &entry) override;
    void remove(const QString &cid) override;

    [[nodiscard]] QList<OutboxEntry> entries() const override { return m_entries; }
    [[nodiscard]] std::optional<OutboxEntry> find(const QString &cid) const override;

private:
    QList<OutboxEntry> m_entries;
};

} // namespace parlor
