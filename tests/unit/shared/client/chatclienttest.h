// SPDX-License-Identifier: MIT
#pragma once

#include "scriptedserver.h"
#include "shared/client/chatclient.h"
#include "shared/client/memoryoutbox.h"

#include <QSignalSpy>
#include <QTest>

#include <memory>
#include <optional>

inline const QString kGeneral = QStringLiteral("general");

/// Its text is "text of " and the code.
[[nodiscard]] QJsonObject errorFrame(const QString &code, int retryMs = 0);

/// The client rules of docs/protocol.md section 6 are tested as transcripts: a client, against a server that
/// the test plays.
class ChatClientTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();

protected:
    void makeClient();
    void connectTo(ScriptedServer &server);
    /// Ready, and in general at seq 0.
    void enter(ScriptedServer &server);
    /// The same, where the server takes `rate` requests a second; m_steady is the clock.
    void enterWithRate(ScriptedServer &server, int rate, int burst);
    /// The server drops us; we are back and authenticated.
    void comeBack(ScriptedServer &server, bool resumed, const QString &clientId = QStringLiteral("me"));
    [[nodiscard]] QStringList texts() const;
    [[nodiscard]] std::optional<parlor::OutboxState> stateOf(const QString &cid) const;

    std::chrono::milliseconds m_wall{1'700'000'000'000};
    std::chrono::milliseconds m_steady{};
    parlor::ClientOptions m_options;
    std::unique_ptr<parlor::MemoryOutbox> m_outbox;
    std::unique_ptr<parlor::ChatClient> m_client;
    std::unique_ptr<QSignalSpy> m_messages;
    std::unique_ptr<QSignalSpy> m_acknowledged;
    std::unique_ptr<QSignalSpy> m_missing;
};
