// SPDX-License-Identifier: MIT
#pragma once

#include "shared/protocol/result.h"

namespace parlor {

/// From now on a core dump of this process has its registers and the list of what is loaded, and no memory:
/// no message, token or key (core(5), coredump_filter).
[[nodiscard]] Result<void> keepMemoryOutOfCoreDumps();

} // namespace parlor
