// SPDX-License-Identifier: MIT
#pragma once

#include "client-gui/models/messagemodel.h"

namespace parlor::gui::test {

/// Makes what a room says, in order: each message has the next place and comes a while after the one before.
class RoomScript
{
public:
    /// `start`: local time of the first message.
    explicit RoomScript(const QDateTime &start = QDateTime(QDate(2026, 11, 24), QTime(10, 0)))
        : m_time(start)
    {
    }

    RoomScript &at(const QDateTime &time);
    RoomScript &after(std::chrono::seconds pause);
    [[nodiscard]] ChatMessage says(const QString &name, const QString &text);
    /// `count` messages of several people, some of them longer than a line.
    [[nodiscard]] QList<ChatMessage> chatter(int count);

    [[nodiscard]] OutboxEntry writes(const QString &cid, const QString &text,
                                     OutboxState state = OutboxState::Queued,
                                     const QString &problem = {}) const;
    /// The server has it: as the message that comes next.
    [[nodiscard]] PublishReceipt accepts(const OutboxEntry &entry);

    [[nodiscard]] static SessionInfo self(const QString &name);

private:
    QDateTime m_time;
    quint64 m_seq = 0;
};

/// What the history answers.
[[nodiscard]] HistoryPage pageOf(const QList<ChatMessage> &messages,
                                 std::optional<quint64> before = std::nullopt, bool more = true);

} // namespace parlor::gui::test
