// SPDX-License-Identifier: MIT
// The program as a process: how it starts where it cannot, and how it ends.
#include "shared/client/storage/stores.h"
#include "tests/support/rawchat.h"
#include "tests/support/serverprocess.h"
#include "tests/support/testclass.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QProcess>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>

using namespace parlor::test;
using namespace Qt::StringLiterals;

class TestProgram : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void withoutADisplay_data();
    void withoutADisplay();
    void aCertificateFileThatIsNone();
    void endsProperly_data();
    void endsProperly();
    void sendsWhatItKept();

private:
    static QString program() { return qEnvironmentVariable("PARLOR_TEST_BIN") + u"/parlor"_s; }
};

void TestProgram::withoutADisplay_data()
{
    QTest::addColumn<QString>("platform");
    QTest::addColumn<QString>("display");
    QTest::newRow("no such display") << u"xcb"_s << u":99"_s;
    QTest::newRow("no such plugin") << u"nosuch"_s << u":0"_s;
}

void TestProgram::withoutADisplay()
{
    QFETCH(QString, platform);
    QFETCH(QString, display);
    QProcess process;
    auto environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"DISPLAY"_s, display);
    environment.remove(u"WAYLAND_DISPLAY"_s);
    environment.remove(u"QT_QPA_PLATFORM"_s);
    process.setProcessEnvironment(environment);
    process.start(program(), {u"--platform"_s, platform});
    QVERIFY(process.waitForFinished());
    QCOMPARE(process.exitStatus(), QProcess::NormalExit);
    QCOMPARE(process.exitCode(), 1);
    const QString text = QString::fromUtf8(process.readAllStandardError());
    QVERIFY2(text.startsWith(u"parlor: cannot open a window"_s), qUtf8Printable(text));
    QVERIFY2(text.contains(platform) && text.contains(display), qUtf8Printable(text));
    QCOMPARE(text.count(u'\n'), 1);
}

void TestProgram::aCertificateFileThatIsNone()
{
    QProcess process;
    process.start(program(), {u"--platform"_s, u"offscreen"_s, u"--ca-file"_s, u"/dev/null"_s});
    QVERIFY(process.waitForFinished());
    QCOMPARE(process.exitCode(), 2);
    QVERIFY(QString::fromUtf8(process.readAllStandardError())
                .endsWith(u"parlor: --ca-file /dev/null: no PEM certificate is in it\n"_s));
}

void TestProgram::endsProperly_data()
{
    QTest::addColumn<int>("signal");
    QTest::newRow("SIGINT") << SIGINT;
    QTest::newRow("SIGTERM") << SIGTERM;
}

void TestProgram::endsProperly()
{
    QFETCH(int, signal);
    ServerProcess server({.program = u"parlor-server"_s});
    PARLOR_EXPECT(server.start());
    RawChat rosa;
    PARLOR_EXPECT(rosa.openAndJoin(server.port(), Dialect::V2, u"general"_s));
    const QTemporaryDir folder;
    QProcess process;
    process.start(program(), {u"--platform"_s, u"offscreen"_s, u"--profile"_s, folder.path(), u"--url"_s,
                              u"ws://127.0.0.1:%1"_s.arg(server.port()), u"--name"_s, u"Jun"_s});
    QVERIFY(process.waitForStarted());
    const auto members = [&rosa] {
        (void)rosa.send({{u"type"_s, u"who"_s}, {u"room"_s, u"general"_s}});
        const auto listed = rosa.nextOf(u"room_users"_s);
        return listed ? (*listed)[u"count"_s].toInt() : -1;
    };
    // Not so often that the server minds.
    const auto becomes = [&members](int count) {
        for (int i = 0; i < 30; ++i) {
            if (members() == count)
                return true;
            QTest::qWait(200);
        }
        return false;
    };
    QVERIFY(becomes(2));
    ::kill(static_cast<pid_t>(process.processId()), signal);
    QVERIFY(process.waitForFinished(5000));
    QCOMPARE(process.exitStatus(), QProcess::NormalExit);
    QCOMPARE(process.exitCode(), 0);
    QVERIFY(becomes(1)); // soon: after a lost link it would be kept for a while
    const QSettings kept(folder.filePath(u"parlor.ini"_s), QSettings::IniFormat);
    QVERIFY(!kept.value(u"window/geometry"_s).toByteArray().isEmpty());
}

/// kill -9 at every moment of a message's life is tst_clistate's; here, that the window uses the same store.
void TestProgram::sendsWhatItKept()
{
    ServerProcess server({.program = u"parlor-server"_s});
    PARLOR_EXPECT(server.start());
    RawChat rosa;
    PARLOR_EXPECT(rosa.openAndJoin(server.port(), Dialect::V2, u"team"_s));
    const QTemporaryDir folder;
    const QString url = u"ws://127.0.0.1:%1"_s.arg(server.port());
    {
        const auto opened = parlor::openFreeStore(folder.path(), u"window"_s);
        opened.store->use({url + u"/ws"_s, u"Jun"_s});
        parlor::OutboxEntry entry;
        entry.cid = u"01KEPT"_s;
        entry.room = u"team"_s;
        entry.text = u"written before the crash"_s;
        entry.composedAt = std::chrono::milliseconds(QDateTime::currentMSecsSinceEpoch());
        opened.store->outbox().append(entry);
    }
    QProcess process;
    process.start(program(), {u"--platform"_s, u"offscreen"_s, u"--profile"_s, folder.path(), u"--url"_s, url,
                              u"--name"_s, u"Jun"_s});
    QVERIFY(process.waitForStarted());
    const auto heard = rosa.nextOf(u"message"_s);
    QVERIFY2(heard, qUtf8Printable(rosa.why()));
    QCOMPARE((*heard)[u"content"_s].toString(), u"written before the crash"_s);
    QCOMPARE((*heard)[u"cid"_s].toString(), u"01KEPT"_s);
    ::kill(static_cast<pid_t>(process.processId()), SIGTERM);
    QVERIFY(process.waitForFinished());
    const auto opened = parlor::openFreeStore(folder.path(), u"window"_s);
    opened.store->use({url + u"/ws"_s, u"Jun"_s});
    // It was told to end the moment somebody else had the message: it knows that it was sent, or it will ask.
    const auto kept = opened.store->room(u"team"_s).messages;
    const auto waiting = opened.store->outbox().find(u"01KEPT"_s);
    QCOMPARE(kept.size() + (waiting ? 1 : 0), 1);
    if (waiting)
        QCOMPARE(waiting->state, parlor::OutboxState::Unconfirmed);
    else
        QCOMPARE(kept[0].message.id, (*heard)[u"id"_s].toString());
    QVERIFY(!opened.store->session().resumeToken.isEmpty());
}

PARLOR_TEST_WITHIN(QCoreApplication, TestProgram)
#include "tst_program.moc"
