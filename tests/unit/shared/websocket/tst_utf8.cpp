// SPDX-License-Identifier: MIT
#include "shared/websocket/utf8.h"
#include "tests/support/testclass.h"

#include <QString>
#include <QTest>

using namespace parlor::websocket;

class TestUtf8 : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void everyCodePoint();
    void failsAtTheFirstBadOctet_data();
    void failsAtTheFirstBadOctet();
    void anySplit();
};

void TestUtf8::everyCodePoint()
{
    for (char32_t c = 0; c <= 0x10FFFF; ++c) {
        if (c >= 0xD800 && c <= 0xDFFF)
            continue;
        const QByteArray bytes = QString::fromUcs4(&c, 1).toUtf8();
        if (!isValidUtf8({bytes.constData(), static_cast<std::size_t>(bytes.size())}))
            QFAIL(qPrintable(QStringLiteral("U+%1 was refused").arg(uint(c), 4, 16)));
    }
}

void TestUtf8::failsAtTheFirstBadOctet_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<int>("good"); // octets before the one that cannot be
    QTest::newRow("lone continuation") << QByteArray("a\x80") << 1;
    QTest::newRow("overlong of two") << QByteArray("\xC0\xAF") << 0;
    QTest::newRow("overlong of three") << QByteArray("\xE0\x9F\xBF") << 1;
    QTest::newRow("overlong of four") << QByteArray("\xF0\x8F\xBF\xBF") << 1;
    QTest::newRow("surrogate") << QByteArray("\xED\xA0\x80") << 1;
    QTest::newRow("past the end") << QByteArray("\xF4\x90\x80\x80") << 1;
    QTest::newRow("F5") << QByteArray("abcdefghij\xF5") << 10;
    QTest::newRow("unfinished") << QByteArray("\xE2\x82"
                                              "a")
                                << 2;
}

void TestUtf8::failsAtTheFirstBadOctet()
{
    QFETCH(QByteArray, bytes);
    QFETCH(int, good);
    Utf8Validator validator;
    for (int i = 0; i < good; ++i)
        QVERIFY(validator.feed({bytes.constData() + i, 1}));
    QVERIFY(!validator.feed({bytes.constData() + good, 1}));
    QVERIFY(!isValidUtf8({bytes.constData(), static_cast<std::size_t>(bytes.size())}));
}

void TestUtf8::anySplit()
{
    const std::string text = "plain ascii text, \xC3\xA9, \xE2\x82\xAC, \xF0\x9F\x98\x80 and more of it";
    for (std::size_t i = 0; i <= text.size(); ++i) {
        Utf8Validator validator;
        QVERIFY(validator.feed(std::string_view(text).substr(0, i)));
        QVERIFY(validator.feed(std::string_view(text).substr(i)));
        QVERIFY(validator.isComplete());
    }
    Utf8Validator validator;
    QVERIFY(validator.feed("\xE2\x82"));
    QVERIFY(!validator.isComplete());
}

PARLOR_TEST(TestUtf8)
#include "tst_utf8.moc"
