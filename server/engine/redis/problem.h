// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace parlor::redis {

/// What an error that Redis answered means, and what to do: for people, to be put behind "Redis at …: ".
[[nodiscard]] std::string explain(std::string_view error);
/// Whether this error is over some time without anybody's doing, as while Redis starts or a replica takes
/// over.
[[nodiscard]] bool passes(std::string_view error);

} // namespace parlor::redis
