// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/chattypes.h"
#include "shared/client/clientoptions.h"

#include <QHash>
#include <QObject>
#include <QTimer>

#include <map>

namespace parlor {

enum class TypingState { Off, On };

/// Who writes at the moment, here and elsewhere. Lives in its client's thread.
class TypingTracker : public QObject
{
    Q_OBJECT
public:
    explicit TypingTracker(const ClientOptions &options, QObject *parent = nullptr);

    /// Whether the server should be told; it is told of `On` once in a while only, of `Off` only after an
    /// `On`.
    [[nodiscard]] bool shouldTell(const QString &room, TypingState now);
    void heard(const QString &room, const RoomMember &member, TypingState now);
    void forgetRoom(const QString &room);
    void connectionLost();

Q_SIGNALS:
    /// Off comes too when somebody stops without saying so.
    void typingChanged(const QString &room, const parlor::RoomMember &member, parlor::TypingState now);

private:
    struct Writer
    {
        RoomMember member;
        std::chrono::milliseconds until{};
    };
    void expire();
    void arm();

    Clock m_clock;
    std::chrono::milliseconds m_interval;
    std::chrono::milliseconds m_expiry;
    QTimer m_timer;
    std::map<std::pair<QString, QString>, Writer> m_writers; ///< by room and session
    QHash<QString, qint64> m_toldAt;                         ///< of our own `On`, by room
};

} // namespace parlor
