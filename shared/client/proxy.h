// SPDX-License-Identifier: MIT
#pragma once

#include "shared/protocol/result.h"

#include <QNetworkProxy>
#include <QProcessEnvironment>
#include <QUrl>

namespace parlor {

/// How a client gets out of its network.
struct Proxy
{
    QNetworkProxy address{QNetworkProxy::NoProxy}; ///< of the type NoProxy, HttpProxy or Socks5Proxy
    QString source;                                ///< for people: who says so, as "http_proxy"

    [[nodiscard]] bool isUsed() const { return address.type() != QNetworkProxy::NoProxy; }
    /// As an address has it.
    [[nodiscard]] QString hostAndPort() const;
    /// `host:port (source)` for people, without user and password.
    [[nodiscard]] QString text() const;
};

/// The proxy for a ws:// or wss:// address, by curl's rules: `http_proxy` for ws, `https_proxy` for wss, else
/// `all_proxy`; the upper-case names too, HTTP_PROXY excepted; none where `no_proxy` names the host. Where no
/// variable says anything, the desktop's settings do. Fails where a variable names no proxy that we can use.
[[nodiscard]] Result<Proxy>
proxyFor(const QUrl &url, const QProcessEnvironment &environment = QProcessEnvironment::systemEnvironment());

} // namespace parlor
