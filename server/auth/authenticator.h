// SPDX-License-Identifier: MIT
#pragma once

#include "server/auth/grant.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace parlor {

/// Says who somebody is, by what they show. Thread-safe: sessions of all workers ask.
class Authenticator
{
public:
    /// Why it is refused, for people: what is wrong, and what to do.
    struct Refused
    {
        std::string why;
        bool isExpired = false;
        /// It could not be checked, for want of keys, and may be valid: worth another try then.
        std::optional<std::chrono::milliseconds> retryAfter{};
    };
    /// It names a key that is not here. The keys are being fetched: ask again once they have come, or once
    /// that has failed (see KeysRefreshed). Asked then, it is not said again for the same key.
    struct KeyAwaited
    {
    };
    using Verdict = std::variant<Grant, Refused, KeyAwaited>;

    virtual ~Authenticator() = default;
    /// A JWT (RFC 7519), or what a load balancer says of the person. `now`: since 1970.
    [[nodiscard]] virtual Verdict check(std::string_view token, std::chrono::milliseconds now) = 0;
    /// The least role of this user, whatever they show.
    [[nodiscard]] virtual Role appointed(std::string_view /*user*/) const { return Role::Member; }
    /// Whether a client may connect first and send its token then.
    [[nodiscard]] virtual bool mayComeLater() const { return true; }
    /// What is said to whoever connects without one.
    [[nodiscard]] virtual std::string missing() const
    {
        return "this server needs a token: send it as Authorization: Bearer";
    }
};

} // namespace parlor
