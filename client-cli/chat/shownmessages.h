// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/chattypes.h"

#include <QHash>
#include <QList>

#include <optional>

namespace parlor::cli {

/// The newest messages of each room that the person has seen, without what they say: which one is meant by
/// "the last of Bob", and whose it was that is deleted now. Owned by InteractiveChat.
class ShownMessages
{
public:
    static constexpr qsizetype kPerRoom = 500;

    struct Shown
    {
        quint64 seq = 0;
        QString id;
        QString user;
        QString username;
        QString timestamp;
        bool operator==(const Shown &) const = default;
    };

    void add(const ChatMessage &message);
    void forget(const QString &room) { m_rooms.remove(room); }
    /// Takes out the one that is deleted; nullopt: it was not shown, or is deleted already.
    std::optional<Shown> remove(const QString &room, const QString &id);
    /// The last one of this user that is not deleted.
    [[nodiscard]] std::optional<Shown> last(const QString &room, const QString &user) const;
    [[nodiscard]] QList<Shown> of(const QString &room) const { return m_rooms.value(room); }

private:
    QHash<QString, QList<Shown>> m_rooms; ///< oldest first
};

} // namespace parlor::cli
