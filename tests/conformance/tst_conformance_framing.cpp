// SPDX-License-Identifier: MIT
#include "tests/conformance/conformancecase.h"
#include "tests/support/testclass.h"

using namespace parlor::test;

/// Group 1: whole messages around the places where the length takes another form; and group 10: one that a
/// sender cuts by itself.
class FramingTest : public EchoTest
{
    Q_OBJECT
private Q_SLOTS:
    void wholeMessages_data();
    void wholeMessages() { playRow(); }
    void autoFragmentation_data();
    void autoFragmentation() { playRow(); }
};

void FramingTest::wholeMessages_data()
{
    addColumn();
    static constexpr struct
    {
        const char *textRow;
        const char *binaryRow;
        qsizetype size;
        qsizetype chop;
    } kRows[] = {
        {"1.1.1 text, 0 bytes", "1.2.1 binary, 0 bytes", 0, 0},
        {"1.1.2 text, 125 bytes", "1.2.2 binary, 125 bytes", 125, 0},
        {"1.1.3 text, 126 bytes", "1.2.3 binary, 126 bytes", 126, 0},
        {"1.1.4 text, 127 bytes", "1.2.4 binary, 127 bytes", 127, 0},
        {"1.1.5 text, 128 bytes", "1.2.5 binary, 128 bytes", 128, 0},
        {"1.1.6 text, 65535 bytes", "1.2.6 binary, 65535 bytes", 65535, 0},
        {"1.1.7 text, 65536 bytes", "1.2.7 binary, 65536 bytes", 65536, 0},
        {"1.1.8 text, 65536 bytes in chops of 997", "1.2.8 binary, 65536 bytes in chops of 997", 65536, 997},
    };
    for (const auto &row : kRows) {
        const QByteArray characters = sampleText(row.size);
        add(row.textRow,
            {.sends = {textFrame(characters)}, .owed = {echoedText(characters)}, .chop = row.chop});
        const QByteArray data = sampleBinary(row.size);
        add(row.binaryRow, {.sends = {binaryFrame(data)}, .owed = {echoedBinary(data)}, .chop = row.chop});
    }
}

void FramingTest::autoFragmentation_data()
{
    addColumn();
    const QByteArray characters = sampleText(65536);
    add("10.1.1 text, 65536 bytes in frames of 1300",
        {.sends = fragments(Text, characters, 1300), .owed = {echoedText(characters)}});
}

PARLOR_TEST_WITHIN(QCoreApplication, FramingTest)
#include "tst_conformance_framing.moc"
