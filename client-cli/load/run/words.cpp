// SPDX-License-Identifier: MIT
#include "client-cli/load/run/words.h"

#include <utility>

namespace parlor::cli::load {

using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t kForThinking = 0x7468696E6BULL; ///< tells its random numbers apart from others
constexpr Offset kAfterDrop = 10ms;                     ///< at least: the server is not asked without a pause

} // namespace

Words::Words(std::uint32_t user, const Profile &profile, std::uint64_t seed, Books &books)
    : m_profile(profile)
    , m_books(books)
    , m_seed(seed)
    , m_user(user)
    , m_thinks(profile.think, seed + kForThinking, user)
    , m_sizes(profile.size, seed, user)
    , m_turnstile(profile.inflight)
{
}

std::optional<Offset> Words::begin(Offset at, std::uint32_t session)
{
    if (isClosed())
        return std::nullopt;
    m_times = SpeakingTimes(at, m_profile.rate, m_profile.pace, m_seed + session - 1, m_user);
    return m_times.next();
}

std::optional<Offset> Words::joined(Offset now)
{
    return isClosed() ? std::optional(now + m_thinks.rest()) : std::nullopt;
}

Offset Words::afterDrop(Offset now)
{
    return now + std::max(kAfterDrop, m_thinks.next());
}

void Words::holdBack()
{
    for (const Offset planned : m_turnstile.takeAll()) {
        static_cast<void>(m_sizes.next());
        m_books.count(planned, m_user, &MessageCounts::held);
    }
}

void Words::endArrival(Arrival arrival)
{
    for (const Offset planned : std::exchange(m_early, {})) {
        if (arrival == Arrival::Failed) {
            miss(planned);
            continue;
        }
        static_cast<void>(m_sizes.next());
        m_books.count(planned, m_user, &MessageCounts::early);
    }
}

void Words::miss(Offset planned)
{
    static_cast<void>(m_sizes.next());
    m_books.count(planned, m_user, &MessageCounts::planned);
    m_books.count(planned, m_user, &MessageCounts::notMember);
}

} // namespace parlor::cli::load
