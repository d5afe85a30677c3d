// SPDX-License-Identifier: MIT
#pragma once

#include <QString>

#include <functional>

class QObject;

namespace parlor::gui {

/// Where a secret outlives the program. One thread; every call answers once, later, unless `context` ends
/// before.
class Keychain
{
public:
    struct Found
    {
        QString secret{};  ///< empty: it has none under this key
        QString problem{}; ///< why it cannot be used, for people; empty: it can
    };

    virtual ~Keychain() = default;
    virtual void read(const QString &key, QObject *context, std::function<void(const Found &)> done) = 0;
    /// `done` gets why the secret is not kept; empty: it is.
    virtual void write(const QString &key, const QString &secret, QObject *context,
                       std::function<void(const QString &problem)> done) = 0;
    /// `done` gets why the secret may still be there; empty: it is gone.
    virtual void erase(const QString &key, QObject *context,
                       std::function<void(const QString &problem)> done) = 0;
};

} // namespace parlor::gui
