// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/ratepacer.h"
#include "shared/protocol/messages.h"

#include <functional>
#include <string>
#include <unordered_map>

namespace parlor {

/// Numbers the requests of a connection and brings each answer to whoever asked.
class Requests
{
public:
    /// The first number that is used: far from those that a person gives to a raw frame.
    static constexpr std::uint32_t kFirstRid = 1U << 20U;
    /// Called once, with the frame that answers: the one that section 4 names, or frame::Error; or with null:
    /// the connection ended before one came.
    using Handler = std::function<void(const frame::Any *)>;

    /// `write` sends one text frame on the connection of the moment.
    Requests(RatePacer &pacer, std::function<void(const std::string &)> write);

    void send(const request::Body &body, Handler handler);
    /// How long to wait before a request like this, so that the server does not refuse it for its rate.
    [[nodiscard]] std::chrono::milliseconds waitFor(const request::Body &body) const;
    /// For `typing`, which has no answer.
    void sendWithoutAnswer(const request::Body &body);
    /// Whether somebody had asked for this frame.
    bool answer(const frame::Any &any);

    /// The session has begun: requests other than `auth` may be sent.
    void open() { m_open = true; }
    [[nodiscard]] bool isOpen() const { return m_open; }
    /// The connection ended: tells all who still wait.
    void close();

private:
    void write(const Request &request);
    [[nodiscard]] double costOf(const request::Body &body) const;

    RatePacer &m_pacer;
    std::function<void(const std::string &)> m_write;
    std::unordered_map<std::uint32_t, Handler> m_handlers;
    std::uint32_t m_lastRid;
    std::uint32_t m_joins = 0; ///< on this connection
    bool m_open = false;
};

} // namespace parlor
