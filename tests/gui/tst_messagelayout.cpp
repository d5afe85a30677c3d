// SPDX-License-Identifier: MIT
#include "client-gui/views/messagelayout.h"
#include "tests/support/testclass.h"

#include <QApplication>
#include <QTest>

using namespace parlor::gui;
using namespace Qt::StringLiterals;

using Delivery = MessageModel::Delivery;
using Action = MessageLayout::Action;
using Hit = MessageLayout::Hit;

/// Rectangles, not pixels: they hold with any font.
class TestMessageLayout : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void headAndBody();
    void aGroupedRowHasNoHead();
    void linesAbove_data();
    void linesAbove();
    void partsDoNotOverlap_data();
    void partsDoNotOverlap();
    void longTextsWrap();
    void longWordsWrap();
    void knowsWhereItsHeightChanges_data();
    void knowsWhereItsHeightChanges();
    void linksHaveARectangleOnEachLine();
    void linksAmongLettersFromTheRight();
    void stuckMessagesHaveActions();
    void longMessagesAreFolded();
    void neverTallerThanARowMayBe();
    void longNamesAreElided();
    void narrowIsStillSound();
    void mirrored();
    void days_data();
    void days();

private:
    static MessageRow row(const QString &text, Delivery delivery = Delivery::Received);
    [[nodiscard]] LayoutContext context(int width = 700) const
    {
        return {*m_fonts, lightTokens(), width, QDate(2026, 11, 24), u"jun"_s};
    }
    std::unique_ptr<MessageFonts> m_fonts;
};

void TestMessageLayout::initTestCase()
{
    QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom));
    QFont font(u"DejaVu Sans"_s);
    font.setPixelSize(14);
    m_fonts = std::make_unique<MessageFonts>(font);
}

MessageRow TestMessageLayout::row(const QString &text, Delivery delivery)
{
    MessageRow made;
    made.user = u"user"_s;
    made.name = u"Maren"_s;
    made.text = text;
    made.time = QDateTime(QDate(2026, 11, 24), QTime(10, 42));
    made.delivery = delivery;
    return made;
}

void TestMessageLayout::headAndBody()
{
    const MessageLayout layout(row(u"Hello"_s), context());
    QCOMPARE(layout.avatar.size(), QSize(36, 36));
    QVERIFY(layout.name.left() > layout.avatar.right());
    QVERIFY(layout.time.left() > layout.name.right());
    QCOMPARE(layout.timeText, u"10:42"_s);
    QCOMPARE(layout.body.left(), layout.name.left());
    QCOMPARE(layout.body.top(), layout.name.bottom() + 1);
    QCOMPARE(layout.body.height(), m_fonts->lineHeight);
    QCOMPARE(layout.message, QRect(0, 0, 700, layout.height));
    QVERIFY(layout.avatar.bottom() < layout.height + 4);
    QVERIFY(layout.mark.isEmpty() && layout.fold.isEmpty() && layout.resend.isEmpty());
    QCOMPARE(layout.lines, 1);
}

void TestMessageLayout::aGroupedRowHasNoHead()
{
    MessageRow grouped = row(u"Hello"_s);
    grouped.groupStart = false;
    const MessageLayout layout(grouped, context());
    QVERIFY(layout.avatar.isEmpty() && layout.name.isEmpty());
    QVERIFY(layout.time.right() < layout.body.left());
    QCOMPARE(layout.time.height(), layout.body.height());
    QVERIFY(layout.height < MessageLayout(row(u"Hello"_s), context()).height);
}

void TestMessageLayout::linesAbove_data()
{
    QTest::addColumn<bool>("gap");
    QTest::addColumn<bool>("day");
    QTest::addColumn<bool>("marker");
    for (int i = 0; i < 8; ++i)
        QTest::addRow("%d", i) << ((i & 1) != 0) << ((i & 2) != 0) << ((i & 4) != 0);
}

void TestMessageLayout::linesAbove()
{
    QFETCH(bool, gap);
    QFETCH(bool, day);
    QFETCH(bool, marker);
    MessageRow made = row(u"Hello"_s);
    const int plain = MessageLayout(made, context()).height;
    if (gap)
        made.gap = u"missing"_s;
    if (day)
        made.day = QDate(2026, 11, 24);
    made.marker = marker;
    const MessageLayout layout(made, context());
    QCOMPARE(layout.gapLine.isEmpty(), !gap);
    QCOMPARE(layout.dayLine.isEmpty(), !day);
    QCOMPARE(layout.markerLine.isEmpty(), !marker);
    const int above = layout.gapLine.height() + layout.dayLine.height() + layout.markerLine.height();
    QCOMPARE(layout.height, plain + above);
    QCOMPARE(layout.message, QRect(0, above, 700, plain));
    QCOMPARE(layout.dayText, day ? u"Today"_s : QString());
}

void TestMessageLayout::partsDoNotOverlap_data()
{
    QTest::addColumn<int>("width");
    QTest::addColumn<Delivery>("delivery");
    for (const int width : {300, 480, 700, 1600}) {
        QTest::addRow("received, %d", width) << width << Delivery::Received;
        QTest::addRow("queued, %d", width) << width << Delivery::Queued;
        QTest::addRow("failed, %d", width) << width << Delivery::Failed;
    }
}

void TestMessageLayout::partsDoNotOverlap()
{
    QFETCH(int, width);
    QFETCH(Delivery, delivery);
    MessageRow made = row(u"A text that needs some room. "_s.repeated(12), delivery);
    made.problem = u"A problem that needs some room too. "_s.repeated(4);
    const MessageLayout layout(made, context(width));
    const QList<QRect> parts{layout.avatar, layout.name,        layout.time,   layout.body,
                             layout.mark,   layout.problemBody, layout.resend, layout.discard};
    for (qsizetype i = 0; i < parts.size(); ++i) {
        QVERIFY(parts[i].isEmpty() || QRect(0, 0, width, layout.height).contains(parts[i]));
        for (qsizetype j = i + 1; j < parts.size(); ++j)
            QVERIFY2(!parts[i].intersects(parts[j]), qPrintable(QStringLiteral("%1 and %2").arg(i).arg(j)));
    }
    for (int i = 0; i < layout.text->lineCount(); ++i)
        QVERIFY(layout.text->lineAt(i).naturalTextWidth() <= layout.body.width());
}

void TestMessageLayout::longTextsWrap()
{
    const QString text = u"word "_s.repeated(200);
    const MessageLayout wide(row(text), context(700));
    const MessageLayout narrow(row(text), context(350));
    QVERIFY(wide.lines > 1);
    QVERIFY(narrow.lines > wide.lines);
    QCOMPARE(wide.body.height(), wide.lines * m_fonts->lineHeight);
}

void TestMessageLayout::longWordsWrap()
{
    const MessageLayout layout(row(QString(500, u'w')), context());
    QVERIFY(layout.lines > 1);
    QCOMPARE(MessageLayout(row(u"a\nb\n\nc"_s), context()).lines, 4);
}

void TestMessageLayout::knowsWhereItsHeightChanges_data()
{
    QTest::addColumn<QString>("text");
    QTest::newRow("one line") << u"A line of some words"_s;
    QTest::newRow("lines") << u"A line of some words\nand one that is longer than it\n"_s;
    QTest::newRow("code") << u"A `line` of **some**\n```\nint main() { return 0; }\n```"_s;
    QTest::newRow("long") << u"word "_s.repeated(200);
    QTest::newRow("nothing") << QString();
}

void TestMessageLayout::knowsWhereItsHeightChanges()
{
    QFETCH(QString, text);
    for (const int start : {300, 500, 900}) {
        const MessageLayout layout(row(text), context(start));
        for (int width = 150; width < 1200; width += 7) {
            if (width >= layout.sameHeightFrom)
                QCOMPARE(MessageLayout(row(text), context(width)).height, layout.height);
        }
        if (layout.lines < 8)
            QVERIFY2(layout.sameHeightFrom <= start, "short ones need no second look");
    }
}

void TestMessageLayout::linksHaveARectangleOnEachLine()
{
    const QString href = u"https://a.example/"_s + QString(120, u'x');
    const MessageLayout layout(row(u"See "_s + href + u" there"_s), context());
    QVERIFY(layout.links.size() >= 2);
    for (const MessageLayout::Link &link : layout.links) {
        QCOMPARE(link.href, href);
        QVERIFY(layout.body.contains(link.rect));
        QCOMPARE(layout.hitAt(link.rect.center()), (Hit{Action::OpenLink, href}));
    }
    QCOMPARE(layout.hitAt(layout.body.topLeft() + QPoint(2, 2)), Hit());
    QCOMPARE(layout.onlyLink(), href);
    QVERIFY(MessageLayout(row(u"http://a.example http://b.example"_s), context()).onlyLink().isEmpty());
}

void TestMessageLayout::linksAmongLettersFromTheRight()
{
    const MessageLayout layout(row(u"שלום https://a.example/b כאן"_s), context());
    QCOMPARE(layout.links.size(), 1);
    const QFontMetrics metrics(m_fonts->body);
    QVERIFY(qAbs(layout.links[0].rect.width() - metrics.horizontalAdvance(u"https://a.example/b"_s)) < 4);
    QVERIFY2(layout.links[0].rect.left() > layout.body.center().x(), "the text begins at the right");
}

void TestMessageLayout::stuckMessagesHaveActions()
{
    for (const Delivery delivery : {Delivery::Failed, Delivery::NeedsDecision}) {
        const MessageLayout layout(row(u"Hello"_s, delivery), context());
        QVERIFY(!layout.problemBody.isEmpty() && !layout.mark.isEmpty());
        QCOMPARE(layout.hitAt(layout.resend.center()), Hit{Action::Resend});
        QCOMPARE(layout.hitAt(layout.discard.center()), Hit{Action::Discard});
        QCOMPARE(layout.hitAt(layout.mark.center()), Hit());
    }
    for (const Delivery delivery :
         {Delivery::Queued, Delivery::Sending, Delivery::Unconfirmed, Delivery::Sent}) {
        const MessageLayout layout(row(u"Hello"_s, delivery), context());
        QVERIFY(layout.resend.isEmpty() && layout.problemBody.isEmpty() && !layout.mark.isEmpty());
    }
}

void TestMessageLayout::longMessagesAreFolded()
{
    const auto lines = [](int count) {
        QStringList all;
        for (int i = 0; i < count; ++i)
            all.append(QString::number(i));
        return all.join(u'\n');
    };
    const MessageLayout fits(row(lines(kFoldedLines)), context());
    QCOMPARE(fits.lines, kFoldedLines);
    QVERIFY(fits.fold.isEmpty());

    const MessageLayout folded(row(lines(kFoldedLines + 1)), context());
    QCOMPARE(folded.lines, kFoldedLines);
    QCOMPARE(folded.foldText, u"Show all"_s);
    QCOMPARE(folded.hitAt(folded.fold.center()), Hit{Action::Fold});

    LayoutContext unfolded = context();
    unfolded.folding = Folding::Unfolded;
    const MessageLayout all(row(lines(kFoldedLines + 1)), unfolded);
    QCOMPARE(all.lines, kFoldedLines + 1);
    QCOMPARE(all.foldText, u"Show less"_s);
    QVERIFY(all.height > folded.height);
    QVERIFY(MessageLayout(row(u"short"_s), unfolded).fold.isEmpty());
}

void TestMessageLayout::neverTallerThanARowMayBe()
{
    LayoutContext unfolded = context();
    unfolded.folding = Folding::Unfolded;
    for (const QString &text :
         {u"\n"_s.repeated(4000), u"a\n"_s.repeated(2000), u"```a```"_s.repeated(570)}) {
        const MessageLayout layout(row(text), unfolded);
        QVERIFY2(layout.height < SHRT_MAX, qPrintable(QString::number(layout.height)));
    }
}

void TestMessageLayout::longNamesAreElided()
{
    MessageRow made = row(u"Hello"_s);
    made.name = QString(32, u'W');
    const MessageLayout layout(made, context(300));
    QVERIFY(layout.nameText.endsWith(u'…'));
    QVERIFY(layout.time.right() < 300);
}

void TestMessageLayout::narrowIsStillSound()
{
    for (const int width : {0, 1, 50, 100}) {
        const MessageLayout layout(row(u"Hello, world"_s, Delivery::Failed), context(width));
        QVERIFY(layout.height > 0 && layout.height < SHRT_MAX);
    }
}

void TestMessageLayout::mirrored()
{
    MessageRow made = row(u"Hello https://a.example/"_s, Delivery::Failed);
    made.day = QDate(2026, 11, 24);
    const MessageLayout there(made, context());
    LayoutContext other = context();
    other.direction = Qt::RightToLeft;
    const MessageLayout here(made, other);
    QCOMPARE(here.height, there.height);
    QCOMPARE(here.avatar.right(), 700 - 1 - there.avatar.left());
    QCOMPARE(here.body.right(), 700 - 1 - there.body.left());
    QCOMPARE(here.mark.right(), 700 - 1 - there.mark.left());
    QCOMPARE(here.hitAt(here.links.first().rect.center()).action, Action::OpenLink);
    QVERIFY(here.body.contains(here.links.first().rect));
}

void TestMessageLayout::days_data()
{
    QTest::addColumn<QDate>("day");
    QTest::addColumn<QString>("name");
    QTest::newRow("today") << QDate(2026, 11, 24) << u"Today"_s;
    QTest::newRow("yesterday") << QDate(2026, 11, 23) << u"Yesterday"_s;
    QTest::newRow("this year") << QDate(2026, 11, 22) << u"Sunday, 22 November"_s;
    QTest::newRow("another year") << QDate(2025, 12, 31) << u"Wednesday, 31 December 2025"_s;
    QTest::newRow("a clock that is wrong") << QDate(2026, 11, 25) << u"Wednesday, 25 November"_s;
}

void TestMessageLayout::days()
{
    QFETCH(QDate, day);
    QTEST(dayName(day, QDate(2026, 11, 24)), "name");
}

PARLOR_TEST_WITHIN(QApplication, TestMessageLayout)
#include "tst_messagelayout.moc"
