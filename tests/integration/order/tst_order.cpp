// SPDX-License-Identifier: MIT
// Many clients on four workers who talk, come, go and lose their connections at random: everybody's log of a
// room is one sequence without a hole or a repeat.
#include "tests/integration/order/orderclient.h"
#include "tests/support/problem.h"
#include "tests/support/serverprocess.h"
#include "tests/support/testclass.h"

#include <QCoreApplication>
#include <QTest>

#include <algorithm>
#include <numeric>
#include <random>

using namespace parlor;

class OrderTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void oneSequenceForEverybody_data();
    void oneSequenceForEverybody();
};

void OrderTest::oneSequenceForEverybody_data()
{
    QTest::addColumn<unsigned>("seed");
    for (unsigned seed = 1; seed <= 4; ++seed)
        QTest::addRow("seed %u", seed) << seed;
}

void OrderTest::oneSequenceForEverybody()
{
    QFETCH(const unsigned, seed);
    constexpr int kClients = 32;
    constexpr int kSteps = 3000;
    constexpr std::size_t kHeard = 3000;
    const std::vector<std::string> rooms{"general", "random", "lobby"};

    test::ServerProcess server(
        {.program = QStringLiteral("parlor-server"),
         .arguments = {QStringLiteral("--workers"), QStringLiteral("4"), QStringLiteral("--rate"),
                       QStringLiteral("0"), QStringLiteral("--inbound-rate"), QStringLiteral("0"),
                       // A slow machine's clients are not to be cut: they would wait for answers for ever.
                       QStringLiteral("--ping"), QStringLiteral("0"), QStringLiteral("--stall-timeout"),
                       QStringLiteral("0"), QStringLiteral("--queue-limit"), QStringLiteral("0")}});
    PARLOR_EXPECT(server.start());
    const QUrl url(QStringLiteral("ws://127.0.0.1:%1/ws").arg(server.port()));
    SharedLog log;
    std::vector<std::unique_ptr<OrderClient>> clients;
    for (int i = 0; i < kClients; ++i) {
        clients.push_back(std::make_unique<OrderClient>("c" + std::to_string(i), i % 4 != 0, url, log));
        clients.back()->connectNow();
    }
    const auto allConnected = [&clients] {
        return std::all_of(clients.begin(), clients.end(), [](const auto &c) { return c->isConnected(); });
    };
    QTRY_VERIFY_WITH_TIMEOUT(allConnected(), 20'000);

    std::mt19937 random(seed);
    const auto below = [&random](std::size_t n) {
        return std::uniform_int_distribution<std::size_t>(0, n - 1)(random);
    };
    const auto heardByAll = [&clients] {
        return std::accumulate(clients.begin(), clients.end(), std::size_t{0},
                               [](std::size_t n, const auto &c) { return n + c->heard(); });
    };
    // On a slow machine many steps meet a client that is still connecting: go on until enough was said.
    for (int step = 0; (step < kSteps || heardByAll() < kHeard) && step < 50 * kSteps && log.mistakes.empty();
         ++step) {
        OrderClient &client = *clients[below(clients.size())];
        const std::string &room = rooms[below(rooms.size())];
        const std::size_t action = below(20);
        if (!client.isConnected()) {
            if (action < 4 && !client.isConnecting())
                client.connectNow();
        } else if (action == 0) {
            client.drop();
        } else if (action <= 3) {
            client.join(room);
        } else if (action == 4 && client.isV2() && client.isIn(room)) {
            client.leave(room);
        } else if (client.isIn(room)) {
            client.say(room);
        }
        if (step % 3 == 0)
            QCoreApplication::processEvents();
    }

    // Everybody comes back to everywhere, and hears the last word.
    for (const auto &client : clients) {
        if (!client->isConnected() && !client->isConnecting())
            client->connectNow();
    }
    QTRY_VERIFY_WITH_TIMEOUT(allConnected(), 20'000);
    for (const auto &client : clients) {
        for (const std::string &room : rooms) {
            if (client->isV2() || room == rooms.front())
                client->join(room);
        }
    }
    const auto quiet = [&clients] {
        return std::all_of(clients.begin(), clients.end(), [](const auto &c) { return c->isSettled(); });
    };
    const auto unsettled = [&clients] {
        QStringList names;
        for (const auto &client : clients) {
            if (!client->isSettled())
                names.append(client->state());
        }
        return names.join(QStringLiteral("; "));
    };
    QTRY_VERIFY2_WITH_TIMEOUT(quiet(), qPrintable(unsettled()), 30'000);
    for (const std::string &room : rooms)
        clients[1]->say(room);
    QTRY_VERIFY2_WITH_TIMEOUT(quiet(), qPrintable(unsettled()), 30'000);
    for (const std::string &room : rooms) {
        const std::uint64_t top = log.ids[room].rbegin()->first;
        for (const auto &client : clients) {
            if (client->isV2() || room == rooms.front())
                QTRY_COMPARE_WITH_TIMEOUT(client->seen(room), top, 30'000);
        }
    }

    for (const std::string &mistake : log.mistakes)
        qWarning("%s", mistake.c_str());
    QVERIFY2(log.mistakes.empty(), "see the warnings");
    QVERIFY2(heardByAll() >= kHeard, "the test said too little");
    clients.clear();
    PARLOR_EXPECT(server.stop());
}

PARLOR_TEST_WITHIN(QCoreApplication, OrderTest)
#include "tst_order.moc"
