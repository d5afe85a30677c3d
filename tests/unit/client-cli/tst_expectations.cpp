// SPDX-License-Identifier: MIT
#include "client-cli/chat/expectations.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor::cli;
using namespace Qt::StringLiterals;

class TestExpectations : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void nothingExpectedIsMet();
    void patternsInOrder();
    void aLineMeetsOnePattern();
    void countsUpToItsNumber();
    void saysWhatIsMissing();
};

void TestExpectations::nothingExpectedIsMet()
{
    const Expectations none({}, std::nullopt);
    QVERIFY(none.isEmpty());
    QVERIFY(none.isMet());
}

void TestExpectations::patternsInOrder()
{
    Expectations expectations({QRegularExpression(u"one"_s), QRegularExpression(u"^two$"_s)}, std::nullopt);
    QVERIFY(!expectations.isEmpty());
    QVERIFY(!expectations.line(u"two"_s));
    QVERIFY(expectations.line(u"number one here"_s));
    QVERIFY(!expectations.line(u"two and more"_s));
    QVERIFY(!expectations.isMet());
    QVERIFY(expectations.line(u"two"_s));
    QVERIFY(expectations.isMet());
}

void TestExpectations::aLineMeetsOnePattern()
{
    Expectations expectations({QRegularExpression(u"a"_s), QRegularExpression(u"a"_s)}, std::nullopt);
    QVERIFY(expectations.line(u"a"_s));
    QVERIFY(!expectations.isMet());
}

void TestExpectations::countsUpToItsNumber()
{
    Expectations expectations({}, 2);
    QVERIFY(expectations.message());
    QVERIFY(!expectations.isMet());
    QVERIFY(expectations.message());
    QVERIFY(expectations.isMet());
    QVERIFY(!expectations.message());
}

void TestExpectations::saysWhatIsMissing()
{
    Expectations expectations({QRegularExpression(u"one"_s), QRegularExpression(u"two"_s)}, 3);
    (void)expectations.line(u"one"_s);
    (void)expectations.message();
    QCOMPARE(expectations.missing(), u"nothing matched 'two' (expectation 2 of 2); 1 of 3 messages came"_s);
}

PARLOR_TEST(TestExpectations)
#include "tst_expectations.moc"
