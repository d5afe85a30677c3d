// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/chat/chatoptions.h"
#include "client-cli/chat/expectations.h"
#include "client-cli/chat/statusreporter.h"
#include "shared/client/recorder.h"

#include <QObject>
#include <QSocketNotifier>
#include <QTimer>

#include <memory>
#include <set>

namespace parlor::cli {

/// A script on stdin and stdout: a line is a message, the exit code is the verdict. Lives in the main thread.
class ScriptedChat : public QObject
{
    Q_OBJECT
public:
    /// The client outlives the chat.
    ScriptedChat(ChatClient &client, Recorder &recorder, const ChatOptions &options,
                 QObject *parent = nullptr);

    void start();
    /// Ends the script, for a signal. The second call does not wait for the server.
    void interrupt();

Q_SIGNALS:
    void finished(int exitCode);

private:
    void onRoomReady(const QString &room);
    void onRoomRefused(const QString &room);
    void onMessage(const ChatMessage &message);
    void onFrame(const QByteArray &utf8);
    void onEntry(const OutboxEntry &entry);
    void onState(const ConnectionState &state);
    void onTimeout();

    [[nodiscard]] QString unacknowledged() const;
    /// Says what is not sent or not acknowledged, when the script does not end well.
    void tellWhatIsLeft();
    void readInput();
    void takeLine(const QByteArray &line);
    void say(const QString &text);
    void sendRawFrames();
    void write(const QString &line);
    /// Something that was waited for has come: the time-out starts anew.
    void progress();
    void check();
    void end(int exitCode);
    [[nodiscard]] bool isInputHeld() const; ///< until some of what was read is acknowledged
    [[nodiscard]] bool isEverythingSent() const;

    ChatClient &m_client;
    Recorder &m_recorder;
    ChatOptions m_options;
    Expectations m_expectations;
    StatusReporter m_reporter;
    std::unique_ptr<QSocketNotifier> m_input;
    QByteArray m_partialLine;
    qint64 m_lineNumber = 1;  ///< of the partial one
    bool m_skipsLine = false; ///< up to its end: it is too long, and was taken already
    QTimer m_timeout;
    std::set<QString> m_roomsToCome;
    int m_rawUnanswered = 0;
    bool m_inputEnded = false;
    bool m_everReady = false;
    bool m_rawAsksWho = false;
    bool m_refused = false;
    std::optional<int> m_exitCode; ///< decided; the connection is closing
};

} // namespace parlor::cli
