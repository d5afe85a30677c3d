// SPDX-License-Identifier: MIT
#include "client-gui/look/avatar.h"
#include "tests/support/testclass.h"

#include <QSet>
#include <QTest>

using namespace parlor::gui;
using namespace Qt::StringLiterals;

class TestAvatar : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void everyHueCanBeRead();
    void aHueIsStable();
    void initials_data();
    void initials();
};

void TestAvatar::everyHueCanBeRead()
{
    QSet<QRgb> seen;
    for (int i = 0; i < 500; ++i) {
        const QString user = QString::number(i);
        const Hue &hue = hueOf(user);
        if (seen.contains(hue.fill.rgb()))
            continue;
        seen.insert(hue.fill.rgb());
        QVERIFY2(contrast(Qt::white, hue.fill) >= 4.5, qPrintable(hue.fill.name()));
        for (const QColor &ground : {lightTokens().window, lightTokens().side})
            QVERIFY2(contrast(nameColor(user, lightTokens()), ground) >= 4.5, qPrintable(hue.fill.name()));
        for (const QColor &ground : {darkTokens().window, darkTokens().side})
            QVERIFY2(contrast(nameColor(user, darkTokens()), ground) >= 4.5, qPrintable(hue.name.name()));
    }
    QCOMPARE(seen.size(), 12);
}

void TestAvatar::aHueIsStable()
{
    // In every run, on every machine: FNV-1a of these is 0xe40c292c and 0xe70c2de5.
    QCOMPARE(hueOf(u"a"_s).fill, QColor(0x5A6B2C));
    QCOMPARE(&hueOf(u"a"_s), &hueOf(u"a"_s));
    QVERIFY(hueOf(u"a"_s).fill != hueOf(u"b"_s).fill);
}

void TestAvatar::initials_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("letters");
    QTest::newRow("one word") << u"jun"_s << u"J"_s;
    QTest::newRow("two words") << u"Maren Kuhn"_s << u"MK"_s;
    QTest::newRow("three words") << u"Ann van Dyk"_s << u"AV"_s;
    QTest::newRow("spaces") << u"  ann   dyk "_s << u"AD"_s;
    QTest::newRow("digits") << u"42"_s << u"4"_s;
    QTest::newRow("umlaut of two code points") << u"u\u0308nal"_s << u"U\u0308"_s;
    QTest::newRow("sign before the letter") << u"(ann) -bob"_s << u"AB"_s;
    QTest::newRow("word without letters") << u"ann - bob"_s << u"AB"_s;
    QTest::newRow("ideographs") << u"山田 太郎"_s << u"山太"_s;
    QTest::newRow("outside the first plane") << u"𝒜nn"_s << u"𝒜"_s;
    QTest::newRow("emoji only") << u"👋"_s << u"?"_s;
    QTest::newRow("nothing") << QString() << u"?"_s;
}

void TestAvatar::initials()
{
    QFETCH(QString, name);
    QTEST(parlor::gui::initials(name), "letters");
}

PARLOR_TEST(TestAvatar)
#include "tst_avatar.moc"
