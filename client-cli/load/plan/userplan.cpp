// SPDX-License-Identifier: MIT
#include "client-cli/load/plan/userplan.h"

#include <algorithm>
#include <cmath>

namespace parlor::cli::load {

namespace {

// The multiples of an irrational number, modulo 1, are spread evenly over [0, 1), and so are every second
// one, every third: what is chosen by them does not fall into step with what is dealt in turn. Different
// ones do not fall into step with each other.
constexpr double kForSpeakers = 0.6180339887498949;  // the golden ratio's
constexpr double kForRooms = 0.4142135623730951;     // the square root of two's
constexpr double kForVerifying = 0.7320508075688772; // the square root of three's

double spread(double step, std::uint64_t n)
{
    double whole = 0;
    return std::modf(step * static_cast<double>(n), &whole);
}

/// Gives rooms to the users of one profile, one after the other.
class Rooms
{
public:
    Rooms(std::size_t rooms, double zipf, std::uint32_t perUser, std::size_t firstRoom)
        : m_rooms(rooms)
        , m_perUser(std::min<std::size_t>(std::max(perUser, 1U), rooms))
        , m_firstRoom(firstRoom)
    {
        double sum = 0;
        for (std::size_t room = 0; zipf > 0 && room < rooms; ++room)
            m_upTo.push_back(sum += std::pow(static_cast<double>(room + 1), -zipf));
    }

    std::vector<std::uint16_t> next()
    {
        const std::size_t user = m_given++;
        std::vector<std::uint16_t> rooms;
        for (std::size_t i = 0; i < m_perUser; ++i) {
            std::size_t room = m_upTo.empty() ? m_firstRoom + user + user / m_rooms + i : byZipf();
            while (std::find(rooms.begin(), rooms.end(), room % m_rooms) != rooms.end())
                ++room;
            rooms.push_back(static_cast<std::uint16_t>(room % m_rooms));
        }
        return rooms;
    }

private:
    std::size_t byZipf()
    {
        const double at = spread(kForRooms, m_draws++) * m_upTo.back();
        const auto found = std::upper_bound(m_upTo.begin(), m_upTo.end(), at);
        return static_cast<std::size_t>(found - m_upTo.begin());
    }

    std::size_t m_rooms;
    std::size_t m_perUser;
    std::size_t m_firstRoom;
    std::size_t m_given = 0;
    std::uint64_t m_draws = 0;
    std::vector<double> m_upTo; ///< weights, added up; empty: all rooms are alike
};

/// Of `users` users in turn, who speaks.
std::vector<bool> speakers(const Profile &profile, std::size_t users)
{
    if (profile.rate <= 0 && profile.pace != Pace::Closed)
        return std::vector<bool>(users, false);
    const Senders &senders = profile.senders;
    const double share = senders.share * static_cast<double>(users);
    auto count = static_cast<std::size_t>(senders.count > 0 ? senders.count : std::llround(share));
    if (senders.share > 0)
        count = std::max<std::size_t>(count, 1);
    if (count >= users)
        return std::vector<bool>(users, true);
    std::vector<std::size_t> order(users);
    for (std::size_t i = 0; i < users; ++i)
        order[i] = i;
    std::nth_element(
        order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
        [](std::size_t a, std::size_t b) { return spread(kForSpeakers, a) < spread(kForSpeakers, b); });
    std::vector<bool> speaks(users, false);
    for (std::size_t i = 0; i < count; ++i)
        speaks[order[i]] = true;
    return speaks;
}

bool isVerified(const Settings &settings, std::size_t user)
{
    switch (settings.verify) {
    case Verify::Full:
        return true;
    case Verify::Sample:
        return spread(kForVerifying, user) * settings.verifySample < 1;
    case Verify::Count:
    case Verify::Off:
        break;
    }
    return false;
}

} // namespace

std::vector<UserPlan> userPlans(const Settings &settings, const Plan &plan)
{
    std::vector<std::vector<std::size_t>> usersOf(settings.profiles.size());
    for (std::size_t user = 0; user < plan.profiles().size(); ++user)
        usersOf[plan.profiles()[user]].push_back(user);
    std::vector<UserPlan> plans(plan.profiles().size());
    for (std::size_t i = 0; i < settings.profiles.size(); ++i) {
        const Profile &profile = settings.profiles[i];
        Rooms rooms(settings.rooms.size(), settings.zipf, profile.roomsPerUser, i);
        const std::vector<bool> speaks = speakers(profile, usersOf[i].size());
        for (std::size_t n = 0; n < usersOf[i].size(); ++n) {
            const std::size_t user = usersOf[i][n];
            plans[user] = {static_cast<std::uint32_t>(i), rooms.next(), speaks[n],
                           isVerified(settings, user)};
        }
    }
    return plans;
}

} // namespace parlor::cli::load
