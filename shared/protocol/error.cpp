// SPDX-License-Identifier: MIT
#include "shared/protocol/error.h"

#include <array>

namespace parlor {

namespace {

constexpr std::array<std::string_view, 18> kNames{
    "bad_request", "unknown_type",   "too_large",    "not_authenticated", "auth_invalid", "token_expired",
    "forbidden",   "banned",         "name_invalid", "name_taken",        "room_invalid", "room_unknown",
    "room_full",   "too_many_rooms", "not_in_room",  "rate_limited",      "unavailable",  "internal"};
static_assert(kNames.size() == static_cast<std::size_t>(ErrorCode::Internal) + 1);

} // namespace

std::string_view toString(ErrorCode code)
{
    return kNames[static_cast<std::size_t>(code)];
}

std::optional<ErrorCode> errorCodeFromString(std::string_view name)
{
    for (std::size_t i = 0; i < kNames.size(); ++i) {
        if (kNames[i] == name)
            return static_cast<ErrorCode>(i);
    }
    return std::nullopt;
}

bool isRetryable(ErrorCode code)
{
    return code == ErrorCode::RateLimited || code == ErrorCode::Unavailable || code == ErrorCode::Internal;
}

} // namespace parlor
