// SPDX-License-Identifier: MIT
#pragma once

#include "server/auth/authenticator.h"
#include "server/auth/compacttoken.h"
#include "server/auth/keyset.h"
#include "shared/protocol/result.h"

#include <functional>
#include <string_view>

namespace parlor {

[[nodiscard]] Authenticator::Refused refusal(const Error &error);
/// Its key may be known then.
[[nodiscard]] Authenticator::Refused unchecked(std::chrono::milliseconds retryAfter);

/// Checks the signature of `token`, of which `read` is the head, and has its claims judged.
[[nodiscard]] Authenticator::Verdict verdict(const KeySet &keys, const CompactToken &read,
                                             std::string_view token,
                                             const std::function<Result<Grant>(StrictObject &claims)> &judge);

} // namespace parlor
