// SPDX-License-Identifier: MIT
#include "client-cli/chat/terminalinput.h"
#include "tests/support/testclass.h"

#include <QTest>

#include <unistd.h>

using parlor::cli::TerminalInput;

namespace {

/// A pipe in the place of a terminal.
class Keyboard
{
public:
    Keyboard()
    {
        if (::pipe(m_ends) != 0)
            qFatal("no pipe");
    }
    ~Keyboard()
    {
        ::close(m_ends[0]);
        hangUp();
    }
    Keyboard(const Keyboard &) = delete;
    Keyboard &operator=(const Keyboard &) = delete;
    [[nodiscard]] int descriptor() const { return m_ends[0]; }
    void type(std::string_view bytes)
    {
        QCOMPARE(::write(m_ends[1], bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    }
    void hangUp()
    {
        if (m_ends[1] >= 0)
            ::close(std::exchange(m_ends[1], -1));
    }

private:
    int m_ends[2] = {-1, -1};
};

} // namespace

class TestTerminalInput : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void bytes();
    void theEnd();
    void characters_data();
    void characters();
    void bytesThatAreNoText_data();
    void bytesThatAreNoText();
    void pasteBegins();
    void otherSequencesStay_data();
    void otherSequencesStay();
    void manyBytes();
};

void TestTerminalInput::bytes()
{
    Keyboard keyboard;
    TerminalInput input(keyboard.descriptor());
    QVERIFY(!input.hasInput());
    QVERIFY(!input.nextByte()); // and it is no end
    QVERIFY(!input.isAtEnd());
    keyboard.type("ab");
    QVERIFY(input.hasInput());
    QCOMPARE(input.nextByte(), std::optional<unsigned char>('a'));
    input.putBack("xy");
    for (const unsigned char each : {'x', 'y', 'b'})
        QCOMPARE(input.nextByte(), std::optional(each));
    QVERIFY(!input.hasInput());
}

void TestTerminalInput::theEnd()
{
    Keyboard keyboard;
    TerminalInput input(keyboard.descriptor());
    keyboard.type("a");
    keyboard.hangUp();
    QCOMPARE(input.nextByte(), std::optional<unsigned char>('a'));
    QVERIFY(!input.isAtEnd());
    QVERIFY(!input.nextByte());
    QVERIFY(input.isAtEnd());

    TerminalInput another(keyboard.descriptor());
    QVERIFY(!another.nextBytes());
    QVERIFY(another.isAtEnd());
}

void TestTerminalInput::characters_data()
{
    QTest::addColumn<QByteArray>("typed");
    QTest::addColumn<char32_t>("character");
    QTest::newRow("one byte") << QByteArray("a") << U'a';
    QTest::newRow("two bytes") << QByteArray("\xC3\xA4") << U'ä';
    QTest::newRow("three bytes") << QByteArray("\xE2\x82\xAC") << U'€';
    QTest::newRow("four bytes") << QByteArray("\xF0\x9F\x98\x80") << U'😀';
    QTest::newRow("a byte order mark") << QByteArray("\xEF\xBB\xBF") << U'\uFEFF';
}

void TestTerminalInput::characters()
{
    QFETCH(const QByteArray, typed);
    QFETCH(const char32_t, character);
    Keyboard keyboard;
    TerminalInput input(keyboard.descriptor());
    keyboard.type({typed.data(), static_cast<std::size_t>(typed.size())});
    const auto first = input.nextByte();
    QVERIFY(first);
    QCOMPARE(std::uint32_t(input.completed(*first).value_or(0)), std::uint32_t(character));
    QVERIFY(!input.hasInput());
}

void TestTerminalInput::bytesThatAreNoText_data()
{
    QTest::addColumn<QByteArray>("typed");
    QTest::newRow("a single byte") << QByteArray("\xFFx");
    QTest::newRow("a continuation") << QByteArray("\x80x");
    QTest::newRow("cut short") << QByteArray("\xE2\x82x");
    QTest::newRow("overlong") << QByteArray("\xE0\x80\x80x");
    QTest::newRow("surrogate") << QByteArray("\xED\xA0\x80x");
    QTest::newRow("beyond Unicode") << QByteArray("\xF4\x90\x80\x80x");
}

/// What follows is the next key.
void TestTerminalInput::bytesThatAreNoText()
{
    QFETCH(const QByteArray, typed);
    Keyboard keyboard;
    TerminalInput input(keyboard.descriptor());
    keyboard.type({typed.data(), static_cast<std::size_t>(typed.size())});
    const auto first = input.nextByte();
    QVERIFY(first);
    QVERIFY(!input.completed(*first));
    QCOMPARE(input.nextByte(), std::optional<unsigned char>('x'));
}

void TestTerminalInput::pasteBegins()
{
    Keyboard keyboard;
    TerminalInput input(keyboard.descriptor());
    keyboard.type("\x1b[200~text");
    QCOMPARE(input.nextByte(), std::optional<unsigned char>(0x1b));
    QVERIFY(input.takePasteBegin());
    QCOMPARE(input.nextBytes(), std::optional<std::string>("text"));
}

void TestTerminalInput::otherSequencesStay_data()
{
    QTest::addColumn<QByteArray>("rest"); ///< behind the Escape
    QTest::newRow("a lone Escape") << QByteArray();
    QTest::newRow("an arrow") << QByteArray("[A");
    QTest::newRow("nearly a paste") << QByteArray("[201~");
    QTest::newRow("a letter") << QByteArray("x");
}

void TestTerminalInput::otherSequencesStay()
{
    QFETCH(const QByteArray, rest);
    Keyboard keyboard;
    TerminalInput input(keyboard.descriptor());
    keyboard.type("\x1b" + rest.toStdString());
    QVERIFY(input.nextByte());
    QVERIFY(!input.takePasteBegin());
    std::string left;
    while (const auto byte = input.nextByte())
        left += static_cast<char>(*byte);
    QCOMPARE(left, rest.toStdString());
}

void TestTerminalInput::manyBytes()
{
    Keyboard keyboard;
    TerminalInput input(keyboard.descriptor());
    const std::string sent(10'000, 'x');
    keyboard.type(sent);
    std::string got;
    while (input.hasInput()) {
        const auto bytes = input.nextBytes();
        QVERIFY(bytes && bytes->size() <= 4096);
        got += *bytes;
    }
    QCOMPARE(got, sent);
    input.putBack("back");
    QCOMPARE(input.nextBytes(), std::optional<std::string>("back"));
}

PARLOR_TEST(TestTerminalInput)
#include "tst_terminalinput.moc"
