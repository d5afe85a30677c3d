// SPDX-License-Identifier: MIT
#include "server/transport/slab.h"
#include "tests/support/testclass.h"

#include <QTest>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <set>
#include <vector>

using namespace parlor;

class TestSlab : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void objectsAreApart();
    void placesAreUsedAgain();
    void emptyPagesGoBack();
};

namespace {

constexpr std::size_t kBytes = 144;
constexpr std::size_t kMany = 1000;

std::vector<void *> take(Slab &slab, std::size_t count)
{
    std::vector<void *> objects(count);
    std::generate(objects.begin(), objects.end(), [&slab] { return slab.allocate(); });
    return objects;
}

} // namespace

void TestSlab::objectsAreApart()
{
    Slab slab(kBytes);
    const auto objects = take(slab, kMany);
    for (std::size_t i = 0; i < kMany; ++i)
        std::memset(objects[i], static_cast<int>(i % 251), kBytes);
    for (std::size_t i = 0; i < kMany; ++i) {
        const auto *const bytes = static_cast<const unsigned char *>(objects[i]);
        QVERIFY(std::all_of(bytes, bytes + kBytes, [i](unsigned char b) { return b == i % 251; }));
        QCOMPARE(reinterpret_cast<std::uintptr_t>(objects[i]) % alignof(std::max_align_t), std::uintptr_t(0));
    }
    // 16 KiB a page: what is not an object is less than a fiftieth
    QVERIFY(slab.pages() * 16 * 1024 < kMany * kBytes * 51 / 50 + 16 * 1024);
    for (void *const each : objects)
        Slab::release(each);
}

void TestSlab::placesAreUsedAgain()
{
    Slab slab(kBytes);
    auto objects = take(slab, kMany);
    const std::size_t pages = slab.pages();
    std::set<void *> released;
    for (std::size_t i = 0; i < kMany; i += 3) { // out of full pages, first, last and in between
        released.insert(objects[i]);
        Slab::release(objects[i]);
    }
    for (std::size_t i = 0; i < kMany; i += 3) {
        objects[i] = slab.allocate();
        QVERIFY(released.erase(objects[i]) == 1);
    }
    QCOMPARE(slab.pages(), pages);
    for (void *const each : objects)
        Slab::release(each);
}

void TestSlab::emptyPagesGoBack()
{
    Slab slab(kBytes);
    const auto objects = take(slab, kMany);
    QVERIFY(slab.pages() > 5);
    for (void *const each : objects)
        Slab::release(each);
    QCOMPARE(slab.pages(), std::size_t(1));
    void *const last = slab.allocate();
    QCOMPARE(slab.pages(), std::size_t(1));
    Slab::release(last);
}

PARLOR_TEST(TestSlab)
#include "tst_slab.moc"
