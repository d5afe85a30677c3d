// SPDX-License-Identifier: MIT
#include "client-cli/load/membership.h"

namespace parlor::cli::load {

bool Membership::isOfThisRoom(const MarkedContent &content)
{
    switch (content.state) {
    case MarkedContent::State::Foreign:
        ++m_counts.foreign;
        return false;
    case MarkedContent::State::Damaged:
        ++m_counts.corrupt;
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
