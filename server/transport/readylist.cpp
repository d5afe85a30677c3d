// SPDX-License-Identifier: MIT
#include "server/transport/readylist.h"

namespace parlor {

void ReadyList::add(Reporter &reporter)
{
    if (std::exchange(reporter.m_isListed, true))
        return;
    m_waiting.push_back(&reporter);
    if (m_waiting.size() == 1)
        m_wake();
}

void ReadyList::remove(Reporter &reporter)
{
    if (std::exchange(reporter.m_isListed, false))
        std::erase(m_waiting, &reporter);
}

void ReadyList::dispatch()
{
    for (Reporter *reporter : std::exchange(m_waiting, {})) {
        reporter->m_isListed = false;
        reporter->report();
    }
}

} // namespace parlor
