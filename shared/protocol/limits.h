// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

/// The protocol's fixed caps (docs/protocol.md, sections 3, 4, 5 and 9). What an operator may change is in
/// server/chat/chatlimits.h and server/worker/connectionlimits.h.
namespace parlor::limits {

inline constexpr std::size_t kRoomNameBytes = 64;
inline constexpr std::size_t kUsernameCodePoints = 32;
inline constexpr std::size_t kCidCodePoints = 36;
inline constexpr std::size_t kContentCodePoints = 4000;

inline constexpr std::uint32_t kHistoryDefault = 50; ///< messages that a join brings when it asks for none
inline constexpr std::uint32_t kHistoryPage = 200;   ///< messages in one page of sync or history
inline constexpr std::size_t kHistoryPageBytes = 128 * 1024;
inline constexpr std::uint64_t kResumeMessages =
    1000; ///< a client that missed more starts at the newest page
inline constexpr std::uint32_t kRoomsPage = 200;
inline constexpr std::uint32_t kMembersPage = 1000;

inline constexpr double kListCost = 5;          ///< of history, rooms, who, nick, and a join that is not free
inline constexpr std::uint32_t kFreeJoins = 32; ///< of a connection's life, to rooms that it is not in

inline constexpr int kJsonDepth = 8; ///< of a client's frame, its own braces not counted

inline constexpr std::size_t kClientFrameBytes = 1024 * 1024; ///< what a client accepts from a server
inline constexpr std::chrono::hours kResumeTokenLifetime{24 * 30};

} // namespace parlor::limits
