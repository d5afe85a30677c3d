// SPDX-License-Identifier: MIT
#include "client-cli/chat/terminaltext.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor::cli;
using namespace Qt::StringLiterals;

class TestTerminalText : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void sanitises_data();
    void sanitises();
    void noControlSurvives();
    void indentsFurtherLines();
    void paletteOffAddsNothing();
    void paletteIsStable();
    void noColourWhereItIsRefused();
};

void TestTerminalText::sanitises_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("harmless");
    QTest::newRow("plain") << u"hello"_s << u"hello"_s;
    QTest::newRow("umlauts") << u"Grüße, 世界 👋"_s << u"Grüße, 世界 👋"_s;
    QTest::newRow("family emoji keeps its joiners") << u"👩\u200d👧"_s << u"👩\u200d👧"_s;
    QTest::newRow("colour") << u"\x1b[31mred\x1b[0m"_s << u"\\x1b[31mred\\x1b[0m"_s;
    QTest::newRow("title") << u"\x1b]0;pwned\x07"_s << u"\\x1b]0;pwned\\x07"_s;
    QTest::newRow("carriage return") << u"me: hi\rroot: hi"_s << u"me: hi\\x0droot: hi"_s;
    QTest::newRow("backspace") << u"no\b\byes"_s << u"no\\x08\\x08yes"_s;
    QTest::newRow("nul") << QString(QChar(0)) << u"\\x00"_s;
    QTest::newRow("delete") << u"\x7f"_s << u"\\x7f"_s;
    QTest::newRow("C1 CSI") << u"\u009b31m"_s << u"\\x9b31m"_s;
    QTest::newRow("C1 OSC") << u"\u009d0;x\u009c"_s << u"\\x9d0;x\\x9c"_s;
    QTest::newRow("right-to-left override") << u"a\u202eb"_s << u"a\\u{202e}b"_s;
    QTest::newRow("isolates") << u"\u2066x\u2069"_s << u"\\u{2066}x\\u{2069}"_s;
    QTest::newRow("marks") << u"\u200e\u200f\u061c"_s << u"\\u{200e}\\u{200f}\\u{061c}"_s;
    QTest::newRow("line separator") << u"a\u2028b"_s << u"a\\u{2028}b"_s;
    QTest::newRow("tag") << QString::fromUcs4(U"\U000e0041", 1) << u"\\u{e0041}"_s;
    const QString wales = u"\U0001F3F4\U000E0067\U000E0062\U000E0077\U000E006C\U000E0073\U000E007F"_s;
    QTest::newRow("flag of Wales") << wales << wales;
    QTest::newRow("tab") << u"a\tb"_s << u"a b"_s;
    QTest::newRow("line feed") << u"a\nb"_s << u"a\\nb"_s;
    QTest::newRow("lone surrogate") << QString(QChar(0xd800)) << u"\ufffd"_s;
}

void TestTerminalText::sanitises()
{
    QFETCH(QString, text);
    QFETCH(QString, harmless);
    QCOMPARE(sanitised(text), harmless);
}

void TestTerminalText::noControlSurvives()
{
    for (char32_t c = 0; c < 0x3000; ++c) {
        const QString out = sanitised(QString::fromUcs4(&c, 1));
        for (const QChar each : out) {
            QVERIFY2(each.category() != QChar::Other_Control, qUtf8Printable(QString::number(uint(c), 16)));
            const auto direction = each.direction();
            QVERIFY(direction != QChar::DirRLO && direction != QChar::DirLRO && direction != QChar::DirRLE &&
                    direction != QChar::DirLRE && direction != QChar::DirRLI && direction != QChar::DirLRI &&
                    direction != QChar::DirFSI);
        }
    }
}

void TestTerminalText::indentsFurtherLines()
{
    QCOMPARE(sanitised(u"a\n[general] root: b"_s, LineBreaks::Indent), u"a\n    [general] root: b"_s);
}

void TestTerminalText::paletteOffAddsNothing()
{
    const Palette palette(Palette::Use::Never);
    QCOMPARE(palette.bold(u"x"_s), u"x"_s);
    QCOMPARE(palette.named(u"x"_s, u"key"_s), u"x"_s);
}

void TestTerminalText::paletteIsStable()
{
    const Palette palette(Palette::Use::Always);
    QCOMPARE(palette.named(u"x"_s, u"key"_s), palette.named(u"x"_s, u"key"_s));
    QVERIFY(palette.named(u"x"_s, u"key"_s).endsWith(u"x\x1b[0m"_s));
}

void TestTerminalText::noColourWhereItIsRefused()
{
    QFile file(QStringLiteral("/dev/null"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(Palette::forDescriptor(file.handle()).bold(u"x"_s), u"x"_s);
}

PARLOR_TEST(TestTerminalText)
#include "tst_terminaltext.moc"
