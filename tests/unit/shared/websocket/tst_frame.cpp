// SPDX-License-Identifier: MIT
#include "shared/websocket/frame.h"
#include "shared/websocket/mask.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor::websocket;

class TestFrame : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void headers_data();
    void headers();
    void maskAtEveryPhase();
    void closeReasonIsCutAtACodePoint();
    void boundaries();
};

void TestFrame::headers_data()
{
    QTest::addColumn<quint64>("size");
    QTest::addColumn<QByteArray>("header");
    QTest::newRow("0") << quint64(0) << QByteArray("\x81\x00", 2);
    QTest::newRow("125") << quint64(125) << QByteArray("\x81\x7D", 2);
    QTest::newRow("126") << quint64(126) << QByteArray("\x81\x7E\x00\x7E", 4);
    QTest::newRow("65535") << quint64(65535) << QByteArray("\x81\x7E\xFF\xFF", 4);
    QTest::newRow("65536") << quint64(65536) << QByteArray("\x81\x7F\x00\x00\x00\x00\x00\x01\x00\x00", 10);
}

void TestFrame::headers()
{
    QFETCH(quint64, size);
    QFETCH(QByteArray, header);
    std::array<char, kMaxServerHeader> out{};
    const std::size_t n = writeHeader(out, Opcode::Text, size);
    QCOMPARE(QByteArray(out.data(), static_cast<qsizetype>(n)), header);
}

void TestFrame::maskAtEveryPhase()
{
    const MaskKey key{0x12, 0x34, 0x56, 0x78};
    const std::string plain = "the quick brown fox jumps over the lazy dog";
    std::string bytewise = plain;
    for (std::size_t i = 0; i < plain.size(); ++i)
        bytewise[i] = static_cast<char>(plain[i] ^ static_cast<char>(key[i & 3]));
    for (std::size_t split = 0; split <= plain.size(); ++split) {
        std::string data = plain;
        applyMask(data.data(), split, key, 0);
        applyMask(data.data() + split, data.size() - split, key, split);
        QCOMPARE(data, bytewise);
    }
}

void TestFrame::closeReasonIsCutAtACodePoint()
{
    std::string out;
    appendClose(out, 1000, std::string(122, 'x') + "\xC3\xA9");
    QCOMPARE(out.size(), std::size_t(2 + 2 + 122)); // both octets would be one too many
    out.clear();
    appendClose(out, std::nullopt, "not sent");
    QCOMPARE(out, std::string("\x88\x00", 2));
}

void TestFrame::boundaries()
{
    std::string frames;
    std::vector<std::size_t> ends;
    for (std::size_t size : {std::size_t(0), std::size_t(5), std::size_t(300), std::size_t(70'000)}) {
        appendFrame(frames, Opcode::Text, std::string(size, 'x'));
        ends.push_back(frames.size());
    }
    std::size_t next = 0;
    for (std::size_t offset = 1; offset <= frames.size(); ++offset) {
        while (ends[next] < offset)
            ++next;
        if (frameBoundary(frames, offset) != ends[next])
            QFAIL(qPrintable(QStringLiteral("at %1").arg(offset)));
    }
    QCOMPARE(frameBoundary(frames, 0), std::size_t(0));
}

PARLOR_TEST(TestFrame)
#include "tst_frame.moc"
