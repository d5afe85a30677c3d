// SPDX-License-Identifier: MIT
#include "tests/conformance/conformancecase.h"
#include "tests/support/testclass.h"

using namespace parlor::test;

/// Group 9: large messages, whole, in many frames and in small writes; many small ones.
class LimitsTest : public EchoTest
{
    Q_OBJECT
private Q_SLOTS:
    void messages_data();
    void messages();
    void roundTrips_data();
    void roundTrips();
};

namespace {

constexpr qsizetype kKiB = 1024;
constexpr qsizetype kMiB = 1024 * kKiB;

QByteArray sample(bool isText, qsizetype bytes)
{
    return isText ? sampleText(bytes) : sampleBinary(bytes);
}

const char *kind(bool isText)
{
    return isText ? "text" : "binary";
}

} // namespace

void LimitsTest::messages_data()
{
    QTest::addColumn<bool>("isText");
    QTest::addColumn<qsizetype>("size");
    QTest::addColumn<qsizetype>("fragment");
    QTest::addColumn<qsizetype>("chop");
    for (const bool isText : {true, false}) {
        int number = 0;
        for (const qsizetype size : {64 * kKiB, 256 * kKiB, kMiB, 4 * kMiB, 8 * kMiB, 16 * kMiB}) {
            QTest::addRow("9.%d.%d %s, %d KiB", isText ? 1 : 2, ++number, kind(isText), int(size / kKiB))
                << isText << size << size << qsizetype(0);
        }
        number = 0;
        for (const qsizetype fragment : {qsizetype(64), qsizetype(256), kKiB, 4 * kKiB, 16 * kKiB, 64 * kKiB,
                                         256 * kKiB, kMiB, 4 * kMiB}) {
            QTest::addRow("9.%d.%d %s, 4 MiB in fragments of %d", isText ? 3 : 4, ++number, kind(isText),
                          int(fragment))
                << isText << 4 * kMiB << fragment << qsizetype(0);
        }
        number = 0;
        for (const qsizetype chop : {64, 128, 256, 512, 1024, 2048}) {
            QTest::addRow("9.%d.%d %s, 1 MiB in chops of %d", isText ? 5 : 6, ++number, kind(isText),
                          int(chop))
                << isText << kMiB << kMiB << chop;
        }
    }
}

void LimitsTest::messages()
{
    QFETCH(const bool, isText);
    QFETCH(const qsizetype, size);
    QFETCH(const qsizetype, fragment);
    QFETCH(const qsizetype, chop);
    const QByteArray message = sample(isText, size);
    const Opcode opcode = isText ? Text : Binary;
    PARLOR_EXPECT(play(
        port(),
        {.sends = {fragments(opcode, message, fragment).join()}, .owed = {{opcode, message}}, .chop = chop}));
}

void LimitsTest::roundTrips_data()
{
    QTest::addColumn<bool>("isText");
    QTest::addColumn<qsizetype>("size");
    for (const bool isText : {true, false}) {
        int number = 0;
        for (const qsizetype size : {0, 16, 64, 256, 1024, 4096}) {
            QTest::addRow("9.%d.%d 1000 times %s, %d bytes", isText ? 7 : 8, ++number, kind(isText),
                          int(size))
                << isText << size;
        }
    }
}

void LimitsTest::roundTrips()
{
    QFETCH(const bool, isText);
    QFETCH(const qsizetype, size);
    const ServerFrame echo{isText ? Text : Binary, sample(isText, size)};
    const QByteArray message = isText ? textFrame(echo.payload) : binaryFrame(echo.payload);
    RawWebSocket client;
    PARLOR_EXPECT(client.open(port(), echoUpgrade()));
    for (int i = 0; i < 1000; ++i) {
        QVERIFY(client.send(message));
        PARLOR_EXPECT(client.expectFrame(echo));
    }
    PARLOR_EXPECT(client.closeNormally());
}

PARLOR_TEST_WITHIN(QCoreApplication, LimitsTest)
#include "tst_conformance_limits.moc"
