// SPDX-License-Identifier: MIT
#pragma once

#include "client-gui/models/messagemodel.h"
#include "shared/client/chatclient.h"

#include <QHash>
#include <QObject>

#include <functional>

class QTimer;

namespace parlor::gui {

/// Messages that the person deletes: each waits a few seconds for a change of mind before the server is
/// asked. Owned by ChatController.
class Deletions : public QObject
{
    Q_OBJECT
public:
    using Models = std::function<MessageModel *(const QString &room)>; ///< null: not shown

    /// The client must outlive it.
    Deletions(ChatClient &client, Models messages, QObject *parent = nullptr);

    /// How long it waits.
    void setPatience(std::chrono::milliseconds patience) { m_patience = patience; }
    /// The row with this key goes. Nothing, if it may not.
    void begin(const QString &room, quint64 key);
    /// The person keeps it after all.
    void undo(const QString &room, quint64 key);
    /// Asks the server for all that waits: the connection is about to end.
    void flush();

Q_SIGNALS:
    /// The message stays; `text` says why.
    void refused(const QString &text);

private:
    struct Waiting
    {
        QString room;
        MessageModel::Place place;
        QTimer *timer = nullptr; ///< our child
    };
    void send(const QString &id);
    void onRefused(const QString &room, const QString &id, const Refusal &refusal);

    ChatClient &m_client;
    Models m_messages;
    std::chrono::milliseconds m_patience;
    QHash<QString, Waiting> m_waiting; ///< by id of the message
};

} // namespace parlor::gui
