// SPDX-License-Identifier: MIT
#pragma once

#include "shared/protocol/jsonfields.h"

namespace parlor {

/// The request of this type: what a client of v2 asks of the server. False: there is no such type. What is
/// wrong with it is in `in`.
[[nodiscard]] bool readRequest(JsonFields &in, std::string_view type, Request &out);

} // namespace parlor
