// SPDX-License-Identifier: MIT
#include "tests/conformance/conformancecase.h"
#include "tests/support/testclass.h"

using namespace parlor::test;

/// Group 4: reserved opcodes end the connection; what was owed before comes first, and nothing after.
class OpcodesTest : public EchoTest
{
    Q_OBJECT
private Q_SLOTS:
    void opcodes_data();
    void opcodes() { playRow(); }
};

void OpcodesTest::opcodes_data()
{
    addColumn();
    static constexpr struct
    {
        const char *name;
        std::uint8_t opcode;
        const char *payload;
        bool textBefore;
        qsizetype chop;
    } kRows[] = {
        {"4.1.1 opcode 3", 3, "", false, 0},
        {"4.1.2 opcode 4 with payload", 4, "reserved", false, 0},
        {"4.1.3 text, opcode 5, ping", 5, "", true, 0},
        {"4.1.4 text, opcode 6 with payload, ping", 6, "reserved", true, 0},
        {"4.1.5 text, opcode 7 with payload, ping, octet by octet", 7, "reserved", true, 1},
        {"4.2.1 opcode 11", 11, "", false, 0},
        {"4.2.2 opcode 12 with payload", 12, "reserved", false, 0},
        {"4.2.3 text, opcode 13, ping", 13, "", true, 0},
        {"4.2.4 text, opcode 14 with payload, ping", 14, "reserved", true, 0},
        {"4.2.5 text, opcode 15 with payload, ping, octet by octet", 15, "reserved", true, 1},
    };
    for (const auto &row : kRows) {
        const QByteArray reserved = ClientFrame{.opcode = row.opcode, .payload = row.payload}.bytes();
        Case conversation{.sends = {reserved}, .closedWith = 1002, .chop = row.chop};
        if (row.textBefore) {
            conversation.sends = {textFrame("Hello, world!"), reserved, pingFrame({})};
            conversation.owed = {echoedText("Hello, world!")};
        }
        add(row.name, conversation);
    }
}

PARLOR_TEST_WITHIN(QCoreApplication, OpcodesTest)
#include "tst_conformance_opcodes.moc"
