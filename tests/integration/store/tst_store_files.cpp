// SPDX-License-Identifier: MIT
// The files of a store: whose they are, which ones are refused and left alone, copies and their return.
#include "tests/integration/store/storecase.h"
#include "tests/support/testclass.h"

#include <QFile>
#include <QFileInfo>
#include <QJsonArray>

#include <sqlite3.h>
#include <unistd.h>

using namespace parlor::test;
using namespace Qt::StringLiterals;

class StoreFilesTest : public StoreCase
{
    Q_OBJECT
private Q_SLOTS:
    void filesAreOurs();
    void secondServer();
    void secondServerByAnotherName();
    void refusedFiles_data();
    void refusedFiles();
    void limitsAreTold();
    void noFolder();
    void backupOfARunningServer();
    void backupRefuses();

private:
    void sql(const char *statements)
    {
        sqlite3 *database = nullptr;
        QCOMPARE(sqlite3_open(path().toUtf8().constData(), &database), SQLITE_OK);
        QCOMPARE(sqlite3_exec(database, statements, nullptr, nullptr, nullptr), SQLITE_OK);
        QCOMPARE(sqlite3_close(database), SQLITE_OK);
    }
    [[nodiscard]] QStringList arguments() const
    {
        return {u"--listen"_s, u"127.0.0.1:0"_s, u"--store"_s, u"sqlite:"_s + path()};
    }
};

void StoreFilesTest::filesAreOurs()
{
    PARLOR_EXPECT(start());
    for (const char *name : {"parlor.db", "parlor.db-wal", "secret"}) {
        const QFileInfo file(path(QString::fromLatin1(name)));
        QVERIFY2(file.exists(), name);
        QVERIFY2(!(file.permissions() & (QFile::ReadGroup | QFile::ReadOther)), name);
    }
    PARLOR_EXPECT(server().stop());
    QVERIFY(!QFileInfo::exists(path(u"parlor.db-wal"_s))); // all of it is in the one file
    QVERIFY(QFile::setPermissions(path(), QFileInfo(path()).permissions() | QFile::ReadGroup |
                                              QFile::ReadOther)); // put back by somebody
    PARLOR_EXPECT(start());
    QVERIFY(!(QFileInfo(path()).permissions() & (QFile::ReadGroup | QFile::ReadOther)));
}

void StoreFilesTest::secondServer()
{
    PARLOR_EXPECT(start());
    const Ended second = run(arguments());
    QCOMPARE(second.code, 1);
    QVERIFY2(second.said.contains(u"another server uses it"_s), qPrintable(second.said));
    server().kill();
    PARLOR_EXPECT(start()); // a killed one leaves nothing locked
}

void StoreFilesTest::secondServerByAnotherName()
{
    const QString soft = path(u"soft.db"_s);
    const QString hard = path(u"hard.db"_s);
    QVERIFY(QFile::link(u"parlor.db"_s, soft)); // before there is such a file
    const QStringList other{u"--listen"_s, u"127.0.0.1:0"_s, u"--store"_s, u"sqlite:"_s + soft};
    PARLOR_EXPECT(start());
    Ended second = run(other);
    QCOMPARE(second.code, 1);
    QVERIFY2(second.said.contains(u"another server uses it"_s), qPrintable(second.said));
    QVERIFY2(second.said.contains(soft), qPrintable(second.said));
    QCOMPARE(::link(path().toUtf8().constData(), hard.toUtf8().constData()), 0);
    second = run({u"--listen"_s, u"127.0.0.1:0"_s, u"--store"_s, u"sqlite:"_s + hard});
    QCOMPARE(second.code, 1);
    QVERIFY2(second.said.contains(u"hard links"_s), qPrintable(second.said));
    QVERIFY(!QFileInfo::exists(hard + u"-wal"_s));
}

void StoreFilesTest::refusedFiles_data()
{
    QTest::addColumn<QByteArray>("what");
    QTest::addColumn<QString>("said");
    QTest::newRow("no database") << QByteArray("text") << u"no SQLite database"_s;
    QTest::newRow("another program's")
        << QByteArray("CREATE TABLE t(x); PRAGMA application_id = 7") << u"another program"_s;
    QTest::newRow("another program's, unnamed") << QByteArray("CREATE TABLE t(x)") << u"another program"_s;
    QTest::newRow("newer") << QByteArray("newer") << u"newer version"_s;
    QTest::newRow("damaged") << QByteArray("damaged") << u"damaged"_s;
}

void StoreFilesTest::refusedFiles()
{
    QFETCH(QByteArray, what);
    QFETCH(QString, said);
    if (what == "newer" || what == "damaged") {
        PARLOR_EXPECT(start());
        RawChat chat;
        PARLOR_EXPECT(chat.openAndJoin(server().port(), Dialect::V2, u"general"_s));
        for (int i = 0; i < 100; ++i)
            PARLOR_EXPECT(chat.chats(u"general"_s, QString(200, u'x')));
        PARLOR_EXPECT(server().stop());
    }
    if (what == "newer") {
        sql("PRAGMA user_version = 99");
    } else if (what == "damaged" || what == "text") {
        QFile file(path());
        QVERIFY(file.open(QIODevice::ReadWrite));
        if (what == "damaged")
            QVERIFY(file.seek(4096)); // the first page after the schema's
        file.write(QByteArray(8192, 'x'));
    } else {
        sql(what.constData());
    }
    const QByteArray before = contents(path());
    QVERIFY(!before.isEmpty());
    constexpr QFile::Permissions kForAll = QFile::ReadOwner | QFile::WriteOwner | QFile::ReadOther;
    QVERIFY(QFile::setPermissions(path(), kForAll));
    const Ended refused = run(arguments());
    QCOMPARE(refused.code, 1);
    QVERIFY2(refused.said.contains(said), qPrintable(refused.said));
    QVERIFY2(refused.said.contains(path()), qPrintable(refused.said));
    QVERIFY(contents(path()) == before);
    QVERIFY(QFile::permissions(path()).testFlag(QFile::ReadOther)); // nor is it anybody else's now
    QVERIFY(!QFileInfo::exists(path(u"parlor.db-wal"_s)));
}

void StoreFilesTest::limitsAreTold()
{
    PARLOR_EXPECT(start({u"--history-max-messages"_s, u"100"_s, u"--history-max-age"_s, u"30d"_s}));
    const QString said = server().errorText();
    QVERIFY2(said.contains(path() + u", at most 100 of a room, for 30d\n"_s), qPrintable(said));
    PARLOR_EXPECT(server().stop());
}

void StoreFilesTest::noFolder()
{
    const Ended refused =
        run({u"--listen"_s, u"127.0.0.1:0"_s, u"--store"_s, u"sqlite:"_s + path(u"no/parlor.db"_s)});
    QCOMPARE(refused.code, 1);
    const QString why =
        u"parlor-server: cannot use the store %1: there is no folder %2; make it (mkdir -p %2)"_s;
    QVERIFY2(refused.said.contains(why.arg(path(u"no/parlor.db"_s), path(u"no"_s))),
             qPrintable(refused.said));

    const Ended spaced =
        run({u"--listen"_s, u"127.0.0.1:0"_s, u"--store"_s, u"sqlite:"_s + path(u"my dir/parlor.db"_s)});
    QVERIFY2(spaced.said.contains(u"(mkdir -p '%1')"_s.arg(path(u"my dir"_s))), qPrintable(spaced.said));
    const Ended home = run({u"--listen"_s, u"127.0.0.1:0"_s, u"--store"_s, u"sqlite:~/parlor.db"_s});
    QCOMPARE(home.code, 1);
    const QString written = u"write --store sqlite:%1/parlor.db\n"_s.arg(qEnvironmentVariable("HOME"));
    QVERIFY2(home.said.endsWith(written), qPrintable(home.said));
}

void StoreFilesTest::backupOfARunningServer()
{
    PARLOR_EXPECT(start());
    QString epoch;
    QStringList ids;
    {
        RawChat chat;
        PARLOR_EXPECT(chat.open(server().port(), Dialect::V2));
        QVERIFY(chat.send(joinFrame(u"general"_s)));
        const auto sync = chat.nextOf(u"sync"_s);
        QVERIFY2(sync, qPrintable(chat.why()));
        epoch = sync->value("epoch"_L1).toString();
        PARLOR_EXPECT(chat.chats(u"general"_s, u"in the backup"_s));
        const Ended copied = run(arguments() + QStringList{u"--backup"_s, path(u"copy.db"_s)});
        QVERIFY2(copied.code == 0, qPrintable(copied.said));
        const QString whole = u"copied %1 to %2: 1 message, "_s.arg(path(), path(u"copy.db"_s));
        QVERIFY2(copied.said.contains(whole), qPrintable(copied.said));
        QVERIFY2(copied.said.endsWith(u" KiB\n"_s), qPrintable(copied.said));
        PARLOR_EXPECT(chat.chats(u"general"_s, u"after the backup"_s));
        ids = {idAt(chat, u"general"_s, 1), idAt(chat, u"general"_s, 2)};
    }
    PARLOR_EXPECT(server().stop());
    // The documented restore.
    for (const char *name : {"parlor.db", "parlor.db-wal", "parlor.db-shm"})
        QFile::remove(path(QString::fromLatin1(name)));
    QVERIFY(QFile::copy(path(u"copy.db"_s), path()));
    PARLOR_EXPECT(start());
    RawChat chat;
    PARLOR_EXPECT(chat.open(server().port(), Dialect::V2));
    const auto outcome = [&](qint64 seq) {
        if (!chat.send(joinSince(u"general"_s, epoch, seq, ids[seq - 1])))
            return chat.why();
        const auto sync = chat.nextOf(u"sync"_s);
        return sync ? u"%1 %2 %3"_s.arg(sync->value("seq"_L1).toInteger())
                          .arg(sync->value("id"_L1).toString(), sync->value("reason"_L1).toString())
                    : chat.why();
    };
    // What the copy has, goes on. Nobody takes what comes for what was lost.
    QCOMPARE(outcome(1), u"1 %1 "_s.arg(ids[0]));
    QCOMPARE(outcome(2), u"1 %1 ahead"_s.arg(ids[0]));
    PARLOR_EXPECT(chat.chats(u"general"_s, u"another one"_s));
    const QString another = idAt(chat, u"general"_s, 2);
    QVERIFY(another != ids[1]);
    QCOMPARE(outcome(1), u"2 %1 "_s.arg(another));
    QCOMPARE(outcome(2), u"2 %1 diverged"_s.arg(another));
}

void StoreFilesTest::backupRefuses()
{
    PARLOR_EXPECT(start());
    const Ended over = run(arguments() + QStringList{u"--backup"_s, path(u"secret"_s)});
    QCOMPARE(over.code, 1);
    QVERIFY2(over.said.contains(u"exists already"_s), qPrintable(over.said));
    QVERIFY(contents(path(u"secret"_s)).size() < 100);
    const Ended nowhere = run(arguments() + QStringList{u"--backup"_s, path(u"no/copy.db"_s)});
    QCOMPARE(nowhere.code, 1);
    const Ended ofNothing =
        run({u"--store"_s, u"sqlite:"_s + path(u"none.db"_s), u"--backup"_s, path(u"copy.db"_s)});
    QCOMPARE(ofNothing.code, 1);
    const QString why = u"there is no database %1; give the one the server uses with --store sqlite:FILE\n"_s;
    QVERIFY2(ofNothing.said.endsWith(why.arg(path(u"none.db"_s))), qPrintable(ofNothing.said));
    QVERIFY(!QFileInfo::exists(path(u"copy.db"_s)));
    PARLOR_EXPECT(server().stop());
}

PARLOR_TEST_WITHIN(QCoreApplication, StoreFilesTest)
#include "tst_store_files.moc"
