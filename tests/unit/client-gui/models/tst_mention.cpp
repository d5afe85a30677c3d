// SPDX-License-Identifier: MIT
#include "client-gui/models/mention.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor::gui;
using namespace Qt::StringLiterals;

class TestMention : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void mentions_data();
    void mentions();
};

void TestMention::mentions_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("mentioned");
    QTest::newRow("alone") << u"@jun"_s << u"jun"_s << true;
    QTest::newRow("other case") << u"hi @Jun"_s << u"jUN"_s << true;
    QTest::newRow("punctuation after") << u"@jun, look"_s << u"jun"_s << true;
    QTest::newRow("brackets") << u"(@jun)"_s << u"jun"_s << true;
    QTest::newRow("second one") << u"@junior and @jun"_s << u"jun"_s << true;
    QTest::newRow("doubled sign") << u"@@jun"_s << u"jun"_s << true;
    QTest::newRow("name of two words") << u"see @Mary Kay?"_s << u"Mary Kay"_s << true;
    QTest::newRow("umlaut") << u"@JÜRGEN!"_s << u"Jürgen"_s << true;
    QTest::newRow("start of a longer name") << u"@junior"_s << u"jun"_s << false;
    QTest::newRow("with an underscore") << u"@jun_2"_s << u"jun"_s << false;
    QTest::newRow("mail address") << u"me@jun.example"_s << u"jun"_s << false;
    QTest::newRow("without sign") << u"jun"_s << u"jun"_s << false;
    QTest::newRow("sign at the end") << u"hello @"_s << u"jun"_s << false;
    QTest::newRow("cut off") << u"@ju"_s << u"jun"_s << false;
    QTest::newRow("nobody") << u"@ @jun"_s << QString() << false;
    QTest::newRow("nothing") << QString() << u"jun"_s << false;
    QTest::newRow("mark that changes the last letter") << u"@jun\u0308"_s << u"jun"_s << false;
}

void TestMention::mentions()
{
    QFETCH(QString, text);
    QFETCH(QString, name);
    QTEST(parlor::gui::mentions(text, name), "mentioned");
}

PARLOR_TEST(TestMention)
#include "tst_mention.moc"
