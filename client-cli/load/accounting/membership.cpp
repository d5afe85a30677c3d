// SPDX-License-Identifier: MIT
#include "client-cli/load/accounting/membership.h"

#include <utility>

namespace parlor::cli::load {

void Membership::attend(std::uint32_t user, std::string_view server)
{
    m_member = m_ledger.groups().enter(user, server, m_epoch);
}

void Membership::settleIn()
{
    if (std::exchange(m_isSettling, false))
        m_owedFrom = m_ledger.end();
}

void Membership::finish(Ending ending)
{
    if (m_member != HearingGroups::kNobody)
        m_ledger.groups().leave();
    if (!m_heard)
        return;
    const Missing left = missing();
    m_counts.lost += left.holes + (ending == Ending::Left ? left.awaited : 0);
    m_counts.excused += ending == Ending::Left ? 0 : left.awaited;
    for (std::uint64_t i = unheardBegin(); ending == Ending::Left && i < unheardEnd(); ++i) {
        if (isUnheard(i))
            giveUp(i);
    }
}

void Membership::giveUp(std::uint64_t index)
{
    if (++m_givenUp > m_damaged)
        m_ledger.groups().miss(m_member, m_ledger.entry(index).speaker);
}

bool Membership::isOfThisRoom(const MarkedContent &content)
{
    switch (content.state) {
    case MarkedContent::State::Foreign:
        ++m_counts.foreign;
        return false;
    case MarkedContent::State::Damaged:
        ++m_counts.corrupt;
        ++m_damaged;
        return false;
    case MarkedContent::State::Altered:
        ++m_counts.corrupt;
        break;
    case MarkedContent::State::Intact:
        break;
    }
    if (content.marker.room != m_ledger.room() || !m_ledger.knows(content.marker.index)) {
        ++m_counts.unexpected;
        return false;
    }
    return true;
}

} // namespace parlor::cli::load
