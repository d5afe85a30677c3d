// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/clientstore.h"
#include "shared/protocol/result.h"

#include <QStringList>

#include <memory>

namespace parlor {

/// Where a person's programs keep what outlives them: $XDG_STATE_HOME/parlor, else ~/.local/state/parlor.
[[nodiscard]] QString stateFolder();

/// The store in this file, which is made if it is not there.
[[nodiscard]] Result<std::unique_ptr<ClientStore>> openStore(const QString &path);

struct OpenedStore
{
    std::unique_ptr<ClientStore> store; ///< never null
    QString problem;                    ///< why it is one in memory, for people; empty: it is not
    QStringList skipped{}; ///< files that cannot be used, and why; they may have something unsent
};
/// The first of NAME.db, NAME-2.db, … in the folder that is a store and that no other program has: several
/// can run at once, each with a session of its own. What programs that are gone left unsent in the others
/// comes along.
[[nodiscard]] OpenedStore openFreeStore(const QString &folder, const QString &name);

} // namespace parlor
