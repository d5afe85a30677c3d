// SPDX-License-Identifier: MIT
#include "client-cli/load/accounting/hearinggroups.h"

#include <algorithm>
#include <utility>

namespace parlor::cli::load {

HearingGroups::Member HearingGroups::enter(std::uint32_t user, std::string_view server, std::uint32_t epoch)
{
    const auto known = std::find(m_servers.begin(), m_servers.end(), server);
    const auto place = static_cast<std::uint16_t>(known - m_servers.begin());
    if (known == m_servers.end())
        m_servers.emplace_back(server);
    const auto member = static_cast<Member>(m_nodes.size());
    m_nodes.push_back({.parent = member, .user = user, .epoch = epoch, .server = place});
    m_mostPresent = std::max(m_mostPresent, ++m_present);
    if (epoch >= m_hasEpoch.size())
        m_hasEpoch.resize(epoch + 1);
    m_hasEpoch[epoch] = true;
    return member;
}

HearingGroups::Member HearingGroups::groupOf(Member member)
{
    while (m_nodes[member].parent != member) {
        m_nodes[member].parent = m_nodes[m_nodes[member].parent].parent;
        member = m_nodes[member].parent;
    }
    return member;
}

void HearingGroups::hear(Member listener, Member speaker)
{
    if (listener == kNobody || speaker == kNobody)
        return;
    m_nodes[groupOf(listener)].parent = groupOf(speaker);
}

void HearingGroups::miss(Member listener, Member speaker)
{
    if (listener == kNobody || speaker == kNobody || groupOf(listener) == groupOf(speaker))
        return;
    for (const Member each : {listener, speaker}) {
        if (!std::exchange(m_nodes[each].missed, true))
            m_missed.push_back(each);
    }
}

bool HearingGroups::isSplit(const std::set<std::uint32_t> &epochsAtOnce)
{
    if (!epochsAtOnce.empty())
        return std::count_if(epochsAtOnce.begin(), epochsAtOnce.end(), [this](std::uint32_t epoch) {
                   return epoch < m_hasEpoch.size() && m_hasEpoch[epoch];
               }) > 1;
    for (const Member each : m_missed) {
        if (groupOf(each) != groupOf(m_missed.front()))
            return true;
    }
    if (!m_missed.empty())
        m_missed.resize(1); // they stay one group: one of them stands for all
    return false;
}

std::vector<HearingGroup> HearingGroups::split(const std::set<std::uint32_t> &epochsAtOnce,
                                               const std::vector<std::string> &epochNames)
{
    if (!isSplit(epochsAtOnce))
        return {};
    const auto isInvolved = [&epochsAtOnce](const Node &node) {
        return epochsAtOnce.empty() ? node.missed : epochsAtOnce.contains(node.epoch);
    };
    const auto keyOf = [&](Member member) {
        return epochsAtOnce.empty() ? groupOf(member) : m_nodes[member].epoch;
    };
    std::set<std::uint32_t> involved;
    for (Member member = 0; member < m_nodes.size(); ++member) {
        if (isInvolved(m_nodes[member]))
            involved.insert(keyOf(member));
    }
    struct Users
    {
        std::set<std::uint32_t> all;
        std::map<std::uint16_t, std::set<std::uint32_t>> byServer;
        std::set<std::string> epochs;
    };
    std::map<std::uint32_t, Users> found;
    for (Member member = 0; member < m_nodes.size(); ++member) {
        const Node node = m_nodes[member];
        if (!involved.contains(keyOf(member)))
            continue;
        Users &users = found[keyOf(member)];
        users.all.insert(node.user);
        users.byServer[node.server].insert(node.user);
        if (node.epoch > 0)
            users.epochs.insert(epochNames[node.epoch - 1]);
    }
    std::vector<HearingGroup> groups;
    for (auto &[key, users] : found) {
        HearingGroup &group = groups.emplace_back();
        group.users = users.all.size();
        for (const auto &[server, those] : users.byServer)
            group.servers[m_servers[server]] = those.size();
        group.epochs = std::move(users.epochs);
    }
    std::stable_sort(groups.begin(), groups.end(),
                     [](const HearingGroup &a, const HearingGroup &b) { return a.users > b.users; });
    return groups;
}

} // namespace parlor::cli::load
