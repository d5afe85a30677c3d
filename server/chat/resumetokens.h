// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/engine.h"

#include <QByteArray>

#include <optional>
#include <string>
#include <string_view>

namespace parlor {

/// Makes and verifies the tokens with which a session comes back (docs/protocol.md section 6): an
/// HMAC-SHA-256 (RFC 2104) over user, client id, username, key id and time of issue. Whoever knows the secret
/// can verify them. Const functions are thread-safe.
class ResumeTokens
{
public:
    ResumeTokens(std::string_view secret, WallClock clock);

    [[nodiscard]] std::string issue(const Identity &identity) const;
    /// Whose token it is; nullopt if it is forged, damaged, expired, or of another secret.
    [[nodiscard]] std::optional<Identity> verify(std::string_view token) const;

private:
    [[nodiscard]] QByteArray sign(const QByteArray &payload) const;

    QByteArray m_secret;
    QByteArray m_keyId;
    WallClock m_clock;
};

} // namespace parlor
