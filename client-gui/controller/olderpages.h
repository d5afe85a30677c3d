// SPDX-License-Identifier: MIT
#pragma once

#include "client-gui/models/messagemodel.h"
#include "shared/client/chatclient.h"

#include <QHash>

#include <functional>

namespace parlor::gui {

/// Asks the server for what a room's model does not have: messages older than its first row, and those that
/// are missing above a row. One question a room at a time. Owned by JoinedRooms.
class OlderPages : public QObject
{
    Q_OBJECT
public:
    /// `messages` finds a room's model; null: it is not known.
    using Models = std::function<MessageModel *(const QString &room)>;
    OlderPages(ChatClient &client, Models messages, QObject *parent = nullptr);

    /// Asks for the messages before the first row.
    void wantOlder(const QString &room);
    /// Asks for the messages that are missing above the row with this key.
    void wantGap(const QString &room, quint64 key);

    /// From JoinedRooms: what happens to rooms and connection.
    void roomReady(const QString &room);
    void roomOpened(const QString &room) { m_open = room; }
    void forget(const QString &room) { m_wants.remove(room); }
    void connectionLost();
    /// True if the refusal that comes next is not to be shown, since the page is asked for again by itself.
    [[nodiscard]] bool takesRefusal() { return std::exchange(m_quietRefusal, false); }

Q_SIGNALS:
    /// The page is in the room's model.
    void brought(const QString &room, const parlor::HistoryPage &page);

private:
    struct Want
    {
        std::optional<quint64> gap; ///< key of the row below it; nullopt: before the first row
        bool asked = false;         ///< and no answer came yet
    };
    void ask(const QString &room);
    void answered(const QString &room, const HistoryPage &page);
    void refused(const QString &room, const Refusal &refusal);

    ChatClient &m_client;
    Models m_messages;
    QHash<QString, Want> m_wants;
    QString m_open;
    bool m_quietRefusal = false;
};

} // namespace parlor::gui
