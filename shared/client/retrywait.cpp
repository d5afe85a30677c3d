// SPDX-License-Identifier: MIT
#include "shared/client/retrywait.h"

#include <algorithm>

namespace parlor {

namespace {

constexpr Backoff::Bounds kLeast{
    .first = std::chrono::milliseconds(100),
    .cap = std::chrono::milliseconds(10'000),
    .leastShare = 0.5,
};

} // namespace

RetryWait::RetryWait(const ClientOptions &options)
    : m_least(kLeast, options.random)
    , m_withoutAdvice(options.retryWithoutAdvice)
{
}

std::chrono::milliseconds RetryWait::after(const Refusal &refusal)
{
    const auto advised = std::min(refusal.retryAfter.value_or(m_withoutAdvice), kLongestWait);
    return std::max(m_least.next(), advised);
}

} // namespace parlor
