// SPDX-License-Identifier: MIT
// A disk that is full, that takes nothing, or that is slow: messages are refused or wait, everything else
// goes on, and it recovers by itself.
#include "tests/integration/store/storecase.h"
#include "tests/support/testclass.h"

#include <QFile>
#include <QJsonArray>

#include <utility>

#include <linux/fs.h>
#include <sqlite3.h>
#include <sys/ioctl.h>
#include <sys/resource.h>

using namespace parlor::test;
using namespace Qt::StringLiterals;

class StoreFaultsTest : public StoreCase
{
    Q_OBJECT
private Q_SLOTS:
    void filesThatMayNotGrow();
    void filesThatMayNotChange();
    void fullDisk();
    void slowDisk();
    void drainWaitsForTheDisk();
    void heldByAnother();
    void movedAway();
    void removedLog();
};

namespace {

/// Sets the size that the process' files may grow to.
bool limitFiles(qint64 pid, rlim_t bytes)
{
    const rlimit limit{bytes, RLIM_INFINITY};
    return ::prlimit(static_cast<pid_t>(pid), RLIMIT_FSIZE, &limit, nullptr) == 0;
}

/// Makes files immutable while it lives: unlike a remount, which open files forbid, this stops a server that
/// has them open already, as a file system does that turns read-only after an error. That one lets mapped
/// files change, and this does not: so parlor.db-shm must be left alone.
class ReadOnlyFiles
{
public:
    ~ReadOnlyFiles() { release(); }

    /// Whether writing through descriptors that were open before fails now.
    [[nodiscard]] bool hold(const QStringList &paths)
    {
        bool done = true;
        for (const QString &path : paths) {
            QFile file(path);
            done = file.open(QIODevice::ReadOnly) && change(file, true) && done;
            m_paths.append(path);
        }
        return done;
    }
    void release()
    {
        for (const QString &path : std::exchange(m_paths, {})) {
            QFile file(path);
            if (file.open(QIODevice::ReadOnly))
                change(file, false);
        }
    }

private:
    static bool change(const QFile &file, bool isImmutable)
    {
        int flags = 0;
        if (::ioctl(file.handle(), FS_IOC_GETFLAGS, &flags) != 0)
            return false;
        flags = isImmutable ? flags | FS_IMMUTABLE_FL : flags & ~FS_IMMUTABLE_FL;
        return ::ioctl(file.handle(), FS_IOC_SETFLAGS, &flags) == 0;
    }

    QStringList m_paths;
};

/// Why this system or its disk cannot do that.
QString whyNotReadOnly(const QString &path)
{
    QFile probe(path);
    if (!probe.open(QIODevice::WriteOnly | QIODevice::Unbuffered))
        return probe.errorString();
    ReadOnlyFiles readOnly;
    if (!readOnly.hold({path}))
        return u"this process may make no file immutable"_s;
    return probe.write("x") < 0 ? QString() : u"this file system lets open files change all the same"_s;
}

} // namespace

void StoreFaultsTest::filesThatMayNotGrow()
{
    PARLOR_EXPECT(start());
    RawChat ann;
    PARLOR_EXPECT(ann.openAndJoin(server().port(), Dialect::V2, u"general"_s));
    PARLOR_EXPECT(ann.chats(u"general"_s, u"before"_s));
    QVERIFY(limitFiles(server().pid(), 0));
    QVERIFY(ann.send(messageFrame(u"general"_s, u"refused"_s, u"c1"_s)));
    const auto error = ann.next();
    QVERIFY2(error, qPrintable(ann.why()));
    QCOMPARE(error->value("code"_L1).toString(), u"unavailable"_s);
    QCOMPARE(error->value("cid"_L1).toString(), u"c1"_s);
    QVERIFY(error->value("retryable"_L1).toBool());
    QVERIFY(error->value("retry_ms"_L1).toInteger() > 0);
    RawChat bob; // joins, presence and history go on
    PARLOR_EXPECT(bob.openAndJoin(server().port(), Dialect::V2, u"general"_s));
    QCOMPARE(wholeHistory(bob, u"general"_s).size(), 1);

    QVERIFY(limitFiles(server().pid(), RLIM_INFINITY));
    QVERIFY(ann.send(messageFrame(u"general"_s, u"kept"_s, u"c1"_s)));
    const auto ack = ann.nextOf(u"ack"_s);
    QVERIFY2(ack, qPrintable(ann.why()));
    QCOMPARE(ack->value("seq"_L1).toInteger(), 2); // the refused one has used none
    QVERIFY(!ack->value("dup"_L1).toBool());
    const auto heard = bob.nextOf(u"message"_s); // and nobody has heard of it
    QVERIFY2(heard, qPrintable(bob.why()));
    QCOMPARE(heard->value("content"_L1).toString(), u"kept"_s);
    QVERIFY(metric("parlor_store_failures_total") >= 1);
    PARLOR_EXPECT(server().stop()); // what it said of this could not be written either
}

void StoreFaultsTest::filesThatMayNotChange()
{
    const QString whyNot = whyNotReadOnly(path(u"probe"_s));
    if (!whyNot.isEmpty())
        QSKIP(qPrintable(whyNot));
    PARLOR_EXPECT(start());
    RawChat ann;
    RawChat bob;
    PARLOR_EXPECT(ann.openAndJoin(server().port(), Dialect::V2, u"general"_s));
    PARLOR_EXPECT(ann.chats(u"general"_s, u"before"_s));
    PARLOR_EXPECT(bob.openAndJoin(server().port(), Dialect::V2, u"general"_s));
    ReadOnlyFiles readOnly;
    QVERIFY(readOnly.hold({path(), path(u"parlor.db-wal"_s)}));

    for (const QString &room : {u"general"_s, u"fresh"_s}) {
        QVERIFY(ann.send(joinFrame(room)));
        QVERIFY2(ann.nextOf(u"sync"_s), qPrintable(ann.why()));
        QVERIFY(ann.send(messageFrame(room, u"refused"_s, u"c1"_s)));
        const auto error = ann.next();
        QVERIFY2(error, qPrintable(ann.why()));
        QCOMPARE(error->value("code"_L1).toString(), u"unavailable"_s);
        QCOMPARE(error->value("cid"_L1).toString(), u"c1"_s);
        QVERIFY(error->value("retryable"_L1).toBool());
        QVERIFY(error->value("retry_ms"_L1).toInteger() > 0);
    }
    RawChat eve; // joins, presence and history go on
    PARLOR_EXPECT(eve.openAndJoin(server().port(), Dialect::V2, u"general"_s));
    QCOMPARE(wholeHistory(eve, u"general"_s).size(), 1);
    QVERIFY(eve.send({{u"type"_s, u"who"_s}, {u"room"_s, u"general"_s}}));
    const auto members = eve.nextOf(u"room_users"_s);
    QVERIFY2(members, qPrintable(eve.why()));
    QCOMPARE(members->value("count"_L1).toInteger(), 3);
    const QString said = server().errorText();
    QVERIFY2(said.contains(path() + u" cannot be written"_s), qPrintable(said));
    QVERIFY2(said.contains(u"see whether the disk is full, read-only or broken"_s), qPrintable(said));

    readOnly.release();
    for (const auto &[room, seq] : {std::pair(u"general"_s, 2), std::pair(u"fresh"_s, 1)}) {
        QVERIFY(ann.send(messageFrame(room, u"kept"_s, u"c1"_s)));
        const auto ack = ann.nextOf(u"ack"_s);
        QVERIFY2(ack, qPrintable(ann.why()));
        QCOMPARE(ack->value("seq"_L1).toInteger(), seq); // the refused one has used none
        QVERIFY(!ack->value("dup"_L1).toBool());
    }
    const auto heard = bob.nextOf(u"message"_s); // and nobody has heard of it
    QVERIFY2(heard, qPrintable(bob.why()));
    QCOMPARE(heard->value("content"_L1).toString(), u"kept"_s);
    QVERIFY(server().errorText().contains(path() + u" can be written again"_s));
    PARLOR_EXPECT(server().stop());
}

void StoreFaultsTest::fullDisk()
{
    // A tmpfs of 2 MiB in a mount namespace of the server's own, with a file that can be taken away.
    const QString disk = path(u"disk"_s);
    ServerProcess::Settings full = settings();
    full.arguments = {u"--store"_s, u"sqlite:%1/parlor.db"_s.arg(disk), u"--rate"_s, u"0"_s};
    full.launcher = {u"unshare"_s,
                     u"-rm"_s,
                     u"/bin/sh"_s,
                     u"-c"_s,
                     u"mkdir \"$0\" && mount -t tmpfs -o size=2m none \"$0\" && "
                     "head -c 1500000 /dev/zero > \"$0/filler\" && exec \"$@\""_s,
                     disk};
    ServerProcess process(full);
    const Problem problem = process.start();
    if (problem.contains(u"unshare:"_s) || problem.contains(u"mount:"_s))
        QSKIP("this system lets nobody mount a tmpfs");
    PARLOR_EXPECT(problem);

    RawChat ann;
    PARLOR_EXPECT(ann.openAndJoin(process.port(), Dialect::V2, u"general"_s));
    const QString text(3000, u'x');
    QStringList kept;
    int sent = 0;
    const auto publish = [&]() -> std::optional<QJsonObject> {
        const QString cid = u"c%1"_s.arg(++sent);
        if (!ann.send(messageFrame(u"general"_s, text, cid)))
            return std::nullopt;
        while (auto frame = ann.next()) {
            const QString type = frame->value("type"_L1).toString();
            if (type == "ack"_L1)
                kept.append(cid);
            if (type == "ack"_L1 || type == "error"_L1)
                return frame;
        }
        return std::nullopt;
    };
    std::optional<QJsonObject> answer;
    do {
        answer = publish();
        QVERIFY2(answer, qPrintable(ann.why()));
        QVERIFY2(sent < 2000, "2 MiB hold more than 6 MB");
    } while (answer->value("type"_L1).toString() == "ack"_L1);
    QCOMPARE(answer->value("code"_L1).toString(), u"unavailable"_s);
    RawChat bob;
    PARLOR_EXPECT(bob.openAndJoin(process.port(), Dialect::V2, u"general"_s));

    QVERIFY(QFile::remove(u"/proc/%1/root%2/filler"_s.arg(process.pid()).arg(disk)));
    answer = publish();
    QVERIFY2(answer, qPrintable(ann.why()));
    QVERIFY2(answer->value("type"_L1).toString() == "ack"_L1, qPrintable(toText(*answer)));
    QCOMPARE(answer->value("seq"_L1).toInteger(), kept.size());
    RawChat reader;
    PARLOR_EXPECT(reader.openAndJoin(process.port(), Dialect::V2, u"general"_s));
    QCOMPARE(wholeHistory(reader, u"general"_s), kept);
    PARLOR_EXPECT(process.stop());
}

void StoreFaultsTest::slowDisk()
{
    PARLOR_EXPECT(start());
    RawChat ann;
    PARLOR_EXPECT(ann.openAndJoin(server().port(), Dialect::V2, u"general"_s));
    sqlite3 *held = nullptr;
    QCOMPARE(sqlite3_open(path().toUtf8().constData(), &held), SQLITE_OK);
    QCOMPARE(sqlite3_exec(held, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
    QVERIFY(ann.send(messageFrame(u"general"_s, u"waits"_s, u"c1"_s)));
    QVERIFY(ann.send({{u"type"_s, u"ping"_s}, {u"t"_s, 1}}));
    RawChat bob; // readers do not wait
    PARLOR_EXPECT(bob.openAndJoin(server().port(), Dialect::V2, u"general"_s));
    QCOMPARE(wholeHistory(bob, u"general"_s), QStringList());
    const auto pong = ann.next();
    QVERIFY2(pong, qPrintable(ann.why()));
    QCOMPARE(pong->value("type"_L1).toString(), u"pong"_s);
    sqlite3_close(held);
    const auto answer = ann.next();
    QVERIFY2(answer, qPrintable(ann.why()));
    QCOMPARE(answer->value("cid"_L1).toString(), u"c1"_s); // or, on a slow machine, its refusal
    PARLOR_EXPECT(server().stop());
}

/// Who uses v1 would say again what it believes lost, and it would come twice.
void StoreFaultsTest::drainWaitsForTheDisk()
{
    PARLOR_EXPECT(start({u"--workers"_s, u"1"_s, u"--drain-timeout"_s, u"60s"_s}));
    RawChat ann;
    RawChat idle;
    PARLOR_EXPECT(ann.openAndJoin(server().port(), Dialect::V1, u"general"_s));
    PARLOR_EXPECT(idle.openAndJoin(server().port(), Dialect::V1, u"support"_s));
    sqlite3 *held = nullptr;
    QCOMPARE(sqlite3_open(path().toUtf8().constData(), &held), SQLITE_OK);
    QCOMPARE(sqlite3_exec(held, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
    constexpr int kMessages = 3;
    for (int i = 0; i < kMessages; ++i)
        QVERIFY(ann.send({{u"type"_s, u"message"_s}, {u"content"_s, u"waits"_s}}));
    QTRY_COMPARE(metric("parlor_store_waiting"), kMessages);
    server().signal(SIGTERM);
    PARLOR_EXPECT(idle.expectClose(1001)); // it is time
    sqlite3_close(held);
    for (int answers = 0, copies = 0; answers < kMessages || copies < kMessages;) {
        const auto frame = ann.next();
        QVERIFY2(frame, qPrintable(ann.why()));
        if (frame->value("type"_L1).toString() == "error"_L1) { // on a slow machine
            QCOMPARE(frame->value("code"_L1).toString(), u"unavailable"_s);
            ++answers;
            ++copies;
        } else {
            QCOMPARE(frame->value("content"_L1).toString(), u"waits"_s);
            ++(frame->value("sender"_L1).toString() == "server"_L1 ? answers : copies);
        }
    }
    PARLOR_EXPECT(ann.expectClose(1001));
    for (RawChat *each : {&ann, &idle})
        each->webSocket().socket().close();
    QVERIFY(server().waitForEnd());
    PARLOR_EXPECT(server().judgeEnd());
}

void StoreFaultsTest::heldByAnother()
{
    PARLOR_EXPECT(start());
    RawChat ann;
    PARLOR_EXPECT(ann.openAndJoin(server().port(), Dialect::V2, u"general"_s));
    sqlite3 *held = nullptr;
    QCOMPARE(sqlite3_open(path().toUtf8().constData(), &held), SQLITE_OK);
    QCOMPARE(sqlite3_exec(held, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
    QVERIFY(ann.send(messageFrame(u"general"_s, u"refused"_s, u"c1"_s)));
    PARLOR_EXPECT(ann.expectError(u"unavailable"_s));
    const QString said = server().errorText();
    QVERIFY2(said.contains(path() + u" cannot be written"_s), qPrintable(said));
    QVERIFY2(said.contains(u"another program uses the file"_s), qPrintable(said));
    sqlite3_close(held);
    PARLOR_EXPECT(ann.chats(u"general"_s, u"kept"_s));
    PARLOR_EXPECT(server().stop());
}

void StoreFaultsTest::movedAway()
{
    PARLOR_EXPECT(start());
    RawChat ann;
    RawChat bob;
    PARLOR_EXPECT(ann.openAndJoin(server().port(), Dialect::V2, u"general"_s));
    PARLOR_EXPECT(ann.chats(u"general"_s, u"before"_s));
    PARLOR_EXPECT(bob.openAndJoin(server().port(), Dialect::V2, u"general"_s));
    QVERIFY(QFile::rename(path(), path(u"away.db"_s)));
    QVERIFY(ann.send(messageFrame(u"general"_s, u"refused"_s, u"c1"_s)));
    PARLOR_EXPECT(ann.expectError(u"unavailable"_s));
    const QString said = server().errorText();
    const QString why = path() + u" was removed or replaced while the server uses it; stop the server"_s;
    QVERIFY2(said.count(why) == 1, qPrintable(said));
    QCOMPARE(wholeHistory(bob, u"general"_s).size(), 1); // reading goes on

    QVERIFY(QFile::rename(path(u"away.db"_s), path()));
    QTRY_VERIFY(server().errorText().contains(path() + u" can be written again"_s)); // by itself
    QVERIFY(ann.send(messageFrame(u"general"_s, u"kept"_s, u"c1"_s)));
    const auto ack = ann.nextOf(u"ack"_s);
    QVERIFY2(ack, qPrintable(ann.why()));
    QCOMPARE(ack->value("seq"_L1).toInteger(), 2);
    QVERIFY(!ack->value("dup"_L1).toBool());
    const auto heard = bob.nextOf(u"message"_s);
    QVERIFY2(heard, qPrintable(bob.why()));
    QCOMPARE(heard->value("content"_L1).toString(), u"kept"_s);
    PARLOR_EXPECT(server().stop());

    PARLOR_EXPECT(start());
    RawChat reader;
    PARLOR_EXPECT(reader.openAndJoin(server().port(), Dialect::V2, u"general"_s));
    QCOMPARE(wholeHistory(reader, u"general"_s).size(), 2);
    PARLOR_EXPECT(server().stop());
    QVERIFY(QFile::remove(path())); // while nobody uses it
    PARLOR_EXPECT(start());
    QVERIFY(QFile::remove(path()));
    QTRY_VERIFY(server().errorText().contains(why)); // though nobody says anything
}

void StoreFaultsTest::removedLog()
{
    PARLOR_EXPECT(start());
    RawChat ann;
    PARLOR_EXPECT(ann.openAndJoin(server().port(), Dialect::V2, u"general"_s));
    PARLOR_EXPECT(ann.chats(u"general"_s, u"before"_s));
    QVERIFY(QFile::remove(path(u"parlor.db-wal"_s)));
    QVERIFY(ann.send(messageFrame(u"general"_s, u"refused"_s, u"c1"_s)));
    PARLOR_EXPECT(ann.expectError(u"unavailable"_s));
    PARLOR_EXPECT(server().stop()); // as it advises
    PARLOR_EXPECT(start());
    RawChat reader;
    PARLOR_EXPECT(reader.openAndJoin(server().port(), Dialect::V2, u"general"_s));
    QCOMPARE(wholeHistory(reader, u"general"_s).size(), 1); // what was acknowledged
    PARLOR_EXPECT(server().stop());
}

PARLOR_TEST_WITHIN(QCoreApplication, StoreFaultsTest)
#include "tst_store_faults.moc"
