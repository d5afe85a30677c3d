// SPDX-License-Identifier: MIT
#pragma once

#include "shared/protocol/result.h"

#include <cstdint>
#include <string>

namespace parlor::sqlite {

struct Copied
{
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0; ///< of the file
};
/// Copies the store at `path`, which a server may be using, to a new file. The error is for people.
[[nodiscard]] Result<Copied> backUp(const std::string &path, const std::string &target);

} // namespace parlor::sqlite
