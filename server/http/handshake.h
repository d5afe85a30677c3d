// SPDX-License-Identifier: MIT
#pragma once

#include "server/http/requesthead.h"

#include <QByteArray>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace parlor {

/// The WebSocket handshake, by a QWebSocketServer that never listens: a function from a request head to the
/// bytes of its answer. Lives on its worker's thread; make it there.
class Handshake
{
public:
    struct Answer
    {
        bool accepted = false;
        QByteArray bytes;        ///< the 101
        std::string subprotocol; ///< the one chosen; empty: none
        HttpError error{};       ///< where it is not accepted
    };

    /// Empty `allowedOrigins`: every Origin passes. A request without Origin always does. The first handshake
    /// of a process loads the TLS backend (milliseconds): the constructor does one, so that no client waits
    /// for it.
    explicit Handshake(std::vector<std::string> allowedOrigins);
    ~Handshake();
    Handshake(const Handshake &) = delete;
    Handshake &operator=(const Handshake &) = delete;

    /// `head`: one that answer() of endpoints.h called an UpgradeRequest.
    [[nodiscard]] Answer answer(const RequestHead &head);
    /// The same for a whole head as it came.
    [[nodiscard]] Answer answer(std::string_view head);

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace parlor
