// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/chat/chatoptions.h"
#include "client-cli/chat/commandparser.h"
#include "client-cli/chat/console.h"
#include "client-cli/chat/moderationlines.h"
#include "client-cli/chat/shownmessages.h"
#include "client-cli/chat/statusreporter.h"
#include "client-cli/chat/terminaltext.h"
#include "shared/client/recorder.h"

#include <QObject>
#include <QTimer>

namespace parlor::cli {

/// A person at a terminal. Lives in the main thread.
class InteractiveChat : public QObject
{
    Q_OBJECT
public:
    /// Client, recorder and console outlive the chat.
    InteractiveChat(ChatClient &client, Recorder &recorder, Console &console, const ChatOptions &options,
                    QObject *parent = nullptr);

    void start();
    /// The person wants to go; is told first if messages would be lost, and then has to want it again.
    void leave();
    /// A signal that ends the program.
    void terminate(int signal);
    void windowResized() { m_console.windowResized(); }
    void suspend() { m_console.suspend(); }
    void takeTerminalAgain() { m_console.takeTerminalAgain(); }

Q_SIGNALS:
    void finished(int exitCode);

private:
    void warnOfUnsent();
    void tellOfUnsent();
    /// Takes leave of the server; a second time does not wait for it.
    void quit();
    void onLine(const QString &line);
    void onState(const ConnectionState &state);
    void onMessage(const ChatMessage &message, MessageSource source);
    void onDeleted(const MessageDeletion &deletion);
    void onFrame(const QByteArray &utf8);

    void run(const command::Nothing &) {}
    void run(const command::Say &say);
    void run(const command::Join &join);
    void run(const command::Leave &leave);
    void run(const command::Who &who);
    void run(const command::Rooms &rooms);
    void run(const command::Nick &nick);
    void run(const command::Ping &);
    void run(const command::Connect &);
    void run(const command::Raw &raw);
    void run(const command::ListOutbox &);
    void run(const command::Resend &resend);
    void run(const command::Discard &discard);
    void run(const command::Delete &order);
    void run(const command::Moderate &order);
    void run(const command::Help &);
    void run(const command::Quit &);
    void run(const command::Wrong &wrong);

    void drop(const OutboxEntry &entry);
    /// Who is in the room, and whose messages are shown.
    [[nodiscard]] QList<KnownPerson> people(const QString &room);
    /// Cids of messages that wait for a decision: the one with this number, or all.
    [[nodiscard]] QStringList undecided(std::optional<int> number);
    /// Shows what is kept of it, and joins it where that ends.
    void join(const QString &room);
    void goTo(const QString &room);
    void updatePrompt();
    void status(const QString &text);
    void status(const QStringList &lines);

    ChatClient &m_client;
    Recorder &m_recorder;
    Console &m_console;
    ChatOptions m_options;
    Palette m_palette;
    StatusReporter m_reporter;
    ShownMessages m_shown;
    QString m_room; ///< where what is typed goes; empty: nowhere
    bool m_pingAsked = false;
    bool m_rawAsked = false;
    bool m_warnedOfOutbox = false;
    bool m_quitting = false;
    QTimer m_leaving; ///< while the last answers are waited for
    int m_exitCode = 0;
};

} // namespace parlor::cli
