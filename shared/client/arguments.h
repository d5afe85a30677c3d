// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

namespace parlor {

/// Says which argument of the command line is not UTF-8, where one is: Qt would put U+FFFD for what it cannot
/// read, without a word.
[[nodiscard]] std::optional<std::string> argumentThatIsNoText(int argc, const char *const *argv);

} // namespace parlor
