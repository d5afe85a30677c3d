// SPDX-License-Identifier: MIT
#include "client-cli/load/run/share.h"

#include <algorithm>
#include <map>
#include <numeric>

namespace parlor::cli::load {

namespace {

/// Rooms that users tie together, each group named by one of its rooms.
class TiedRooms
{
public:
    explicit TiedRooms(std::size_t rooms)
        : m_next(rooms)
    {
        std::iota(m_next.begin(), m_next.end(), std::size_t{});
    }
    void tie(std::size_t a, std::size_t b) { m_next[groupOf(a)] = groupOf(b); }
    [[nodiscard]] std::size_t groupOf(std::size_t room)
    {
        while (m_next[room] != room)
            room = m_next[room] = m_next[m_next[room]];
        return room;
    }

private:
    std::vector<std::size_t> m_next;
};

} // namespace

std::vector<Share> dealShares(const std::vector<std::vector<std::uint16_t>> &roomsOf, std::size_t parts)
{
    std::size_t roomCount = 0;
    for (const auto &rooms : roomsOf) {
        for (const std::uint16_t room : rooms)
            roomCount = std::max<std::size_t>(roomCount, room + 1U);
    }
    TiedRooms tied(roomCount);
    std::vector<bool> isUsed(roomCount);
    for (const auto &rooms : roomsOf) {
        for (const std::uint16_t room : rooms) {
            tied.tie(rooms.front(), room);
            isUsed[room] = true;
        }
    }
    std::map<std::size_t, Share> groups;
    for (std::size_t room = 0; room < roomCount; ++room) {
        if (isUsed[room])
            groups[tied.groupOf(room)].rooms.push_back(static_cast<std::uint16_t>(room));
    }
    for (std::uint32_t user = 0; user < roomsOf.size(); ++user) {
        if (!roomsOf[user].empty())
            groups[tied.groupOf(roomsOf[user].front())].users.push_back(user);
    }

    // The largest first, each to whoever has the fewest users so far.
    std::vector<Share> dealt;
    for (auto &[name, group] : groups)
        dealt.push_back(std::move(group));
    std::stable_sort(dealt.begin(), dealt.end(),
                     [](const Share &a, const Share &b) { return a.users.size() > b.users.size(); });
    std::vector<Share> shares(std::clamp<std::size_t>(dealt.size(), 1, std::max<std::size_t>(parts, 1)));
    for (const Share &group : dealt) {
        Share &least = *std::min_element(shares.begin(), shares.end(), [](const Share &a, const Share &b) {
            return a.users.size() < b.users.size();
        });
        least.users.insert(least.users.end(), group.users.begin(), group.users.end());
        least.rooms.insert(least.rooms.end(), group.rooms.begin(), group.rooms.end());
    }
    for (Share &share : shares) {
        std::sort(share.users.begin(), share.users.end());
        std::sort(share.rooms.begin(), share.rooms.end());
    }
    return shares;
}

} // namespace parlor::cli::load
