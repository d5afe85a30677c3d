// SPDX-License-Identifier: MIT
#include "server/worker/admission.h"
#include "tests/support/testclass.h"

#include <QTest>

#include <vector>

using namespace parlor;
using namespace Qt::StringLiterals;
using Why = Admission::Refusal::Why;

class TestAdmission : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void inAll();
    void perAddress_data();
    void perAddress();
    void perNetwork();
    void arrivals();
    void aRefusalTakesNothing();
    void newLimits();
    void requestsOfAnAddress();

private:
    using Time = Admission::Time;
    static std::optional<Why> refusal(Admission &admission, const QString &address, Time now = {})
    {
        const auto answer = admission.admit(QHostAddress(address), now);
        const auto *refused = std::get_if<Admission::Refusal>(&answer);
        return refused ? std::optional(refused->why) : std::nullopt;
    }
    static Admission::Ticket ticket(Admission &admission, const QString &address, Time now = {})
    {
        return std::get<Admission::Ticket>(admission.admit(QHostAddress(address), now));
    }
};

void TestAdmission::inAll()
{
    Admission admission({.most = 2});
    {
        const auto a = ticket(admission, u"127.0.0.1"_s);
        auto b = ticket(admission, u"127.0.0.1"_s);
        QVERIFY(refusal(admission, u"127.0.0.1"_s) == Why::Full);
        const Admission::Ticket moved = std::move(b);
        QCOMPARE(admission.count(), std::uint64_t(2));
    }
    QCOMPARE(admission.count(), std::uint64_t(0));
}

void TestAdmission::perAddress_data()
{
    QTest::addColumn<QString>("one");
    QTest::addColumn<QString>("other");
    QTest::addColumn<bool>("isSame");

    QTest::newRow("v4, itself") << u"192.0.2.1"_s << u"192.0.2.1"_s << true;
    QTest::newRow("v4, as a socket of IPv6 has it") << u"192.0.2.1"_s << u"::ffff:192.0.2.1"_s << true;
    QTest::newRow("v4, its neighbour") << u"192.0.2.1"_s << u"192.0.2.2"_s << false;
    QTest::newRow("v6, itself") << u"2001:db8::1"_s << u"2001:db8::1"_s << true;
    QTest::newRow("v6, another of its subscriber's") << u"2001:db8::1"_s << u"2001:db8::ffff:0:0:1"_s << true;
    QTest::newRow("v6, another subscriber's") << u"2001:db8::1"_s << u"2001:db8:0:1::1"_s << false;
}

void TestAdmission::perAddress()
{
    QFETCH(QString, one);
    QFETCH(QString, other);
    QFETCH(bool, isSame);
    Admission admission({.address = {.connections = 1}});
    {
        const auto first = ticket(admission, one);
        QCOMPARE(refusal(admission, other).has_value(), isSame);
        QCOMPARE(admission.count(), std::uint64_t(1));
    }
    QVERIFY(!refusal(admission, other));
}

void TestAdmission::perNetwork()
{
    Admission admission({.network = {.connections = 2}});
    const auto a = ticket(admission, u"192.0.2.1"_s);
    auto b = std::make_unique<Admission::Ticket>(ticket(admission, u"192.0.2.2"_s));
    QVERIFY(refusal(admission, u"192.0.2.3"_s) == Why::TooManyFromNetwork);
    QVERIFY(!refusal(admission, u"192.0.3.3"_s));
    b.reset();
    QVERIFY(!refusal(admission, u"192.0.2.3"_s));

    const auto c = ticket(admission, u"2001:db8:0:1::1"_s);
    const auto d = ticket(admission, u"2001:db8:0:2::1"_s);
    QVERIFY(refusal(admission, u"2001:db8:0:3::1"_s) == Why::TooManyFromNetwork);
    QVERIFY(!refusal(admission, u"2001:db8:1:3::1"_s));
}

/// Connections that are over count, too.
void TestAdmission::arrivals()
{
    Admission admission({.address = {.arrivals = {1, 2}}, .network = {.arrivals = {1, 4}}});
    const Time begin = Time() + std::chrono::hours(1);
    QVERIFY(!refusal(admission, u"192.0.2.1"_s, begin));
    QVERIFY(!refusal(admission, u"192.0.2.1"_s, begin));
    const auto answer = admission.admit(QHostAddress(u"192.0.2.1"_s), begin);
    const auto &refused = std::get<Admission::Refusal>(answer);
    QVERIFY(refused.why == Why::TooFastFromAddress);
    QVERIFY(refused.retry > std::chrono::milliseconds(900) &&
            refused.retry < std::chrono::milliseconds(1100));

    QVERIFY(!refusal(admission, u"192.0.2.2"_s, begin));
    QVERIFY(!refusal(admission, u"192.0.2.3"_s, begin));
    QVERIFY(refusal(admission, u"192.0.2.4"_s, begin) == Why::TooFastFromNetwork);
    QVERIFY(!refusal(admission, u"192.0.3.4"_s, begin));
    QVERIFY(!refusal(admission, u"192.0.2.1"_s, begin + std::chrono::seconds(1)));
    QCOMPARE(admission.count(), std::uint64_t(0));
}

/// Whoever is refused for the network has its address's share later.
void TestAdmission::aRefusalTakesNothing()
{
    Admission admission({.address = {.arrivals = {0.001, 1}}, .network = {.connections = 1}});
    auto first = std::make_unique<Admission::Ticket>(ticket(admission, u"192.0.2.1"_s));
    QVERIFY(refusal(admission, u"192.0.2.2"_s) == Why::TooManyFromNetwork);
    first.reset();
    QVERIFY(!refusal(admission, u"192.0.2.2"_s));
}

void TestAdmission::newLimits()
{
    Admission admission({.most = 1});
    const auto first = ticket(admission, u"192.0.2.1"_s);
    QVERIFY(refusal(admission, u"192.0.2.1"_s) == Why::Full);
    admission.setLimits({.most = 3, .address = {.connections = 2}});
    const auto second = ticket(admission, u"192.0.2.1"_s);
    QVERIFY(refusal(admission, u"192.0.2.1"_s) == Why::TooManyFromAddress);
    admission.setLimits({.most = 1});
    QVERIFY(refusal(admission, u"192.0.2.2"_s) == Why::Full);
    QCOMPARE(admission.count(), std::uint64_t(2));
}

/// What an address has asked for outlives its connections, until its budget is whole again.
void TestAdmission::requestsOfAnAddress()
{
    Admission admission({});
    const RateLimit limit{1, 2};
    const Time begin = Time() + std::chrono::hours(1);
    {
        const auto a = ticket(admission, u"192.0.2.1"_s, begin);
        const auto b = ticket(admission, u"192.0.2.1"_s, begin);
        const auto other = ticket(admission, u"192.0.2.2"_s, begin);
        QVERIFY(a.requests().take(limit, 1, begin));
        QVERIFY(b.requests().take(limit, 1, begin));
        QVERIFY(!a.requests().take(limit, 1, begin));
        QVERIFY(other.requests().take(limit, 1, begin));
    }
    for (int i = 0; i < 10; ++i)
        QVERIFY(!ticket(admission, u"192.0.2.1"_s, begin).requests().take(limit, 1, begin));
    const Time later = begin + std::chrono::seconds(2);
    QVERIFY(ticket(admission, u"192.0.2.1"_s, later).requests().take(limit, 2, later));
}

PARLOR_TEST(TestAdmission)
#include "tst_admission.moc"
