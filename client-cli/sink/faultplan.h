// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace parlor::cli::sink {

/// What is done wrong with one message for one receiver.
enum class Fault : std::uint8_t {
    Drop,    ///< it is not sent
    Double,  ///< it is sent twice
    Reorder, ///< it is sent behind the next one
    Corrupt, ///< its content is another one
};
inline constexpr std::size_t kFaults = 4;
/// drop, double, reorder, corrupt: in options and in the log.
[[nodiscard]] std::string_view toString(Fault fault);

/// The part of all deliveries, 0 to 1, that each fault is committed on, by Fault; together 1 at most.
using FaultShares = std::array<double, kFaults>;

/// A fault on a certain delivery.
struct PlannedFault
{
    Fault fault = Fault::Drop;
    std::uint64_t seq = 0;      ///< of the message, in every room
    std::uint32_t receiver = 0; ///< its number in the room, from 1 in the order of joins
    bool operator==(const PlannedFault &) const = default;
};

/// Which fault a delivery gets. It depends on the seed, the room, the message's number and the receiver's,
/// and on nothing else. Pure.
class FaultPlan
{
public:
    FaultPlan(std::uint64_t seed, const FaultShares &shares, std::vector<PlannedFault> planned);

    [[nodiscard]] bool isEmpty() const { return m_bounds.back() == 0 && m_planned.empty(); }
    /// By the shares.
    [[nodiscard]] std::optional<Fault> drawn(std::uint64_t room, std::uint64_t seq,
                                             std::uint32_t receiver) const;
    /// By name.
    [[nodiscard]] std::optional<Fault> planned(std::uint64_t seq, std::uint32_t receiver) const;

    /// A room's number for drawn().
    [[nodiscard]] static std::uint64_t roomNumber(std::string_view name);

private:
    std::uint64_t m_seed;
    std::array<std::uint64_t, kFaults> m_bounds{}; ///< of 2^53, ascending: a draw below one is its fault
    std::vector<PlannedFault> m_planned;
};

} // namespace parlor::cli::sink
