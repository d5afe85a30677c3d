// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/chattypes.h"

namespace parlor::cli {

/// What to do after this end of a connection, for somebody with this program; empty: CloseInfo::text says it.
[[nodiscard]] QString adviceAfter(const CloseInfo &info);

} // namespace parlor::cli
