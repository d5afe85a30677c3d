// SPDX-License-Identifier: MIT
// Pictures of the view, for people, and the few things about them that a machine can tell.
#include "client-gui/views/messageview.h"
#include "tests/gui/roomscript.h"
#include "tests/support/testclass.h"

#include <QApplication>
#include <QDir>
#include <QTest>

using namespace parlor;
using namespace parlor::gui;
using namespace parlor::gui::test;
using namespace Qt::StringLiterals;

class TestMessageViewPictures : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void showsTheDay_data();
    void showsTheDay();
    void showsWhatElseThereIs_data();
    void showsWhatElseThereIs();

private:
    static void addSchemes();
    /// Draws the view in a scale, saves it, and says how many different colours it has.
    static int save(QWidget &view, const QString &name, double scale);
};

void TestMessageViewPictures::initTestCase()
{
    QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom));
}

void TestMessageViewPictures::addSchemes()
{
    QTest::addColumn<Scheme>("scheme");
    QTest::addColumn<double>("scale");
    QTest::newRow("light") << Scheme::Light << 1.0;
    QTest::newRow("dark") << Scheme::Dark << 1.0;
    QTest::newRow("light-2x") << Scheme::Light << 2.0;
    QTest::newRow("dark-2x") << Scheme::Dark << 2.0;
}

int TestMessageViewPictures::save(QWidget &view, const QString &name, double scale)
{
    QImage image(view.size() * scale, QImage::Format_RGB32);
    image.setDevicePixelRatio(scale);
    view.render(&image);
    const QDir folder(qEnvironmentVariable("PARLOR_TEST_PICTURES", u"pictures"_s));
    folder.mkpath(u"."_s);
    image.save(folder.filePath(u"messageview-"_s + name + u".png"_s));
    QSet<QRgb> colors;
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x)
            colors.insert(image.pixel(x, y));
    }
    return static_cast<int>(colors.size());
}

void TestMessageViewPictures::showsTheDay_data()
{
    addSchemes();
}

void TestMessageViewPictures::showsTheDay()
{
    QFETCH(Scheme, scheme);
    QFETCH(double, scale);
    Theme theme;
    theme.setScheme(scheme);
    MessageModel messages;
    messages.setSelf(RoomScript::self(u"Jun"_s));
    const QDate today = QDate::currentDate();
    RoomScript script(QDateTime(today.addDays(-3), QTime(18, 4)));
    messages.add(script.says(u"Maren"_s,
                             u"Rolling restart is done. Nobody was logged out, 0 messages lost in the "
                             "load run.\nReport is at https://parlor.example/runs/118"_s));
    script.at(QDateTime(today, QTime(10, 31)));
    messages.add(script.says(
        u"Abiola"_s, u"Can someone try `parlor-cli probe wss://chat.example/ws -n 50` from the office?"_s));
    script.at(QDateTime(today, QTime(10, 40)));
    messages.add(script.says(
        u"Rosa"_s,
        u"@jun the second instance is in. You should see it in the status line after a reconnect."_s));
    messages.setMarker(messages.newestKey());
    script.after(std::chrono::minutes(1));
    const OutboxEntry first = script.writes(u"c1"_s, u"On it. 50 of 50 spread over both hosts."_s);
    messages.setOutgoing(first);
    messages.acknowledge(script.accepts(first));
    messages.setOutgoing(script.writes(u"c2"_s, u"Trying with cookies next."_s));

    MessageView view(theme);
    view.resize(708, 570);
    view.setMessages(&messages);
    view.show();
    QVERIFY(QTest::qWaitForWindowExposed(&view));
    const QString name = u"day-"_s + QString::fromUtf8(QTest::currentDataTag());
    QVERIFY(save(view, name, scale) > 50);
}

void TestMessageViewPictures::showsWhatElseThereIs_data()
{
    addSchemes();
}

void TestMessageViewPictures::showsWhatElseThereIs()
{
    QFETCH(Scheme, scheme);
    QFETCH(double, scale);
    Theme theme;
    theme.setScheme(scheme);
    MessageModel messages;
    messages.setSelf(RoomScript::self(u"Jun"_s));
    RoomScript script(QDateTime(QDate::currentDate(), QTime(10, 31)));
    messages.add(script.says(u"Maren"_s, u"**Bold**, *italic*, `code`, and:\n```sh\nparlor-server --listen "
                                         "0.0.0.0:8000 \\\n    --log-format json\n```\nThat is all."_s));
    messages.add(script.says(u"Maren"_s, u"שלום, ראו https://parlor.example/a_(b) כאן"_s));
    messages.addGap(u"12 messages are missing here"_s, MessageModel::Gap::Final);
    messages.add(script.says(u"A name that is as long as names may be"_s, u"Selected"_s));
    messages.add(
        script.says(u"A name that is as long as names may be"_s, u"Hovered, with a time at the left"_s));
    messages.setOutgoing(script.writes(u"c1"_s, u"This one the server did not want."_s, OutboxState::Failed,
                                       u"You are not in this room any more. Join it and try again."_s));
    messages.setOutgoing(script.writes(u"c2"_s, u"Was it sent?"_s, OutboxState::NeedsDecision,
                                       u"The connection was lost for more than 10 minutes."_s));
    MessageView view(theme);
    view.resize(708, 570);
    view.setMessages(&messages);
    view.show();
    QVERIFY(QTest::qWaitForWindowExposed(&view));
    view.activateWindow();
    view.setFocus();
    view.setCurrentIndex(messages.index(2));
    QTest::mouseMove(view.viewport(), view.visualRect(messages.index(3)).center());
    const QString name = u"others-"_s + QString::fromUtf8(QTest::currentDataTag());
    QTest::qWait(1); // the hover
    QVERIFY(save(view, name, scale) > 50);
}

PARLOR_TEST_WITHIN(QApplication, TestMessageViewPictures)
#include "tst_messageview_pictures.moc"
