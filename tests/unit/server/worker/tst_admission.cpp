// SPDX-License-Identifier: MIT
#include "server/worker/admission.h"
#include "tests/support/testclass.h"

#include <QTest>

#include <vector>

using namespace parlor;

class TestAdmission : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void inAll();
    void perAddress();
};

void TestAdmission::inAll()
{
    Admission admission(2, 0);
    const QHostAddress address(QHostAddress::LocalHost);
    {
        const auto a = admission.admit(address);
        auto b = admission.admit(address);
        QVERIFY(std::holds_alternative<Admission::Ticket>(b));
        QCOMPARE(std::get<Admission::Refusal>(admission.admit(address)), Admission::Refusal::Full);
        const Admission::Ticket moved = std::move(std::get<Admission::Ticket>(b));
        QCOMPARE(admission.count(), std::uint64_t(2));
    }
    QCOMPARE(admission.count(), std::uint64_t(0));
}

void TestAdmission::perAddress()
{
    Admission admission(0, 1);
    const QHostAddress here(QStringLiteral("192.0.2.1"));
    const QHostAddress there(QStringLiteral("2001:db8::1"));
    {
        const auto a = admission.admit(here);
        QCOMPARE(std::get<Admission::Refusal>(admission.admit(here)), Admission::Refusal::TooManyFromAddress);
        QVERIFY(std::holds_alternative<Admission::Ticket>(admission.admit(there)));
        QCOMPARE(admission.count(), std::uint64_t(1));
    }
    QVERIFY(std::holds_alternative<Admission::Ticket>(admission.admit(here)));
}

PARLOR_TEST(TestAdmission)
#include "tst_admission.moc"
