// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/wire/websocketclient.h"
#include "tests/support/wire.h"
#include "tests/unit/client-cli/load/loopbackserver.h"

#include <QDeadlineTimer>
#include <QTest>

#include <optional>
#include <string>
#include <vector>

namespace parlor::cli::load::test {

/// What clients of a thread share.
struct ClientLoop
{
    Poller poller{32};
    RunClock clock;
    Random random{1};
    std::vector<char> buffer = std::vector<char>(64 * 1024);
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    ConnectionParts parts{poller, clock, random, buffer, sent, received};

    /// False: `holds` did not come to hold.
    template <typename Predicate>
    [[nodiscard]] bool until(Predicate holds)
    {
        const QDeadlineTimer deadline(kPatience);
        while (!holds()) {
            if (deadline.hasExpired() || poller.wait(std::chrono::milliseconds(20)) < 0)
                return false;
        }
        return true;
    }
};

/// Keeps what it hears.
class TestClient final : private ConnectionListener
{
public:
    explicit TestClient(ClientLoop &loop)
        : connection(loop.parts, *this)
    {
    }
    WebSocketClient connection;
    bool isTcpConnected = false;
    bool isSecured = false;
    bool isConnected = false;
    std::vector<std::string> texts;
    std::size_t textCount = 0;
    bool keepsTexts = true;
    std::optional<ConnectionEnd> end;

private:
    void onTcpConnected() override { isTcpConnected = true; }
    void onSecured() override { isSecured = true; }
    void onConnected() override { isConnected = true; }
    void onText(std::string_view text, Offset) override
    {
        ++textCount;
        if (keepsTexts)
            texts.emplace_back(text);
    }
    void onEnded(const ConnectionEnd &how) override { end = how; }
};

inline Target plainTarget()
{
    Target target;
    target.host = "localhost";
    target.authority = "localhost";
    return target;
}

/// Of a server with the test certificate.
inline Target trustingTarget()
{
    Target target = plainTarget();
    target.isTls = true;
    target.caFile = parlor::test::TestCertificate::certificate().toStdString();
    auto context = TlsContext::make({.caFile = target.caFile});
    if (context)
        target.tls = *std::move(context);
    return target;
}

inline void addWires()
{
    QTest::addColumn<bool>("isTls");
    QTest::newRow("TCP") << false;
    QTest::newRow("TLS") << true;
}

} // namespace parlor::cli::load::test
