// SPDX-License-Identifier: MIT
#pragma once

#include "shared/websocket/frame.h"

namespace parlor::websocket {

/// Masks or unmasks in place (RFC 6455 §5.3). `phase`: how many bytes of the payload came before these.
void applyMask(char *data, std::size_t size, MaskKey key, std::uint64_t phase);

} // namespace parlor::websocket
