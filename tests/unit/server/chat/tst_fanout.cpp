// SPDX-License-Identifier: MIT
// One order for every member, whoever comes, goes or is told something in private, at whatever point of a
// flush.
#include "server/chat/fanout.h"
#include "tests/support/testclass.h"

#include <QTest>

#include <memory>
#include <random>

using namespace parlor;

namespace {

/// A member that keeps the bytes it was given, as its connection would send them.
struct Listener final : Subscriber
{
    std::string bytes;
    std::uint32_t index = 0;
    int sends = 0;
    void take(const Slice &slice, Route route) override
    {
        bytes += slice.view();
        sends += route == Route::Direct ? 1 : 0;
    }
    void onMoved(Fanout &, std::uint32_t to) override { index = to; }
};

/// A text frame of up to 125 bytes.
std::string framed(const std::string &payload)
{
    return std::string{'\x81', static_cast<char>(payload.size())} + payload;
}

constexpr std::size_t kAll = 1'000'000;

} // namespace

class TestFanout : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void oneSendForAllOfATurn();
    void dialectsAreApart();
    void joinerGetsWhatComesLater();
    void pinnedThenFlushedComesOnce();
    void yieldingFlush();
    void leavingDuringAYieldingFlush();
    void joiningDuringAYieldingFlush();
    void queuedBytesAreCountedOnce();
    void randomised_data();
    void randomised();

private:
    Counter m_queueBytes;
};

void TestFanout::oneSendForAllOfATurn()
{
    Fanout fanout(m_queueBytes);
    Listener a;
    Listener b;
    fanout.add(a, Dialect::V2);
    fanout.add(b, Dialect::V2);
    QCOMPARE(fanout.append(Dialect::V2, "one"), std::size_t(2));
    fanout.append(Dialect::V2, "two");
    std::size_t sends = kAll;
    QVERIFY(fanout.flush(sends));
    QCOMPARE(kAll - sends, std::size_t(2));
    QCOMPARE(a.bytes, framed("one") + framed("two"));
    QCOMPARE(b.bytes, a.bytes);
    QCOMPARE(a.sends, 1);
    QVERIFY(fanout.flush(sends));
    QCOMPARE(a.sends, 1);
}

void TestFanout::dialectsAreApart()
{
    Fanout fanout(m_queueBytes);
    Listener v1;
    Listener v2;
    fanout.add(v1, Dialect::V1);
    fanout.add(v2, Dialect::V2);
    fanout.append(Dialect::V1, "old");
    fanout.append(Dialect::V2, "new");
    std::size_t sends = kAll;
    QVERIFY(fanout.flush(sends));
    QCOMPARE(v1.bytes, framed("old"));
    QCOMPARE(v2.bytes, framed("new"));
}

void TestFanout::joinerGetsWhatComesLater()
{
    Fanout fanout(m_queueBytes);
    Listener a;
    Listener b;
    fanout.add(a, Dialect::V2);
    fanout.append(Dialect::V2, "before");
    fanout.add(b, Dialect::V2);
    fanout.append(Dialect::V2, "after");
    std::size_t sends = kAll;
    QVERIFY(fanout.flush(sends));
    QCOMPARE(a.bytes, framed("before") + framed("after"));
    QCOMPARE(b.bytes, framed("after"));
}

void TestFanout::pinnedThenFlushedComesOnce()
{
    Fanout fanout(m_queueBytes);
    Listener a;
    const auto index = fanout.add(a, Dialect::V2);
    fanout.append(Dialect::V2, "one");
    fanout.pin(index);
    a.bytes += "(private)";
    fanout.append(Dialect::V2, "two");
    std::size_t sends = kAll;
    QVERIFY(fanout.flush(sends));
    QCOMPARE(a.bytes, framed("one") + "(private)" + framed("two"));
}

void TestFanout::yieldingFlush()
{
    Fanout fanout(m_queueBytes);
    std::array<Listener, 5> members;
    for (Listener &each : members)
        each.index = fanout.add(each, Dialect::V2);
    fanout.append(Dialect::V2, "one");
    std::size_t sends = 2;
    QVERIFY(!fanout.flush(sends));
    fanout.append(Dialect::V2, "two"); // must not overtake what is sealed
    for (int i = 0; i < 10; ++i) {
        sends = 2;
        if (fanout.flush(sends))
            break;
    }
    QVERIFY(fanout.isFlushed());
    for (const Listener &each : members)
        QCOMPARE(each.bytes, framed("one") + framed("two"));
}

void TestFanout::leavingDuringAYieldingFlush()
{
    Fanout fanout(m_queueBytes);
    std::array<Listener, 5> members;
    for (Listener &each : members)
        each.index = fanout.add(each, Dialect::V2);
    fanout.append(Dialect::V2, "one");
    std::size_t sends = 2;
    QVERIFY(!fanout.flush(sends));
    fanout.remove(members[0].index); // has it already
    fanout.remove(members[3].index); // has it not
    QCOMPARE(fanout.size(), std::size_t(3));
    fanout.append(Dialect::V2, "two");
    sends = kAll;
    while (!fanout.flush(sends)) {
    }
    QCOMPARE(members[0].bytes, framed("one"));
    QCOMPARE(members[3].bytes, framed("one"));
    for (int i : {1, 2, 4})
        QCOMPARE(members[static_cast<std::size_t>(i)].bytes, framed("one") + framed("two"));
    // Indexes still name the right members.
    fanout.append(Dialect::V2, "three");
    fanout.remove(members[4].index);
    QCOMPARE(members[4].bytes, framed("one") + framed("two") + framed("three"));
}

void TestFanout::joiningDuringAYieldingFlush()
{
    Fanout fanout(m_queueBytes);
    std::array<Listener, 3> members;
    for (Listener &each : members)
        each.index = fanout.add(each, Dialect::V2);
    fanout.append(Dialect::V2, "one");
    std::size_t sends = 1;
    QVERIFY(!fanout.flush(sends));
    Listener late;
    fanout.add(late, Dialect::V2);
    fanout.append(Dialect::V2, "two");
    sends = kAll;
    while (!fanout.flush(sends)) {
    }
    QCOMPARE(late.bytes, framed("two"));
    QCOMPARE(members[2].bytes, framed("one") + framed("two"));
}

void TestFanout::queuedBytesAreCountedOnce()
{
    Counter bytes;
    BatchRef batch = BatchRef::make(bytes);
    batch->appendText("12345678");
    batch->hold();
    batch->hold();
    QCOMPARE(bytes.value(), std::uint64_t(10));
    batch->appendText("12345678");
    QCOMPARE(bytes.value(), std::uint64_t(20));
    batch->release();
    QCOMPARE(bytes.value(), std::uint64_t(20));
    batch->release();
    QCOMPARE(bytes.value(), std::uint64_t(0));
}

void TestFanout::randomised_data()
{
    QTest::addColumn<unsigned>("seed");
    for (unsigned seed = 1; seed <= 50; ++seed)
        QTest::addRow("seed %u", seed) << seed;
}

/// A random program of what a hub does; every member must have exactly the frames said while it was there, in
/// order, with each private frame where it was made.
void TestFanout::randomised()
{
    QFETCH(unsigned, seed);
    struct Model
    {
        Listener listener;
        std::string expected;
        Dialect dialect = Dialect::V1;
        bool present = true;
    };
    std::mt19937 random(seed);
    const auto below = [&random](std::size_t n) {
        return std::uniform_int_distribution<std::size_t>(0, n - 1)(random);
    };
    Fanout fanout(m_queueBytes);
    std::vector<std::unique_ptr<Model>> models;
    int said = 0;
    for (int step = 0; step < 2000; ++step) {
        Model *const some = models.empty() ? nullptr : models[below(models.size())].get();
        switch (below(8)) {
        case 0: {
            auto &made = *models.emplace_back(std::make_unique<Model>());
            made.dialect = below(2) == 0 ? Dialect::V1 : Dialect::V2;
            made.listener.index = fanout.add(made.listener, made.dialect);
            break;
        }
        case 1:
            if (some && some->present && below(2) == 0) {
                fanout.remove(some->listener.index);
                some->present = false;
                QCOMPARE(some->listener.bytes, some->expected);
            }
            break;
        case 2:
            if (some && some->present) {
                fanout.pin(some->listener.index);
                some->listener.bytes += "*";
                some->expected += "*";
            }
            break;
        case 3:
        case 4:
        case 5: {
            const Dialect dialect = below(2) == 0 ? Dialect::V1 : Dialect::V2;
            const std::string text = std::to_string(++said);
            fanout.append(dialect, text);
            for (const auto &each : models) {
                if (each->present && each->dialect == dialect)
                    each->expected += framed(text);
            }
            break;
        }
        default: {
            std::size_t sends = below(4);
            fanout.flush(sends);
        }
        }
    }
    std::size_t sends = kAll;
    while (!fanout.flush(sends)) {
    }
    for (const auto &each : models)
        QCOMPARE(each->listener.bytes, each->expected);
    QCOMPARE(m_queueBytes.value(), std::uint64_t(0));
}

PARLOR_TEST(TestFanout)
#include "tst_fanout.moc"
