// SPDX-License-Identifier: MIT
#include "shared/websocket/mask.h"

#include <cstring>

namespace parlor::websocket {

void applyMask(char *data, std::size_t size, MaskKey key, std::uint64_t phase)
{
    // The key turned to where these bytes begin and laid out eight bytes wide: a loop that compilers
    // vectorise.
    std::array<char, 8> wide{};
    for (std::size_t i = 0; i < wide.size(); ++i)
        wide[i] = static_cast<char>(key[(i + phase) & 3]);
    std::uint64_t mask = 0;
    std::memcpy(&mask, wide.data(), sizeof mask);

    std::size_t i = 0;
    for (; i + sizeof mask <= size; i += sizeof mask) {
        std::uint64_t word = 0;
        std::memcpy(&word, data + i, sizeof word);
        word ^= mask;
        std::memcpy(data + i, &word, sizeof word);
    }
    for (; i < size; ++i)
        data[i] = static_cast<char>(data[i] ^ wide[i & 7]);
}

} // namespace parlor::websocket
