// SPDX-License-Identifier: MIT
// What the desktop client remembers, and what it makes of settings that somebody else damaged.
#include "client-gui/controller/settings.h"
#include "shared/client/memorystore.h"
#include "tests/gui/windowundertest.h"
#include "tests/support/testclass.h"

#include <QApplication>
#include <QDir>
#include <QFile>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>

using namespace parlor;
using namespace parlor::gui;
using namespace Qt::StringLiterals;

class TestSettings : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void onlyRoomsThatCanBe();
    void damagedRoomsAreSaid();
    void aFileThatCannotBeWritten();
    void onlyItsOwnerMayReadIt_data();
    void onlyItsOwnerMayReadIt();
};

void TestSettings::onlyItsOwnerMayReadIt_data()
{
    QTest::addColumn<bool>("wasThere");
    QTest::newRow("new") << false;
    QTest::newRow("of an earlier version") << true;
}

/// An address may have a token in it.
void TestSettings::onlyItsOwnerMayReadIt()
{
    QFETCH(bool, wasThere);
    const QTemporaryDir folder;
    const QString path = folder.filePath(u"profile/parlor.ini"_s);
    if (wasThere) {
        QVERIFY(QDir(folder.path()).mkdir(u"profile"_s));
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("[connection]\nusername=Jun\n");
        QVERIFY(file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ReadOther));
    }
    QSettings store(path, QSettings::IniFormat);
    Settings settings(store);
    QCOMPARE(settings.username(), wasThere ? u"Jun"_s : QString());
    settings.setServer(u"chat.example?token=secret"_s);
    QCOMPARE(settings.problem(), QString());
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QVERIFY(file.readAll().contains("secret"));
    QCOMPARE(file.permissions() &
                 (QFile::ReadGroup | QFile::ReadOther | QFile::WriteGroup | QFile::WriteOther),
             QFile::Permissions());
}

void TestSettings::onlyRoomsThatCanBe()
{
    const QTemporaryDir folder;
    QSettings store(folder.filePath(u"parlor.ini"_s), QSettings::IniFormat);
    Settings settings(store);
    const QUrl server(u"ws://localhost:8000/ws"_s);
    settings.setRooms(server, {u"Team"_s, u"no room!"_s, u"team"_s, u""_s, u"general"_s});
    settings.setCurrentRoom(server, u"../etc"_s);
    QCOMPARE(settings.rooms(server).names, (QStringList{u"team"_s, u"general"_s}));
    QCOMPARE(settings.rooms(server).dropped, (QStringList{u"no room!"_s, u""_s}));
    QCOMPARE(settings.currentRoom(server), QString());
    QCOMPARE(settings.problem(), QString());
}

void TestSettings::damagedRoomsAreSaid()
{
    const QTemporaryDir folder;
    QSettings store(folder.filePath(u"parlor.ini"_s), QSettings::IniFormat);
    Settings settings(store);
    const QUrl server(u"ws://127.0.0.1:9/ws"_s);
    settings.setRooms(server, {u"no room!"_s, u"team"_s});
    settings.setCurrentRoom(server, u"no room!"_s);
    MemoryStore state;
    gui::test::FakeKeychain keychain;
    ChatController controller(settings, state, keychain, ChatController::desktopOptions());
    QStringList said;
    connect(&controller, &ChatController::refused, this, [&](const QString &text) { said.append(text); });
    controller.connectTo(server, u"Jun"_s);
    QCOMPARE(said,
             QStringList{u"The settings named rooms that cannot be, and that were left out: no room!"_s});
    QVERIFY(controller.messages(u"team"_s));
    QVERIFY(controller.messages(u"general"_s));
    QVERIFY(!settings.rooms(server).names.contains(u"no room!"_s));
    QVERIFY(settings.rooms(server).dropped.isEmpty());
}

void TestSettings::aFileThatCannotBeWritten()
{
    const QTemporaryDir folder;
    QFile file(folder.filePath(u"file"_s)); // no folder: not even root can write below it
    QVERIFY(file.open(QIODevice::WriteOnly));
    QSettings store(folder.filePath(u"file/parlor.ini"_s), QSettings::IniFormat);
    Settings settings(store);
    settings.setUsername(u"Jun"_s);
    QVERIFY2(settings.problem().contains(u"cannot be kept in "_s), qUtf8Printable(settings.problem()));
    QVERIFY(settings.problem().contains(store.fileName()));
    MemoryStore state;
    gui::test::FakeKeychain keychain;
    ChatController controller(settings, state, keychain, ChatController::desktopOptions());
    Theme theme;
    MainWindow window(controller, settings, theme);
    QCOMPARE(window.findChild<QLabel *>(u"noticeText"_s)->text(), settings.problem());
    QVERIFY(!window.findChild<QWidget *>(u"notice"_s)->isHidden());
}

PARLOR_TEST_WITHIN(QApplication, TestSettings)
#include "tst_settings.moc"
