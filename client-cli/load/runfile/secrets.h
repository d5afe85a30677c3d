// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

/// What a run's record must not tell: "…" stands in the place of secrets. Pure.
namespace parlor::cli::load {

/// A command line: the values of --header and --prom-header, and what urlWithoutSecrets() hides in every
/// argument.
[[nodiscard]] std::vector<std::string> argumentsWithoutSecrets(const std::vector<std::string> &arguments);

/// Of an address, or of a text that ends with one: the user with the password, and the values of parameters
/// such as ?token=, ?access_token= and ?key=.
[[nodiscard]] std::string urlWithoutSecrets(std::string_view url);

} // namespace parlor::cli::load
