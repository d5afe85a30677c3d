// SPDX-License-Identifier: MIT
#include "client-gui/models/messagemodel.h"
#include "tests/gui/roomscript.h"
#include "tests/support/testclass.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

#include <memory>

using namespace parlor;
using namespace parlor::gui;
using namespace parlor::gui::test;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

using Delivery = MessageModel::Delivery;

/// What we write, from the outbox to the room.
class TestMessageModelOutgoing : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void becomesTheMessage();
    void mayBeThereAlready();
    void isHeardWithoutAnAcknowledgement();
    void wasHeardBeforeItWasAcknowledged();
    void wasSentAgain();
    void anotherOneWithItsCidIsNotIt();
    void whatOthersSayGoesBefore();
    void whatWasSaidEarlierGoesBeforeTheAcknowledged();
    void theFailedStayBehind();
    void aMovedRowTellsItsNeighbours();
    void aProblemChangesTheHeight_data();
    void aProblemChangesTheHeight();
    void theServersClockMayStartADay();
    void aDiscardedOneIsGone();
    void aNewNameReachesWhatWaits();
    void aGapComesWithTheNextMessage();

private:
    [[nodiscard]] QStringList texts() const;
    [[nodiscard]] Delivery deliveryOf(int row) const
    {
        return m_model->index(row).data(MessageModel::DeliveryRole).value<Delivery>();
    }
    /// The message that everybody gets after it was accepted.
    [[nodiscard]] static ChatMessage heard(const OutboxEntry &entry, const PublishReceipt &receipt);

    std::unique_ptr<MessageModel> m_model;
    std::unique_ptr<QAbstractItemModelTester> m_tester;
    RoomScript m_script;
};

void TestMessageModelOutgoing::init()
{
    m_script = RoomScript();
    m_tester.reset();
    m_model = std::make_unique<MessageModel>();
    m_tester = std::make_unique<QAbstractItemModelTester>(m_model.get());
    m_model->setSelf(RoomScript::self(u"Jun"_s));
}

QStringList TestMessageModelOutgoing::texts() const
{
    QStringList all;
    for (int row = 0; row < m_model->rowCount(); ++row)
        all.append(m_model->index(row).data().toString());
    return all;
}

ChatMessage TestMessageModelOutgoing::heard(const OutboxEntry &entry, const PublishReceipt &receipt)
{
    ChatMessage message;
    message.room = entry.room;
    message.seq = receipt.seq;
    message.id = receipt.id;
    message.cid = entry.cid;
    message.user = u"user-Jun"_s;
    message.username = u"Jun"_s;
    message.text = entry.text;
    message.timestamp = receipt.timestamp;
    return message;
}

void TestMessageModelOutgoing::becomesTheMessage()
{
    m_model->add(m_script.says(u"Ann"_s, u"hello"_s));
    OutboxEntry entry = m_script.writes(u"c1"_s, u"hi"_s);
    m_model->setOutgoing(entry);
    QCOMPARE(deliveryOf(1), Delivery::Queued);
    QCOMPARE(m_model->index(1).data(MessageModel::CidRole).toString(), u"c1"_s);
    const quint64 key = m_model->index(1).data(MessageModel::KeyRole).toULongLong();

    // From here on it is the same row: nothing is inserted, removed or laid out again.
    QSignalSpy inserted(m_model.get(), &QAbstractItemModel::rowsInserted);
    QSignalSpy removed(m_model.get(), &QAbstractItemModel::rowsRemoved);
    QSignalSpy changed(m_model.get(), &QAbstractItemModel::dataChanged);
    QSignalSpy delivery(m_model.get(), &MessageModel::deliveryChanged);
    entry.state = OutboxState::InFlight;
    m_model->setOutgoing(entry);
    QCOMPARE(deliveryOf(1), Delivery::Sending);
    const PublishReceipt receipt = m_script.accepts(entry);
    m_model->acknowledge(receipt);
    QCOMPARE(deliveryOf(1), Delivery::Sent);
    QVERIFY(m_model->index(1).data(MessageModel::CidRole).toString().isEmpty());
    m_model->add(heard(entry, receipt));
    QCOMPARE(texts(), QStringList({u"hello"_s, u"hi"_s}));
    QCOMPARE(m_model->index(1).data(MessageModel::KeyRole).toULongLong(), key);
    QCOMPARE(inserted.size() + removed.size() + changed.size(), 0);
    QCOMPARE(delivery.size(), 2);
}

void TestMessageModelOutgoing::mayBeThereAlready()
{
    OutboxEntry entry = m_script.writes(u"c1"_s, u"hi"_s, OutboxState::Unconfirmed);
    entry.sentBy = u"me"_s;
    m_model->setOutgoing(entry);
    QCOMPARE(deliveryOf(0), Delivery::Unconfirmed);
    entry.state = OutboxState::Queued; // to be sent again
    m_model->setOutgoing(entry);
    QCOMPARE(deliveryOf(0), Delivery::Unconfirmed);
    entry.problem = u"the disk is full"_s; // the server did not publish it
    m_model->setOutgoing(entry);
    QCOMPARE(deliveryOf(0), Delivery::Queued);
}

void TestMessageModelOutgoing::isHeardWithoutAnAcknowledgement()
{
    const OutboxEntry entry = m_script.writes(u"c1"_s, u"hi"_s, OutboxState::Unconfirmed);
    m_model->setOutgoing(entry);
    const PublishReceipt receipt = m_script.accepts(entry);
    m_model->add(heard(entry, receipt));
    QCOMPARE(deliveryOf(0), Delivery::Sent);
    m_model->acknowledge(receipt);
    QCOMPARE(texts(), QStringList({u"hi"_s}));
}

void TestMessageModelOutgoing::wasHeardBeforeItWasAcknowledged()
{
    // A restart: the history has it, and the outbox does not know yet.
    const OutboxEntry entry = m_script.writes(u"c1"_s, u"hi"_s, OutboxState::Unconfirmed);
    const PublishReceipt receipt = m_script.accepts(entry);
    m_model->add(heard(entry, receipt));
    m_model->setOutgoing(entry);
    m_model->acknowledge(receipt);
    QCOMPARE(texts(), QStringList({u"hi"_s}));
}

/// It was heard, the server lost it, and had it again under another id.
void TestMessageModelOutgoing::wasSentAgain()
{
    const OutboxEntry entry = m_script.writes(u"c1"_s, u"hi"_s, OutboxState::Unconfirmed);
    m_model->add(heard(entry, m_script.accepts(entry)));
    m_model->setOutgoing(entry);
    const PublishReceipt second = m_script.accepts(entry);
    m_model->acknowledge(second);
    m_model->add(heard(entry, second));
    QCOMPARE(texts(), QStringList({u"hi"_s}));
    QCOMPARE(deliveryOf(0), Delivery::Sent);
}

void TestMessageModelOutgoing::anotherOneWithItsCidIsNotIt()
{
    m_model->setOutgoing(m_script.writes(u"c1"_s, u"hi"_s));
    ChatMessage forged = m_script.says(u"Eve"_s, u"something else"_s);
    forged.cid = u"c1"_s;
    m_model->add(forged);
    QCOMPARE(texts(), QStringList({u"something else"_s, u"hi"_s}));
    QCOMPARE(deliveryOf(1), Delivery::Queued);
}

void TestMessageModelOutgoing::whatOthersSayGoesBefore()
{
    m_model->setOutgoing(m_script.writes(u"c1"_s, u"waits"_s));
    m_model->add(m_script.says(u"Ann"_s, u"one"_s));
    m_model->add(m_script.says(u"Ann"_s, u"two"_s));
    QCOMPARE(texts(), QStringList({u"one"_s, u"two"_s, u"waits"_s}));
}

void TestMessageModelOutgoing::whatWasSaidEarlierGoesBeforeTheAcknowledged()
{
    const OutboxEntry first = m_script.writes(u"c1"_s, u"mine"_s);
    const OutboxEntry second = m_script.writes(u"c2"_s, u"mine too"_s);
    m_model->setOutgoing(first);
    m_model->setOutgoing(second);
    const ChatMessage one = m_script.says(u"Ann"_s, u"one"_s);
    const PublishReceipt receipt = m_script.accepts(first);
    const ChatMessage two = m_script.says(u"Ann"_s, u"two"_s);
    const PublishReceipt secondReceipt = m_script.accepts(second);
    m_model->acknowledge(receipt);
    m_model->acknowledge(secondReceipt);
    m_model->add(one);
    m_model->add(heard(first, receipt));
    m_model->add(two);
    m_model->add(heard(second, secondReceipt));
    QCOMPARE(texts(), QStringList({u"one"_s, u"mine"_s, u"two"_s, u"mine too"_s}));
}

void TestMessageModelOutgoing::theFailedStayBehind()
{
    const OutboxEntry waits = m_script.writes(u"c2"_s, u"waits"_s);
    m_model->setOutgoing(m_script.writes(u"c1"_s, u"failed"_s, OutboxState::Failed, u"No."_s));
    m_model->setOutgoing(waits);
    QCOMPARE(texts(), QStringList({u"failed"_s, u"waits"_s}));
    m_model->acknowledge(m_script.accepts(waits));
    QCOMPARE(texts(), QStringList({u"waits"_s, u"failed"_s}));
    QCOMPARE(deliveryOf(0), Delivery::Sent);
    QCOMPARE(deliveryOf(1), Delivery::Failed);
    m_model->add(m_script.says(u"Ann"_s, u"later"_s));
    QCOMPARE(texts(), QStringList({u"waits"_s, u"later"_s, u"failed"_s}));
}

void TestMessageModelOutgoing::aMovedRowTellsItsNeighbours()
{
    // Three of ours, one group; the last one is published first and takes the head.
    const OutboxEntry third = m_script.writes(u"c3"_s, u"three"_s);
    m_model->setOutgoing(m_script.writes(u"c1"_s, u"one"_s, OutboxState::Failed, u"No."_s));
    m_model->setOutgoing(m_script.writes(u"c2"_s, u"two"_s, OutboxState::Failed, u"No."_s));
    m_model->setOutgoing(third);
    QSet<int> told;
    connect(m_model.get(), &QAbstractItemModel::dataChanged, this,
            [&told](const QModelIndex &first, const QModelIndex &last) {
                for (int row = first.row(); row <= last.row(); ++row)
                    told.insert(row);
            });
    m_model->acknowledge(m_script.accepts(third));
    QCOMPARE(texts(), QStringList({u"three"_s, u"one"_s, u"two"_s}));
    QVERIFY2(told.contains(0), "it has the day line now");
    QVERIFY2(told.contains(1), "it has lost it");
}

void TestMessageModelOutgoing::aProblemChangesTheHeight_data()
{
    QTest::addColumn<OutboxState>("before");
    QTest::addColumn<QString>("problemBefore");
    QTest::addColumn<OutboxState>("after");
    QTest::addColumn<QString>("problemAfter");
    QTest::addColumn<int>("changes");
    QTest::newRow("sent") << OutboxState::Queued << QString() << OutboxState::InFlight << QString() << 0;
    QTest::newRow("failed") << OutboxState::InFlight << QString() << OutboxState::Failed << u"No."_s << 1;
    QTest::newRow("failed without words")
        << OutboxState::InFlight << QString() << OutboxState::Failed << QString() << 1;
    QTest::newRow("resent") << OutboxState::Failed << u"No."_s << OutboxState::Queued << QString() << 1;
    QTest::newRow("other words") << OutboxState::Failed << u"No."_s << OutboxState::Failed << u"Never."_s
                                 << 1;
}

void TestMessageModelOutgoing::aProblemChangesTheHeight()
{
    QFETCH(OutboxState, before);
    QFETCH(QString, problemBefore);
    QFETCH(OutboxState, after);
    QFETCH(QString, problemAfter);
    m_model->setOutgoing(m_script.writes(u"c1"_s, u"hi"_s, before, problemBefore));
    QSignalSpy changed(m_model.get(), &QAbstractItemModel::dataChanged);
    QSignalSpy delivery(m_model.get(), &MessageModel::deliveryChanged);
    m_model->setOutgoing(m_script.writes(u"c1"_s, u"hi"_s, after, problemAfter));
    QTEST(static_cast<int>(changed.size()), "changes");
    QCOMPARE(delivery.size() + changed.size(), 1);
    QCOMPARE(m_model->index(0).data(MessageModel::ProblemRole).toString(), problemAfter);
}

void TestMessageModelOutgoing::theServersClockMayStartADay()
{
    m_script.at(QDateTime(QDate(2026, 11, 23), QTime(23, 59, 58)));
    m_model->add(m_script.says(u"Jun"_s, u"late"_s));
    const OutboxEntry entry = m_script.writes(u"c1"_s, u"later"_s);
    m_model->setOutgoing(entry);
    QVERIFY(!m_model->index(1).data(MessageModel::DayRole).toDate().isValid());
    QSignalSpy changed(m_model.get(), &QAbstractItemModel::dataChanged);
    m_model->acknowledge(m_script.after(5s).accepts(entry));
    QCOMPARE(m_model->index(1).data(MessageModel::DayRole).toDate(), QDate(2026, 11, 24));
    QCOMPARE(changed.size(), 1);
}

void TestMessageModelOutgoing::aDiscardedOneIsGone()
{
    m_model->setOutgoing(m_script.writes(u"c1"_s, u"one"_s));
    m_model->setOutgoing(m_script.writes(u"c2"_s, u"two"_s));
    QSignalSpy changed(m_model.get(), &QAbstractItemModel::dataChanged);
    m_model->removeOutgoing(u"c1"_s);
    m_model->removeOutgoing(u"unknown"_s);
    m_model->removeOutgoing({});
    QCOMPARE(texts(), QStringList({u"two"_s}));
    QVERIFY2(!changed.isEmpty(), "the other one has the head now");
}

void TestMessageModelOutgoing::aNewNameReachesWhatWaits()
{
    m_model->setOutgoing(m_script.writes(u"c1"_s, u"one"_s));
    m_model->setSelf(RoomScript::self(u"June"_s));
    QCOMPARE(m_model->index(0).data(MessageModel::NameRole).toString(), u"June"_s);
    QCOMPARE(m_model->selfName(), u"June"_s);
}

void TestMessageModelOutgoing::aGapComesWithTheNextMessage()
{
    m_model->add(m_script.says(u"Ann"_s, u"one"_s));
    const OutboxEntry entry = m_script.writes(u"c1"_s, u"mine"_s);
    m_model->setOutgoing(entry);
    m_model->addGap(u"some are missing"_s, MessageModel::Gap::Final);
    m_model->acknowledge(m_script.accepts(entry));
    QCOMPARE(m_model->index(1).data(MessageModel::GapRole).toString(), u"some are missing"_s);
}

PARLOR_TEST_WITHIN(QCoreApplication, TestMessageModelOutgoing)
#include "tst_messagemodel_outgoing.moc"
