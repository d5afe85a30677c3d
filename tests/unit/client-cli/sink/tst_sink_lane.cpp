// SPDX-License-Identifier: MIT
#include "client-cli/sink/lane.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor::cli::sink;
using namespace Qt::StringLiterals;

namespace {

struct Step
{
    char message = 'a'; ///< the frame; its number is the letter's place
    std::optional<Fault> fault{};
    std::uint64_t sender = 1;
};

} // namespace
Q_DECLARE_METATYPE(std::vector<Step>)

/// What one receiver gets, and what is said of it.
class TestSinkLane : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void receives_data();
    void receives();
    void releaseCommitsNothing();
    void corruptsContentAlone_data();
    void corruptsContentAlone();
};

void TestSinkLane::receives_data()
{
    using F = Fault;
    QTest::addColumn<std::vector<Step>>("steps");
    QTest::addColumn<bool>("ofSender");
    QTest::addColumn<QString>("got");
    QTest::addColumn<QString>("done");
    const auto row = [](const char *name, std::vector<Step> steps, const QString &got, const QString &done,
                        bool ofSender = false) {
        QTest::newRow(name) << std::move(steps) << ofSender << got << done;
    };
    row("plain", {{'a'}, {'b'}}, u"ab"_s, {});
    row("drop", {{'a'}, {'b', F::Drop}, {'c'}}, u"ac"_s, u"drop 2"_s);
    row("double, ahead of the next", {{'a', F::Double}, {'b'}, {'c'}}, u"aabc"_s, u"double 1"_s);
    row("double without a next is none", {{'a'}, {'b', F::Double}}, u"ab"_s, {});
    row("double, the next dropped", {{'a', F::Double}, {'b', F::Drop}, {'c'}}, u"aac"_s,
        u"drop 2, double 1"_s);
    row("double, the next double", {{'a', F::Double}, {'b', F::Double}, {'c'}}, u"aabbc"_s,
        u"double 1, double 2"_s);
    row("reorder", {{'a', F::Reorder}, {'b'}, {'c'}}, u"bac"_s, u"reorder 1"_s);
    row("reorder without a next is none", {{'a'}, {'b', F::Reorder}}, u"a"_s, {});
    row("reorder, the next dropped", {{'a', F::Reorder}, {'b', F::Drop}, {'c'}}, u"ca"_s,
        u"drop 2, reorder 1"_s);
    row("reorder, the next too", {{'a', F::Reorder}, {'b', F::Reorder}, {'c'}}, u"bac"_s, u"reorder 1"_s);
    row("reorder, the next doubled", {{'a', F::Reorder}, {'b', F::Double}, {'c'}}, u"bac"_s, u"reorder 1"_s);
    row("of the sender", {{'a', F::Reorder, 1}, {'b', {}, 2}, {'c', {}, 1}}, u"bca"_s, u"reorder 1"_s, true);
    row("of the room", {{'a', F::Reorder, 1}, {'b', {}, 2}, {'c', {}, 1}}, u"bac"_s, u"reorder 1"_s);
    row("nothing to corrupt", {{'a', F::Corrupt}}, u"a"_s, {});
}

void TestSinkLane::receives()
{
    QFETCH(std::vector<Step>, steps);
    QFETCH(bool, ofSender);
    Lane lane;
    std::string got;
    std::vector<Committed> done;
    for (const Step &step : steps) {
        const std::string frame(1, step.message);
        lane.deliver({frame, static_cast<std::uint64_t>(step.message - 'a' + 1), step.sender}, step.fault,
                     ofSender ? Lane::Order::OfSender : Lane::Order::OfRoom, got, done);
    }
    QStringList told;
    for (const Committed &each : done)
        told.append(
            QString::fromStdString(std::string(toString(each.fault)) + " " + std::to_string(each.seq)));
    QTEST(QString::fromStdString(got), "got");
    QTEST(told.join(u", "_s), "done");
}

void TestSinkLane::releaseCommitsNothing()
{
    Lane lane;
    std::string got;
    std::vector<Committed> done;
    lane.deliver({"a", 1, 1}, Fault::Reorder, Lane::Order::OfRoom, got, done);
    QVERIFY(lane.isHolding());
    QCOMPARE(lane.holds(), 1U);
    lane.release(got);
    QVERIFY(!lane.isHolding());
    lane.deliver({"b", 2, 1}, {}, Lane::Order::OfRoom, got, done);
    QCOMPARE(got, std::string("ab"));
    QVERIFY(done.empty());

    lane.deliver({"c", 3, 1}, Fault::Double, Lane::Order::OfRoom, got, done);
    lane.release(got); // its copy still waits
    QVERIFY(lane.isHolding());
    QCOMPARE(got, std::string("abc"));
}

void TestSinkLane::corruptsContentAlone_data()
{
    QTest::addColumn<QString>("before");
    QTest::addColumn<QString>("after");
    QTest::newRow("the last letter") << uR"({"content":"~P1:AAAAbcd","timestamp":"2"})"_s
                                     << uR"({"content":"~P1:AAAAbcX","timestamp":"2"})"_s;
    QTest::newRow("an X") << uR"({"content":"aX"})"_s << uR"({"content":"aY"})"_s;
    QTest::newRow("escapes") << uR"({"content":"ab\n\u0041\"!","z":"a"})"_s
                             << uR"({"content":"aX\n\u0041\"!","z":"a"})"_s;
    QTest::newRow("no letter") << uR"({"content":"\n…","z":"a"})"_s << uR"({"content":"\n…","z":"a"})"_s;
    QTest::newRow("empty") << uR"({"content":"","z":"a"})"_s << uR"({"content":"","z":"a"})"_s;
    QTest::newRow("no text") << uR"({"content":17,"z":"a"})"_s << uR"({"content":17,"z":"a"})"_s;
}

void TestSinkLane::corruptsContentAlone()
{
    QFETCH(QString, before);
    QFETCH(QString, after);
    std::string frame = before.toStdString();
    QCOMPARE(corrupt(frame), before != after);
    QCOMPARE(QString::fromStdString(frame), after);
}

PARLOR_TEST(TestSinkLane)
#include "tst_sink_lane.moc"
