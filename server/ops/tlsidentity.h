// SPDX-License-Identifier: MIT
#pragma once

#include "shared/protocol/result.h"

#include <QSslConfiguration>

#include <string>
#include <vector>

namespace parlor {

/// What the server shows to TLS clients, and how it speaks with them.
struct TlsIdentity
{
    QSslConfiguration configuration;   ///< for server sockets; may be copied to any thread
    std::vector<std::string> warnings; ///< that do not keep it from working, for the log
};

/// Reads a certificate chain, the server's own certificate first, and its private key (RSA or EC without a
/// passphrase), both PEM. Whatever would make every handshake fail is an error that names the file. Needs a
/// QCoreApplication.
[[nodiscard]] Result<TlsIdentity> loadTlsIdentity(const std::string &certificateFile,
                                                  const std::string &keyFile);

} // namespace parlor
