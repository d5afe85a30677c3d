// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/sink/faultplan.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parlor::cli::sink {

/// A message on its way to one receiver: a whole WebSocket frame.
struct Delivery
{
    std::string_view frame;
    std::uint64_t seq = 0;    ///< its number in the room
    std::uint64_t sender = 0; ///< who said it, by a number of the sink's own
};

/// A fault that was committed.
struct Committed
{
    Fault fault = Fault::Drop;
    std::uint64_t seq = 0; ///< of the message that was dropped, doubled, overtaken or altered
    bool operator==(const Committed &) const = default;
};

/// What one receiver gets of a room's messages when faults are committed. A fault is told when it is done:
/// one that needs a next message, and gets none, never was. Pure.
class Lane
{
public:
    /// Behind what a message is held so that a receiver can tell that it was overtaken.
    enum class Order : std::uint8_t {
        OfRoom,   ///< the room's next: receivers see its numbers
        OfSender, ///< the sender's next: receivers have no more to go by
    };

    /// Appends to `out` what the receiver gets now, and to `done` the faults. While a message is held, a
    /// further one that would be is sent as it is. Returns how many frames were appended.
    std::size_t deliver(const Delivery &delivery, std::optional<Fault> fault, Order order, std::string &out,
                        std::vector<Committed> &done);
    /// No next one came in time: appends what was held to be overtaken, and commits nothing.
    /// Returns how many frames were.
    std::size_t release(std::string &out);

    /// Whether a message waits for the next one.
    [[nodiscard]] bool isHolding() const { return m_held.has_value(); }
    /// How many have waited so far: it names the one that waits now.
    [[nodiscard]] std::uint64_t holds() const { return m_holds; }

private:
    struct Held
    {
        std::string frame;
        std::uint64_t seq = 0;
        std::uint64_t sender = 0;
        Fault fault = Fault::Reorder; ///< or Double: it was sent already
    };

    void hold(const Delivery &delivery, Fault fault);

    std::optional<Held> m_held;
    std::uint64_t m_holds = 0;
};

/// Changes one letter or digit of the content of the frame of a `message`, the last one, so that all else
/// stays as it is. False: it has none.
[[nodiscard]] bool corrupt(std::string &frame);

} // namespace parlor::cli::sink
