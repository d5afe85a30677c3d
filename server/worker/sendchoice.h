// SPDX-License-Identifier: MIT
#pragma once

#include "server/ops/options.h"
#include "server/transport/sendbatch.h"
#include "shared/protocol/result.h"

namespace parlor {

/// How this process' native connections send, found out by trying for all workers at once; the log says what
/// it is. Where io_uring cannot be had, `Auto` means system calls; `IoUring` is an error.
[[nodiscard]] Result<SendKind> chooseSends(SendsChoice choice, unsigned workers);

} // namespace parlor
