// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/sink/sinkoptions.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace parlor::cli::sink {

/// Reads the head of the one request that a connection begins with, and answers it: with 101 where it asks
/// for a WebSocket, else with an error. No more of HTTP is read than that takes. Knows no socket; used once.
class Upgrade
{
public:
    static constexpr std::size_t kHeadBytes = 8 * 1024;

    explicit Upgrade(Dialects dialects)
        : m_dialects(dialects)
    {
    }

    /// In any pieces. Returns how many of the bytes belong to the head.
    std::size_t feed(std::string_view bytes);

    enum class State : std::uint8_t { Waiting, Open, Refused };
    [[nodiscard]] State state() const { return m_state; }
    /// To send, once it is open or refused.
    [[nodiscard]] const std::string &answer() const { return m_answer; }
    /// Whether the v2 dialect was agreed on.
    [[nodiscard]] bool isV2() const { return m_isV2; }

private:
    void judge();
    void refuse(std::string_view status, std::string_view why);
    /// Of all fields of this name, joined with commas.
    [[nodiscard]] std::string field(std::string_view name) const;
    [[nodiscard]] bool hasToken(std::string_view name, std::string_view token) const;

    Dialects m_dialects;
    std::string m_head;
    std::string m_answer;
    State m_state = State::Waiting;
    bool m_isV2 = false;
};

} // namespace parlor::cli::sink
