// SPDX-License-Identifier: MIT
#pragma once

#include "server/auth/verificationkey.h"

#include <string>
#include <string_view>
#include <vector>

namespace parlor {

/// The keys that tokens may be signed with. Immutable once it is shared; any thread.
class KeySet
{
public:
    /// A JWKS (RFC 7517 §5) of at most 100 keys. Keys for encryption, and those of kinds that are not known
    /// here, are left out; one with none left is an error.
    [[nodiscard]] static Result<KeySet> fromJwks(std::string_view json);
    [[nodiscard]] static KeySet of(VerificationKey key);

    /// Whether a token that names this key finds one. Any key does for one that names none.
    [[nodiscard]] bool has(std::optional<std::string_view> kid) const;
    /// The one key for a token with this kid and algorithm. The error says why there is none.
    [[nodiscard]] Result<VerificationKey> find(std::optional<std::string_view> kid,
                                               std::string_view algorithm) const;
    /// With one more key. Where there are `most` already, the oldest goes.
    [[nodiscard]] KeySet with(VerificationKey key, std::size_t most) const;

    /// For people: `2 keys: rsa, ec (left out: enc, it is not for signatures)`.
    [[nodiscard]] std::string text() const;

private:
    std::vector<VerificationKey> m_keys;
    std::string m_leftOut; ///< for people
};

} // namespace parlor
