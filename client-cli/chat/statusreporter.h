// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/chatclient.h"
#include "shared/client/clientstore.h"

#include <QHash>
#include <QObject>
#include <QTimer>

#include <functional>

namespace parlor::cli {

/// Says in words what happens to the connection, the rooms and the messages under way. Both kinds of chat use
/// it; it decides nothing. Its lines are harmless for a terminal.
class StatusReporter : public QObject
{
    Q_OBJECT
public:
    /// Both outlive the reporter. `quietLoss`: nothing is said of a loss of the connection that is over so
    /// soon.
    StatusReporter(ChatClient &client, std::function<void(const QString &)> sink,
                   std::chrono::milliseconds quietLoss = {}, QObject *parent = nullptr);

    /// The number by which people name a message, as long as the program runs.
    [[nodiscard]] int numberOf(const QString &cid);
    [[nodiscard]] QString cidOf(int number) const;
    /// Number, text and room.
    [[nodiscard]] QString name(const OutboxEntry &entry);
    /// The same, and what became of it.
    [[nodiscard]] QString describe(const OutboxEntry &entry);
    /// What an earlier run left unsent, under this name and under others.
    void tellOfOutbox(const QList<UnsentElsewhere> &elsewhere, const QUrl &server);
    enum class Fate { Kept, CannotBeKept, Dropped };
    /// At the end: what is in the outbox, and what becomes of it; `file`: that it is kept in.
    void tellOfUnsent(Fate fate, const QString &file);
    void tellOfMissing(const QString &room, const MissingMessages &missing);
    /// The connection was lost, and nothing is said of it yet.
    [[nodiscard]] bool isQuiet() const { return m_quiet.isActive(); }

Q_SIGNALS:
    /// isQuiet() is over, and the connection is not back.
    void lossTold();

private:
    void tellOfStuck(qsizetype count, qsizetype perhapsThere, Fate fate, const QString &file);
    void onState(const ConnectionState &state);
    void onEnded(const CloseInfo &info);
    void onEntry(const OutboxEntry &entry);
    void onModerated(const ModerationNotice &notice);
    void say(const QString &text);
    /// At once, or when the loss has lasted.
    void sayOfLoss(const QString &text);
    void tellOfLoss();

    ChatClient &m_client;
    std::function<void(const QString &)> m_sink;
    QStringList m_numbered; ///< cids
    QHash<QString, OutboxState> m_lastState;
    QSet<QString> m_joinedBefore;
    QTimer m_quiet;           ///< from the loss of a connection on
    QStringList m_ofLoss;     ///< what was not said since
    QString m_renewalProblem; ///< that was said; it is met again every few seconds
    bool m_wasQuiet = false;  ///< the present connection came before anything was said of the last one's loss
    bool m_dropsAll = false;  ///< the program ends, and keeps nothing
};

} // namespace parlor::cli
