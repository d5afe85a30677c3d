// SPDX-License-Identifier: MIT
// Four workers' threads at one engine: every port hears one sequence, whoever publishes, comes and goes.
#include "tests/support/testclass.h"
#include "tests/unit/server/engine/engineprobe.h"

#include <QTest>

#include <random>
#include <thread>

using namespace parlor;

class TestEngineThreads : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void oneOrderForAllPorts();
    void roomsComeAndGo();
};

void TestEngineThreads::oneOrderForAllPorts()
{
    constexpr int kThreads = 4;
    const int kMessages = isFast() ? 2000 : 200;
    const auto engine = makeEngine();
    std::array<ProbePort, kThreads> ports;
    std::vector<std::unique_ptr<ProbeSession>> sessions;
    for (int i = 0; i < kThreads; ++i) {
        sessions.push_back(std::make_unique<ProbeSession>(*engine, ports[static_cast<std::size_t>(i)],
                                                          std::to_string(i).c_str()));
        sessions.back()->enter("x");
    }
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back([kMessages, &session = *sessions[static_cast<std::size_t>(i)]] {
            for (int k = 0; k < kMessages; ++k)
                session.publish("x", "m");
        });
    }
    for (std::thread &each : threads)
        each.join();
    for (ProbePort &port : ports) {
        int expected = 0;
        int answered = 0;
        int pending = 0;
        for (const std::string &line : port.take()) {
            if (line.starts_with("done ")) {
                ++answered;
                pending = std::stoi(line.substr(5));
            } else if (line.starts_with("published x ")) {
                QCOMPARE(line, "published x " + std::to_string(++expected));
                if (pending != 0)
                    QCOMPARE(pending, expected); // an answer comes just before its message
                pending = 0;
            }
        }
        QCOMPARE(expected, kThreads * kMessages);
        QCOMPARE(answered, kMessages);
    }
}

void TestEngineThreads::roomsComeAndGo()
{
    constexpr int kThreads = 4;
    const auto engine = makeEngine();
    std::array<ProbePort, kThreads> ports;
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back([&engine, &port = ports[static_cast<std::size_t>(i)], i] {
            std::mt19937 random(static_cast<unsigned>(i));
            ProbeSession session(*engine, port, std::to_string(i).c_str());
            for (int k = 0; k < (isFast() ? 3000 : 200); ++k) {
                const std::string room = "r" + std::to_string(random() % 3);
                session.enter(room.c_str());
                if (random() % 50 == 0)
                    session.publish(room.c_str(), "m");
                session.leave(room.c_str());
                (void)port.take();
            }
        });
    }
    for (std::thread &each : threads)
        each.join();
    QVERIFY(engine->roomCount() <= 6);
    ProbeSession last(*engine, ports[0], "last");
    for (const char *room : {"r0", "r1", "r2"}) {
        last.enter(room);
        const auto lines = ports[0].take();
        QVERIFY2(lines.size() == 1 && lines[0].find("members=1 ") != std::string::npos, lines[0].c_str());
    }
}

PARLOR_TEST_WITHIN(QCoreApplication, TestEngineThreads)
#include "tst_engine_threads.moc"
