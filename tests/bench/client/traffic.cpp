// SPDX-License-Identifier: MIT
#include "tests/bench/client/traffic.h"

namespace parlor::bench {

namespace {

constexpr std::uint32_t kConnectsAtOnce = 64;
// What nobody is owed would come within this.
constexpr std::chrono::milliseconds kStragglers{20};

} // namespace

Traffic::Traffic(const Options &options, std::uint32_t rooms)
    : m_options(options)
    , m_crowd(options.ports, options.dialect)
    , m_content(options.contentBytes)
    , m_membersOf(rooms)
    , m_numbers(rooms)
{
    const auto roomOf = [rooms](std::uint32_t index) { return index % rooms; };
    for (std::uint32_t index = 0; index < options.clients; ++index)
        ++m_membersOf[roomOf(index)];
    m_crowd.setReceiver(this);
    if (m_crowd.connect(options.clients, kConnectsAtOnce, options.patience))
        static_cast<void>(m_crowd.join(roomOf, Crowd::kJoinsAtOnce, options.patience));
}

void Traffic::settle()
{
    m_crowd.settle(std::chrono::milliseconds(100));
}

std::uint32_t Traffic::publish(std::uint32_t room)
{
    const std::uint32_t number = m_numbers[room]++;
    m_crowd.member(room).publish(m_content.write(room, number));
    ++m_tally.published;
    m_tally.owed += m_membersOf[room];
    return number;
}

void Traffic::finish(Phase &phase, const StopWatch &watch)
{
    const Clock::time_point deadline = Clock::now() + m_options.patience;
    while (m_tally.delivered < m_tally.owed && !isBroken() && Clock::now() < deadline)
        m_crowd.turn(std::chrono::milliseconds(10));
    watch.stop(phase);
    m_crowd.settle(kStragglers);
    phase.tally = m_tally;
    phase.problem = problem();
    m_tally = {};
}

void Traffic::onMessage(Member &member, std::string_view content, std::size_t frameBytes)
{
    const auto number = m_content.read(content, member.room());
    if (!number) {
        ++m_tally.corrupt;
        return;
    }
    if (*number != member.nextNumber) {
        ++m_tally.misplaced;
        return;
    }
    ++member.nextNumber;
    ++m_tally.delivered;
    m_tally.bytes += frameBytes;
    onDelivery(member, *number);
}

} // namespace parlor::bench
