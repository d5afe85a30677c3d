// SPDX-License-Identifier: MIT
#include "client-cli/chat/linedrawing.h"
#include "tests/support/testclass.h"

#include <QMap>
#include <QRandomGenerator>
#include <QTest>

#include <algorithm>
#include <wchar.h>

using namespace parlor::cli;
using namespace Qt::StringLiterals;

namespace {

/// A terminal as far as LineDrawing needs one. A cell has a character and the accents on it; the right half
/// of a wide one is empty.
class Screen
{
public:
    explicit Screen(TerminalSize size)
        : m_size(size)
    {
    }

    void feed(const std::string &bytes)
    {
        const std::u32string text = QString::fromStdString(bytes).toStdU32String();
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == U'\r')
                m_column = 0;
            else if (text[i] == U'\n')
                down();
            else if (text[i] == U'\x1b')
                i = sequence(text, i + 1);
            else
                put(text[i]);
        }
    }
    /// What is there stays where it is.
    void resize(TerminalSize size)
    {
        m_size = size;
        m_column = column();
    }
    /// From the top of what can be seen, without blanks at their ends.
    [[nodiscard]] QStringList rows() const
    {
        QStringList rows;
        for (int row = m_top; row <= (m_cells.isEmpty() ? m_top : m_cells.lastKey().first); ++row) {
            QString text;
            for (auto at = m_cells.lowerBound({row, 0}); at != m_cells.end() && at.key().first == row; ++at)
                text += *at;
            while (text.endsWith(QLatin1Char(' ')))
                text.chop(1);
            rows.append(text);
        }
        while (rows.size() > 1 && rows.last().isEmpty())
            rows.removeLast();
        return rows;
    }
    [[nodiscard]] int row() const { return m_row - m_top; }
    [[nodiscard]] int column() const { return std::min(m_column, m_size.columns - 1); }

private:
    void down()
    {
        ++m_row;
        m_top = std::max(m_top, m_row - m_size.rows + 1);
    }
    void put(char32_t c)
    {
        const int width = std::min(std::max(::wcwidth(static_cast<wchar_t>(c)), 0), m_size.columns);
        if (width == 0) {
            if (!m_cells.isEmpty())
                m_cells.last() += QString::fromUcs4(&c, 1);
            return;
        }
        if (m_column + width > m_size.columns) {
            m_column = 0;
            down();
        }
        m_cells.insert({m_row, m_column}, QString::fromUcs4(&c, 1));
        m_column += width;
    }
    std::size_t sequence(const std::u32string &text, std::size_t at)
    {
        int number = 0;
        for (++at; text[at] >= U'0' && text[at] <= U'9'; ++at)
            number = number * 10 + static_cast<int>(text[at] - U'0');
        switch (text[at]) {
        case U'A':
            m_row = std::max(m_row - number, m_top);
            break;
        case U'C':
            m_column = std::min(m_column + number, m_size.columns - 1);
            break;
        case U'J':
            m_cells.removeIf([this](const auto &cell) { return cell.key() >= std::pair(m_row, m_column); });
            break;
        default:
            qFatal("a sequence that no line needs");
        }
        return at;
    }

    TerminalSize m_size;
    int m_row = 0;
    int m_top = 0;
    int m_column = 0;
    QMap<std::pair<int, int>, QString> m_cells;
};

/// The whole text, arranged by the width of a terminal.
QStringList arranged(const QString &text, int columns)
{
    Screen screen({columns, 1'000'000});
    screen.feed(text.toStdString());
    return screen.rows();
}

} // namespace

/// What a terminal shows of the line that is edited.
class TestLineDrawing : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void draws_data();
    void draws();
    void anySize_data();
    void anySize();
    void leavesWhatIsAbove();
    void leavesWhatIsAboveInAnotherSize_data();
    void leavesWhatIsAboveInAnotherSize();
    void escapesWhatIsHarmful();
    void randomEdits();
};

void TestLineDrawing::draws_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("cursor");
    QTest::addColumn<QStringList>("rows");
    QTest::addColumn<int>("row");
    QTest::addColumn<int>("column");
    const auto row = [](const char *name, const QString &text, int cursor, const QStringList &rows, int at,
                        int column) { QTest::newRow(name) << text << cursor << rows << at << column; };
    // 6 columns, 3 rows; the prompt takes 2 columns
    row("nothing", u""_s, 0, {u">"_s}, 0, 2);
    row("at the end", u"abc"_s, 3, {u"> abc"_s}, 0, 5);
    row("at the start", u"abc"_s, 0, {u"> abc"_s}, 0, 2);
    row("a full row", u"abcd"_s, 4, {u"> abcd"_s}, 1, 0);
    row("within a full row", u"abcd"_s, 3, {u"> abcd"_s}, 0, 5);
    row("two rows", u"abcdef"_s, 6, {u"> abcd"_s, u"ef"_s}, 1, 2);
    row("the upper one", u"abcdef"_s, 1, {u"> abcd"_s, u"ef"_s}, 0, 3);
    row("wide", u"世界"_s, 1, {u"> 世界"_s}, 0, 4);
    row("wide, with no place", u"abc世"_s, 3, {u"> abc"_s, u"世"_s}, 1, 0);
    row("accent", u"ae\u0301b"_s, 3, {u"> ae\u0301b"_s}, 0, 4);
    row("too many rows, end", u"abcdefghijklmnop"_s, 16, {u"efghij"_s, u"klmnop"_s}, 2, 0);
    row("too many rows, middle", u"abcdefghijklmnopqrstuvwx"_s, 5, {u"efghij"_s, u"klmnop"_s, u"qrstuv"_s}, 0,
        1);
    row("too many rows, start", u"abcdefghijklmnopqrstuvwx"_s, 0, {u"> abcd"_s, u"efghij"_s, u"klmnop"_s}, 0,
        2);
}

void TestLineDrawing::draws()
{
    QFETCH(const QString, text);
    QFETCH(const int, cursor);
    const TerminalSize size{6, 3};
    Screen screen(size);
    LineDrawing drawing;
    for (int i = 0; i < 2; ++i) { // the second time over the first
        screen.feed(drawing.draw(u"> "_s, text.toStdU32String(), static_cast<std::size_t>(cursor), size));
        QTEST(screen.rows(), "rows");
        QTEST(screen.row(), "row");
        QTEST(screen.column(), "column");
    }
    screen.feed(drawing.clear(size));
    QCOMPARE(screen.rows(), QStringList{QString()});
    QCOMPARE(screen.column(), 0);
}

void TestLineDrawing::anySize_data()
{
    QTest::addColumn<int>("columns");
    QTest::addColumn<int>("rows");
    for (const int columns : {1, 2, 3, 80, 65535}) {
        for (const int rows : {1, 2, 24, 65535})
            QTest::addRow("%d columns, %d rows", columns, rows) << columns << rows;
    }
}

void TestLineDrawing::anySize()
{
    QFETCH(const int, columns);
    QFETCH(const int, rows);
    const TerminalSize size{columns, rows};
    const QString prompt = u"#general> "_s;
    const QString text = u"世e\u0301 xyz"_s.repeated(20);
    const QStringList all = arranged(prompt + text, columns);
    LineDrawing drawing;
    Screen screen(size);
    for (std::size_t cursor = 0; cursor <= text.toStdU32String().size(); ++cursor) {
        screen.feed(drawing.draw(prompt, text.toStdU32String(), cursor, size));
        const QStringList shown = screen.rows();
        QVERIFY(shown.size() <= rows);
        if (shown != QStringList{QString()}) // the row below a full one
            QVERIFY2(all.join(u'\n').contains(shown.join(u'\n')), qPrintable(shown.join(u'|')));
    }
}

void TestLineDrawing::leavesWhatIsAbove()
{
    const TerminalSize size{6, 4};
    Screen screen(size);
    LineDrawing drawing;
    screen.feed("above\r\n");
    screen.feed(drawing.draw(u"> "_s, U"abcdef", 6, size));
    screen.feed(drawing.draw(u"> "_s, U"a", 1, size));
    QCOMPARE(screen.rows(), QStringList({u"above"_s, u"> a"_s}));
    screen.feed(drawing.clear(size) + "more\r\n");
    screen.feed(drawing.draw(u"> "_s, U"ab", 1, size));
    QCOMPARE(screen.rows(), QStringList({u"above"_s, u"more"_s, u"> ab"_s}));
}

void TestLineDrawing::leavesWhatIsAboveInAnotherSize_data()
{
    QTest::addColumn<int>("before");
    QTest::addColumn<int>("after");
    for (const auto &[before, after] : {std::pair(40, 6), {6, 40}, {40, 1}, {9, 8}})
        QTest::addRow("%d columns, then %d", before, after) << before << after;
}

/// Some terminals arrange anew what they show when their width changes, and some do not. What others said
/// stays in both.
void TestLineDrawing::leavesWhatIsAboveInAnotherSize()
{
    QFETCH(const int, before);
    QFETCH(const int, after);
    constexpr int kRows = 30;
    const std::u32string text = U"abcdefghijklmno";
    for (const std::size_t cursor : {text.size(), std::size_t{4}}) {
        const auto feed = [&](Screen &screen, LineDrawing &drawing, int columns) {
            screen.feed("x\r\ny\r\n");
            screen.feed(drawing.draw(u"> "_s, text, cursor, {columns, kRows}));
        };
        LineDrawing drawing;
        Screen same({before, kRows});
        feed(same, drawing, before);
        same.resize({after, kRows});
        same.feed(drawing.clear({after, kRows}));
        QCOMPARE(same.rows().mid(0, 2), QStringList({u"x"_s, u"y"_s}));

        LineDrawing there;
        Screen rearranged({after, kRows});
        feed(rearranged, there, after);
        LineDrawing another;
        Screen unused({before, kRows});
        feed(unused, another, before);
        rearranged.feed(another.clear({after, kRows}));
        QCOMPARE(rearranged.rows().mid(0, 2), QStringList({u"x"_s, u"y"_s}));
    }
}

void TestLineDrawing::escapesWhatIsHarmful()
{
    const TerminalSize size{40, 3};
    Screen screen(size);
    LineDrawing drawing;
    screen.feed(drawing.draw(u"> "_s, U"a\x1b[2J\u202eb", 6, size));
    QCOMPARE(screen.rows(), QStringList{u"> a\\x1b[2J\\u{202e}b"_s});
    QCOMPARE(screen.column(), 18);
}

void TestLineDrawing::randomEdits()
{
    QRandomGenerator random(7);
    const QString letters = u"ab 世👋e\u0301\u202e"_s;
    const std::u32string some = letters.toStdU32String();
    for (int run = 0; run < 200; ++run) {
        const TerminalSize size{random.bounded(1, 20), random.bounded(1, 6)};
        Screen screen(size);
        LineDrawing drawing;
        std::u32string text;
        for (int step = 0; step < 30; ++step) {
            text.insert(text.begin() + random.bounded(static_cast<int>(text.size()) + 1),
                        some[random.bounded(static_cast<quint32>(some.size()))]);
            const auto cursor = random.bounded(static_cast<quint32>(text.size() + 1));
            screen.feed(drawing.draw(u"> "_s, text, cursor, size));
            Screen fresh(size);
            LineDrawing first;
            fresh.feed(first.draw(u"> "_s, text, cursor, size));
            QCOMPARE(screen.rows().last(), fresh.rows().last());
            QCOMPARE(screen.column(), fresh.column());
        }
    }
}

PARLOR_TEST_WITHIN(QCoreApplication, TestLineDrawing)
#include "tst_linedrawing.moc"
