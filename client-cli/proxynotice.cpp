// SPDX-License-Identifier: MIT
#include "client-cli/proxynotice.h"

#include "client-cli/chat/standardoutput.h"
#include "shared/client/proxy.h"

namespace parlor::cli {

void tellOfProxy(const QUrl &url)
{
    if (const auto proxy = proxyFor(url); proxy && proxy->isUsed())
        writeStatusLine(QStringLiteral("parlor-cli: connecting through the proxy %1").arg(proxy->text()));
}

void tellOfUnusedProxy(const QUrl &url)
{
    if (const auto proxy = proxyFor(url); proxy && proxy->isUsed())
        writeStatusLine(
            QStringLiteral("parlor-cli: load connects directly, without the proxy %1").arg(proxy->text()));
}

} // namespace parlor::cli
