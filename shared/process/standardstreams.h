// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace parlor {

/// Opens /dev/null for each of stdin, stdout and stderr that the program was started without. Else the first
/// socket or file would take its number, and be read or written as if it were that stream. Writing to stdout
/// fails then, as it would have. First thing in main(), before there are threads.
void openMissingStandardStreams();

/// All of `text` to stdout, at once. Where that fails (a full disk, a closed pipe), says so on stderr.
/// `program` begins that line.
[[nodiscard]] bool writeToStdout(std::string_view text, std::string_view program);

} // namespace parlor
