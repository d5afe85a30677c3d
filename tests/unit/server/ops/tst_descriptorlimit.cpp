// SPDX-License-Identifier: MIT
#include "server/ops/descriptorlimit.h"
#include "tests/support/testclass.h"

#include <QTest>

#include <sys/resource.h>

using namespace parlor;

class TestDescriptorLimit : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void raises();
    void connections_data();
    void connections();
};

void TestDescriptorLimit::raises()
{
    rlimit limit{};
    QCOMPARE(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = 100;
    limit.rlim_max = std::min<rlim_t>(limit.rlim_max, 200);
    QCOMPARE(::setrlimit(RLIMIT_NOFILE, &limit), 0);
    QCOMPARE(raiseDescriptorLimit(), std::uint64_t(limit.rlim_max));
    rlimit now{};
    QCOMPARE(::getrlimit(RLIMIT_NOFILE, &now), 0);
    QCOMPARE(now.rlim_cur, limit.rlim_max);
}

void TestDescriptorLimit::connections_data()
{
    QTest::addColumn<quint64>("descriptors");
    QTest::addColumn<quint64>("wanted");
    QTest::addColumn<quint64>("most");
    const auto row = [](const char *name, quint64 descriptors, quint64 wanted, quint64 most) {
        QTest::newRow(name) << descriptors << wanted << most;
    };
    row("fewer than fit", 20'000, 100, 100);
    row("more than fit", 20'000, 100'000, 18'750);
    row("no limit of its own", 20'000, 0, 18'750);
    row("the usual soft limit", 1024, 100'000, 960);
    row("hardly any", 100, 100'000, 50);
    row("none, none", 0, 0, 0);
    row("no limit of files", 0, 7, 7);
}

void TestDescriptorLimit::connections()
{
    QFETCH(const quint64, descriptors);
    QFETCH(const quint64, wanted);
    QTEST(quint64(connectionsWithin(descriptors, wanted)), "most");
}

PARLOR_TEST(TestDescriptorLimit)
#include "tst_descriptorlimit.moc"
