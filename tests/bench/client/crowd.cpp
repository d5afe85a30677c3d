// SPDX-License-Identifier: MIT
#include "tests/bench/client/crowd.h"

#include <cerrno>
#include <cstring>
#include <utility>

namespace parlor::bench {

namespace {

constexpr std::size_t kReceiveBytes = 256 * 1024;
// Few, so that what is due between two turns is not late by more than these cost.
constexpr std::size_t kEventsOfTurn = 64;

} // namespace

Crowd::Crowd(std::vector<std::uint16_t> ports, Dialect dialect)
    : m_poller(kEventsOfTurn)
    , m_buffer(kReceiveBytes)
    , m_ports(std::move(ports))
    , m_dialect(dialect)
{
}

bool Crowd::connect(std::uint32_t count, std::uint32_t atOnce, std::chrono::nanoseconds within)
{
    MemberListener &listener = *this;
    const auto begin = [&](std::uint32_t index) {
        m_members.push_back(std::make_unique<Member>(index, m_dialect, listener, m_poller, m_buffer));
        return m_members.back()->connect(m_ports[index % m_ports.size()]) ||
               fail(std::string("cannot connect: ") + std::strerror(errno));
    };
    return step(size() + count, atOnce, m_opened, within, begin, "connect");
}

bool Crowd::join(const std::function<std::uint32_t(std::uint32_t)> &roomOf, std::uint32_t atOnce,
                 std::chrono::nanoseconds within)
{
    const auto begin = [&](std::uint32_t index) {
        member(index).join(roomOf(index));
        return true;
    };
    if (!step(size(), atOnce, m_joined, within, begin, "join"))
        return false;
    settle(std::chrono::milliseconds(100));
    return true;
}

bool Crowd::step(std::uint32_t total, std::uint32_t atOnce, const std::uint32_t &done,
                 std::chrono::nanoseconds within, const std::function<bool(std::uint32_t)> &begin,
                 std::string_view what)
{
    const Clock::time_point deadline = Clock::now() + within;
    std::uint32_t begun = done;
    while (done < total) {
        while (begun < total && begun - done < atOnce) {
            if (!begin(begun++))
                return false;
        }
        turn(std::chrono::milliseconds(100));
        if (m_ended != 0)
            return false;
        if (Clock::now() > deadline) {
            return fail("only " + std::to_string(done) + " of " + std::to_string(total) + " could " +
                        std::string(what) + " in time");
        }
    }
    return true;
}

void Crowd::turn(std::chrono::nanoseconds atMost)
{
    m_somethingCame = m_poller.wait(atMost) > 0;
}

void Crowd::settle(std::chrono::nanoseconds quiet)
{
    for (Clock::time_point last = Clock::now(); Clock::now() - last < quiet;) {
        turn(quiet);
        if (m_somethingCame)
            last = Clock::now();
    }
}

void Crowd::onOpened(Member &member)
{
    ++m_opened;
    m_connectTimes.push_back(Clock::now() - member.connectedAt());
}

void Crowd::onJoined(Member &)
{
    ++m_joined;
}

void Crowd::onMessage(Member &member, std::string_view content, std::size_t frameBytes)
{
    if (m_receiver != nullptr)
        m_receiver->onMessage(member, content, frameBytes);
}

void Crowd::onEnded(Member &member, std::string_view why)
{
    ++m_ended;
    if (m_problem.empty())
        m_problem = "connection " + std::to_string(member.index()) + ": " + std::string(why);
}

bool Crowd::fail(std::string what)
{
    if (m_problem.empty())
        m_problem = std::move(what);
    return false;
}

} // namespace parlor::bench
