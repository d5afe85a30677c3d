// SPDX-License-Identifier: MIT
#include "client-cli/chat/paste.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor::cli;
using namespace Qt::StringLiterals;

/// What becomes of pasted bytes. With a terminal: tests/integration/cli/tst_cliterminal.cpp.
class TestPaste : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void editable_data();
    void editable();
    void message_data();
    void message();
    void endIsFoundInPieces_data();
    void endIsFoundInPieces();
    void isBounded();
    void cutWithinACharacter();
    void bytesThatAreNoText_data();
    void bytesThatAreNoText();
};

void TestPaste::editable_data()
{
    QTest::addColumn<QByteArray>("pasted");
    QTest::addColumn<QString>("text");
    QTest::newRow("nothing") << QByteArray() << QString();
    QTest::newRow("one line") << QByteArray("a b") << u"a b"_s;
    QTest::newRow("each kind of line break") << QByteArray("a\rb\nc\r\nd\n\n") << u"a⏎b⏎c⏎d⏎⏎"_s;
    QTest::newRow("tab") << QByteArray("\tx") << u"    x"_s;
    QTest::newRow("control characters") << QByteArray("a\0\x01\x04\x1b[A\x7f\xc2\x9b"
                                                      "b",
                                                      12)
                                        << u"a[Ab"_s;
    QTest::newRow("the mark itself") << QByteArray("\xe2\x8f\x8e") << u"↵"_s;
    QTest::newRow("beyond the BMP") << QByteArray("\xf0\x9f\x8e\x89\n") << u"\U0001f389⏎"_s;
}

void TestPaste::editable()
{
    QFETCH(const QByteArray, pasted);
    QFETCH(const QString, text);
    QCOMPARE(paste::editable({pasted.constData(), static_cast<std::size_t>(pasted.size())}), text);
}

void TestPaste::message_data()
{
    QTest::addColumn<QString>("edited");
    QTest::addColumn<QString>("text");
    QTest::newRow("one line") << u"a b "_s << u"a b "_s;
    QTest::newRow("several") << u"⏎a⏎⏎b"_s << u"\na\n\nb"_s;
    QTest::newRow("none at the end") << u"a⏎⏎"_s << u"a"_s;
    QTest::newRow("nothing else") << u"⏎"_s << QString();
}

void TestPaste::message()
{
    QFETCH(const QString, edited);
    QFETCH(const QString, text);
    QCOMPARE(paste::message(paste::withoutBreaksAtEnd(edited)), text);
}

void TestPaste::endIsFoundInPieces_data()
{
    QTest::addColumn<std::size_t>("size");
    for (const std::size_t size : {1, 2, 3, 5, 7, 64})
        QTest::addRow("%zu bytes", size) << size;
}

void TestPaste::endIsFoundInPieces()
{
    QFETCH(const std::size_t, size);
    const std::string all = "one\x1b[20x\x1b\x1b[201~keys";
    PasteReader reader;
    std::optional<std::string> keys;
    std::size_t at = 0;
    for (; !keys; at += size) {
        QVERIFY(at < all.size());
        keys = reader.feed(std::string_view(all).substr(at, size));
    }
    QCOMPARE(*keys + all.substr(std::min(at, all.size())), std::string("keys"));
    QCOMPARE(reader.take(), std::optional(u"one[20x"_s));
    // and the next one
    QCOMPARE(reader.feed("two\x1b[201~"), std::optional(std::string()));
    QCOMPARE(reader.take(), std::optional(u"two"_s));
}

void TestPaste::isBounded()
{
    PasteReader reader;
    for (int i = 0; i < 100; ++i)
        QVERIFY(!reader.feed(std::string(4096, 'x')));
    QVERIFY(reader.feed("\x1b[201~"));
    QCOMPARE(static_cast<std::size_t>(reader.take().value_or(QString()).size()), PasteReader::kMaxBytes);
}

void TestPaste::cutWithinACharacter()
{
    PasteReader reader;
    const std::string wide = "\xe4\xb8\x96"; // three bytes
    std::string pasted;
    while (pasted.size() <= PasteReader::kMaxBytes)
        pasted += wide;
    QVERIFY(reader.feed(pasted + "\x1b[201~"));
    QCOMPARE(reader.take(), std::optional(QString(PasteReader::kMaxBytes / 3, u'\u4e16')));
}

void TestPaste::bytesThatAreNoText_data()
{
    QTest::addColumn<QByteArray>("pasted");
    QTest::newRow("Latin-1") << QByteArray("caf\xe9");
    QTest::newRow("overlong") << QByteArray("\xc0\xaf");
    QTest::newRow("surrogate") << QByteArray("\xed\xa0\x80");
    QTest::newRow("cut short") << QByteArray("\xe4\xb8");
}

void TestPaste::bytesThatAreNoText()
{
    QFETCH(const QByteArray, pasted);
    PasteReader reader;
    QVERIFY(reader.feed(pasted.toStdString() + "\x1b[201~"));
    QVERIFY(!reader.take());
    QVERIFY(reader.feed("next\x1b[201~"));
    QCOMPARE(reader.take(), std::optional(u"next"_s));
}

PARLOR_TEST(TestPaste)
#include "tst_paste.moc"
