// SPDX-License-Identifier: MIT
#include "shared/client/memoryoutbox.h"
#include "shared/client/outboxsender.h"
#include "tests/support/testclass.h"

#include <QSignalSpy>
#include <QTest>

using namespace parlor;

class TestOutbox : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void keepsTheOrder();
    void updatesInPlace();
    void ignoresUnknownCids();
    void makesDistinctCids();
    void whatWasInFlightIsUnconfirmedAfterARestart();
    void discardsButWhatIsInFlight_data();
    void discardsButWhatIsInFlight();

private:
    static OutboxEntry entry(const char *cid, OutboxState state = OutboxState::Queued)
    {
        OutboxEntry entry;
        entry.cid = QString::fromUtf8(cid);
        entry.room = QStringLiteral("general");
        entry.text = QStringLiteral("hi");
        entry.state = state;
        return entry;
    }
};

/// An OutboxSender that is never connected.
struct OfflineSender
{
    explicit OfflineSender(Outbox &outbox)
        : sender(outbox, rooms, requests, pacer, options)
    {
    }
    ClientOptions options;
    RatePacer pacer{options.clock};
    Requests requests{pacer, [](const std::string &) { QFAIL("nothing may be sent"); }};
    RoomBook rooms{requests, options};
    OutboxSender sender;
};

void TestOutbox::keepsTheOrder()
{
    MemoryOutbox outbox;
    outbox.append(entry("b"));
    outbox.append(entry("a"));
    outbox.append(entry("c"));
    outbox.remove(QStringLiteral("a"));
    QCOMPARE(outbox.entries(), (QList<OutboxEntry>{entry("b"), entry("c")}));
}

void TestOutbox::updatesInPlace()
{
    MemoryOutbox outbox;
    outbox.append(entry("a"));
    outbox.append(entry("b"));
    outbox.update(entry("a", OutboxState::Failed));
    QCOMPARE(outbox.entries(), (QList<OutboxEntry>{entry("a", OutboxState::Failed), entry("b")}));
    QCOMPARE(outbox.find(QStringLiteral("a")), std::optional(entry("a", OutboxState::Failed)));
}

void TestOutbox::ignoresUnknownCids()
{
    MemoryOutbox outbox;
    outbox.update(entry("a"));
    outbox.remove(QStringLiteral("a"));
    QVERIFY(outbox.entries().isEmpty());
    QVERIFY(!outbox.find(QStringLiteral("a")));
}

void TestOutbox::makesDistinctCids()
{
    MemoryOutbox outbox;
    OfflineSender offline(outbox);
    QSet<QString> cids;
    for (int i = 0; i < 100; ++i)
        cids.insert(offline.sender.send(QStringLiteral("general"), QStringLiteral("hi")));
    QCOMPARE(cids.size(), 100);
    for (const QString &cid : cids)
        QVERIFY(cid.size() >= 1 && cid.size() <= 36);
    QCOMPARE(outbox.entries().size(), 100);
    QVERIFY(!offline.sender.isIdle());
}

void TestOutbox::whatWasInFlightIsUnconfirmedAfterARestart()
{
    MemoryOutbox outbox;
    outbox.append(entry("a", OutboxState::InFlight));
    outbox.append(entry("b"));
    const OfflineSender offline(outbox);
    QCOMPARE(outbox.find(QStringLiteral("a"))->state, OutboxState::Unconfirmed);
    QCOMPARE(outbox.find(QStringLiteral("b"))->state, OutboxState::Queued);
}

void TestOutbox::discardsButWhatIsInFlight_data()
{
    QTest::addColumn<int>("state");
    QTest::addColumn<bool>("gone");
    QTest::newRow("queued") << int(OutboxState::Queued) << true;
    QTest::newRow("in flight") << int(OutboxState::InFlight) << false;
    QTest::newRow("needs decision") << int(OutboxState::NeedsDecision) << true;
    QTest::newRow("failed") << int(OutboxState::Failed) << true;
}

void TestOutbox::discardsButWhatIsInFlight()
{
    QFETCH(int, state);
    QFETCH(bool, gone);
    MemoryOutbox outbox;
    OfflineSender offline(outbox);
    outbox.append(entry("a", static_cast<OutboxState>(state)));
    QSignalSpy discarded(&offline.sender, &OutboxSender::entryDiscarded);
    offline.sender.discard(QStringLiteral("a"));
    QCOMPARE(outbox.entries().isEmpty(), gone);
    QCOMPARE(discarded.size(), gone ? 1 : 0);
}

PARLOR_TEST_WITHIN(QCoreApplication, TestOutbox)
#include "tst_outbox.moc"
