// SPDX-License-Identifier: MIT
#include "shared/client/chattypes.h"

namespace parlor {

QString composedName(const QString &user, const QString &cid)
{
    return cid.isEmpty() ? QString() : user + u'\n' + cid;
}

bool MissingMessages::beginsAnew() const
{
    using enum frame::SyncReason;
    return reason == Epoch || reason == Ahead || reason == Diverged;
}

} // namespace parlor
