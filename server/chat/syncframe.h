// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/delivery.h"

#include <string>

namespace parlor {

/// Appends the v2 `sync` frame for a page.
void encodeSync(std::string &json, const std::string &room, const SyncPage &page);

} // namespace parlor
