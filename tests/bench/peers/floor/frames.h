// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

/// The least of RFC 6455 that bench_client needs.
namespace parlor::floor {

/// Size of a whole request head at the beginning of the bytes; 0: not whole yet.
[[nodiscard]] std::size_t headSize(std::string_view bytes);
/// The answer to the one key that bench_client offers.
[[nodiscard]] std::string_view upgradeAnswer();

struct ClientFrame
{
    std::size_t size = 0; ///< of all of it; 0: not whole yet
    bool isData = false;
    std::string_view payload{};
};

/// Reads a masked frame of up to 64 KiB at the beginning of the bytes, unmasking it in place.
[[nodiscard]] ClientFrame readFrame(std::span<char> bytes);
void appendTextFrame(std::string &out, std::string_view payload);

} // namespace parlor::floor
