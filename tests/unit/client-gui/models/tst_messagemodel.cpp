// SPDX-License-Identifier: MIT
#include "client-gui/models/messagemodel.h"
#include "tests/gui/roomscript.h"
#include "tests/support/testclass.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>
#include <QTimeZone>

#include <memory>

using namespace parlor;
using namespace parlor::gui;
using namespace parlor::gui::test;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

/// What others say, and the lines between messages.
class TestMessageModel : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void groupsByPersonAndTime_data();
    void groupsByPersonAndTime();
    void aNewDayHasALine();
    void aDayIsALocalOne();
    void nothingTwice();
    void aGapStartsAGroup();
    void aGapIsFilled_data();
    void aGapIsFilled();
    void aGapBelowALostHistory();
    void aGapBelowAForkEndsThere();
    void aGapThatCannotBeFilled();
    void aGapAboveTheFirstRow();
    void aGapIsFilledByWhatIsNoMessage();
    void aLostHistorySaysMoreThanAHole();
    void pagesOfWhatIsNoMessage();
    void whatWasSentAgainIsThereOnce();
    void theMarkerGoesUpWithTheGap();
    void theMarkerIsAboveItsRow();
    void olderOnesComeInFront();
    void theOldestAreTrimmed();
    void whatIsReadIsNotTrimmed();
    void keysStay();
    void mentionsOfOthersOnly();
    void saysItselfAloud();

private:
    [[nodiscard]] QVariant at(int row, MessageModel::Role role) const
    {
        return m_model->index(row).data(role);
    }
    [[nodiscard]] QStringList texts() const;

    std::unique_ptr<MessageModel> m_model;
    std::unique_ptr<QAbstractItemModelTester> m_tester;
    RoomScript m_script;
};

void TestMessageModel::init()
{
    QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom));
    m_script = RoomScript();
    m_tester.reset();
    m_model = std::make_unique<MessageModel>();
    m_tester = std::make_unique<QAbstractItemModelTester>(m_model.get());
    m_model->setSelf(RoomScript::self(u"Jun"_s));
}

QStringList TestMessageModel::texts() const
{
    QStringList all;
    for (int row = 0; row < m_model->rowCount(); ++row)
        all.append(at(row, MessageModel::TextRole).toString());
    return all;
}

void TestMessageModel::groupsByPersonAndTime_data()
{
    QTest::addColumn<QString>("second");
    QTest::addColumn<int>("seconds");
    QTest::addColumn<bool>("starts");
    QTest::newRow("at once") << u"Ann"_s << 0 << false;
    QTest::newRow("five minutes") << u"Ann"_s << 300 << false;
    QTest::newRow("longer") << u"Ann"_s << 301 << true;
    QTest::newRow("somebody else") << u"Bob"_s << 0 << true;
}

void TestMessageModel::groupsByPersonAndTime()
{
    QFETCH(QString, second);
    QFETCH(int, seconds);
    m_model->add(m_script.says(u"Ann"_s, u"one"_s));
    m_model->add(m_script.after(std::chrono::seconds(seconds)).says(second, u"two"_s));
    QCOMPARE(at(0, MessageModel::GroupStartRole).toBool(), true);
    QTEST(at(1, MessageModel::GroupStartRole).toBool(), "starts");
}

void TestMessageModel::aNewDayHasALine()
{
    m_script.at(QDateTime(QDate(2026, 11, 23), QTime(23, 59)));
    m_model->add(m_script.says(u"Ann"_s, u"late"_s));
    m_model->add(m_script.after(2min).says(u"Ann"_s, u"early"_s));
    m_model->add(m_script.says(u"Ann"_s, u"early too"_s));
    QCOMPARE(at(0, MessageModel::DayRole).toDate(), QDate(2026, 11, 23));
    QCOMPARE(at(1, MessageModel::DayRole).toDate(), QDate(2026, 11, 24));
    QCOMPARE(at(1, MessageModel::GroupStartRole).toBool(), true);
    QVERIFY(!at(2, MessageModel::DayRole).toDate().isValid());
}

void TestMessageModel::aDayIsALocalOne()
{
    ChatMessage message = m_script.says(u"Ann"_s, u"hi"_s);
    message.timestamp = u"2026-11-24T10:00:00.000Z"_s;
    m_model->add(message);
    const QDateTime time = at(0, MessageModel::TimeRole).toDateTime();
    QCOMPARE(time.timeSpec(), Qt::LocalTime);
    QCOMPARE(time.toUTC(), QDateTime(QDate(2026, 11, 24), QTime(10, 0), QTimeZone::utc()));
}

void TestMessageModel::nothingTwice()
{
    const ChatMessage one = m_script.says(u"Ann"_s, u"one"_s);
    const ChatMessage two = m_script.says(u"Ann"_s, u"two"_s);
    m_model->add(two);
    m_model->add(two);
    m_model->prepend(pageOf({one, two}));
    QCOMPARE(texts(), QStringList({u"one"_s, u"two"_s}));
}

void TestMessageModel::aGapStartsAGroup()
{
    m_model->add(m_script.says(u"Ann"_s, u"one"_s));
    m_model->addGap(u"some are missing"_s, MessageModel::Gap::Final);
    m_model->add(m_script.says(u"Ann"_s, u"two"_s));
    m_model->add(m_script.says(u"Ann"_s, u"three"_s));
    QCOMPARE(at(1, MessageModel::GapRole).toString(), u"some are missing"_s);
    QCOMPARE(at(1, MessageModel::GroupStartRole).toBool(), true);
    QVERIFY(at(2, MessageModel::GapRole).toString().isEmpty());
}

/// Two are there, 3 to 6 are missing, 7 and 8 came.
void TestMessageModel::aGapIsFilled_data()
{
    QTest::addColumn<QList<int>>("page");
    QTest::addColumn<bool>("more");
    QTest::addColumn<QList<int>>("after");
    QTest::addColumn<int>("lineAbove"); // row; -1: none
    QTest::addColumn<bool>("open");
    using List = QList<int>;
    QTest::newRow("all") << List{3, 4, 5, 6} << true << List{1, 2, 3, 4, 5, 6, 7, 8} << -1 << false;
    QTest::newRow("more than all") << List{1, 2, 3, 4, 5, 6} << false << List{1, 2, 3, 4, 5, 6, 7, 8} << -1
                                   << false;
    QTest::newRow("a part") << List{5, 6} << true << List{1, 2, 5, 6, 7, 8} << 2 << true;
    QTest::newRow("a part, and no more") << List{5, 6} << false << List{1, 2, 5, 6, 7, 8} << 2 << false;
    QTest::newRow("nothing") << List{} << false << List{1, 2, 7, 8} << 2 << false;
    QTest::newRow("nothing, and it claims more") << List{} << true << List{1, 2, 7, 8} << 2 << false;
    QTest::newRow("only what is known") << List{1, 2} << true << List{1, 2, 7, 8} << -1 << false;
}

void TestMessageModel::aGapIsFilled()
{
    QFETCH(QList<int>, page);
    QFETCH(bool, more);
    QFETCH(QList<int>, after);
    QFETCH(int, lineAbove);
    QFETCH(bool, open);
    QList<ChatMessage> all;
    for (int seq = 1; seq <= 8; ++seq)
        all.append(m_script.says(u"Ann"_s, QString::number(seq)));
    m_model->add(all[0]);
    m_model->add(all[1]);
    m_model->addGap(u"missing"_s, MessageModel::Gap::Open);
    m_model->add(all[6]);
    m_model->add(all[7]);
    const auto below = at(2, MessageModel::KeyRole).toULongLong();
    const quint64 newest = m_model->newestKey();
    QCOMPARE(m_model->gapAbove(below), std::optional<quint64>(7));

    QList<ChatMessage> listed;
    for (const int seq : page)
        listed.append(all[seq - 1]);
    m_model->fillGap(pageOf(listed, 7, more));
    QStringList expected;
    for (const int seq : after)
        expected.append(QString::number(seq));
    QCOMPARE(texts(), expected);
    for (int row = 0; row < m_model->rowCount(); ++row) {
        QCOMPARE(at(row, MessageModel::GapRole).toString(), row == lineAbove ? u"missing"_s : QString());
        QCOMPARE(at(row, MessageModel::GapOpenRole).toBool(), open && row == lineAbove);
    }
    QCOMPARE(m_model->rowOf(below), m_model->rowCount() - 2);
    QCOMPARE(m_model->newestKey(), newest);
}

/// What came since can be had, the line stays.
void TestMessageModel::aGapBelowALostHistory()
{
    m_model->add(m_script.says(u"Ann"_s, u"old"_s));
    ChatMessage first = m_script.says(u"Ann"_s, u"first"_s);
    ChatMessage third = m_script.says(u"Ann"_s, u"third"_s);
    first.seq = 1;
    third.seq = 3;
    m_model->addGap(u"lost"_s, MessageModel::Gap::NewHistory);
    QVERIFY(m_model->startsInLostHistory());
    m_model->add(third);
    QVERIFY(m_model->startsInLostHistory());
    m_model->fillGap(pageOf({first}, 3, false));
    QCOMPARE(texts(), (QStringList{u"old"_s, u"first"_s, u"third"_s}));
    QCOMPARE(at(1, MessageModel::GapRole).toString(), u"lost"_s);
    QCOMPARE(at(1, MessageModel::GapOpenRole).toBool(), false);
    QVERIFY(at(2, MessageModel::GapRole).toString().isEmpty());
    QVERIFY(m_model->startsInLostHistory());
}

/// Both have 2; the server lost 3, and said others.
void TestMessageModel::aGapBelowAForkEndsThere()
{
    const ChatMessage one = m_script.says(u"Ann"_s, u"1"_s);
    const ChatMessage two = m_script.says(u"Ann"_s, u"2"_s);
    m_model->add(two);
    m_model->add(m_script.says(u"Ann"_s, u"3"_s));
    ChatMessage other = m_script.says(u"Ann"_s, u"3b"_s);
    other.seq = 3;
    ChatMessage newest = m_script.says(u"Ann"_s, u"4b"_s);
    newest.seq = 4;
    m_model->addGap(u"lost"_s, MessageModel::Gap::NewHistory);
    m_model->add(newest);
    m_model->fillGap(pageOf({one, two, other}, 4));
    QCOMPARE(texts(), (QStringList{u"2"_s, u"3"_s, u"3b"_s, u"4b"_s}));
    QCOMPARE(at(2, MessageModel::GapRole).toString(), u"lost"_s);
    QCOMPARE(at(2, MessageModel::GapOpenRole).toBool(), false);
    QVERIFY(at(3, MessageModel::GapRole).toString().isEmpty());
}

void TestMessageModel::aGapThatCannotBeFilled()
{
    m_model->add(m_script.says(u"Ann"_s, u"1"_s));
    ChatMessage two = m_script.says(u"Ann"_s, u"2"_s);
    m_model->addGap(u"missing"_s, MessageModel::Gap::Final);
    m_model->add(m_script.says(u"Ann"_s, u"3"_s));
    m_model->fillGap(pageOf({two}, 3));
    QCOMPARE(texts(), (QStringList{u"1"_s, u"3"_s}));
    // nor one whose numbers mean others by now
    m_model->addGap(u"missing"_s, MessageModel::Gap::Open);
    m_model->add(m_script.says(u"Ann"_s, u"4"_s));
    QCOMPARE(at(2, MessageModel::GapOpenRole).toBool(), true);
    m_model->addGap(u"lost"_s, MessageModel::Gap::NewHistory);
    QCOMPARE(at(2, MessageModel::GapOpenRole).toBool(), false);
    QCOMPARE(at(2, MessageModel::GapRole).toString(), u"missing"_s);
}

/// Paging up brings what is missing there.
void TestMessageModel::aGapAboveTheFirstRow()
{
    const ChatMessage older = m_script.says(u"Ann"_s, u"older"_s);
    m_model->addGap(u"missing"_s, MessageModel::Gap::Open);
    m_model->add(m_script.says(u"Ann"_s, u"newer"_s));
    m_model->prepend(pageOf({older}));
    QCOMPARE(texts(), (QStringList{u"older"_s, u"newer"_s}));
    QVERIFY(at(1, MessageModel::GapRole).toString().isEmpty());
}

/// An event that this version does not know stands at 2.
void TestMessageModel::aGapIsFilledByWhatIsNoMessage()
{
    const ChatMessage one = m_script.says(u"Ann"_s, u"1"_s);
    (void)m_script.says(u"Ann"_s, u"2"_s);
    const ChatMessage three = m_script.says(u"Ann"_s, u"3"_s);
    m_model->add(one);
    m_model->addGap(u"missing"_s, MessageModel::Gap::Open);
    m_model->add(m_script.says(u"Ann"_s, u"4"_s));
    HistoryPage page = pageOf({three}, 4);
    page.first = 2;
    m_model->fillGap(page);
    QCOMPARE(texts(), (QStringList{u"1"_s, u"3"_s, u"4"_s}));
    for (int row = 0; row < 3; ++row)
        QVERIFY(at(row, MessageModel::GapRole).toString().isEmpty());
}

/// As long as no message came between them.
void TestMessageModel::aLostHistorySaysMoreThanAHole()
{
    m_model->add(m_script.says(u"Ann"_s, u"1"_s));
    m_model->addGap(u"lost"_s, MessageModel::Gap::NewHistory);
    m_model->addGap(u"missing"_s, MessageModel::Gap::Final);
    m_model->add(m_script.says(u"Ann"_s, u"2"_s));
    QCOMPARE(at(1, MessageModel::GapRole).toString(), u"lost"_s);
    QCOMPARE(at(1, MessageModel::GapOpenRole).toBool(), true);
    QVERIFY(m_model->startsInLostHistory());
}

/// The next question is for what is before them.
void TestMessageModel::pagesOfWhatIsNoMessage()
{
    ChatMessage newest = m_script.says(u"Ann"_s, u"newest"_s);
    newest.seq = 500;
    m_model->add(newest);
    HistoryPage page;
    page.first = 300;
    page.more = true;
    m_model->prepend(page);
    QCOMPARE(m_model->firstSeq(), std::optional<quint64>(300));
    QVERIFY(!m_model->isComplete());
    ChatMessage older = m_script.says(u"Ann"_s, u"older"_s);
    older.seq = 299;
    m_model->prepend(pageOf({older}, 300, false));
    QCOMPARE(m_model->firstSeq(), std::optional<quint64>(299));
    QVERIFY(m_model->isComplete());
    QCOMPARE(texts(), (QStringList{u"older"_s, u"newest"_s}));
}

/// The server lost it, and has it under another id now.
void TestMessageModel::whatWasSentAgainIsThereOnce()
{
    const auto composed = [this](const QString &name) {
        ChatMessage message = m_script.says(name, u"by "_s + name);
        message.cid = u"c1"_s;
        return message;
    };
    m_model->add(composed(u"Ann"_s));
    QVERIFY(!m_model->add(composed(u"Ann"_s)));
    QVERIFY(m_model->add(composed(u"Ben"_s))); // whose cid it is, too
    m_model->prepend(pageOf({composed(u"Ann"_s)}));
    QCOMPARE(texts(), (QStringList{u"by Ann"_s, u"by Ben"_s}));
}

void TestMessageModel::theMarkerGoesUpWithTheGap()
{
    m_model->add(m_script.says(u"Ann"_s, u"read"_s));
    const ChatMessage missed = m_script.says(u"Ann"_s, u"missed"_s);
    m_model->addGap(u"missing"_s, MessageModel::Gap::Open);
    m_model->setMarker(m_model->add(m_script.says(u"Ann"_s, u"new"_s)));
    m_model->fillGap(pageOf({missed}, 3));
    QCOMPARE(at(1, MessageModel::MarkerRole).toBool(), true);
    QCOMPARE(at(2, MessageModel::MarkerRole).toBool(), false);
}

void TestMessageModel::theMarkerIsAboveItsRow()
{
    for (const QString &text : {u"one"_s, u"two"_s, u"three"_s})
        m_model->add(m_script.says(u"Ann"_s, text));
    QSignalSpy changed(m_model.get(), &QAbstractItemModel::dataChanged);
    const auto key = at(1, MessageModel::KeyRole).toULongLong();
    m_model->setMarker(key);
    QCOMPARE(changed.size(), 1);
    QCOMPARE(changed[0][0].toModelIndex().row(), 1);
    QCOMPARE(at(1, MessageModel::MarkerRole).toBool(), true);
    QCOMPARE(at(1, MessageModel::GroupStartRole).toBool(), true);
    m_model->setMarker(key);
    QCOMPARE(changed.size(), 1);
    m_model->setMarker(at(2, MessageModel::KeyRole).toULongLong());
    QCOMPARE(changed.size(), 3);
    QCOMPARE(at(1, MessageModel::GroupStartRole).toBool(), false);
    m_model->setMarker({});
    QCOMPARE(at(2, MessageModel::MarkerRole).toBool(), false);
}

void TestMessageModel::olderOnesComeInFront()
{
    const QList<ChatMessage> older{m_script.says(u"Ann"_s, u"one"_s), m_script.says(u"Ann"_s, u"two"_s)};
    m_model->add(m_script.says(u"Ann"_s, u"three"_s));
    QCOMPARE(m_model->firstSeq(), std::optional<quint64>(3));
    QSignalSpy inserted(m_model.get(), &QAbstractItemModel::rowsInserted);
    QSignalSpy changed(m_model.get(), &QAbstractItemModel::dataChanged);
    m_model->prepend(pageOf(older));
    QCOMPARE(inserted.size(), 1);
    QCOMPARE(inserted[0][1].toInt(), 0);
    QCOMPARE(inserted[0][2].toInt(), 1);
    QCOMPARE(texts(), QStringList({u"one"_s, u"two"_s, u"three"_s}));
    QCOMPARE(m_model->firstSeq(), std::optional<quint64>(1));
    // What was first has lost its day line and its head.
    QCOMPARE(changed.size(), 1);
    QCOMPARE(changed[0][0].toModelIndex().row(), 2);
    QCOMPARE(at(2, MessageModel::GroupStartRole).toBool(), false);
    m_model->prepend(pageOf({}));
    QCOMPARE(inserted.size(), 1);
}

void TestMessageModel::theOldestAreTrimmed()
{
    m_tester.reset(); // it looks at every row each time
    m_model->setComplete();
    QSignalSpy changed(m_model.get(), &QAbstractItemModel::dataChanged);
    QSignalSpy removed(m_model.get(), &QAbstractItemModel::rowsRemoved);
    for (int i = 0; i < 5501; ++i)
        m_model->add(m_script.says(u"Ann"_s, QString::number(i)));
    QCOMPARE(removed.size(), 1);
    QCOMPARE(removed[0][1].toInt(), 0);
    QCOMPARE(m_model->rowCount(), 5000);
    QCOMPARE(at(0, MessageModel::TextRole).toString(), u"501"_s);
    QVERIFY2(!m_model->isComplete(), "there are older ones again");
    // The first row has a day line and a head now.
    QCOMPARE(changed.size(), 1);
    QCOMPARE(changed[0][0].toModelIndex().row(), 0);
    QVERIFY(at(0, MessageModel::DayRole).toDate().isValid());
}

void TestMessageModel::whatIsReadIsNotTrimmed()
{
    m_tester.reset();
    m_model->setTrimming(MessageModel::Trimming::Late);
    for (int i = 0; i < 10000; ++i)
        m_model->add(m_script.says(u"Ann"_s, QString::number(i)));
    QVERIFY2(m_model->isFull(), "no more should be asked for");
    const quint64 first = at(0, MessageModel::KeyRole).toULongLong();
    for (int i = 0; i < 600; ++i)
        m_model->add(m_script.says(u"Ann"_s, u"live"_s));
    QCOMPARE(m_model->rowCount(), 10600);
    QCOMPARE(m_model->rowOf(first), 0);
    // WHEN nobody reads up there any more
    m_model->setTrimming(MessageModel::Trimming::Prompt);
    m_model->add(m_script.says(u"Ann"_s, u"live"_s));
    QCOMPARE(m_model->rowCount(), 5000);
    QVERIFY(!m_model->isFull());
}

void TestMessageModel::keysStay()
{
    m_model->add(m_script.says(u"Ann"_s, u"one"_s));
    m_model->add(m_script.says(u"Ann"_s, u"two"_s));
    const quint64 key = at(1, MessageModel::KeyRole).toULongLong();
    QVERIFY(key <= m_model->newestKey());
    QCOMPARE(m_model->rowOf(key), 1);
    ChatMessage older = m_script.says(u"Ann"_s, u"zero"_s);
    m_model->prepend(pageOf({older}));
    QCOMPARE(m_model->rowOf(key), 2);
    QCOMPARE(m_model->newestKey(), key); // an older one is no new one
    QVERIFY(at(0, MessageModel::KeyRole).toULongLong() < key);
    QCOMPARE(m_model->rowOf(12345), -1);
}

void TestMessageModel::mentionsOfOthersOnly()
{
    m_model->add(m_script.says(u"Ann"_s, u"@jun look"_s));
    m_model->add(m_script.says(u"Ann"_s, u"@june look"_s));
    m_model->add(m_script.says(u"Jun"_s, u"I am @jun"_s));
    QCOMPARE(at(0, MessageModel::MentionRole).toBool(), true);
    QCOMPARE(at(1, MessageModel::MentionRole).toBool(), false);
    QCOMPARE(at(2, MessageModel::MentionRole).toBool(), false);
    QCOMPARE(at(2, MessageModel::DeliveryRole).value<MessageModel::Delivery>(), MessageModel::Delivery::Sent);
}

void TestMessageModel::saysItselfAloud()
{
    m_script.at(QDateTime(QDate(2026, 11, 24), QTime(10, 42)));
    m_model->add(m_script.says(u"Ann"_s, u"hello"_s));
    m_model->setOutgoing(m_script.writes(u"c1"_s, u"wait"_s));
    m_model->setOutgoing(m_script.writes(u"c2"_s, u"no"_s, OutboxState::Failed, u"Too long."_s));
    QCOMPARE(m_model->index(0).data(Qt::AccessibleTextRole).toString(), u"Ann, 10:42: hello"_s);
    QCOMPARE(m_model->index(1).data(Qt::AccessibleTextRole).toString(), u"Jun, 10:42: wait, not sent yet"_s);
    QCOMPARE(m_model->index(2).data(Qt::AccessibleTextRole).toString(),
             u"Jun, 10:42: no, not sent: Too long."_s);
    m_model->setOutgoing(m_script.writes(u"c2"_s, u"no"_s, OutboxState::NeedsDecision, u"Too late."_s));
    QCOMPARE(m_model->index(2).data(Qt::AccessibleTextRole).toString(),
             u"Jun, 10:42: no, perhaps not sent: Too late."_s);
    m_model->setOutgoing(m_script.writes(u"c1"_s, u"wait"_s, OutboxState::Unconfirmed));
    QCOMPARE(m_model->index(1).data(Qt::AccessibleTextRole).toString(),
             u"Jun, 10:42: wait, sent, but not confirmed: others may have it already"_s);
}

PARLOR_TEST_WITHIN(QCoreApplication, TestMessageModel)
#include "tst_messagemodel.moc"
