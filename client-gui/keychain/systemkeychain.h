// SPDX-License-Identifier: MIT
#pragma once

#include "client-gui/keychain/keychain.h"

namespace parlor::gui {

/// The desktop's: the Secret Service (GNOME Keyring, KeePassXC), or KWallet. The desktop may ask the person
/// to unlock it.
class SystemKeychain final : public Keychain
{
public:
    /// `service`: the name under which the desktop shows what is kept.
    explicit SystemKeychain(QString service = QStringLiteral("Parlor"));

    void read(const QString &key, QObject *context, std::function<void(const Found &)> done) override;
    void write(const QString &key, const QString &secret, QObject *context,
               std::function<void(const QString &)> done) override;
    void erase(const QString &key, QObject *context, std::function<void(const QString &)> done) override;

private:
    QString m_service;
};

} // namespace parlor::gui
