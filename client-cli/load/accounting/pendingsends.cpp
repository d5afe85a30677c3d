// SPDX-License-Identifier: MIT
#include "client-cli/load/accounting/pendingsends.h"

#include <algorithm>
#include <utility>

namespace parlor::cli::load {

std::vector<PendingSend>::iterator PendingSends::find(std::uint64_t index)
{
    return std::find_if(m_sends.begin(), m_sends.end(),
                        [index](const PendingSend &s) { return s.index == index; });
}

std::optional<Offset> PendingSends::plannedOf(std::uint64_t index) const
{
    const auto found = std::find_if(m_sends.begin(), m_sends.end(),
                                    [index](const PendingSend &s) { return s.index == index; });
    return found == m_sends.end() ? std::nullopt : std::optional(found->planned);
}

std::optional<PendingSend> PendingSends::answer(std::uint64_t index, std::vector<PendingSend> &refused)
{
    auto found = find(index);
    if (found == m_sends.end())
        return std::nullopt;
    const PendingSend answered = *found;
    auto older = m_sends.begin();
    for (; older != found && m_unnamedRefusals > 0; ++older, --m_unnamedRefusals)
        refused.push_back(*older);
    m_sends.erase(found);
    m_sends.erase(m_sends.begin(), older);
    return answered;
}

bool PendingSends::refuse(std::optional<std::uint64_t> index, std::vector<PendingSend> &refused)
{
    if (index) {
        const auto found = find(*index);
        if (found == m_sends.end())
            return false;
        refused.push_back(*found);
        m_sends.erase(found);
        return true;
    }
    if (m_sends.size() == m_unnamedRefusals)
        return false;
    ++m_unnamedRefusals;
    if (m_unnamedRefusals == m_sends.size()) {
        refused.insert(refused.end(), m_sends.begin(), m_sends.end());
        m_sends.clear();
        m_unnamedRefusals = 0;
    }
    return true;
}

std::vector<PendingSend> PendingSends::takeAll(std::vector<PendingSend> &refused)
{
    const auto answered = m_sends.begin() + static_cast<std::ptrdiff_t>(std::exchange(m_unnamedRefusals, 0));
    refused.insert(refused.end(), m_sends.begin(), answered);
    m_sends.erase(m_sends.begin(), answered);
    return std::exchange(m_sends, {});
}

} // namespace parlor::cli::load
