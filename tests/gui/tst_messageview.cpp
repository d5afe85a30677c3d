// SPDX-License-Identifier: MIT
#include "client-gui/views/messagedelegate.h"
#include "client-gui/views/messageview.h"
#include "client-gui/views/selecttextdialog.h"
#include "tests/gui/roomscript.h"
#include "tests/support/testclass.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QGuiApplication>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPointer>
#include <QSignalSpy>
#include <QTest>

#include <memory>

using namespace parlor;
using namespace parlor::gui;
using namespace parlor::gui::test;
using namespace Qt::StringLiterals;

/// What a person does with messages, by mouse and by keys.
class TestMessageView : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void aClickOpensALink();
    void aLinkHasAHand();
    void aClickBesideALinkSelects();
    void aPressThatLeavesDoesNothing();
    void retryAndDelete();
    void whatIsMissingIsAskedFor();
    void theKeysOfAStuckMessage();
    void copies();
    void copiesNothingWithoutASelection();
    void controlCIsOurs();
    void enterOpensTheOnlyLink();
    void foldsAndUnfolds();
    void selectsAPartOfAText();
    void theMenuOfAMessage_data();
    void theMenuOfAMessage();
    void theMenuActs();
    void saysThatThereIsNothing();
    void canBeRead();

private:
    [[nodiscard]] const MessageLayout &layoutOf(int row) const
    {
        return static_cast<const MessageDelegate *>(m_view->itemDelegate())->layout(m_messages->index(row));
    }
    [[nodiscard]] QPoint at(int row, const QRect &part) const
    {
        return m_view->visualRect(m_messages->index(row)).topLeft() + part.center();
    }
    void say(const QString &name, const QString &text)
    {
        m_messages->add(m_script.says(name, text));
        QCoreApplication::processEvents();
    }
    void write(const QString &cid, OutboxState state)
    {
        m_messages->setOutgoing(m_script.writes(cid, u"mine"_s, state, u"No."_s));
        QCoreApplication::processEvents();
    }
    [[nodiscard]] QMenu *openMenu(int row);

    std::unique_ptr<Theme> m_theme;
    std::unique_ptr<MessageModel> m_messages;
    std::unique_ptr<MessageView> m_view;
    RoomScript m_script;
};

void TestMessageView::initTestCase()
{
    QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom));
    m_theme = std::make_unique<Theme>();
}

void TestMessageView::init()
{
    m_script = RoomScript(QDateTime(QDate(2026, 11, 24), QTime(10, 42)));
    m_messages = std::make_unique<MessageModel>();
    m_messages->setSelf(RoomScript::self(u"jun"_s));
    m_view = std::make_unique<MessageView>(*m_theme);
    m_view->resize(600, 400);
    m_view->setMessages(m_messages.get());
    m_view->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_view.get()));
    QGuiApplication::clipboard()->clear();
}

void TestMessageView::cleanup()
{
    m_view.reset();
    m_messages.reset();
}

QMenu *TestMessageView::openMenu(int row)
{
    const QPoint point = at(row, layoutOf(row).body);
    QContextMenuEvent event(QContextMenuEvent::Mouse, point, m_view->viewport()->mapToGlobal(point));
    QCoreApplication::sendEvent(m_view->viewport(), &event);
    return m_view->findChild<QMenu *>(u"messageMenu"_s);
}

void TestMessageView::aClickOpensALink()
{
    QSignalSpy opened(m_view.get(), &MessageView::linkActivated);
    say(u"alice"_s, u"See https://a.example/ü and http://b.example/"_s);
    QTest::mouseClick(m_view->viewport(), Qt::LeftButton, {}, at(0, layoutOf(0).links[0].rect));
    QTest::mouseClick(m_view->viewport(), Qt::LeftButton, {}, at(0, layoutOf(0).links[1].rect));
    QCOMPARE(opened.size(), 2);
    QCOMPARE(opened[0][0].toUrl(), QUrl(u"https://a.example/%C3%BC"_s));
    QCOMPARE(opened[1][0].toUrl(), QUrl(u"http://b.example/"_s));
    QVERIFY2(!m_view->selectionModel()->hasSelection(), "a link is not selected by the way");
    QTest::mouseClick(m_view->viewport(), Qt::RightButton, {}, at(0, layoutOf(0).links[0].rect));
    QCOMPARE(opened.size(), 2);
}

void TestMessageView::aLinkHasAHand()
{
    say(u"alice"_s, u"See https://a.example/ there"_s);
    QTest::mouseMove(m_view->viewport(), at(0, layoutOf(0).links[0].rect));
    QTRY_COMPARE(m_view->viewport()->cursor().shape(), Qt::PointingHandCursor);
    QTest::mouseMove(m_view->viewport(), at(0, layoutOf(0).name));
    QTRY_COMPARE(m_view->viewport()->cursor().shape(), Qt::ArrowCursor);
}

void TestMessageView::aClickBesideALinkSelects()
{
    QSignalSpy opened(m_view.get(), &MessageView::linkActivated);
    say(u"alice"_s, u"See https://a.example/"_s);
    QTest::mouseClick(m_view->viewport(), Qt::LeftButton, {}, at(0, layoutOf(0).avatar));
    QCOMPARE(opened.size(), 0);
    QVERIFY(m_view->selectionModel()->isSelected(m_messages->index(0)));
}

void TestMessageView::aPressThatLeavesDoesNothing()
{
    QSignalSpy opened(m_view.get(), &MessageView::linkActivated);
    say(u"alice"_s, u"See https://a.example/"_s);
    QTest::mousePress(m_view->viewport(), Qt::LeftButton, {}, at(0, layoutOf(0).links[0].rect));
    QTest::mouseRelease(m_view->viewport(), Qt::LeftButton, {}, at(0, layoutOf(0).avatar));
    QCOMPARE(opened.size(), 0);
}

void TestMessageView::retryAndDelete()
{
    QSignalSpy resend(m_view.get(), &MessageView::resendRequested);
    QSignalSpy discard(m_view.get(), &MessageView::discardRequested);
    write(u"c1"_s, OutboxState::Failed);
    write(u"c2"_s, OutboxState::NeedsDecision);
    QTest::mouseClick(m_view->viewport(), Qt::LeftButton, {}, at(1, layoutOf(1).resend));
    QCOMPARE(resend.size(), 1);
    QCOMPARE(resend[0][0].toString(), u"c2"_s);
    QTest::mouseClick(m_view->viewport(), Qt::LeftButton, {}, at(0, layoutOf(0).discard));
    QCOMPARE(discard.size(), 1);
    QCOMPARE(discard[0][0].toString(), u"c1"_s);
    QCOMPARE(resend.size(), 1);
}

void TestMessageView::whatIsMissingIsAskedFor()
{
    QSignalSpy wanted(m_view.get(), &MessageView::gapWanted);
    say(u"Ann"_s, u"one"_s);
    m_messages->addGap(u"Some are missing"_s, MessageModel::Gap::Final);
    say(u"Ann"_s, u"two"_s);
    QCOMPARE(wanted.size(), 0);
    QTest::mouseClick(m_view->viewport(), Qt::LeftButton, {}, at(1, layoutOf(1).gapLine));
    QCOMPARE(wanted.size(), 0);
    QCOMPARE(layoutOf(1).gapText, u"Some are missing"_s);

    m_messages->addGap(u"More are missing"_s, MessageModel::Gap::Open);
    say(u"Ann"_s, u"three"_s);
    const quint64 key = m_messages->index(2).data(MessageModel::KeyRole).toULongLong();
    QCOMPARE(layoutOf(2).gapText, u"More are missing · Load"_s);
    QCOMPARE(wanted.size(), 1); // it is seen, and once is enough
    say(u"Ann"_s, u"four"_s);
    QCOMPARE(wanted.size(), 1);
    QTest::mouseClick(m_view->viewport(), Qt::LeftButton, {}, at(2, layoutOf(2).gapLine));
    QCOMPARE(wanted.size(), 2);
    m_view->setCurrentIndex(m_messages->index(2));
    QTest::keyClick(m_view.get(), Qt::Key_Return);
    QCOMPARE(wanted.size(), 3);
    for (const QList<QVariant> &each : wanted)
        QCOMPARE(each[0].toULongLong(), key);
}

void TestMessageView::theKeysOfAStuckMessage()
{
    QSignalSpy resend(m_view.get(), &MessageView::resendRequested);
    QSignalSpy discard(m_view.get(), &MessageView::discardRequested);
    say(u"alice"_s, u"hello"_s);
    write(u"c1"_s, OutboxState::Failed);
    m_view->setCurrentIndex(m_messages->index(1));
    QTest::keyClick(m_view.get(), Qt::Key_Return);
    QCOMPARE(resend.size(), 1);
    QTest::keyClick(m_view.get(), Qt::Key_Delete);
    QCOMPARE(discard.size(), 1);
    QCOMPARE(discard[0][0].toString(), u"c1"_s);
    m_view->setCurrentIndex(m_messages->index(0));
    QTest::keyClick(m_view.get(), Qt::Key_Return);
    QTest::keyClick(m_view.get(), Qt::Key_Delete);
    QCOMPARE(resend.size() + discard.size(), 2);
}

void TestMessageView::copies()
{
    say(u"alice"_s, u"one"_s);
    say(u"bob"_s, u"two\nlines\u202e"_s);
    say(u"carol"_s, u"three"_s);
    // In the order of the messages, not of the clicks.
    QTest::mouseClick(m_view->viewport(), Qt::LeftButton, {}, at(1, layoutOf(1).body));
    QTest::mouseClick(m_view->viewport(), Qt::LeftButton, Qt::ControlModifier, at(0, layoutOf(0).body));
    QTest::keyClick(m_view.get(), Qt::Key_C, Qt::ControlModifier);
    QCOMPARE(QGuiApplication::clipboard()->text(), u"[10:42] alice: one\n[10:42] bob: two\nlines\ufffd"_s);
}

void TestMessageView::copiesNothingWithoutASelection()
{
    QGuiApplication::clipboard()->setText(u"kept"_s);
    say(u"alice"_s, u"one"_s);
    QTest::keyClick(m_view.get(), Qt::Key_C, Qt::ControlModifier);
    QCOMPARE(QGuiApplication::clipboard()->text(), u"kept"_s);
    m_view->setMessages(nullptr);
    m_view->copySelection();
    QCOMPARE(QGuiApplication::clipboard()->text(), u"kept"_s);
}

void TestMessageView::controlCIsOurs()
{
    // A window's menu has Ctrl+C too.
    QWidget window;
    window.resize(600, 400);
    QAction copy;
    copy.setShortcut(QKeySequence::Copy);
    QSignalSpy triggered(&copy, &QAction::triggered);
    window.addAction(&copy);
    m_view->setParent(&window);
    m_view->show();
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    window.activateWindow();
    m_view->setFocus();
    say(u"alice"_s, u"one"_s);
    m_view->selectAll();
    QTest::keyClick(&window, Qt::Key_C, Qt::ControlModifier);
    QTest::keyClick(m_view.get(), Qt::Key_C, Qt::ControlModifier);
    QCOMPARE(QGuiApplication::clipboard()->text(), u"[10:42] alice: one"_s);
    m_view->setParent(nullptr);
}

void TestMessageView::enterOpensTheOnlyLink()
{
    QSignalSpy opened(m_view.get(), &MessageView::linkActivated);
    say(u"alice"_s, u"See https://a.example/"_s);
    say(u"alice"_s, u"https://a.example/ or https://b.example/"_s);
    m_view->setCurrentIndex(m_messages->index(1));
    QTest::keyClick(m_view.get(), Qt::Key_Return);
    QCOMPARE(opened.size(), 0);
    m_view->setCurrentIndex(m_messages->index(0));
    QTest::keyClick(m_view.get(), Qt::Key_Return);
    QCOMPARE(opened.size(), 1);
}

void TestMessageView::foldsAndUnfolds()
{
    say(u"alice"_s, u"line\n"_s.repeated(60));
    const int folded = layoutOf(0).height;
    QTest::mouseClick(m_view->viewport(), Qt::LeftButton, {}, at(0, layoutOf(0).fold));
    const int unfolded = layoutOf(0).height;
    QVERIFY(unfolded > folded);
    QCOMPARE(m_view->visualRect(m_messages->index(0)).height(), unfolded);
    m_view->setCurrentIndex(m_messages->index(0));
    QTest::keyClick(m_view.get(), Qt::Key_Return);
    QCOMPARE(m_view->visualRect(m_messages->index(0)).height(), folded);
}

void TestMessageView::selectsAPartOfAText()
{
    say(u"alice"_s, u"some **text**"_s);
    const auto dialog = [this] { return m_view->findChild<SelectTextDialog *>(); };
    QTest::mouseDClick(m_view->viewport(), Qt::LeftButton, {}, at(0, layoutOf(0).body));
    QPointer<SelectTextDialog> opened = dialog();
    QVERIFY(opened);
    QVERIFY(opened->isVisible());
    auto *edit = opened->findChild<QPlainTextEdit *>();
    QVERIFY(edit && edit->isReadOnly());
    QVERIFY(!edit->accessibleName().isEmpty());
    QCOMPARE(edit->toPlainText(), u"some **text**"_s);
    QTest::keyClick(opened, Qt::Key_Escape);
    QTRY_VERIFY(opened.isNull());
    m_view->setCurrentIndex(m_messages->index(0));
    QTest::keyClick(m_view.get(), Qt::Key_Return, Qt::ShiftModifier);
    QVERIFY(dialog());
}

void TestMessageView::theMenuOfAMessage_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<std::optional<OutboxState>>("state"); // nullopt: somebody else's
    QTest::addColumn<QStringList>("actions");
    QTest::newRow("plain") << u"hello"_s << std::optional<OutboxState>()
                           << QStringList({u"Copy"_s, u"Select text…"_s});
    QTest::newRow("link") << u"http://a.example"_s << std::optional<OutboxState>()
                          << QStringList({u"Copy"_s, u"Copy link"_s, u"Select text…"_s});
    QTest::newRow("waits") << u"hello"_s << std::optional(OutboxState::Queued)
                           << QStringList({u"Delete"_s, u"Copy"_s, u"Select text…"_s});
    QTest::newRow("not confirmed") << u"hello"_s << std::optional(OutboxState::Unconfirmed)
                                   << QStringList({u"Delete"_s, u"Copy"_s, u"Select text…"_s});
    QTest::newRow("on its way") << u"hello"_s << std::optional(OutboxState::InFlight)
                                << QStringList({u"Copy"_s, u"Select text…"_s});
    QTest::newRow("stuck") << u"hello"_s << std::optional(OutboxState::Failed)
                           << QStringList({u"Retry"_s, u"Delete"_s, u"Copy"_s, u"Select text…"_s});
}

void TestMessageView::theMenuOfAMessage()
{
    QFETCH(QString, text);
    QFETCH(std::optional<OutboxState>, state);
    if (state)
        write(u"c1"_s, *state);
    else
        say(u"alice"_s, text);
    QMenu *menu = openMenu(0);
    QVERIFY(menu);
    QStringList actions;
    for (const QAction *action : menu->actions()) {
        if (!action->isSeparator())
            actions.append(action->text());
    }
    QTEST(actions, "actions");
}

void TestMessageView::theMenuActs()
{
    QSignalSpy discard(m_view.get(), &MessageView::discardRequested);
    write(u"c1"_s, OutboxState::Failed);
    m_view->setCurrentIndex(m_messages->index(0));
    // By the keyboard's menu key: for the current message, wherever the mouse is.
    QContextMenuEvent event(QContextMenuEvent::Keyboard, QPoint(0, 0), QPoint(0, 0));
    QCoreApplication::sendEvent(m_view->viewport(), &event);
    auto *menu = m_view->findChild<QMenu *>(u"messageMenu"_s);
    QVERIFY(menu && menu->isVisible());
    QTest::keyClick(menu, Qt::Key_Down);
    QTest::keyClick(menu, Qt::Key_Down);
    QTest::keyClick(menu, Qt::Key_Return);
    QCOMPARE(discard.size(), 1);
    QCOMPARE(discard[0][0].toString(), u"c1"_s);
}

void TestMessageView::saysThatThereIsNothing()
{
    const auto isBlank = [this] {
        const QImage image = m_view->viewport()->grab().toImage();
        for (int y = 0; y < image.height(); ++y) {
            for (int x = 0; x < image.width(); ++x) {
                if (image.pixel(x, y) != image.pixel(0, 0))
                    return false;
            }
        }
        return true;
    };
    QVERIFY2(isBlank(), "a room that was not reached says nothing");
    m_messages->setReached(true);
    QVERIFY2(!isBlank(), "an empty room says so");
    m_view->setMessages(nullptr);
    QVERIFY2(isBlank(), "no room says nothing");
}

void TestMessageView::canBeRead()
{
    QCOMPARE(m_view->objectName(), u"messageView"_s);
    QVERIFY(!m_view->accessibleName().isEmpty());
    QCOMPARE(m_view->focusPolicy(), Qt::StrongFocus);
    // Muted and marked text on every ground that it has here.
    for (const Tokens *tokens : {&lightTokens(), &darkTokens()}) {
        for (const QColor &ground : {tokens->window, tokens->mentionTint, tokens->accentTint,
                                     mixed(tokens->window, tokens->side, 0.6)}) {
            QVERIFY(contrast(tokens->text, ground) >= 7);
            QVERIFY2(contrast(mutedOn(ground, *tokens), ground) >= 4.5, qPrintable(ground.name()));
            QVERIFY2(contrast(tokens->accent, ground) >= 4.5, qPrintable(ground.name()));
            QVERIFY2(contrast(tokens->error, ground) >= 4.5, qPrintable(ground.name()));
        }
        QVERIFY(contrast(tokens->mention, tokens->window) >= 4.5);
        QVERIFY(contrast(tokens->onAccent, tokens->accent) >= 4.5);
    }
}

PARLOR_TEST_WITHIN(QApplication, TestMessageView)
#include "tst_messageview.moc"
