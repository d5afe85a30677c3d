// SPDX-License-Identifier: MIT
// A thousand who resume at once share what is read from the store.
#include "tests/integration/store/storecase.h"
#include "tests/support/testclass.h"

#include <QJsonArray>

#include <algorithm>
#include <sys/resource.h>

using namespace parlor::test;
using namespace Qt::StringLiterals;

class StoreCrowdsTest : public StoreCase
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void resumeAfterARestart();
    void resumeFromBehindTheRing();

private:
    /// Says so many messages in a room, and notes its epoch and ids.
    [[nodiscard]] Problem fill(const QString &room, int messages, const QString &content);
    /// As many as kWave resume at once from the beginning of `busy`, read a page, and go.
    [[nodiscard]] Problem resumeWave();

    QString m_epoch;
    QStringList m_ids; ///< of its first messages, by number
};

namespace {

#if defined(__SANITIZE_THREAD__)
constexpr int kCrowd = 300; // which is as slow as a thousand ought to be
#else
constexpr int kCrowd = 1000;
#endif

/// So many are served at once, where each is sent more than a megabyte: the kernel holds half of one for each
/// who does not read, and all of that for a thousand is more than some machines have.
constexpr int kWave = 100;
constexpr int kPositions = 50; ///< at which they were, of the oldest
constexpr int kReceiveBuffer = 4096;

/// A server that waits for a client which serves a thousand connections one after the other.
QStringList patient()
{
    return {u"--inbound-rate"_s, u"0"_s, u"--stall-timeout"_s, u"0"_s,
            u"--queue-limit"_s,  u"0"_s, u"--ping"_s,          u"0"_s};
}

} // namespace

void StoreCrowdsTest::initTestCase()
{
    rlimit limit{};
    QCOMPARE(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 4 * kCrowd);
    QCOMPARE(::setrlimit(RLIMIT_NOFILE, &limit), 0);
    if (limit.rlim_cur < 2 * kCrowd)
        QSKIP("this account may not open enough descriptors");
}

Problem StoreCrowdsTest::fill(const QString &room, int messages, const QString &content)
{
    RawChat chat;
    Problem problem = chat.open(server().port(), Dialect::V2);
    if (!problem.isEmpty() || !chat.send(joinFrame(room)))
        return problem + chat.why();
    const auto sync = chat.nextOf(u"sync"_s);
    if (!sync)
        return chat.why();
    m_epoch = sync->value("epoch"_L1).toString();
    for (int i = 0; i < messages && problem.isEmpty(); ++i)
        problem = chat.chats(room, content);
    m_ids = {QString()};
    for (qint64 seq = 1; seq < kPositions; ++seq)
        m_ids.append(idAt(chat, room, seq));
    return problem;
}

void StoreCrowdsTest::resumeAfterARestart()
{
    PARLOR_EXPECT(start(patient()));
    PARLOR_EXPECT(fill(u"busy"_s, 50, u"hi"_s));
    PARLOR_EXPECT(server().stop());
    PARLOR_EXPECT(start(patient()));
    std::vector<RawChat> clients(kCrowd);
    for (RawChat &each : clients)
        PARLOR_EXPECT(each.open(server().port(), Dialect::V2));
    const double before = metric("parlor_store_reads_total");
    for (int i = 0; i < kCrowd; ++i)
        QVERIFY(clients[std::size_t(i)].send(
            joinSince(u"busy"_s, m_epoch, i % kPositions, m_ids[i % kPositions])));
    for (int i = 0; i < kCrowd; ++i) {
        const auto sync = clients[std::size_t(i)].nextOf(u"sync"_s);
        QVERIFY2(sync, qPrintable(clients[std::size_t(i)].why()));
        QVERIFY(sync->value("recovered"_L1).toBool());
        QCOMPARE(sync->value("events"_L1).toArray().size(), 50 - i % kPositions);
    }
    QCOMPARE(metric("parlor_store_reads_total") - before, 1.0);
}

Problem StoreCrowdsTest::resumeWave()
{
    std::vector<RawChat> clients(kWave);
    for (RawChat &each : clients) {
        if (Problem problem = each.open(server().port(), Dialect::V2, {}, kReceiveBuffer); !problem.isEmpty())
            return problem;
    }
    for (int i = 0; i < kWave; ++i) {
        if (!clients[std::size_t(i)].send(joinSince(u"busy"_s, m_epoch, i % 8, m_ids[i % 8])))
            return u"a join could not be sent"_s;
    }
    for (int i = 0; i < kWave; ++i) { // their first pages, which the ring has not
        const auto sync = clients[std::size_t(i)].nextOf(u"sync"_s);
        if (!sync)
            return clients[std::size_t(i)].why();
        const QJsonArray events = sync->value("events"_L1).toArray();
        const qint64 first = events.first().toObject().value("seq"_L1).toInteger();
        if (!sync->value("recovered"_L1).toBool() || !sync->value("more"_L1).toBool() || first != i % 8 + 1)
            return u"since %1: it begins at %2, and says "_s.arg(i % 8).arg(first) + toText(*sync);
    }
    return {};
}

void StoreCrowdsTest::resumeFromBehindTheRing()
{
    PARLOR_EXPECT(start(patient()));
    constexpr int kMessages = 300; // of more than a ring's 1 MiB
    PARLOR_EXPECT(fill(u"busy"_s, kMessages, QString(3900, u'x')));
    const double before = metric("parlor_store_reads_total");
    for (int done = 0; done < kCrowd; done += kWave)
        PARLOR_EXPECT(resumeWave());
    // One, if nobody asked for more meanwhile; those who did may be several pages apart.
    const double reads = metric("parlor_store_reads_total") - before;
    QVERIFY(reads >= 1);
    QVERIFY2(reads <= kCrowd / 20, qPrintable(u"%1 reads"_s.arg(reads)));
}

PARLOR_TEST_WITHIN(QCoreApplication, StoreCrowdsTest)
#include "tst_store_crowds.moc"
