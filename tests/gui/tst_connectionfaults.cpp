// SPDX-License-Identifier: MIT
// What can be wrong with a server, and what the window says about it.
#include "tests/gui/windowundertest.h"
#include "tests/support/serverprocess.h"
#include "tests/support/testclass.h"
#include "tests/unit/shared/client/scriptedserver.h"

#include <QApplication>
#include <QFile>
#include <QJsonArray>
#include <QJsonObject>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSslCertificate>
#include <QSslConfiguration>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>

using namespace parlor;
using namespace parlor::gui;
using namespace parlor::gui::test;
using namespace parlor::test;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

class TestConnectionFaults : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void wrongAddresses_data();
    void wrongAddresses();
    void nobodyIsThere();
    void retryNowTriesAtOnce();
    void aSilentServer();
    void httpAnswers_data();
    void httpAnswers();
    void anUnknownCertificate();
    void aCertificateOfOnesOwn();
    void closedForGood_data();
    void closedForGood();
    void textsOfTheServerStayInTheirPlace();
    void olderMessagesPastARefusal();
    void longNamesInTheStatusBar();
};

void TestConnectionFaults::wrongAddresses_data()
{
    QTest::addColumn<QString>("address");
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("said");
    QTest::newRow("http") << u"http://localhost:8000"_s << u"Jun"_s << u"use ws:// instead"_s;
    QTest::newRow("no host") << u"ws://"_s << u"Jun"_s << u"host"_s;
    QTest::newRow("bad port") << u"localhost:99999"_s << u"Jun"_s << u"99999"_s;
    QTest::newRow("name too long") << u"localhost:8000"_s << QString(33, u'x') << u"32"_s;
}

void TestConnectionFaults::wrongAddresses()
{
    QFETCH(QString, address);
    QFETCH(QString, name);
    QFETCH(QString, said);
    WindowUnderTest app;
    app.open(address, name);
    QTRY_VERIFY(app.window().findChild<QLabel *>(u"connectProblem"_s));
    const auto *problem = app.window().findChild<QLabel *>(u"connectProblem"_s);
    QVERIFY(problem->isVisible());
    QVERIFY2(problem->text().contains(said), qUtf8Printable(problem->text()));
    QCOMPARE(app.window().findChild<QLineEdit *>(u"connectServer"_s)->text(), address);
}

void TestConnectionFaults::nobodyIsThere()
{
    QTcpServer nobody;
    QVERIFY(nobody.listen(QHostAddress::LocalHost));
    const auto port = nobody.serverPort();
    nobody.close();
    WindowUnderTest app;
    app.open(u"127.0.0.1:%1"_s.arg(port));
    QTRY_VERIFY2(app.banner().contains(u"(attempt 1 of 3)"_s), qUtf8Printable(app.banner()));
    app.type(u"kept"_s);
    app.pressEnter();
    QTRY_VERIFY2_WITH_TIMEOUT(
        app.banner().startsWith(u"Could not reach 127.0.0.1:%1 (3 of 3 attempts)."_s.arg(port)),
        qUtf8Printable(app.banner()), 15'000);
    QTest::mouseClick(&app.child<QPushButton>("bannerDetailsButton"), Qt::LeftButton);
    QVERIFY(app.child<QLabel>("bannerDetails").isVisible());
    QVERIFY(app.child<QLabel>("bannerDetails").text().contains(u"refused the connection"_s));
    QVERIFY(app.save(u"offline"_s));
    QCOMPARE(app.said(), QStringList{u"kept"_s});
}

void TestConnectionFaults::retryNowTriesAtOnce()
{
    QTcpServer later;
    QVERIFY(later.listen(QHostAddress::LocalHost));
    const auto port = later.serverPort();
    later.close();
    ClientOptions options = ChatController::desktopOptions();
    options.backoff.first = 600s;
    options.backoff.cap = 600s;
    WindowUnderTest app(Scheme::Light, options);
    app.open(u"127.0.0.1:%1"_s.arg(port));
    QTRY_VERIFY(app.banner().contains(u"(attempt 1 of 3)"_s));
    QVERIFY(later.listen(QHostAddress::LocalHost, port));
    QTest::mouseClick(&app.child<QPushButton>("retryButton"), Qt::LeftButton);
    QTRY_VERIFY(later.hasPendingConnections());
}

void TestConnectionFaults::aSilentServer()
{
    QTcpServer silent; // accepts, and says nothing
    QVERIFY(silent.listen(QHostAddress::LocalHost));
    ClientOptions options = WindowUnderTest::hastyOptions();
    options.connectTimeout = 300ms;
    WindowUnderTest app(Scheme::Light, options);
    app.open(u"127.0.0.1:%1"_s.arg(silent.serverPort()));
    QTRY_VERIFY(app.banner().contains(u"attempt"_s));
    QTRY_VERIFY(app.child<QLabel>("bannerDetails").text().contains(u"No answer from"_s));
}

void TestConnectionFaults::httpAnswers_data()
{
    QTest::addColumn<QByteArray>("status");
    QTest::addColumn<QString>("said");
    QTest::addColumn<bool>("triesAgain");
    QTest::newRow("404") << QByteArray("404 Not Found") << u"HTTP 404"_s << false;
    QTest::newRow("503") << QByteArray("503 Service Unavailable") << u"HTTP 503"_s << true;
}

void TestConnectionFaults::httpAnswers()
{
    QFETCH(QByteArray, status);
    QFETCH(QString, said);
    QFETCH(bool, triesAgain);
    QTcpServer web;
    QVERIFY(web.listen(QHostAddress::LocalHost));
    int connections = 0;
    connect(&web, &QTcpServer::newConnection, this, [&] {
        ++connections;
        QTcpSocket *socket = web.nextPendingConnection();
        connect(socket, &QTcpSocket::readyRead, socket, [socket, status] {
            socket->readAll();
            socket->write("HTTP/1.1 " + status + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            socket->disconnectFromHost();
        });
    });
    WindowUnderTest app;
    app.open(u"127.0.0.1:%1"_s.arg(web.serverPort()));
    if (triesAgain) {
        QTRY_VERIFY2(app.banner().contains(said), qUtf8Printable(app.banner()));
        QVERIFY2(app.banner().startsWith(
                     u"Could not reach 127.0.0.1:%1. It takes no connections"_s.arg(web.serverPort())),
                 qUtf8Printable(app.banner()));
        QVERIFY(app.child<QLabel>("bannerDetails").text().contains(said));
        QTRY_VERIFY(connections > 1);
    } else {
        QTRY_VERIFY2(app.banner().contains(said), qUtf8Printable(app.banner()));
        QCOMPARE(connections, 1);
        QVERIFY(app.status().startsWith(u"Not connected"_s));
    }
}

void TestConnectionFaults::anUnknownCertificate()
{
    ServerProcess server({.program = u"parlor-server"_s, .wire = Wire::Tls});
    PARLOR_EXPECT(server.start());
    WindowUnderTest app;
    app.open(u"wss://localhost:%1"_s.arg(server.port()));
    QTRY_VERIFY2(app.banner().contains(u"no secure connection"_s, Qt::CaseInsensitive),
                 qUtf8Printable(app.banner()));
    const auto certificate = QSslCertificate::fromPath(TestCertificate::certificate()).value(0);
    const QByteArray digest = certificate.digest(QCryptographicHash::Sha256).toHex(':').toUpper();
    QVERIFY2(app.banner().contains(QString::fromLatin1(digest)), qUtf8Printable(app.banner()));
    QVERIFY2(app.banner().contains(u"--ca-file"_s), qUtf8Printable(app.banner()));
    QVERIFY(app.status().startsWith(u"Not connected"_s));
    QCOMPARE(app.child<QLabel>("statusSecurity").text(), QString());
    QVERIFY(!QApplication::activeModalWidget());
    QVERIFY(app.save(u"certificate"_s));
}

void TestConnectionFaults::aCertificateOfOnesOwn()
{
    ServerProcess server({.program = u"parlor-server"_s, .wire = Wire::Tls});
    PARLOR_EXPECT(server.start());
    WindowUnderTest app;
    auto tls = QSslConfiguration::defaultConfiguration();
    tls.addCaCertificates(QSslCertificate::fromPath(TestCertificate::certificate()));
    app.controller().setTls(tls);
    app.open(u"wss://localhost:%1"_s.arg(server.port()));
    QTRY_VERIFY2(app.status().startsWith(u"Connected"_s), qUtf8Printable(app.banner()));
    QCOMPARE(app.child<QLabel>("statusSecurity").text(), u"TLS"_s);
}

void TestConnectionFaults::closedForGood_data()
{
    QTest::addColumn<quint16>("code");
    QTest::addColumn<QString>("lead");
    QTest::newRow("kicked") << quint16(4005) << u"You were kicked."_s;
    QTest::newRow("banned") << quint16(4004) << u"You are banned."_s;
    QTest::newRow("replaced") << quint16(4007) << u"Not connected."_s;
}

void TestConnectionFaults::closedForGood()
{
    QFETCH(quint16, code);
    QFETCH(const QString, lead);
    ScriptedServer server;
    WindowUnderTest app;
    app.open(server.url().toString());
    QVERIFY(server.authenticate());
    QTRY_VERIFY(app.controller().connection().isReady());
    app.type(u"half a thought"_s);
    server.close(code, u"for a <b>reason</b>"_s);
    QTRY_VERIFY2(app.banner().startsWith(lead), qUtf8Printable(app.banner()));
    QVERIFY2(app.banner().contains(u"for a <b>reason</b>"_s), qUtf8Printable(app.banner()));
    QCOMPARE(app.child<QPlainTextEdit>("messageInput").toPlainText(), u"half a thought"_s);
    QCOMPARE(server.connections(), 1);
}

void TestConnectionFaults::textsOfTheServerStayInTheirPlace()
{
    ScriptedServer server;
    server.setTerm(u"hostname"_s, u"evil\u202e\n\u0007host"_s);
    WindowUnderTest app;
    app.open(server.url().toString());
    QVERIFY(server.authenticate());
    QTRY_VERIFY2(app.status().contains(u"served by evil\ufffd \ufffdhost"_s), qUtf8Printable(app.status()));
    server.close(4005, u"turned\u202e\nround"_s);
    QTRY_VERIFY2(app.banner().contains(u"turned\ufffd round"_s), qUtf8Printable(app.banner()));
}

void TestConnectionFaults::olderMessagesPastARefusal()
{
    ScriptedServer server;
    WindowUnderTest app;
    app.open(server.url().toString());
    const auto enter = [&](bool resumed) {
        if (!server.authenticate(resumed))
            return false;
        const QJsonObject join = server.expect(u"join"_s);
        server.answer(join, {{u"type"_s, u"ack"_s}, {u"room"_s, u"general"_s}});
        server.send(
            syncFrame(60, resumed ? QJsonArray() : QJsonArray{messageFrame(60, u"sixty"_s)}, resumed));
        return !join.isEmpty() && !server.expect(u"rooms"_s).isEmpty();
    };
    const auto refuse = [&](const QJsonObject &request, const QString &code) {
        server.answer(
            request,
            {{u"type"_s, u"error"_s}, {u"code"_s, code}, {u"message"_s, u"not now"_s}, {u"retry_ms"_s, 50}});
    };
    QVERIFY(enter(false));

    // WHEN the server refuses for now THEN it is asked again, and nobody is bothered
    const QJsonObject first = server.expect(u"history"_s);
    QCOMPARE(first.value(u"before"_s).toInt(), 60);
    refuse(first, u"rate_limited"_s);
    QCOMPARE(server.expect(u"history"_s).value(u"before"_s).toInt(), 60);
    QVERIFY(!app.child<QWidget>("notice").isVisible());

    // WHEN the connection ends before an answer THEN it is asked again on the next
    server.drop();
    QTRY_COMPARE(server.connections(), 2);
    QVERIFY(enter(true));
    const QJsonObject again = server.expect(u"history"_s);
    QCOMPARE(again.value(u"before"_s).toInt(), 60);
    server.answer(again, {{u"type"_s, u"history"_s},
                          {u"room"_s, u"general"_s},
                          {u"epoch"_s, u"e1"_s},
                          {u"events"_s, QJsonArray{messageFrame(59, u"fifty-nine"_s)}},
                          {u"more"_s, false}});
    QTRY_COMPARE(app.said(), (QStringList{u"fifty-nine"_s, u"sixty"_s}));
}

void TestConnectionFaults::longNamesInTheStatusBar()
{
    ScriptedServer server;
    const QString hostname = u"ip-10-0-1-23."_s.repeated(12);
    server.setTerm(u"hostname"_s, hostname);
    WindowUnderTest app;
    app.open(server.url().toString());
    QVERIFY(server.authenticate());
    app.window().resize(480, 360);
    QTRY_COMPARE(app.child<QLabel>("statusServedBy").text(), hostname);
    QCOMPARE(app.window().width(), 480);
    const auto &bar = app.child<QWidget>("connectionStatus");
    for (const char *each : {"statusHost", "statusServedBy", "statusSecurity"}) {
        const auto &label = app.child<QLabel>(each);
        QVERIFY2(label.geometry().right() <= bar.width(), each);
    }
    QVERIFY(app.save(u"long-names"_s));
}

PARLOR_TEST_WITHIN(QApplication, TestConnectionFaults)
#include "tst_connectionfaults.moc"
