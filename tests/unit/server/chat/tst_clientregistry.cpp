// SPDX-License-Identifier: MIT
#include "server/chat/clientregistry.h"
#include "tests/support/testclass.h"

#include <QTest>

#include <algorithm>

using namespace parlor;

class TestClientRegistry : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void placesStayWhileOthersGo();
    void listsAsManyAsAsked();
};

void TestClientRegistry::placesStayWhileOthersGo()
{
    ClientRegistry registry;
    const auto a = registry.add(Ulid(1, 1));
    const auto b = registry.add(Ulid(2, 2));
    registry.remove(a);
    QCOMPARE(registry.ids(10), std::vector<std::string>({Ulid(2, 2).toString()}));
    const auto c = registry.add(Ulid(3, 3));
    QCOMPARE(c, a); // it does not grow with every one that ever came
    registry.replace(b, Ulid(4, 4));
    QCOMPARE(registry.at(b).toString(), Ulid(4, 4).toString());
    auto ids = registry.ids(10);
    std::sort(ids.begin(), ids.end());
    QCOMPARE(ids, std::vector<std::string>({Ulid(3, 3).toString(), Ulid(4, 4).toString()}));
}

void TestClientRegistry::listsAsManyAsAsked()
{
    ClientRegistry registry;
    for (std::uint64_t i = 1; i <= 200; ++i)
        (void)registry.add(Ulid(i, i));
    QCOMPARE(registry.ids(100).size(), std::size_t(100));
    QCOMPARE(registry.ids(1000).size(), std::size_t(200));
}

PARLOR_TEST(TestClientRegistry)
#include "tst_clientregistry.moc"
