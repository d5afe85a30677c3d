// SPDX-License-Identifier: MIT
#include "client-cli/load/wire/addressbook.h"

#include <algorithm>

namespace parlor::cli::load {

std::size_t AddressBook::choose(std::size_t number, Offset now) const
{
    const auto isGood = [now](const Entry &entry) { return entry.avoidUntil <= now; };
    const auto good = static_cast<std::size_t>(std::count_if(m_entries.begin(), m_entries.end(), isGood));
    if (good == 0)
        return number % m_entries.size();
    std::size_t left = number % good;
    std::size_t place = 0;
    for (; !isGood(m_entries[place]) || left > 0; ++place)
        left -= isGood(m_entries[place]) ? 1 : 0;
    return place;
}

} // namespace parlor::cli::load
