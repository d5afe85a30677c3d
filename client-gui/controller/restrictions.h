// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/chattypes.h"
#include "shared/client/clock.h"

#include <QHash>
#include <QObject>
#include <QTimer>

namespace parlor::gui {

/// Where the person cannot write for now, and why: as moderators want it. Owned by ChatController.
class Restrictions : public QObject
{
    Q_OBJECT
public:
    explicit Restrictions(const Clock &clock, QObject *parent = nullptr);

    void apply(const ModerationNotice &notice);
    /// Slow mode: the next message to this room goes after `wait`.
    void slowDown(const QString &room, std::chrono::milliseconds wait);
    /// Nothing is known of another session.
    void clear();

    /// Why nothing can be sent to the room now, for people; empty: it can.
    [[nodiscard]] QString text(const QString &room) const;

Q_SIGNALS:
    /// Of some room; each second while one is counted down.
    void changed();

private:
    struct Mute
    {
        std::optional<std::chrono::milliseconds> until{}; ///< since 1970
        QString reason;
    };
    void update();
    [[nodiscard]] bool isOver(const Mute &mute) const { return mute.until && *mute.until <= m_clock.wall(); }
    [[nodiscard]] QString textOf(const Mute &mute, const QString &room) const;

    Clock m_clock;
    QHash<QString, Mute> m_mutes;                     ///< by room; the empty one is all of them
    QHash<QString, std::chrono::milliseconds> m_slow; ///< by room: until when, on the steady clock
    QTimer m_tick;                                    ///< while one of them will end
};

} // namespace parlor::gui
