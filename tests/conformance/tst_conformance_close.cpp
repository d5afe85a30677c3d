// SPDX-License-Identifier: MIT
#include "tests/conformance/conformancecase.h"
#include "tests/support/testclass.h"

using namespace parlor::test;

/// Group 7: a Close is answered with its own code, what was owed comes before it, nothing after; the server
/// then ends the TCP connection.
class CloseTest : public EchoTest
{
    Q_OBJECT
private Q_SLOTS:
    void around_data();
    void around() { playRow(); }
    void structure_data();
    void structure() { playRow(); }
    void codes_data();
    void codes() { playRow(); }
};

void CloseTest::around_data()
{
    addColumn();
    const QByteArray hello = "Hello World!";
    const QByteArray large = sampleText(256 * 1024);
    add("7.1.1 text, then close",
        {.sends = {textFrame(hello), closeFrame(1000)}, .owed = {echoedText(hello)}, .closedWith = 1000});
    add("7.1.2 two closes", {.sends = {closeFrame(1000) + closeFrame(1000)}, .closedWith = 1000});
    add("7.1.3 close, then ping", {.sends = {closeFrame(1000) + pingFrame("late")}, .closedWith = 1000});
    add("7.1.4 close, then text", {.sends = {closeFrame(1000) + textFrame(hello)}, .closedWith = 1000});
    add("7.1.5 fragment, close, last fragment",
        {.sends = {ClientFrame{.opcode = Text, .payload = "one", .fin = false}.bytes() + closeFrame(1000) +
                   ClientFrame{.opcode = Continuation, .payload = "two"}.bytes()},
         .closedWith = 1000});
    add("7.1.6 text of 256 KiB, close, ping",
        {.sends = {textFrame(large), closeFrame(1000), pingFrame("late")},
         .owed = {echoedText(large)},
         .closedWith = 1000});
}

void CloseTest::structure_data()
{
    addColumn();
    const QByteArray longest(123, '*');
    const auto raw = [](const QByteArray &payload) {
        return QList<QByteArray>{ClientFrame{.opcode = Close, .payload = payload}.bytes()};
    };
    add("7.3.1 empty", {.sends = {closeFrame(kNoStatus)}, .closedWith = kNoStatus});
    add("7.3.2 one byte", {.sends = raw("a"), .closedWith = 1002});
    add("7.3.3 a code", {.sends = {closeFrame(1000)}, .closedWith = 1000});
    add("7.3.4 a code and a reason", {.sends = {closeFrame(1000, "Hello World!")}, .closedWith = 1000});
    add("7.3.5 the longest reason", {.sends = {closeFrame(1000, longest)}, .closedWith = 1000});
    add("7.3.6 a reason too long", {.sends = {closeFrame(1000, longest + '*')}, .closedWith = 1002});
    const QByteArray bad = QByteArray::fromHex("cebae1bdb9cf83cebcceb5eda080656469746564");
    add("7.5.1 a reason that is not UTF-8", {.sends = {closeFrame(1000, bad)}, .closedWith = 1007});
    add("7.5.x a reason cut inside a character",
        {.sends = {closeFrame(1000, "caf\xc3")}, .closedWith = 1007});
    add("7.5.x a reason of many scripts",
        {.sends = {closeFrame(1000, "größe €𤭢 κόσμε")}, .closedWith = 1000});
}

void CloseTest::codes_data()
{
    addColumn();
    int number = 0;
    for (const int code : {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999}) {
        add(qPrintable(QStringLiteral("7.7.%1 close %2").arg(++number).arg(code)),
            {.sends = {closeFrame(code)}, .closedWith = code});
    }
    for (const int code : {1012, 1013, 1014}) { // registered after the RFC
        add(qPrintable(QStringLiteral("7.7.x close %1").arg(code)),
            {.sends = {closeFrame(code)}, .closedWith = code});
    }
    number = 0;
    for (const int code : {0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999}) {
        const QByteArray payload{QByteArray().append(char(code >> 8)).append(char(code & 0xff))};
        add(qPrintable(QStringLiteral("7.9.%1 close %2").arg(++number).arg(code)),
            {.sends = {ClientFrame{.opcode = Close, .payload = payload}.bytes()}, .closedWith = 1002});
    }
    add("7.9.x close 1015", {.sends = {closeFrame(1015)}, .closedWith = 1002});
    add("7.13.1 close 5000", {.sends = {closeFrame(5000)}, .closedWith = 1002});
    add("7.13.2 close 65535", {.sends = {closeFrame(65535)}, .closedWith = 1002});
}

PARLOR_TEST_WITHIN(QCoreApplication, CloseTest)
#include "tst_conformance_close.moc"
