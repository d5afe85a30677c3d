// SPDX-License-Identifier: MIT
#pragma once

#include <QHostAddress>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

/// --access-log: a line for each WebSocket that opens, ends, or is refused. Any thread. Nothing is written
/// unless isOn(); ask first where composing costs.
namespace parlor::accesslog {

/// Who a client said it is, when its connection ends.
struct Visitor
{
    std::string client{}; ///< its id; empty: it said nothing
    std::string user{};
    std::string rooms{}; ///< comma-separated
};

[[nodiscard]] bool isOn();
void connected(const QHostAddress &address, std::string_view subprotocol);
/// `status` is HTTP's; 0: nothing was answered.
void refused(const QHostAddress &address, int status, std::string_view reason);

struct Closed
{
    const QHostAddress &address;
    std::uint16_t code = 0; ///< of the Close that came first; 1006: none did
    bool byClient = false;
    std::chrono::steady_clock::duration duration{}; ///< since it was connected()
    Visitor visitor{};
};
void closed(const Closed &closed);

} // namespace parlor::accesslog
