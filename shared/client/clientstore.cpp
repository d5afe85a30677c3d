// SPDX-License-Identifier: MIT
#include "shared/client/clientstore.h"

namespace parlor {

Account accountOf(const QUrl &server, const QString &identity)
{
    return {server.toString(QUrl::RemoveQuery | QUrl::RemoveUserInfo), identity};
}

} // namespace parlor
