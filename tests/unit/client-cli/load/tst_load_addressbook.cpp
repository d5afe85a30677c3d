// SPDX-License-Identifier: MIT
#include "client-cli/load/wire/addressbook.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor::cli::load;
using namespace std::chrono_literals;

class TestLoadAddressBook : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void spreads();
    void avoidsWhatFailed();
    void allFailed();
};

void TestLoadAddressBook::spreads()
{
    const AddressBook book(std::vector<Address>(3));
    for (std::size_t i = 0; i < 7; ++i)
        QCOMPARE(book.choose(i, 0s), i % 3);
}

void TestLoadAddressBook::avoidsWhatFailed()
{
    AddressBook book(std::vector<Address>(3));
    book.noteFailure(1, 5s);
    QCOMPARE(book.choose(0, 5s), 0U);
    QCOMPARE(book.choose(1, 5s), 2U);
    QCOMPARE(book.choose(2, 5s), 0U);
    QCOMPARE(book.choose(1, 5s + AddressBook::kAvoid), 1U); // it may be well again
    book.noteFailure(0, 6s);
    for (std::size_t i = 0; i < 4; ++i)
        QCOMPARE(book.choose(i, 6s), 2U);
    book.noteSuccess(0);
    QCOMPARE(book.choose(0, 6s), 0U);
}

void TestLoadAddressBook::allFailed()
{
    AddressBook book(std::vector<Address>(2));
    book.noteFailure(0, 0s);
    book.noteFailure(1, 0s);
    QCOMPARE(book.choose(4, 1s), 0U);
    QCOMPARE(book.choose(5, 1s), 1U);
}

PARLOR_TEST(TestLoadAddressBook)
#include "tst_load_addressbook.moc"
