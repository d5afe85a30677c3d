// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/record/runrecord.h"

namespace parlor::test {

/// A run whose every member has a value of its own, other than the default.
[[nodiscard]] cli::load::RunRecord fullRecord();

} // namespace parlor::test
