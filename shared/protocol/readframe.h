// SPDX-License-Identifier: MIT
#pragma once

#include "shared/protocol/jsonfields.h"

namespace parlor {

/// The frame of this type: what a server says, in either dialect; frame::Unknown if this version does not
/// know the type. What is wrong with it is in `in`.
[[nodiscard]] frame::Any readFrame(JsonFields &in, std::string_view type);

} // namespace parlor
