// SPDX-License-Identifier: MIT
#pragma once

#include "tests/bench/client/member.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace parlor::bench {

/// Where a run's messages arrive.
class MessageReceiver
{
public:
    virtual void onMessage(Member &member, std::string_view content, std::size_t frameBytes) = 0;

protected:
    ~MessageReceiver() = default;
};

/// All connections of a run. One thread.
class Crowd final : private MemberListener
{
public:
    /// The members take the ports in turn.
    Crowd(std::vector<std::uint16_t> ports, Dialect dialect);
    Crowd(const Crowd &) = delete;
    Crowd &operator=(const Crowd &) = delete;

    /// Adds connections, so many at once, and returns when all are open. False: see problem().
    [[nodiscard]] bool connect(std::uint32_t count, std::uint32_t atOnce, std::chrono::nanoseconds within);
    /// Few, since a join may be told to everybody in the room.
    static constexpr std::uint32_t kJoinsAtOnce = 16;
    /// Puts all members into rooms, so many at once, and waits for what that causes to end.
    [[nodiscard]] bool join(const std::function<std::uint32_t(std::uint32_t index)> &roomOf,
                            std::uint32_t atOnce, std::chrono::nanoseconds within);
    /// Handles what is ready, or becomes so in this time.
    void turn(std::chrono::nanoseconds atMost);
    /// Turns until nothing has come for so long.
    void settle(std::chrono::nanoseconds quiet);
    void setReceiver(MessageReceiver *receiver) { m_receiver = receiver; }

    [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(m_members.size()); }
    [[nodiscard]] Member &member(std::uint32_t index) { return *m_members[index]; }
    /// From connect() to the connection being open, of each connection so far.
    [[nodiscard]] const std::vector<Clock::duration> &connectTimes() const { return m_connectTimes; }
    /// Of connections that the bench did not end.
    [[nodiscard]] std::uint32_t ended() const { return m_ended; }
    /// What went wrong first.
    [[nodiscard]] const std::string &problem() const { return m_problem; }

private:
    void onOpened(Member &member) override;
    void onJoined(Member &member) override;
    void onMessage(Member &member, std::string_view content, std::size_t frameBytes) override;
    void onEnded(Member &member, std::string_view why) override;
    [[nodiscard]] bool step(std::uint32_t total, std::uint32_t atOnce, const std::uint32_t &done,
                            std::chrono::nanoseconds within, const std::function<bool(std::uint32_t)> &begin,
                            std::string_view what);
    [[nodiscard]] bool fail(std::string what);

    Poller m_poller;
    std::vector<char> m_buffer;
    std::vector<std::unique_ptr<Member>> m_members;
    std::vector<Clock::duration> m_connectTimes;
    std::string m_problem;
    MessageReceiver *m_receiver = nullptr;
    std::uint32_t m_opened = 0;
    std::uint32_t m_joined = 0;
    std::uint32_t m_ended = 0;
    std::vector<std::uint16_t> m_ports;
    Dialect m_dialect;
    bool m_somethingCame = false;
};

} // namespace parlor::bench
