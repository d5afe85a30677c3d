// SPDX-License-Identifier: MIT
#include "shared/client/memorystore.h"

#include <utility>

namespace parlor {

bool MemoryStore::use(const Account &account)
{
    if (std::exchange(m_account, account) == account)
        return false;
    for (const OutboxEntry &each : m_outbox.entries())
        m_outbox.remove(each.cid);
    return true;
}

} // namespace parlor
