// SPDX-License-Identifier: MIT
#pragma once

#include "server/auth/authenticator.h"
#include "server/auth/keyring.h"
#include "server/ops/options.h"
#include "shared/protocol/result.h"

#include <QObject>

#include <memory>
#include <string>

namespace parlor {

/// What --auth says, put together: the keys, and who checks with them. Main thread.
class Authentication final : public QObject
{
    Q_OBJECT
public:
    /// Null with --auth open. The keys of a file are read, or begin to be fetched.
    [[nodiscard]] static Result<std::unique_ptr<Authentication>> make(const Options &options);

    /// Any thread may ask it, as long as this is there.
    [[nodiscard]] Authenticator &authenticator() { return *m_authenticator; }
    /// Reads or fetches the keys anew; where that fails the old ones stay. What is said is for people.
    [[nodiscard]] Result<std::string> reload() { return m_keys.reload(); }
    /// What reload() would say, as far as that can be known without fetching.
    [[nodiscard]] Result<std::string> tryReload() const { return m_keys.tryReload(); }
    /// False: no key has come yet, and every token would be put off. Any thread.
    [[nodiscard]] bool canCheck() const { return m_keys.canCheck(); }

Q_SIGNALS:
    /// Whoever was told KeyAwaited has to ask again.
    void keysRefreshed();

private:
    explicit Authentication(const Options &options);

    KeyRing m_keys;
    std::unique_ptr<Authenticator> m_authenticator;
};

} // namespace parlor
