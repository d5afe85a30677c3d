// SPDX-License-Identifier: MIT
#include "client-gui/models/memberlistmodel.h"
#include "tests/support/testclass.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

using namespace parlor;
using namespace parlor::gui;
using namespace Qt::StringLiterals;

class TestMemberListModel : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void fewChangesMoveRows();
    void manyChangesAreMergedAtOnce();
    void oneWhoGoesAndComesIsThere();
    void veryManyAreCut();
    void namesAreShownHarmless();
    void isUnknownUntilTold();

private:
    [[nodiscard]] static RoomMember member(int number, const QString &name)
    {
        return {u"id%1"_s.arg(number), u"user%1"_s.arg(number), name};
    }
    [[nodiscard]] static QList<RoomMember> crowd(int from, int to)
    {
        QList<RoomMember> members;
        for (int i = from; i < to; ++i)
            members.append(member(i, u"n%1"_s.arg(i, 6, 10, QLatin1Char('0'))));
        return members;
    }
    [[nodiscard]] QStringList names() const
    {
        QStringList names;
        for (int row = 0; row < m_model->rowCount(); ++row)
            names.append(m_model->index(row).data(MemberListModel::NameRole).toString());
        return names;
    }

    std::unique_ptr<MemberListModel> m_model;
    std::unique_ptr<QAbstractItemModelTester> m_tester;
};

void TestMemberListModel::init()
{
    m_tester.reset();
    m_model = std::make_unique<MemberListModel>();
    m_tester = std::make_unique<QAbstractItemModelTester>(m_model.get());
}

void TestMemberListModel::fewChangesMoveRows()
{
    m_model->reset({member(1, u"rosa"_s), member(2, u"Jun"_s)}, 2);
    QSignalSpy resets(m_model.get(), &QAbstractItemModel::modelReset);
    m_model->apply({.joined = {member(3, u"maren"_s)}, .left = {member(1, u"rosa"_s)}, .count = 2});
    QCOMPARE(names(), (QStringList{u"Jun"_s, u"maren"_s}));
    m_model->rename(u"id2"_s, u"Zoe"_s);
    QCOMPARE(names(), (QStringList{u"maren"_s, u"Zoe"_s}));
    QCOMPARE(resets.count(), 0);
    QCOMPARE(m_model->count(), quint64(2));
}

void TestMemberListModel::manyChangesAreMergedAtOnce()
{
    m_model->reset(crowd(0, 500), 500);
    QSignalSpy resets(m_model.get(), &QAbstractItemModel::modelReset);
    m_model->apply({.joined = crowd(500, 700), .left = crowd(100, 200), .count = 600});
    QCOMPARE(resets.count(), 1);
    QStringList expected;
    for (const RoomMember &each : crowd(0, 100) + crowd(200, 700))
        expected.append(each.username);
    QCOMPARE(names(), expected);
    QCOMPARE(m_model->count(), quint64(600));
}

void TestMemberListModel::oneWhoGoesAndComesIsThere()
{
    m_model->reset(crowd(0, 3), 3);
    m_model->apply({.joined = crowd(0, 1), .left = crowd(0, 1), .count = 3});
    QCOMPARE(m_model->rowCount(), 3);
    m_model->apply({.joined = crowd(0, 60), .left = crowd(0, 60), .count = 60});
    QCOMPARE(m_model->rowCount(), 60);
}

void TestMemberListModel::veryManyAreCut()
{
    m_model->reset(crowd(0, 9'990), 9'990);
    m_model->apply({.joined = crowd(9'990, 10'030), .left = {}, .count = 10'030});
    QCOMPARE(m_model->rowCount(), 10'000);
    QCOMPARE(m_model->count(), quint64(10'030));
    m_model->apply({.joined = {}, .left = crowd(0, 31), .count = 9'999});
    QCOMPARE(m_model->rowCount(), 9'999);
    QCOMPARE(names().last(), u"n010029"_s);
}

void TestMemberListModel::namesAreShownHarmless()
{
    m_model->reset({member(1, u"\u202eevil\nname"_s), member(2, u"\u200b\u2060"_s), member(3, u""_s)}, 3);
    QStringList shown = names();
    shown.sort();
    QCOMPARE(shown, (QStringList{u"id2"_s, u"id3"_s, u"\ufffdevil name"_s}));
}

void TestMemberListModel::isUnknownUntilTold()
{
    QSignalSpy counted(m_model.get(), &MemberListModel::countChanged);
    QVERIFY(!m_model->isKnown());
    m_model->reset({}, 0);
    QVERIFY(m_model->isKnown());
    QCOMPARE(counted.count(), 1);
    m_model->setUnknown();
    QVERIFY(!m_model->isKnown());
    QCOMPARE(counted.count(), 2);
}

PARLOR_TEST_WITHIN(QCoreApplication, TestMemberListModel)
#include "tst_memberlistmodel.moc"
