// SPDX-License-Identifier: MIT
#pragma once

#include "server/chat/chatlimits.h"
#include "server/ops/options.h"
#include "server/worker/admission.h"
#include "server/worker/connectionlimits.h"

#include <cstdint>

namespace parlor {

// What options mean to those who hold the limits. `descriptors`: how many may be open; 0: unknown.

[[nodiscard]] ChatLimits chatLimits(const Options &options);
[[nodiscard]] ConnectionLimits connectionLimits(const Options &options, std::uint64_t descriptors);
[[nodiscard]] AdmissionLimits admissionLimits(const Options &options, std::uint64_t descriptors);

} // namespace parlor
