// SPDX-License-Identifier: MIT
#include "client-cli/networknotice.h"

#include "client-cli/chat/standardoutput.h"
#include "shared/client/linkfailure.h"
#include "shared/client/proxy.h"
#include "shared/client/serverurl.h"

namespace parlor::cli {

void tellOfProxy(const QUrl &url)
{
    if (const auto proxy = proxyFor(url); proxy && proxy->isUsed())
        writeStatusLine(QStringLiteral("parlor-cli: connecting through the proxy %1").arg(proxy->text()));
}

void warnOfReadableToken(const QUrl &url)
{
    if (url.scheme() == QLatin1String("ws") && !isLoopback(url))
        writeStatusLine(
            QStringLiteral(
                "parlor-cli: the token goes to %1 unencrypted, and whoever reads it on the way can "
                "sign in with it; use wss:// where the network is not yours alone")
                .arg(displayHost(url)));
}

void tellOfUnusedProxy(const QUrl &url)
{
    // Not the desktop's: Qt would start a thread to ask for it, and the run forks later.
    if (const auto proxy = proxyInVariables(url); proxy && *proxy && (*proxy)->isUsed())
        writeStatusLine(
            QStringLiteral("parlor-cli: load connects directly, without the proxy %1").arg((*proxy)->text()));
}

} // namespace parlor::cli
