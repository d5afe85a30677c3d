// SPDX-License-Identifier: MIT
// In the smallest window, whatever it has to say, there is room to write.
#include "tests/gui/windowundertest.h"
#include "tests/support/testclass.h"
#include "tests/unit/shared/client/scriptedserver.h"

#include <QApplication>
#include <QDialog>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTest>

using namespace parlor;
using namespace parlor::gui;
using namespace parlor::gui::test;
using namespace Qt::StringLiterals;

class TestMainWindowSmall : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();
    void aLostConnection();
    void longTextsOfTheServer();
    void aLongNotice();
    void aLongDraft();
    void dialogsWithLongTexts();

private:
    /// The composer is in the window, and so high that its text can be read.
    void checkRoomToWrite();

    std::unique_ptr<ScriptedServer> m_server;
    std::unique_ptr<WindowUnderTest> m_app;
};

void TestMainWindowSmall::init()
{
    m_server = std::make_unique<ScriptedServer>();
    m_app = std::make_unique<WindowUnderTest>();
    m_app->window().resize(480, 360);
    m_app->open(m_server->url().toString());
    QVERIFY(m_server->authenticate());
    QVERIFY(m_server->join(u"general"_s));
    QTRY_VERIFY(m_app->controller().connection().isReady());
}

void TestMainWindowSmall::cleanup()
{
    m_app.reset();
    m_server.reset();
}

void TestMainWindowSmall::checkRoomToWrite()
{
    QCoreApplication::processEvents();
    QCOMPARE(m_app->window().size(), QSize(480, 360));
    auto &input = m_app->child<QPlainTextEdit>("messageInput");
    auto &composer = m_app->child<QWidget>("composer");
    QVERIFY2(input.height() >= input.fontMetrics().lineSpacing(),
             qPrintable(QString::number(input.height())));
    QVERIFY2(composer.height() >= composer.minimumSizeHint().height(),
             qPrintable(QString::number(composer.height())));
    QVERIFY(m_app->child<QWidget>("messageView").height() >= 1);
    const QRect place(composer.mapTo(&m_app->window(), QPoint()), composer.size());
    QVERIFY(m_app->window().rect().contains(place));
    auto &send = m_app->child<QPushButton>("sendButton");
    QVERIFY(composer.rect().contains(send.geometry()));
}

void TestMainWindowSmall::aLostConnection()
{
    m_server->stopListening();
    m_server->drop();
    QTRY_VERIFY2(m_app->banner().contains(u"attempt "_s), qUtf8Printable(m_app->banner()));
    auto &banner = m_app->child<QWidget>("connectionBanner");
    auto &text = m_app->child<QLabel>("bannerText");
    checkRoomToWrite();
    QVERIFY2(banner.height() < 60, qPrintable(QString::number(banner.height())));
    QVERIFY(text.height() < 2 * text.fontMetrics().lineSpacing());
    QVERIFY(m_app->save(u"small-reconnecting"_s));

    // WHEN the person asks THEN the whole is there
    auto &details = m_app->child<QPushButton>("bannerDetailsButton");
    QVERIFY(details.isVisible());
    QTest::mouseClick(&details, Qt::LeftButton);
    auto &whole = m_app->child<QLabel>("bannerDetails");
    QVERIFY(whole.isVisible());
    QTRY_VERIFY2(whole.text().startsWith(m_app->banner()), qUtf8Printable(whole.text()));
    QTRY_VERIFY2(whole.text().contains(u"refused the connection"_s), qUtf8Printable(whole.text()));
    checkRoomToWrite();
    QVERIFY(m_app->save(u"small-details"_s));
    QTest::mouseClick(&details, Qt::LeftButton);
    QVERIFY(!whole.isVisible());
}

void TestMainWindowSmall::longTextsOfTheServer()
{
    m_server->close(4003, u"not you, "_s.repeated(13));
    QTRY_VERIFY2(m_app->banner().startsWith(u"Not connected."_s), qUtf8Printable(m_app->banner()));
    checkRoomToWrite();
    QTest::mouseClick(&m_app->child<QPushButton>("bannerDetailsButton"), Qt::LeftButton);
    QVERIFY(m_app->child<QLabel>("bannerDetails").text().contains(u"not you, not you"_s));
    checkRoomToWrite();
    // a wide window has room for all of it, and needs no details
    m_app->window().resize(2400, 700);
    QTRY_VERIFY(!m_app->child<QPushButton>("bannerDetailsButton").isVisible());
    QVERIFY(!m_app->child<QLabel>("bannerDetails").isVisible());
}

void TestMainWindowSmall::aLongNotice()
{
    m_server->stopListening();
    m_server->drop();
    QTRY_VERIFY2(m_app->banner().contains(u"attempt "_s), qUtf8Printable(m_app->banner()));
    QTest::mouseClick(&m_app->child<QPushButton>("bannerDetailsButton"), Qt::LeftButton);
    for (const QString &text : {u"A sentence about what was refused. "_s.repeated(30), u"x"_s.repeated(2000),
                                u"a line\n"_s.repeated(50)}) {
        m_app->window().showNotice(text);
        checkRoomToWrite();
        QCOMPARE(m_app->child<QLabel>("noticeText").text(), text);
    }
    QVERIFY(m_app->save(u"small-notice"_s));
}

void TestMainWindowSmall::aLongDraft()
{
    m_server->stopListening();
    m_server->drop();
    QTRY_VERIFY2(m_app->banner().contains(u"attempt "_s), qUtf8Printable(m_app->banner()));
    m_app->child<QPlainTextEdit>("messageInput").setPlainText(u"a line\n"_s.repeated(40));
    checkRoomToWrite();
    QVERIFY(m_app->save(u"small-draft"_s));
    m_app->child<QPlainTextEdit>("messageInput")
        .setPlainText(u"words "_s.repeated(800)); // with a count below
    checkRoomToWrite();
}

/// However long the text, the dialog is no wider than people have screens.
void TestMainWindowSmall::dialogsWithLongTexts()
{
    m_app->window().connectTo(u"ws://"_s + u"x"_s.repeated(3000) + u":port"_s, u"Jun"_s, {});
    auto *dialog = m_app->window().findChild<QDialog *>(u"connectDialog"_s);
    QTRY_VERIFY(dialog && dialog->isVisible());
    QVERIFY(dialog->findChild<QLabel *>(u"connectProblem"_s)->isVisible());
    QVERIFY2(dialog->width() <= 480 && dialog->height() <= 400,
             qPrintable(u"%1x%2"_s.arg(dialog->width()).arg(dialog->height())));
}

PARLOR_TEST_WITHIN(QApplication, TestMainWindowSmall)
#include "tst_mainwindow_small.moc"
