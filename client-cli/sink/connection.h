// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/sink/chat.h"
#include "client-cli/sink/upgrade.h"
#include "shared/process/poller.h"
#include "shared/websocket/reader.h"

#include <memory>
#include <optional>
#include <span>
#include <string>

namespace parlor::cli::sink {

class Connection;

/// What the connections of a sink share.
struct ConnectionParts
{
    Poller &poller;
    Chat &chat;
    SinkCounts &counts;
    std::span<char> readBuffer;
    const Clock &clock;
    std::size_t &waiting;            ///< bytes that the kernel did not take yet, of all connections
    std::vector<Connection *> &over; ///< to be destroyed when the turn ends
    Dialects dialects;
};

/// One accepted socket: its upgrade, its frames, and what waits to be written.
class Connection final : public Pollable, public Peer, private websocket::ReaderSink
{
public:
    /// Owns `descriptor`, which is non-blocking.
    Connection(int descriptor, ConnectionParts parts);
    ~Connection();
    Connection(const Connection &) = delete;
    Connection &operator=(const Connection &) = delete;

    /// False: it cannot be watched, and errno says why.
    [[nodiscard]] bool start();
    void onEvents(std::uint32_t events) override;
    void send(std::string_view own, std::string_view shared) override;

    /// The place in its owner's list, which the owner keeps.
    std::size_t place = 0;

    static constexpr std::size_t kMaxWaiting = 64UL * 1024 * 1024; ///< of one connection
    static constexpr std::size_t kMaxWaitingOfAll = 1024UL * 1024 * 1024;

private:
    websocket::Flow onText(std::string_view message) override;
    websocket::Flow onBinary(std::string_view message) override;
    websocket::Flow onPing(std::string_view payload) override;
    websocket::Flow onPong(std::string_view payload) override;
    void onClose(std::optional<std::uint16_t> code, std::string_view reason) override;

    void receive();
    void take(std::span<char> bytes);
    [[nodiscard]] std::span<char> takeHead(std::span<char> bytes);
    void keep(std::string_view own, std::string_view shared, std::size_t sent);
    void flush();
    void watch(std::uint32_t events);
    void closeWith(std::uint16_t code, std::string_view reason);
    /// Nothing is read any more; it ends once all is written.
    void endAfterWriting();
    void end();

    ConnectionParts m_parts;
    int m_descriptor;
    std::uint32_t m_watched = 0;
    std::unique_ptr<Upgrade> m_upgrade; ///< until it is done
    std::optional<Client> m_client;     ///< from then on
    websocket::Reader m_reader;
    std::string m_waiting;     ///< for the kernel
    std::size_t m_written = 0; ///< of it
    Time m_receivedAt{};
    bool m_isEnding = false;
    bool m_isOver = false;
};

} // namespace parlor::cli::sink
