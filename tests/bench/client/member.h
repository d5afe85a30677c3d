// SPDX-License-Identifier: MIT
#pragma once

#include "shared/process/poller.h"
#include "shared/websocket/reader.h"
#include "tests/bench/client/dialect.h"

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace parlor::bench {

using Clock = std::chrono::steady_clock;

class Member;

/// Whom a Member tells what happens to it.
class MemberListener
{
public:
    virtual void onOpened(Member &member) = 0;
    virtual void onJoined(Member &member) = 0;
    /// `frameBytes`: the payload's size, as it came.
    virtual void onMessage(Member &member, std::string_view content, std::size_t frameBytes) = 0;
    virtual void onEnded(Member &member, std::string_view why) = 0;

protected:
    ~MemberListener() = default;
};

/// One WebSocket connection over a raw, non-blocking socket, in at most one room. Owned by a Crowd.
class Member final : private Pollable, private websocket::ReaderSink
{
public:
    /// `buffer` is for all members, one read at a time.
    Member(std::uint32_t index, Dialect dialect, MemberListener &listener, Poller &poller,
           std::span<char> buffer);
    ~Member();
    Member(const Member &) = delete;
    Member &operator=(const Member &) = delete;

    /// Begins to connect to 127.0.0.1. False: errno says why.
    [[nodiscard]] bool connect(std::uint16_t port);
    void join(std::uint32_t room);
    /// Adds a message to what leaves with the next flush().
    void publish(std::string_view content);
    void flush();

    [[nodiscard]] std::uint32_t index() const { return m_index; }
    [[nodiscard]] std::uint32_t room() const { return m_room; }
    [[nodiscard]] bool isEnded() const { return m_socket < 0; }
    [[nodiscard]] Clock::time_point connectedAt() const { return m_connectedAt; }

    std::uint32_t nextNumber = 0; ///< of the message that it has to get next

private:
    void onEvents(std::uint32_t events) override;
    websocket::Flow onText(std::string_view message) override;
    websocket::Flow onBinary(std::string_view message) override;
    websocket::Flow onPing(std::string_view payload) override;
    websocket::Flow onPong(std::string_view payload) override;
    void onClose(std::optional<std::uint16_t> code, std::string_view reason) override;

    void receive();
    void upgrade(std::span<char> bytes);
    void end(std::string_view why);
    void watch(std::uint32_t events);

    MemberListener &m_listener;
    Poller &m_poller;
    std::span<char> m_buffer;
    websocket::Reader m_reader;
    std::string m_head; ///< of the answer to the upgrade, until it is whole
    std::string m_out;
    Clock::time_point m_connectedAt;
    std::uint32_t m_index;
    std::uint32_t m_room = 0;
    std::uint32_t m_watched = 0;
    int m_socket = -1;
    Dialect m_dialect;
    bool m_upgraded = false;
    bool m_open = false;
};

} // namespace parlor::bench
