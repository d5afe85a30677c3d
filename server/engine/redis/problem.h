// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace parlor::redis {

/// What an error that Redis answered means, and what to do: for people, to be put behind "Redis at …: ".
[[nodiscard]] std::string explain(std::string_view error);

} // namespace parlor::redis
