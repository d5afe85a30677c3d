// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <variant>

namespace parlor {

/// Why there is no value: a phrase for a person that says what is wrong and what would be right.
struct Failure
{
    std::string text;
};

template <typename T>
using Outcome = std::variant<T, Failure>;

} // namespace parlor
