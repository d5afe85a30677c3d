// SPDX-License-Identifier: MIT
#pragma once

#include "shared/protocol/result.h"

#include <QNetworkProxy>
#include <QProcessEnvironment>
#include <QUrl>

#include <optional>

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

/// The proxy for a ws:// or wss:// address that variables name, by curl's rules: `http_proxy` for ws,
/// `https_proxy` for wss, else `all_proxy`; the upper-case names too, HTTP_PROXY excepted; none where
/// `no_proxy` names the host. nullopt: they say nothing. Fails where one names no proxy that we can use.
[[nodiscard]] std::optional<Result<Proxy>>
proxyInVariables(const QUrl &url,
                 const QProcessEnvironment &environment = QProcessEnvironment::systemEnvironment());
/// The same; where variables say nothing, the desktop's settings do. Qt may start a thread to read these.
[[nodiscard]] Result<Proxy>
proxyFor(const QUrl &url, const QProcessEnvironment &environment = QProcessEnvironment::systemEnvironment());

} // namespace parlor
