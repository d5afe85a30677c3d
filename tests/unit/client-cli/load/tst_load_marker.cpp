// SPDX-License-Identifier: MIT
#include "client-cli/load/accounting/marker.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor::cli::load;
using namespace std::chrono_literals;
using State = MarkedContent::State;

namespace {

constexpr std::uint16_t kRun = 0xBEEF;

Marker marker()
{
    return {.run = kRun, .room = 2, .index = 0xFFFFFFF0, .sender = 0xFFFFFF, .planned = 207h, .lag = 1234us};
}

std::string content(std::size_t size)
{
    std::string text;
    appendContent(text, marker(), size);
    return text;
}

} // namespace

class TestLoadMarker : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void comesBack_data();
    void comesBack();
    void needsNoEscapes();
    void everyAlteredByteIsSeen();
    void everyCutIsSeen();
    void othersMessages();
    void lagSaturates();
};

void TestLoadMarker::comesBack_data()
{
    QTest::addColumn<int>("size");
    for (const int size : {36, 37, 128, 4000, 65535})
        QTest::addRow("%d", size) << size;
}

void TestLoadMarker::comesBack()
{
    QFETCH(int, size);
    const std::string text = content(static_cast<std::size_t>(size));
    QCOMPARE(text.size(), static_cast<std::size_t>(size));
    const MarkedContent read = readContent(text, kRun);
    QCOMPARE(read.state, State::Intact);
    QVERIFY(read.marker == marker());
}

void TestLoadMarker::needsNoEscapes()
{
    for (const char c : content(300))
        QVERIFY(c >= 0x20 && c < 0x7F && c != '"' && c != '\\');
}

void TestLoadMarker::everyAlteredByteIsSeen()
{
    const std::string text = content(100);
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::string altered = text;
        altered[i] = altered[i] == 'b' ? 'c' : 'b';
        const State expected = i < 4 ? State::Foreign : i < Marker::kBytes ? State::Damaged : State::Altered;
        QVERIFY2(readContent(altered, kRun).state == expected, qPrintable(QString::number(i)));
    }
}

void TestLoadMarker::everyCutIsSeen()
{
    const std::string text = content(100);
    for (std::size_t size = 4; size < text.size(); ++size)
        QVERIFY(readContent(text.substr(0, size), kRun).state != State::Intact);
    QCOMPARE(readContent(text + "x", kRun).state, State::Altered);
}

void TestLoadMarker::othersMessages()
{
    QCOMPARE(readContent(content(64), kRun + 1).state, State::Foreign);
    QCOMPARE(readContent("hello", kRun).state, State::Foreign);
    QCOMPARE(readContent("", kRun).state, State::Foreign);
}

void TestLoadMarker::lagSaturates()
{
    std::string text;
    appendContent(text, {.run = kRun, .planned = -1s, .lag = 1h}, Marker::kBytes);
    const MarkedContent read = readContent(text, kRun);
    QCOMPARE(read.marker.planned, Offset(0));
    QCOMPARE(read.marker.lag, Offset(0xFFFFFF));
}

PARLOR_TEST(TestLoadMarker)
#include "tst_load_marker.moc"
