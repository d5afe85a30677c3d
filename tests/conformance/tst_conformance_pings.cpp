// SPDX-License-Identifier: MIT
#include "tests/conformance/conformancecase.h"
#include "tests/support/testclass.h"

using namespace parlor::test;

/// Group 2: pings are answered with their payload, in order; pongs with nothing.
class PingsTest : public EchoTest
{
    Q_OBJECT
private Q_SLOTS:
    void pings_data();
    void pings() { playRow(); }
};

void PingsTest::pings_data()
{
    addColumn();
    const QByteArray longest(125, '\xfe');
    add("2.1 ping, empty", {.sends = {pingFrame({})}, .owed = {ponged({})}});
    add("2.2 ping, text", {.sends = {pingFrame("Hello, world!")}, .owed = {ponged("Hello, world!")}});
    const QByteArray noText = QByteArrayLiteral("\x00\xff\xfe\xfd\xfc\xfb\x00\xff");
    add("2.3 ping, not UTF-8", {.sends = {pingFrame(noText)}, .owed = {ponged(noText)}});
    add("2.4 ping, 125 bytes", {.sends = {pingFrame(longest)}, .owed = {ponged(longest)}});
    add("2.5 ping, 126 bytes", {.sends = {pingFrame(QByteArray(126, '\xfe'))}, .closedWith = 1002});
    add("2.6 ping, 125 bytes, octet by octet",
        {.sends = {pingFrame(longest)}, .owed = {ponged(longest)}, .chop = 1});
    add("2.7 pong unasked, empty", {.sends = {pongFrame({})}, .owed = {}});
    add("2.8 pong unasked, with payload", {.sends = {pongFrame("unsolicited")}, .owed = {}});
    add("2.9 pong unasked, then ping",
        {.sends = {pongFrame("unsolicited"), pingFrame("asked")}, .owed = {ponged("asked")}});

    Case ten;
    for (int i = 0; i < 10; ++i) {
        const QByteArray payload = "payload-" + QByteArray::number(i);
        ten.sends.append(pingFrame(payload));
        ten.owed.append(ponged(payload));
    }
    add("2.10 ten pings", ten);
    ten.chop = 1;
    add("2.11 ten pings, octet by octet", ten);
}

PARLOR_TEST_WITHIN(QCoreApplication, PingsTest)
#include "tst_conformance_pings.moc"
