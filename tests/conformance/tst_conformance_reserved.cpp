// SPDX-License-Identifier: MIT
#include "tests/conformance/conformancecase.h"
#include "tests/support/testclass.h"

using namespace parlor::test;

/// Group 3: without an extension that gives them a meaning, reserved bits end the connection; what was owed
/// before comes first, and nothing after.
class ReservedBitsTest : public EchoTest
{
    Q_OBJECT
private Q_SLOTS:
    void reservedBits_data();
    void reservedBits() { playRow(); }
};

void ReservedBitsTest::reservedBits_data()
{
    addColumn();
    const QByteArray hello = "Hello, world!";
    const auto with = [&hello](std::uint8_t opcode, std::uint8_t rsv) {
        return ClientFrame{.opcode = opcode, .payload = hello, .rsv = rsv}.bytes();
    };
    const QList<ServerFrame> echo{echoedText(hello)};
    add("3.1 text, RSV 1", {.sends = {with(Text, 1)}, .closedWith = 1002});
    add("3.2 text, then RSV 2, then ping, in one write",
        {.sends = {textFrame(hello) + with(Text, 2) + pingFrame({})}, .owed = echo, .closedWith = 1002});
    add("3.3 text, then RSV 3, then ping, frame by frame",
        {.sends = {textFrame(hello), with(Text, 3), pingFrame({})}, .owed = echo, .closedWith = 1002});
    add("3.4 text, then RSV 4, then ping, octet by octet",
        {.sends = {textFrame(hello), with(Text, 4), pingFrame({})},
         .owed = echo,
         .closedWith = 1002,
         .chop = 1});
    add("3.5 binary, RSV 5", {.sends = {with(Binary, 5)}, .closedWith = 1002});
    add("3.6 ping, RSV 6", {.sends = {with(Ping, 6)}, .closedWith = 1002});
    add("3.7 close, RSV 7", {.sends = {with(Close, 7)}, .closedWith = 1002});
}

PARLOR_TEST_WITHIN(QCoreApplication, ReservedBitsTest)
#include "tst_conformance_reserved.moc"
