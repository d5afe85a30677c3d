// SPDX-License-Identifier: MIT
#include "client-gui/views/messageview.h"
#include "tests/gui/roomscript.h"
#include "tests/support/testclass.h"

#include <QApplication>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>
#include <QWheelEvent>

#include <memory>

using namespace parlor;
using namespace parlor::gui;
using namespace parlor::gui::test;
using namespace Qt::StringLiterals;

/// Where the view is, whatever happens to its rows.
class TestMessageViewScrolling : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void fewMessagesSitAtTheLowerEdge();
    void staysAtTheEnd();
    void keepsItsPlace_data();
    void keepsItsPlace();
    void scrollsAlthoughRowsAreNew();
    void theAnchorIsTakenAway();
    void nothingIsTrimmedThatSomebodyReads();
    void staysSoundWhenTheModelDies();
    void remembersThePlaceInEachRoom();
    void theButtonCountsAndGoes();
    void ownMessagesDoNotCount();
    void controlEndGoesToTheEnd();
    void wantsOlderOnesAtTheTop();
    void saysWhatIsSeen();
    void aTickLaysNothingOut();
    void oneMoreRowMakesOneLayout();
    void anotherWidthLaysOutWhatWraps();
    void theKeyboardStartsWhereTheEyeIs();

private:
    void fill(int count)
    {
        for (const ChatMessage &each : m_script.chatter(count))
            m_messages->add(each);
        settle();
    }
    void settle() { QCoreApplication::processEvents(); }
    [[nodiscard]] QScrollBar *bar() const { return m_view->verticalScrollBar(); }
    [[nodiscard]] QPushButton *button() const
    {
        return m_view->findChild<QPushButton *>(u"newMessagesButton"_s);
    }
    /// Pixels from the upper edge to the row with this key.
    [[nodiscard]] int topOf(quint64 key) const
    {
        return m_view->visualRect(m_messages->index(m_messages->rowOf(key))).top();
    }
    [[nodiscard]] quint64 keyOf(int row) const
    {
        return m_messages->index(row).data(MessageModel::KeyRole).toULongLong();
    }

    std::unique_ptr<Theme> m_theme;
    std::unique_ptr<MessageModel> m_messages;
    std::unique_ptr<MessageView> m_view;
    RoomScript m_script;
};

void TestMessageViewScrolling::initTestCase()
{
    m_theme = std::make_unique<Theme>();
}

void TestMessageViewScrolling::init()
{
    m_script = RoomScript();
    m_messages = std::make_unique<MessageModel>();
    m_messages->setSelf(RoomScript::self(u"Jun"_s));
    m_view = std::make_unique<MessageView>(*m_theme);
    m_view->resize(600, 400);
    m_view->setMessages(m_messages.get());
    m_view->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_view.get()));
}

void TestMessageViewScrolling::cleanup()
{
    m_view.reset();
    m_messages.reset();
}

void TestMessageViewScrolling::fewMessagesSitAtTheLowerEdge()
{
    fill(2);
    const QModelIndex last = m_messages->index(1);
    QCOMPARE(m_view->visualRect(last).bottom(), m_view->viewport()->height() - 1);
    QVERIFY(m_view->visualRect(m_messages->index(0)).top() > 100);
    QCOMPARE(m_view->indexAt(m_view->visualRect(last).center()), last);
    QVERIFY(!m_view->indexAt(QPoint(100, 50)).isValid());
    QVERIFY(m_view->isAtBottom());

    m_view->resize(600, 500);
    QCOMPARE(m_view->visualRect(last).bottom(), m_view->viewport()->height() - 1);
    fill(1);
    QCOMPARE(m_view->visualRect(m_messages->index(2)).bottom(), m_view->viewport()->height() - 1);
    fill(100); // and then they fill it
    QCOMPARE(m_view->visualRect(m_messages->index(102)).bottom(), m_view->viewport()->height() - 1);
    QVERIFY(bar()->maximum() > 0);
}

void TestMessageViewScrolling::staysAtTheEnd()
{
    fill(100);
    const auto lastIsVisible = [this] {
        const QModelIndex last = m_messages->index(m_messages->rowCount() - 1);
        return m_view->isAtBottom() && m_view->visualRect(last).bottom() == m_view->viewport()->height() - 1;
    };
    QVERIFY(lastIsVisible());
    fill(5);
    QVERIFY(lastIsVisible());
    m_view->resize(300, 300);
    QVERIFY(lastIsVisible());
    m_view->resize(900, 700);
    QVERIFY(lastIsVisible());
    m_messages->setOutgoing(m_script.writes(u"c"_s, u"mine"_s));
    settle();
    QVERIFY(lastIsVisible());
    m_messages->setOutgoing(m_script.writes(u"c"_s, u"mine"_s, OutboxState::Failed, u"No."_s));
    settle();
    QVERIFY(lastIsVisible());
    m_messages->removeOutgoing(u"c"_s);
    settle();
    QVERIFY(lastIsVisible());
}

void TestMessageViewScrolling::keepsItsPlace_data()
{
    QTest::addColumn<QString>("what");
    for (const char *what : {"prepend 200", "append 50", "append while it is prepended", "marker above",
                             "problem below", "wider", "narrower", "higher", "font", "theme"})
        QTest::newRow(what) << QString::fromLatin1(what);
}

void TestMessageViewScrolling::keepsItsPlace()
{
    QFETCH(QString, what);
    const QList<ChatMessage> older = m_script.chatter(200);
    fill(200);
    m_messages->setOutgoing(m_script.writes(u"c"_s, u"mine"_s));
    settle();
    bar()->setValue(bar()->maximum() / 2 + 7);
    QVERIFY(!m_view->isAtBottom());
    const QModelIndex first = m_view->indexAt(QPoint(1, 0));
    const quint64 key = first.data(MessageModel::KeyRole).toULongLong();
    const int top = topOf(key);

    if (what.contains(u"prepend"))
        m_messages->prepend(pageOf(older));
    if (what.startsWith(u"append"))
        fill(50);
    if (what == u"marker above")
        m_messages->setMarker(keyOf(20));
    if (what == u"problem below")
        m_messages->setOutgoing(m_script.writes(u"c"_s, u"mine"_s, OutboxState::Failed, u"No."_s));
    if (what == u"wider")
        m_view->resize(1100, 400);
    if (what == u"narrower")
        m_view->resize(320, 400);
    if (what == u"higher")
        m_view->resize(600, 650);
    if (what == u"font") {
        QFont larger = m_view->font();
        larger.setPixelSize(20);
        m_view->setFont(larger);
    }
    if (what == u"theme")
        m_theme->setScheme(m_theme->scheme() == Scheme::Dark ? Scheme::Light : Scheme::Dark);
    settle();
    QVERIFY2(qAbs(topOf(key) - top) <= 1, qPrintable(u"%1, was %2"_s.arg(topOf(key)).arg(top)));
    QVERIFY(!m_view->isAtBottom());
}

void TestMessageViewScrolling::scrollsAlthoughRowsAreNew()
{
    const QList<ChatMessage> older = m_script.chatter(200);
    fill(200);
    bar()->setValue(1000);
    const quint64 key = m_view->indexAt(QPoint(1, 0)).data(MessageModel::KeyRole).toULongLong();
    const int top = topOf(key);
    m_messages->prepend(pageOf(older)); // not laid out yet
    bar()->setValue(bar()->value() - 30);
    settle();
    QCOMPARE(topOf(key), top + 30);
}

void TestMessageViewScrolling::theAnchorIsTakenAway()
{
    fill(50);
    for (int i = 0; i < 30; ++i)
        m_messages->setOutgoing(m_script.writes(QString::number(i), u"mine "_s.repeated(50)));
    settle();
    bar()->setValue(bar()->value() + topOf(keyOf(60)) + 5);
    QVERIFY(!m_view->isAtBottom());
    QCOMPARE(m_view->indexAt(QPoint(1, 0)).row(), 60);
    const quint64 next = keyOf(61);
    m_messages->removeOutgoing(u"10"_s);
    settle();
    QCOMPARE(m_view->indexAt(QPoint(1, 0)).data(MessageModel::KeyRole).toULongLong(), next);
    QCOMPARE(topOf(next), 0);
}

void TestMessageViewScrolling::nothingIsTrimmedThatSomebodyReads()
{
    for (const ChatMessage &each : m_script.chatter(5400))
        m_messages->add(each);
    settle();
    bar()->setValue(3000);
    const quint64 key = m_view->indexAt(QPoint(1, 0)).data(MessageModel::KeyRole).toULongLong();
    const int top = topOf(key);
    QVERIFY(m_messages->rowOf(key) < 500);
    fill(201);
    QCOMPARE(m_messages->rowCount(), 5601);
    QCOMPARE(topOf(key), top);
    m_view->scrollToEnd();
    fill(1);
    QCOMPARE(m_messages->rowCount(), 5000);
    QVERIFY(m_view->isAtBottom());
}

void TestMessageViewScrolling::staysSoundWhenTheModelDies()
{
    fill(50);
    m_messages.reset();
    settle();
    QCOMPARE(m_view->messages(), nullptr);
    m_view->resize(500, 300);
    m_view->grab();
    m_view->setMessages(nullptr);
    m_messages = std::make_unique<MessageModel>();
    m_view->setMessages(m_messages.get());
    fill(50);
    QVERIFY(m_view->isAtBottom());
}

void TestMessageViewScrolling::remembersThePlaceInEachRoom()
{
    fill(200);
    bar()->setValue(1234);
    const quint64 key = m_view->indexAt(QPoint(1, 0)).data(MessageModel::KeyRole).toULongLong();
    const int top = topOf(key);
    const quint64 made = m_view->layoutCache().made();

    MessageModel other;
    RoomScript script;
    for (const ChatMessage &each : script.chatter(100))
        other.add(each);
    m_view->setMessages(&other);
    QVERIFY(m_view->isAtBottom());
    QCOMPARE(m_view->layoutCache().made(), made + 100);
    m_messages->add(m_script.says(u"Ann"_s, u"while nobody looks"_s));

    m_view->setMessages(m_messages.get());
    QCOMPARE(topOf(key), top);
    QVERIFY(!m_view->isAtBottom());
    QVERIFY(button()->isVisible());
    QCOMPARE(m_view->layoutCache().made(), made + 101);
    m_view->setMessages(&other);
    QVERIFY(m_view->isAtBottom());
    QVERIFY(!button()->isVisible());
    m_view->setMessages(nullptr);
    QVERIFY(!button()->isVisible());
}

void TestMessageViewScrolling::theButtonCountsAndGoes()
{
    fill(100);
    QVERIFY(!button()->isVisible());
    bar()->setValue(500);
    settle();
    QVERIFY2(!button()->isVisible(), "nothing came in yet");
    fill(3);
    QVERIFY(button()->isVisible());
    QCOMPARE(button()->text(), u"↓ 3 new"_s);
    QVERIFY(!button()->accessibleName().isEmpty());
    QVERIFY(m_view->viewport()->geometry().contains(button()->geometry()));
    QTest::mouseClick(button(), Qt::LeftButton);
    QVERIFY(m_view->isAtBottom());
    QVERIFY(!button()->isVisible());
    fill(2);
    QVERIFY2(!button()->isVisible(), "they are seen");
    bar()->setValue(500);
    fill(1);
    QCOMPARE(button()->text(), u"↓ 1 new"_s);
    bar()->setValue(bar()->maximum());
    QVERIFY(!button()->isVisible());
}

void TestMessageViewScrolling::ownMessagesDoNotCount()
{
    const QList<ChatMessage> older = m_script.chatter(20);
    fill(100);
    bar()->setValue(500);
    m_messages->setOutgoing(m_script.writes(u"c"_s, u"mine"_s, OutboxState::Failed, u"No."_s));
    m_messages->prepend(pageOf(older));
    settle();
    QVERIFY(!button()->isVisible());
    fill(2); // they come in above what we wrote
    QCOMPARE(button()->text(), u"↓ 2 new"_s);
}

void TestMessageViewScrolling::controlEndGoesToTheEnd()
{
    fill(100);
    bar()->setValue(0);
    QVERIFY(!m_view->isAtBottom());
    QTest::keyClick(m_view.get(), Qt::Key_End, Qt::ControlModifier);
    QVERIFY(m_view->isAtBottom());
}

void TestMessageViewScrolling::wantsOlderOnesAtTheTop()
{
    const QList<ChatMessage> oldest = m_script.chatter(50);
    const QList<ChatMessage> older = m_script.chatter(50);
    QSignalSpy wanted(m_view.get(), &MessageView::olderWanted);
    fill(2);
    QCOMPARE(wanted.size(), 1); // there is room for older ones
    fill(100);
    QCOMPARE(wanted.size(), 1);
    bar()->setValue(0);
    QCOMPARE(wanted.size(), 2);
    bar()->setValue(20);
    bar()->setValue(0);
    QCOMPARE(wanted.size(), 2); // the answer is on its way
    m_messages->prepend(pageOf(older));
    settle();
    QCOMPARE(wanted.size(), 2);
    QVERIFY(bar()->value() > 200);
    bar()->setValue(0);
    QCOMPARE(wanted.size(), 3);
    // No answer came, and somebody turns the wheel on.
    QWheelEvent wheel(QPointF(50, 50), m_view->mapToGlobal(QPointF(50, 50)), QPoint(), QPoint(0, 120),
                      Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
    QCoreApplication::sendEvent(m_view->viewport(), &wheel);
    QCOMPARE(wanted.size(), 4);
    m_messages->prepend(pageOf(oldest));
    m_messages->setComplete();
    settle();
    bar()->setValue(0);
    QCOMPARE(wanted.size(), 4);
}

void TestMessageViewScrolling::saysWhatIsSeen()
{
    QSignalSpy seen(m_view.get(), &MessageView::rowsSeen);
    fill(100);
    QCOMPARE(seen.last()[1].toInt(), 99);
    const int shown = 99 - seen.last()[0].toInt();
    QVERIFY(shown > 2 && shown < 20);
    fill(1);
    QCOMPARE(seen.last()[1].toInt(), 100);
    bar()->setValue(0);
    QCOMPARE(seen.last()[0].toInt(), 0);
    QVERIFY(seen.last()[1].toInt() < 20);
    // the lowest one only when all of it is in view
    bar()->setValue(m_view->visualRect(m_messages->index(10)).bottom() - m_view->viewport()->height());
    QCOMPARE(seen.last()[1].toInt(), 9);
    bar()->setValue(bar()->value() + 1);
    QCOMPARE(seen.last()[1].toInt(), 10);
    m_view->hide();
    const auto said = seen.size();
    m_view->scrollToEnd();
    QCOMPARE(seen.size(), said);
    m_view->show();
    QCOMPARE(seen.last()[1].toInt(), 100);
    // and one that has no room as soon as it begins at the upper edge
    m_messages->add(m_script.says(u"Rosa"_s, u"long\n"_s.repeated(39)));
    settle();
    QCOMPARE(seen.last()[0].toInt(), 101);
    QCOMPARE(seen.last()[1].toInt(), 101);
}

void TestMessageViewScrolling::aTickLaysNothingOut()
{
    fill(100);
    OutboxEntry entry = m_script.writes(u"c"_s, u"mine"_s);
    m_messages->setOutgoing(entry);
    settle();
    const quint64 made = m_view->layoutCache().made();
    entry.state = OutboxState::InFlight;
    m_messages->setOutgoing(entry);
    m_messages->acknowledge(m_script.accepts(entry));
    settle();
    m_view->grab();
    QCOMPARE(m_view->layoutCache().made(), made);
}

void TestMessageViewScrolling::oneMoreRowMakesOneLayout()
{
    for (const ChatMessage &each : m_script.chatter(5000))
        m_messages->add(each);
    settle();
    m_view->grab();
    const quint64 made = m_view->layoutCache().made();
    fill(1);
    m_view->grab();
    // The new one, and whatever came into view that was not kept.
    QVERIFY2(m_view->layoutCache().made() - made <= 3,
             qPrintable(QString::number(m_view->layoutCache().made() - made)));
    // A tick, a hover or a scroll by some rows do not need all of them either.
    bar()->setValue(bar()->maximum() / 2);
    m_view->grab();
    QVERIFY(m_view->layoutCache().made() - made <= 60);
}

void TestMessageViewScrolling::anotherWidthLaysOutWhatWraps()
{
    for (int i = 0; i < 1000; ++i)
        m_messages->add(m_script.says(u"Ann"_s, i % 100 == 0 ? u"long "_s.repeated(100) : u"short"_s));
    settle();
    const quint64 made = m_view->layoutCache().made();
    m_view->resize(700, 400);
    QCOMPARE(m_view->layoutCache().made() - made, 10);
}

void TestMessageViewScrolling::theKeyboardStartsWhereTheEyeIs()
{
    fill(100);
    QTest::keyClick(m_view.get(), Qt::Key_Up);
    QCOMPARE(m_view->currentIndex().row(), 99);
    QVERIFY(m_view->isAtBottom());
    QTest::keyClick(m_view.get(), Qt::Key_Up);
    QCOMPARE(m_view->currentIndex().row(), 98);
    QTest::keyClick(m_view.get(), Qt::Key_PageUp);
    QVERIFY(m_view->currentIndex().row() < 97);
    QTest::keyClick(m_view.get(), Qt::Key_Home);
    QCOMPARE(m_view->currentIndex().row(), 0);
    QCOMPARE(bar()->value(), 0);
    QTest::keyClick(m_view.get(), Qt::Key_End);
    QCOMPARE(m_view->currentIndex().row(), 99);
    QVERIFY(m_view->isAtBottom());
}

PARLOR_TEST_WITHIN(QApplication, TestMessageViewScrolling)
#include "tst_messageview_scrolling.moc"
