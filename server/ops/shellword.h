// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace parlor {

/// The text as one word of a command that people are told to run: quoted only if it needs to be.
[[nodiscard]] std::string shellWord(std::string_view text);

} // namespace parlor
