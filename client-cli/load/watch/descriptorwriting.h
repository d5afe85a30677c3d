// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace parlor::cli::load {

/// Whether a write to this terminal or pipe would find room now. One that is stopped (Ctrl-S) or that nobody
/// reads has none.
[[nodiscard]] bool hasRoom(int descriptor);
/// Writes it. What goes wrong is of no interest: nobody is there to be told.
void writeAll(int descriptor, std::string_view text);

} // namespace parlor::cli::load
