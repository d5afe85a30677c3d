// SPDX-License-Identifier: MIT
// Nothing acknowledged is lost, nothing comes twice: through restarts and kill -9.
#include "tests/integration/store/storecase.h"
#include "tests/support/testclass.h"

#include <QJsonArray>

using namespace parlor::test;
using namespace Qt::StringLiterals;

class StoreRestartTest : public StoreCase
{
    Q_OBJECT
private Q_SLOTS:
    void acksSayDurable();
    void sessionsAndPositionsSurvive();
    void positionsThatCannotResume_data();
    void positionsThatCannotResume();
    void resendAfterAKill();
    void killedDuringCommits();
    void v1MessagesAreKept();
};

void StoreRestartTest::acksSayDurable()
{
    PARLOR_EXPECT(start());
    RawChat chat;
    PARLOR_EXPECT(chat.openAndJoin(server().port(), Dialect::V2, u"general"_s));
    QVERIFY(chat.send(messageFrame(u"general"_s, u"hi"_s, u"c1"_s)));
    const auto ack = chat.nextOf(u"ack"_s);
    QVERIFY2(ack, qPrintable(chat.why()));
    QVERIFY(ack->value("durable"_L1).toBool());
}

void StoreRestartTest::sessionsAndPositionsSurvive()
{
    PARLOR_EXPECT(start());
    QString token;
    QString id;
    QString epoch;
    QString quietEpoch;
    QString two;
    QString five;
    {
        RawChat chat;
        PARLOR_EXPECT(chat.open(server().port(), Dialect::V2));
        const auto ack = chat.authenticate({{u"username"_s, u"Ann"_s}});
        QVERIFY2(ack, qPrintable(chat.why()));
        token = ack->value("resume"_L1).toString();
        id = chat.clientId();
        QVERIFY(chat.send(joinFrame(u"quiet"_s)));
        auto sync = chat.nextOf(u"sync"_s);
        QVERIFY2(sync, qPrintable(chat.why()));
        quietEpoch = sync->value("epoch"_L1).toString();
        QVERIFY(chat.send(joinFrame(u"general"_s)));
        sync = chat.nextOf(u"sync"_s);
        QVERIFY2(sync, qPrintable(chat.why()));
        epoch = sync->value("epoch"_L1).toString();
        for (int i = 0; i < 5; ++i)
            PARLOR_EXPECT(chat.chats(u"general"_s, u"hi"_s));
        two = idAt(chat, u"general"_s, 2);
        five = idAt(chat, u"general"_s, 5);
    }
    PARLOR_EXPECT(server().stop());
    PARLOR_EXPECT(start());
    RawChat chat;
    PARLOR_EXPECT(chat.open(server().port(), Dialect::V2));
    const auto ack = chat.authenticate({{u"resume"_s, token}});
    QVERIFY2(ack, qPrintable(chat.why()));
    QVERIFY(ack->value("resumed"_L1).toBool());
    QCOMPARE(ack->value("username"_L1).toString(), u"Ann"_s);
    QCOMPARE(chat.clientId(), id);
    for (const auto &[room, its, seq, last, missed] :
         {std::tuple(u"general"_s, epoch, 2, two, 3), std::tuple(u"general"_s, epoch, 5, five, 0),
          std::tuple(u"quiet"_s, quietEpoch, 0, QString(), 0)}) {
        QVERIFY(chat.send(joinSince(room, its, seq, last)));
        const auto sync = chat.nextOf(u"sync"_s);
        QVERIFY2(sync, qPrintable(chat.why()));
        QVERIFY2(sync->value("recovered"_L1).toBool(), qPrintable(toText(*sync)));
        QCOMPARE(sync->value("events"_L1).toArray().size(), missed);
    }
}

void StoreRestartTest::positionsThatCannotResume_data()
{
    QTest::addColumn<bool>("isOurEpoch");
    QTest::addColumn<int>("seq");
    QTest::addColumn<QString>("reason");
    QTest::addColumn<QString>("id");
    QTest::newRow("another epoch") << false << 3 << u"epoch"_s << u"right"_s;
    QTest::newRow("without an id") << true << 1000 << u"epoch"_s << QString();
    QTest::newRow("another id") << true << 1000 << u"diverged"_s << u"01J9ZQ7M1N2P3Q4R5S6T7V8W9X"_s;
    QTest::newRow("no id at all") << true << 1000 << u"diverged"_s << u"?"_s;
    QTest::newRow("ahead") << true << 2000 << u"ahead"_s << u"right"_s;
    QTest::newRow("too many missed") << true << 3 << u"too_many"_s << u"right"_s;
}

void StoreRestartTest::positionsThatCannotResume()
{
    QFETCH(bool, isOurEpoch);
    QFETCH(int, seq);
    QFETCH(QString, reason);
    QFETCH(QString, id);
    PARLOR_EXPECT(start());
    QString epoch;
    {
        RawChat chat;
        PARLOR_EXPECT(chat.open(server().port(), Dialect::V2));
        QVERIFY(chat.send(joinFrame(u"general"_s)));
        const auto sync = chat.nextOf(u"sync"_s);
        QVERIFY2(sync, qPrintable(chat.why()));
        epoch = sync->value("epoch"_L1).toString();
        for (int i = 0; i < 1010; ++i)
            QVERIFY(chat.send(messageFrame(u"general"_s, u"hi"_s, QString::number(i))));
        for (int acks = 0; acks < 1010; ++acks)
            QVERIFY2(chat.nextOf(u"ack"_s), qPrintable(chat.why()));
    }
    PARLOR_EXPECT(server().stop());
    PARLOR_EXPECT(start());
    RawChat chat;
    PARLOR_EXPECT(chat.open(server().port(), Dialect::V2));
    QVERIFY(chat.send(joinSince(u"general"_s, isOurEpoch ? epoch : u"01J9ZP"_s, seq, id)));
    const auto sync = chat.nextOf(u"sync"_s);
    QVERIFY2(sync, qPrintable(chat.why()));
    QVERIFY(!sync->value("recovered"_L1).toBool());
    QCOMPARE(sync->value("reason"_L1).toString(), reason);
    QCOMPARE(sync->value("seq"_L1).toInteger(), 1010);
    QVERIFY(!sync->value("events"_L1).toArray().isEmpty());
}

void StoreRestartTest::resendAfterAKill()
{
    PARLOR_EXPECT(start());
    QString token;
    qint64 seq = 0;
    {
        RawChat chat;
        PARLOR_EXPECT(chat.open(server().port(), Dialect::V2));
        const auto session = chat.authenticate({});
        QVERIFY2(session, qPrintable(chat.why()));
        token = session->value("resume"_L1).toString();
        QVERIFY(chat.send(joinFrame(u"general"_s)));
        QVERIFY(chat.send(messageFrame(u"general"_s, u"hi"_s, u"c1"_s)));
        QVERIFY2(chat.nextOf(u"ack"_s), qPrintable(chat.why())); // of the join
        const auto ack = chat.nextOf(u"ack"_s);
        QVERIFY2(ack, qPrintable(chat.why()));
        seq = ack->value("seq"_L1).toInteger();
    }
    server().kill();
    PARLOR_EXPECT(start());
    RawChat chat;
    PARLOR_EXPECT(chat.open(server().port(), Dialect::V2));
    QVERIFY2(chat.authenticate({{u"resume"_s, token}}), qPrintable(chat.why()));
    QVERIFY(chat.send(joinFrame(u"general"_s)));
    QVERIFY2(chat.nextOf(u"sync"_s), qPrintable(chat.why()));
    QVERIFY(chat.send(messageFrame(u"general"_s, u"hi"_s, u"c1"_s)));
    const auto ack = chat.nextOf(u"ack"_s);
    QVERIFY2(ack, qPrintable(chat.why()));
    QVERIFY(ack->value("dup"_L1).toBool());
    QCOMPARE(ack->value("seq"_L1).toInteger(), seq);
    QCOMPARE(wholeHistory(chat, u"general"_s), QStringList{u"c1"_s});
}

void StoreRestartTest::killedDuringCommits()
{
    QStringList acknowledged; // in order
    int sent = 0;
    for (int round = 0; round < 5; ++round) {
        PARLOR_EXPECT(start());
        RawChat chat;
        PARLOR_EXPECT(chat.openAndJoin(server().port(), Dialect::V2, u"general"_s));
        for (int i = 0; i < 400; ++i)
            QVERIFY(chat.send(messageFrame(u"general"_s, u"hi"_s, u"c%1"_s.arg(++sent))));
        for (int acks = 0; acks < 20 + 60 * round; ++acks) {
            const auto ack = chat.nextOf(u"ack"_s);
            QVERIFY2(ack, qPrintable(chat.why()));
            QCOMPARE(ack->value("seq"_L1).toInteger() > 0, true);
            acknowledged.append(ack->value("cid"_L1).toString());
        }
        server().kill();                         // it has more to commit
        while (const auto frame = chat.next()) { // what was on its way counts, too
            if (frame->value("type"_L1).toString() == "ack"_L1)
                acknowledged.append(frame->value("cid"_L1).toString());
        }
    }
    PARLOR_EXPECT(start());
    RawChat chat;
    PARLOR_EXPECT(chat.openAndJoin(server().port(), Dialect::V2, u"general"_s));
    const QStringList kept = wholeHistory(chat, u"general"_s);
    const std::set<QString> unique(kept.begin(), kept.end());
    QCOMPARE(unique.size(), std::size_t(kept.size()));
    qsizetype at = -1;
    for (const QString &cid : acknowledged) {
        const qsizetype found = kept.indexOf(cid, at + 1);
        QVERIFY2(found > at, qPrintable(cid));
        at = found;
    }
}

void StoreRestartTest::v1MessagesAreKept()
{
    PARLOR_EXPECT(start());
    {
        RawChat chat;
        PARLOR_EXPECT(chat.open(server().port(), Dialect::V1));
        QVERIFY(chat.sendText("hello")); // enters general by it
        const auto echo = chat.nextOf(u"message"_s);
        QVERIFY2(echo, qPrintable(chat.why()));
        QCOMPARE(echo->value("sender"_L1).toString(), u"server"_s);
        QVERIFY2(chat.nextOf(u"user_joined"_s), qPrintable(chat.why()));
        QVERIFY2(chat.nextOf(u"room_users"_s), qPrintable(chat.why()));
        QVERIFY2(chat.nextOf(u"message"_s), qPrintable(chat.why()));
    }
    server().kill();
    PARLOR_EXPECT(start());
    RawChat chat;
    PARLOR_EXPECT(chat.open(server().port(), Dialect::V2));
    QVERIFY(chat.send(joinFrame(u"general"_s)));
    const auto sync = chat.nextOf(u"sync"_s);
    QVERIFY2(sync, qPrintable(chat.why()));
    const QJsonArray events = sync->value("events"_L1).toArray();
    QCOMPARE(events.size(), 1);
    QCOMPARE(events.first().toObject().value("content"_L1).toString(), u"hello"_s);
}

PARLOR_TEST_WITHIN(QCoreApplication, StoreRestartTest)
#include "tst_store_restart.moc"
