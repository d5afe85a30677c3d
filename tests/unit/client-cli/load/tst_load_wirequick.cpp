// SPDX-License-Identifier: MIT
#include "client-cli/load/accounting/marker.h"
#include "client-cli/load/plan/random.h"
#include "client-cli/load/wire/dialect.h"
#include "client-cli/load/wire/quickmessage.h"
#include "shared/protocol/decoder.h"
#include "shared/protocol/encoder.h"
#include "shared/websocket/utf8.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor;
using namespace parlor::cli::load;

namespace {

constexpr std::uint16_t kRun = 7;

std::string markedContent(std::size_t size)
{
    std::string content;
    appendContent(content, {.run = kRun, .room = 1, .index = 4711, .sender = 3}, size);
    return content;
}

/// As parlor-server writes it.
std::string message(std::string_view content, std::uint64_t seq = 815, std::string_view cid = "7.4711",
                    std::string_view room = "load-1")
{
    Content written;
    written.text = content;
    std::string text;
    encode(text, frame::Any(frame::Message{.room = room,
                                           .seq = seq,
                                           .id = "01J8ZQ4K2M7V9X3C5B1N6D8F0G",
                                           .cid = cid,
                                           .sender = "0123456789abcdef",
                                           .user = "u-1",
                                           .username = "Zoë \"the\" Ω",
                                           .content = written,
                                           .timestamp = "2026-11-29T14:38:22.123Z"}));
    return text;
}

std::string plainMessage(std::size_t size)
{
    std::string text = message(markedContent(size));
    const std::string escaped = R"(Zoë \"the\" Ω)";
    text.replace(text.find(escaped), escaped.size(), "Zoë Ω");
    return text;
}

/// What is wrong with the quick reader, by the decoder's reading; empty if nothing is.
QString difference(Decoder &decoder, const std::string &text)
{
    const auto quick = readQuickly(text);
    if (!quick)
        return {};
    const auto decoded = decoder.frame(text);
    if (!decoded)
        return QStringLiteral("the decoder refuses %1").arg(QString::fromStdString(text));
    const auto *slow = std::get_if<frame::Message>(&*decoded);
    if (slow == nullptr || !slow->content.isString || slow->content.text != quick->content ||
        slow->seq != quick->seq || slow->room != quick->room || slow->deleted)
        return QStringLiteral("the decoder reads something else: %1").arg(QString::fromStdString(text));
    return {};
}

} // namespace

class TestLoadWireQuick : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void readsTheServersOwnForm_data();
    void readsTheServersOwnForm();
    void leavesOtherFormsToTheDecoder_data();
    void leavesOtherFormsToTheDecoder();
    void mutationsAreNeverReadOtherwise();
    void dialectReadsBothWaysAlike();
    void namesWithoutBounds();
    void readModes();
};

void TestLoadWireQuick::readsTheServersOwnForm_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<quint64>("seq");
    QTest::addColumn<qsizetype>("contentBytes");
    const auto row = [](const char *name, const std::string &text, quint64 seq, qsizetype bytes) {
        QTest::newRow(name) << QByteArray::fromStdString(text) << seq << bytes;
    };
    const auto unescaped = [](std::string text) {
        const std::string escaped = R"(Zoë \"the\" Ω)";
        return text.replace(text.find(escaped), escaped.size(), "Zoë");
    };
    row("usual", plainMessage(128), 815, 128);
    row("shortest", plainMessage(36), 815, 36);
    row("longest", plainMessage(4000), 815, 4000);
    row("no cid", unescaped(message("hello", 1, "")), 1, 5);
    row("empty content", unescaped(message("", 1)), 1, 0);
    row("seq of 18 digits", unescaped(message("x", 999'999'999'999'999'999)), 999'999'999'999'999'999, 1);
    row("beyond ASCII", unescaped(message("ΩΩ", 2, "c", "Räume")), 2, 4);
}

void TestLoadWireQuick::readsTheServersOwnForm()
{
    QFETCH(QByteArray, text);
    QFETCH(quint64, seq);
    QFETCH(qsizetype, contentBytes);
    const std::string frame = text.toStdString();
    const auto quick = readQuickly(frame);
    QVERIFY(quick);
    QCOMPARE(quick->seq, seq);
    QCOMPARE(static_cast<qsizetype>(quick->content.size()), contentBytes);
    Decoder decoder(0);
    QCOMPARE(difference(decoder, frame), QString());
}

void TestLoadWireQuick::leavesOtherFormsToTheDecoder_data()
{
    QTest::addColumn<QByteArray>("text");
    const std::string good = plainMessage(64);
    const auto row = [&good](const char *name, std::string_view from, std::string_view to) {
        std::string text = good;
        const std::size_t at = text.find(from);
        if (at != std::string::npos)
            text.replace(at, from.size(), to);
        QTest::newRow(name) << QByteArray::fromStdString(text == good ? std::string() : text);
    };
    row("escape in the content", "~P1:", R"(\u007eP1:)");
    row("escape elsewhere", "Zoë", R"(\u005aoë)");
    row("space", R"("seq":)", R"("seq": )");
    row("another type", R"("message")", R"("deleted")");
    row("the type again", R"(,"timestamp")", R"(,"type":"deleted","timestamp")");
    row("the content again", R"(,"timestamp")", R"(,"content":"x","timestamp")");
    row("a field more", R"(Z"})", R"(Z","deleted":{}})");
    row("content that is no string", R"("content":")", R"("content":7,"x":")");
    row("seq 0", R"("seq":815)", R"("seq":0)");
    row("seq with a leading zero", R"("seq":815)", R"("seq":0815)");
    row("negative seq", R"("seq":815)", R"("seq":-815)");
    row("seq as a fraction", R"("seq":815)", R"("seq":815.0)");
    row("seq with an exponent", R"("seq":815)", R"("seq":8e2)");
    row("seq as text", R"("seq":815)", R"("seq":"815")");
    row("seq past 64 bits", R"("seq":815)", R"("seq":18446744073709551616)");
    row("fields in another order", R"("room":"load-1","seq":815)", R"("seq":815,"room":"load-1")");
    row("no end", R"(Z"})", R"(Z")");
    row("more after the end", R"(Z"})", R"(Z"}})");
    row("a line end in a string", "load-1", "load\n1");
    row("a NUL in a string", "load-1", std::string_view("load\0001", 6));
    row("a byte order mark", R"({"type")", "\xEF\xBB\xBF{\"type\"");
    QTest::newRow("deleted message") << QByteArray(
        R"({"type":"message","room":"r","seq":1,"id":"i","sender":"s","user":"u","username":"n","content":"",)"
        R"("timestamp":"t","deleted":{"seq":2,"id":"j","user":"u","username":"n","timestamp":"t"}})");
    QTest::newRow("v1's echo") << QByteArray(
        R"({"type":"message","sender":"server","content":"x","timestamp":"t"})");
}

void TestLoadWireQuick::leavesOtherFormsToTheDecoder()
{
    QFETCH(QByteArray, text);
    QVERIFY2(!text.isEmpty(), "the row changes nothing");
    QVERIFY(!readQuickly(text.toStdString()));
}

/// Bytes changed, taken out, doubled, and put in from a list of what JSON is made of: whatever the quick
/// reader takes, the decoder reads to the same values.
void TestLoadWireQuick::mutationsAreNeverReadOtherwise()
{
    constexpr std::string_view kPieces[] = {"\"",
                                            "\\",
                                            "\\\"",
                                            ",",
                                            ":",
                                            "{",
                                            "}",
                                            "0",
                                            "1",
                                            "-",
                                            ".",
                                            "e",
                                            " ",
                                            "\n",
                                            "\t",
                                            "[",
                                            "]",
                                            "\\u0041",
                                            "ä",
                                            "\x7f",
                                            "a",
                                            R"(","seq":3,"x":")",
                                            R"("content":"y",)",
                                            R"("type":"ack",)"};
    Decoder decoder(0);
    Random random(1);
    std::size_t read = 0;
    std::size_t left = 0;
    for (const std::string &good : {plainMessage(64), message("x"), plainMessage(36)}) {
        for (int round = 0; round < 20'000; ++round) {
            std::string text = good;
            for (std::uint64_t changes = 1 + random.next() % 3; changes > 0; --changes) {
                const std::size_t at = random.next() % text.size();
                switch (random.next() % 4) {
                case 0:
                    text[at] = static_cast<char>(random.next() % 128);
                    break;
                case 1:
                    text.erase(at, 1 + random.next() % 8);
                    break;
                case 2:
                    text.insert(at, text.substr(at, random.next() % 40));
                    break;
                default:
                    text.insert(at, kPieces[random.next() % std::size(kPieces)]);
                }
                if (text.empty())
                    text = "{";
            }
            if (!websocket::isValidUtf8(text))
                continue;
            const QString wrong = difference(decoder, text);
            QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
            ++(readQuickly(text) ? read : left);
        }
    }
    QVERIFY2(read > 3000 && left > 3000, "the mutations are too wild, or too tame, to say anything");
}

void TestLoadWireQuick::dialectReadsBothWaysAlike()
{
    const auto dialect = newDialect(DialectName::V2, kRun);
    const std::string quick = plainMessage(128);
    std::string slow = quick;
    slow.insert(1, " ");
    QVERIFY(readQuickly(quick));
    QVERIFY(!readQuickly(slow));
    for (const std::string &text : {quick, slow}) {
        const Event event = dialect->read(text);
        const auto *delivery = std::get_if<Delivery>(&event);
        QVERIFY(delivery != nullptr);
        QCOMPARE(delivery->seq, std::uint64_t{815});
        QCOMPARE(delivery->content.state, MarkedContent::State::Intact);
        QCOMPARE(delivery->content.marker.index, 4711U);
    }
}

void TestLoadWireQuick::namesWithoutBounds()
{
    const auto dialect = newDialect(DialectName::V2, kRun);
    const auto sync = [](std::size_t size) {
        return R"({"type":"sync","room":"r","epoch":")" + std::string(size, 'e') +
               R"(","seq":4,"recovered":false,"events":[],"more":false})";
    };
    const auto greeting = [](std::size_t size) {
        return R"({"type":"connection","status":"connected","client_id":"c","hostname":"h",)"
               R"("protocol":"parlor.v2","ping_ms":25000,"server_time":1,"chat":")" +
               std::string(size, 'c') + R"("})";
    };
    QVERIFY(std::holds_alternative<event::Joined>(dialect->read(sync(128))));
    QVERIFY(std::holds_alternative<event::Malformed>(dialect->read(sync(129))));
    QVERIFY(std::holds_alternative<event::Greeted>(dialect->read(greeting(128))));
    QVERIFY(std::holds_alternative<event::Malformed>(dialect->read(greeting(129))));
}

void TestLoadWireQuick::readModes()
{
    const auto v2 = newDialect(DialectName::V2, kRun);
    const std::string text = plainMessage(64);
    const std::string ack =
        R"({"type":"ack","rid":2,"room":"r","id":"i","seq":5,"timestamp":"t","cid":"c","dup":false,"durable":true})";
    QVERIFY(std::holds_alternative<event::Counted>(v2->read(text, ReadMode::Count)));
    QVERIFY(std::holds_alternative<event::Answered>(v2->read(ack, ReadMode::Count)));
    QVERIFY(std::holds_alternative<event::Nothing>(v2->read(text, ReadMode::Skip)));
    QVERIFY(std::holds_alternative<event::Nothing>(v2->read(ack, ReadMode::Skip)));

    // The tutorial's servers write a space after colons and commas; the echo is an answer.
    const auto v1 = newDialect(DialectName::V1, kRun);
    const std::string content = markedContent(40);
    const auto v1Message = [&content](const std::string &sender) {
        return R"({"type": "message", "sender": ")" + sender + R"(", "content": ")" + content +
               R"(", "timestamp": "t"})";
    };
    QVERIFY(std::holds_alternative<event::Counted>(v1->read(v1Message("ab12"), ReadMode::Count)));
    QVERIFY(std::holds_alternative<event::Answered>(v1->read(v1Message("server"), ReadMode::Count)));
}

PARLOR_TEST(TestLoadWireQuick)
#include "tst_load_wirequick.moc"
