// SPDX-License-Identifier: MIT
#include "client-cli/load/accounting/pendingsends.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor::cli::load;

namespace {

PendingSends sends(std::uint64_t count)
{
    PendingSends pending;
    for (std::uint64_t i = 1; i <= count; ++i)
        pending.add({i, Offset(static_cast<Offset::rep>(i))});
    return pending;
}

QList<quint64> indices(const std::vector<PendingSend> &sends)
{
    QList<quint64> found;
    for (const PendingSend &send : sends)
        found.append(send.index);
    return found;
}

} // namespace

class TestLoadPendingSends : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { m_refused.clear(); }
    void answered();
    void refusedByName();
    void refusedWithoutName();
    void refusedWithoutNameAmongOthers();
    void moreRefusalsThanMessages();
    void theRest();

private:
    std::vector<PendingSend> m_refused;
};

void TestLoadPendingSends::answered()
{
    PendingSends pending = sends(3);
    const auto second = pending.answer(2, m_refused);
    QVERIFY(second && second->index == 2 && second->planned == Offset(2));
    QVERIFY(m_refused.empty());
    QVERIFY(!pending.answer(2, m_refused));
    QVERIFY(!pending.answer(9, m_refused));
    QCOMPARE(pending.size(), 2U);
}

void TestLoadPendingSends::refusedByName()
{
    PendingSends pending = sends(3);
    QVERIFY(pending.refuse(2, m_refused));
    QCOMPARE(indices(m_refused), QList<quint64>({2}));
    QVERIFY(!pending.refuse(2, m_refused));
    QCOMPARE(pending.size(), 2U);
}

void TestLoadPendingSends::refusedWithoutName()
{
    PendingSends pending = sends(1);
    QVERIFY(pending.refuse(std::nullopt, m_refused));
    QCOMPARE(indices(m_refused), QList<quint64>({1}));
    QVERIFY(pending.isEmpty());
}

void TestLoadPendingSends::refusedWithoutNameAmongOthers()
{
    // 2 was refused, and its error overtook the echo of 1.
    PendingSends pending = sends(3);
    QVERIFY(pending.refuse(std::nullopt, m_refused));
    QVERIFY(m_refused.empty());
    QVERIFY(pending.answer(1, m_refused));
    QVERIFY(m_refused.empty());
    QVERIFY(pending.answer(3, m_refused));
    QCOMPARE(indices(m_refused), QList<quint64>({2}));
    QVERIFY(pending.isEmpty());
}

void TestLoadPendingSends::moreRefusalsThanMessages()
{
    PendingSends pending = sends(2);
    QVERIFY(pending.refuse(std::nullopt, m_refused));
    QVERIFY(pending.refuse(std::nullopt, m_refused));
    QCOMPARE(indices(m_refused), QList<quint64>({1, 2}));
    QVERIFY(!pending.refuse(std::nullopt, m_refused)); // about nothing that was sent
}

void TestLoadPendingSends::theRest()
{
    PendingSends pending = sends(2);
    std::vector<PendingSend> refused;
    QCOMPARE(indices(pending.takeAll(refused)), QList<quint64>({1, 2}));
    QVERIFY(pending.isEmpty());
    QVERIFY(pending.takeAll(refused).empty());
    QVERIFY(refused.empty());

    pending = sends(3);
    QVERIFY(pending.refuse(std::nullopt, refused)); // names none, and no echo tells which it was
    QCOMPARE(pending.unnamedRefusals(), 1U);
    QVERIFY(refused.empty());
    QCOMPARE(indices(pending.takeAll(refused)), QList<quint64>({2, 3}));
    QCOMPARE(indices(refused), QList<quint64>({1}));
    QCOMPARE(pending.unnamedRefusals(), 0U);
}

PARLOR_TEST(TestLoadPendingSends)
#include "tst_load_pendingsends.moc"
