// SPDX-License-Identifier: MIT
// Which file becomes a store, and which is left as it is.
#include "shared/client/storage/stores.h"

#include "shared/client/storage/database.h"
#include "tests/support/testclass.h"
#include "tests/unit/shared/client/storage/account.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <sys/resource.h>

using namespace parlor;
using namespace Qt::StringLiterals;

namespace {

OutboxEntry unsent(const QString &cid)
{
    OutboxEntry entry;
    entry.cid = cid;
    entry.room = u"general"_s;
    entry.text = u"hi"_s;
    return entry;
}

} // namespace

class TestStores : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }
    void onlyItsOwnerMayReadIt_data();
    void onlyItsOwnerMayReadIt();
    void refusesWhatItDoesNotKnow_data();
    void refusesWhatItDoesNotKnow();
    void leavesOthersThingsAsTheyAre_data();
    void leavesOthersThingsAsTheyAre();
    void aDamagedPage();
    void noFileCanBeThere();
    void eachProgramHasItsOwn();
    void whatOthersLeftComesAlong();
    void saysWhatItCannotTakeOver();
    void takesOverAllOrNothing_data();
    void takesOverAllOrNothing();
    void passesOverWhatItCannotUse_data();
    void passesOverWhatItCannotUse();
    void worksOnWithoutAFile();
    void aFullDiskAtTheStart();
    void theStateFolder_data();
    void theStateFolder();

private:
    [[nodiscard]] QString path(const QString &name = u"chat.db"_s) const { return m_folder->filePath(name); }
    [[nodiscard]] static QByteArray contents(const QString &path)
    {
        QFile file(path);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestStores::onlyItsOwnerMayReadIt_data()
{
    QTest::addColumn<bool>("wasOpen");
    QTest::newRow("new") << false;
    QTest::newRow("copied for others to read") << true;
}

void TestStores::onlyItsOwnerMayReadIt()
{
    QFETCH(bool, wasOpen);
    if (wasOpen) {
        QVERIFY(openStore(path()));
        QVERIFY(QFile::setPermissions(path(), QFile::ReadOwner | QFile::WriteOwner | QFile::ReadOther));
    }
    const auto store = openStore(path());
    QVERIFY(store);
    (*store)->use(kJun);
    (*store)->outbox().append(unsent(u"a"_s));
    const auto files = QDir(m_folder->path()).entryInfoList(QDir::Files);
    QVERIFY(files.size() >= 2); // the log, too
    for (const QFileInfo &each : files)
        QCOMPARE(each.permissions() & ~QFile::Permissions(QFile::ReadUser | QFile::WriteUser),
                 QFile::ReadOwner | QFile::WriteOwner);
}

void TestStores::refusesWhatItDoesNotKnow_data()
{
    QTest::addColumn<QString>("change"); // to a good state file; empty: it is no database
    QTest::addColumn<QString>("says");
    QTest::newRow("newer") << u"PRAGMA user_version = 1000"_s << u"of a newer Parlor"_s;
    QTest::newRow("of another program") << u"PRAGMA application_id = 7"_s << u"no state file of Parlor"_s;
    QTest::newRow("text") << QString() << u"damaged"_s;
}

void TestStores::refusesWhatItDoesNotKnow()
{
    QFETCH(QString, change);
    QFETCH(QString, says);
    if (change.isEmpty()) {
        QFile file(path());
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QByteArray(10'000, 'x'));
    } else {
        auto database = Database::open(path());
        QVERIFY(database);
        QVERIFY((*database)->run(change));
    }
    const QByteArray before = contents(path());
    const auto refused = openStore(path());
    QVERIFY(!refused);
    const QString text = QString::fromStdString(refused.error().text);
    QVERIFY2(text.contains(says) && text.contains(path()), qUtf8Printable(text));
    QCOMPARE(contents(path()), before);
}

void TestStores::leavesOthersThingsAsTheyAre_data()
{
    QTest::addColumn<bool>("isFolder");
    QTest::addColumn<QString>("says");
    QTest::newRow("a script") << false << u"damaged"_s;
    QTest::newRow("a folder") << true << u"is no regular file"_s;
}

void TestStores::leavesOthersThingsAsTheyAre()
{
    QFETCH(bool, isFolder);
    QFETCH(QString, says);
    if (isFolder) {
        QVERIFY(QDir().mkdir(path()));
    } else {
        QFile script(path());
        QVERIFY(script.open(QIODevice::WriteOnly));
        script.write("#!/bin/sh\n" + QByteArray(5000, '#'));
    }
    const auto executable = QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner | QFile::ReadOther;
    QVERIFY(QFile::setPermissions(path(), executable));
    const QFile::Permissions before = QFileInfo(path()).permissions();
    const auto refused = openStore(path());
    QVERIFY(!refused);
    const QString text = QString::fromStdString(refused.error().text);
    QVERIFY2(text.contains(says) && text.contains(path()), qUtf8Printable(text));
    QCOMPARE(QFileInfo(path()).permissions(), before);
}

void TestStores::aDamagedPage()
{
    {
        const auto store = openStore(path());
        (*store)->use(kJun);
        for (int i = 0; i < 50; ++i) {
            OutboxEntry large = unsent(QString::number(i));
            large.text = QString(2000, u'x');
            (*store)->outbox().append(large);
        }
    }
    QFile file(path());
    QVERIFY(file.open(QIODevice::ReadWrite));
    for (qint64 at = 4096; at < file.size(); at += 4096) {
        file.seek(at);
        file.write(QByteArray(2000, '\x7f'));
    }
    file.close();
    const QByteArray before = contents(path());
    const auto refused = openStore(path());
    QVERIFY(!refused);
    QVERIFY2(refused.error().text.find("is damaged") != std::string::npos, refused.error().text.c_str());
    QCOMPARE(contents(path()), before);
}

void TestStores::noFileCanBeThere()
{
    const auto refused = openStore(path(u"nowhere/chat.db"_s));
    QVERIFY(!refused);
    QVERIFY2(refused.error().text.find("nowhere/chat.db") != std::string::npos, refused.error().text.c_str());
}

void TestStores::eachProgramHasItsOwn()
{
    const OpenedStore first = openFreeStore(m_folder->path(), u"chat"_s);
    const OpenedStore second = openFreeStore(m_folder->path(), u"chat"_s);
    QCOMPARE(first.problem, QString());
    QCOMPARE(second.problem, QString());
    QVERIFY(QFile::exists(path(u"chat-2.db"_s)));
    for (const auto *each : {&first, &second}) {
        each->store->use(kJun);
        each->store->outbox().append(unsent(u"a"_s));
        QVERIFY(each->store->outlivesProcess());
    }
    const auto refused = openStore(path());
    QVERIFY(!refused);
    QVERIFY(refused.error().code == ErrorCode::Unavailable);
}

void TestStores::whatOthersLeftComesAlong()
{
    {
        const OpenedStore first = openFreeStore(m_folder->path(), u"chat"_s);
        const OpenedStore second = openFreeStore(m_folder->path(), u"chat"_s);
        first.store->use(kJun);
        first.store->outbox().append(unsent(u"a"_s));
        second.store->use(kJun);
        second.store->outbox().append(unsent(u"b"_s));
        second.store->use({kJun.server, u"Rosa"_s});
        second.store->outbox().append(unsent(u"c"_s));

        // While the other one runs, what it has is its own.
        first.store->use(kJun);
        QCOMPARE(first.store->outbox().entries().size(), 1);
    }
    for (int start = 0; start < 2; ++start) {
        const OpenedStore only = openFreeStore(m_folder->path(), u"chat"_s);
        only.store->use(kJun);
        QCOMPARE(only.store->outbox().entries(), (QList<OutboxEntry>{unsent(u"a"_s), unsent(u"b"_s)}));
        only.store->use({kJun.server, u"Rosa"_s});
        QCOMPARE(only.store->outbox().entries(), QList<OutboxEntry>{unsent(u"c"_s)});
    }
    const auto second = openStore(path(u"chat-2.db"_s));
    QVERIFY(second);
    (*second)->use(kJun);
    QVERIFY((*second)->outbox().entries().isEmpty());
}

void TestStores::saysWhatItCannotTakeOver()
{
    for (const QString &name : {u"chat-2.db"_s, u"chat-3.db"_s})
        QVERIFY(openStore(path(name)));
    QFile damaged(path(u"chat-2.db"_s));
    QVERIFY(damaged.open(QIODevice::WriteOnly));
    damaged.write(QByteArray(5000, 'x'));
    damaged.close();
    const OpenedStore opened = openFreeStore(m_folder->path(), u"chat"_s);
    QCOMPARE(opened.problem, QString());
    QCOMPARE(opened.skipped.size(), 1);
    QVERIFY2(opened.skipped[0].contains(damaged.fileName()), qUtf8Printable(opened.skipped[0]));
    // one that another program has is none of our business
    const OpenedStore second = openFreeStore(m_folder->path(), u"chat"_s);
    QCOMPARE(second.problem, QString());
    QVERIFY(second.store->outlivesProcess());
    QCOMPARE(second.skipped.size(), 1);
}

void TestStores::takesOverAllOrNothing_data()
{
    QTest::addColumn<QStringList>("change"); // to the other file
    QTest::newRow("cannot be deleted there") << QStringList{
        u"CREATE TRIGGER full BEFORE DELETE ON outbox BEGIN SELECT RAISE(ABORT, 'full'); END"_s};
    // the commit itself fails
    QTest::newRow("that cannot be kept there") << QStringList{
        u"CREATE TABLE free (id INTEGER PRIMARY KEY)"_s,
        u"CREATE TABLE used (id REFERENCES free DEFERRABLE INITIALLY DEFERRED)"_s,
        u"CREATE TRIGGER full AFTER DELETE ON outbox BEGIN INSERT INTO used VALUES (1); END"_s};
}

/// What is in both files would be taken over a second time when it was sent long since.
void TestStores::takesOverAllOrNothing()
{
    QFETCH(QStringList, change);
    {
        const auto store = openStore(path(u"chat-2.db"_s));
        QVERIFY(store);
        (*store)->use(kJun);
        (*store)->outbox().append(unsent(u"a"_s));
    }
    {
        const auto database = Database::open(path(u"chat-2.db"_s));
        QVERIFY(database);
        for (const QString &each : change)
            QVERIFY((*database)->run(each));
    }
    for (int start = 0; start < 2; ++start) {
        const OpenedStore opened = openFreeStore(m_folder->path(), u"chat"_s);
        QCOMPARE(opened.problem, QString());
        QCOMPARE(opened.skipped.size(), 1);
        QVERIFY2(opened.skipped[0].contains(path(u"chat-2.db"_s)), qUtf8Printable(opened.skipped[0]));
        opened.store->use(kJun);
        QCOMPARE(opened.store->outbox().entries(), QList<OutboxEntry>());
    }
    {
        const auto database = Database::open(path(u"chat-2.db"_s));
        QVERIFY(database);
        QVERIFY((*database)->run(u"DROP TRIGGER full"_s));
    }
    const OpenedStore opened = openFreeStore(m_folder->path(), u"chat"_s);
    QCOMPARE(opened.skipped, QStringList());
    opened.store->use(kJun);
    QCOMPARE(opened.store->outbox().entries(), QList<OutboxEntry>{unsent(u"a"_s)});
}

void TestStores::passesOverWhatItCannotUse_data()
{
    QTest::addColumn<QString>("change"); // to a good state file; empty: it is no database
    QTest::newRow("of another program") << u"PRAGMA application_id = 7"_s;
    QTest::newRow("newer") << u"PRAGMA user_version = 1000"_s;
    QTest::newRow("text") << QString();
}

void TestStores::passesOverWhatItCannotUse()
{
    QFETCH(QString, change);
    if (change.isEmpty()) {
        QFile file(path());
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QByteArray(10'000, 'x'));
    } else {
        auto database = Database::open(path());
        QVERIFY(database);
        QVERIFY((*database)->run(change));
    }
    const QByteArray before = contents(path());
    const OpenedStore opened = openFreeStore(m_folder->path(), u"chat"_s);
    QCOMPARE(opened.problem, QString());
    QVERIFY(opened.store->outlivesProcess());
    QVERIFY(QFile::exists(path(u"chat-2.db"_s)));
    QCOMPARE(opened.skipped.size(), 1);
    QVERIFY2(opened.skipped[0].contains(path()), qUtf8Printable(opened.skipped[0]));
    const QString says = u"What is written now is kept in %1."_s.arg(path(u"chat-2.db"_s));
    QVERIFY2(opened.skipped[0].endsWith(says), qUtf8Printable(opened.skipped[0]));
    QCOMPARE(contents(path()), before);
}

void TestStores::worksOnWithoutAFile()
{
    for (int number = 1; number <= 8; ++number) {
        QFile file(path(number == 1 ? u"chat.db"_s : u"chat-%1.db"_s.arg(number)));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("something else, and long enough to be no empty file of SQLite's");
    }
    const QByteArray before = contents(path());
    const OpenedStore opened = openFreeStore(m_folder->path(), u"chat"_s);
    QVERIFY(opened.store);
    QVERIFY2(opened.problem.contains(path()), qUtf8Printable(opened.problem));
    QCOMPARE(opened.skipped, QStringList());
    opened.store->use(kJun);
    opened.store->outbox().append(unsent(u"a"_s));
    QCOMPARE(opened.store->outbox().entries().size(), 1);
    QVERIFY(!opened.store->outlivesProcess());
    QCOMPARE(contents(path()), before);
}

void TestStores::aFullDiskAtTheStart()
{
    rlimit before{};
    QCOMPARE(::getrlimit(RLIMIT_FSIZE, &before), 0);
    const auto ignored = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit nothing{0, before.rlim_max};
    QCOMPARE(::setrlimit(RLIMIT_FSIZE, &nothing), 0);
    const OpenedStore without = openFreeStore(m_folder->path(), u"chat"_s);
    QCOMPARE(::setrlimit(RLIMIT_FSIZE, &before), 0);
    std::signal(SIGXFSZ, ignored);
    QVERIFY(!without.store->outlivesProcess());
    QVERIFY2(without.problem.contains(path()) && without.problem.contains(u"started again"_s),
             qUtf8Printable(without.problem));
    QVERIFY(!QFile::exists(path(u"chat-2.db"_s)));

    const OpenedStore later = openFreeStore(m_folder->path(), u"chat"_s);
    QCOMPARE(later.problem, QString());
    QCOMPARE(later.skipped, QStringList());
    later.store->use(kJun);
    later.store->outbox().append(unsent(u"a"_s));
    QVERIFY(later.store->outlivesProcess());
    QVERIFY(!contents(path()).isEmpty());
}

void TestStores::theStateFolder_data()
{
    QTest::addColumn<QByteArray>("variable");
    QTest::addColumn<QString>("folder");
    QTest::newRow("set") << QByteArray("/state") << u"/state/parlor"_s;
    QTest::newRow("not set") << QByteArray() << QDir::homePath() + u"/.local/state/parlor"_s;
    QTest::newRow("relative") << QByteArray("state") << QDir::homePath() + u"/.local/state/parlor"_s;
}

void TestStores::theStateFolder()
{
    QFETCH(QByteArray, variable);
    QFETCH(QString, folder);
    qputenv("XDG_STATE_HOME", variable);
    QCOMPARE(stateFolder(), folder);
}

PARLOR_TEST_WITHIN(QCoreApplication, TestStores)
#include "tst_stores.moc"
