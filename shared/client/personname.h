// SPDX-License-Identifier: MIT
#pragma once

#include <QSet>
#include <QString>

namespace parlor {

/// The server gave this name, which is the id of a session, to somebody who gave none.
[[nodiscard]] bool isGuest(const QString &username);

/// A person's name as clients show it. A guest becomes "Guest 7F3K", by the end of the id, which is random.
[[nodiscard]] QString personName(const QString &username);

/// What a person's colour is made of: where there are accounts who is behind the session, else the name as it
/// is shown, so that somebody who comes back in another session has the same colour. `namesakes`: names that
/// several of those who are present have; theirs comes from the id, so that nobody looks like another.
[[nodiscard]] QString hueKey(const QString &session, const QString &user, const QString &username,
                             const QSet<QString> &namesakes);

} // namespace parlor
