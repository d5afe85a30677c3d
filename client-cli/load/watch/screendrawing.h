// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/record/runstatus.h"
#include "client-cli/load/watch/screenline.h"

#include <cstdint>
#include <string>

namespace parlor::cli::load {

struct ScreenSize
{
    int columns = 80;
    int rows = 24;
};

/// Whether the screen hears keys besides those of signals.
enum class Keys : std::uint8_t { NotHeard, Heard };

/// How a run stands, for a terminal of this size: at most so many lines, none of them wider, separated by
/// line feeds. A low terminal gets the lines that matter most, a high one larger charts and the phases, a
/// wide one more seconds. Pure: what is drawn is in the status' record.
[[nodiscard]] std::string draw(const RunStatus &status, ScreenSize size, Colours colours, Keys keys);

} // namespace parlor::cli::load
