// SPDX-License-Identifier: MIT
// What `parlor-cli chat --state FILE` takes from one run to the next, and through kill -9.
#include "cliprocess.h"
#include "proxy.h"
#include "shared/client/storage/stores.h"
#include "tests/support/rawchat.h"
#include "tests/support/serverprocess.h"
#include "tests/support/testclass.h"
#include "tests/support/tokenissuer.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <memory>

using namespace parlor::test;
using namespace Qt::StringLiterals;

class TestCliState : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void killedWithMessagesUnderWay_data();
    void killedWithMessagesUnderWay();
    void aLostSessionLeavesItToThePerson();
    void goesOnWhereItWas();
    void whatCannotBeWrittenIsNotSeen_data();
    void whatCannotBeWrittenIsNotSeen();
    void aServerWithoutItsHistory();
    void oneOldMessageIsNoEnd();
    void whatWaitsUnderAnotherName();
    void nothingIsSentUnderAnothersToken();
    void filesThatAreNone();
    void namesThatAreNone_data();
    void namesThatAreNone();
    void withoutAServerNothingIsRead();
    void keepsNothingUnasked();

private:
    [[nodiscard]] QString file() const { return m_folder->filePath(u"chat.db"_s); }
    [[nodiscard]] QStringList arguments(std::uint16_t port) const
    {
        return {u"localhost:%1"_s.arg(port), u"-n"_s, u"Jun"_s, u"--state"_s, file()};
    }
    /// Whether the text is on the disk.
    [[nodiscard]] bool hasStored(const QByteArray &text) const
    {
        QFile log(file() + u"-wal"_s);
        return log.open(QIODevice::ReadOnly) && log.readAll().contains(text);
    }
    /// Leaves an unsent message in the file.
    void plant(const QString &name, const QString &room) const;
    /// All that was said in `general`, as the server has it.
    [[nodiscard]] static QStringList history(std::uint16_t port);

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<ServerProcess> m_server;
};

void TestCliState::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_server = std::make_unique<ServerProcess>(ServerProcess::Settings{.program = u"parlor-server"_s});
    PARLOR_EXPECT(m_server->start());
}

QStringList TestCliState::history(std::uint16_t port)
{
    RawChat reader;
    if (const Problem problem = reader.openAndJoin(port, Dialect::V2, u"general"_s); !problem.isEmpty())
        return {problem};
    (void)reader.send({{u"type"_s, u"history"_s}, {u"room"_s, u"general"_s}});
    const auto page = reader.nextOf(u"history"_s);
    if (!page)
        return {reader.why()};
    QStringList said;
    for (const QJsonValue &each : (*page)[u"events"_s].toArray())
        said.append(each[u"content"_s].toString());
    return said;
}

void TestCliState::killedWithMessagesUnderWay_data()
{
    QTest::addColumn<int>("held");
    QTest::newRow("the server did not get it") << int(Proxy::Direction::ToServer);
    QTest::newRow("its answer did not arrive") << int(Proxy::Direction::ToClient);
}

void TestCliState::killedWithMessagesUnderWay()
{
    QFETCH(int, held);
    Proxy proxy(m_server->port());
    {
        CliProcess client(arguments(proxy.serverPort()));
        PARLOR_EXPECT(client.reports(u"joined #general"_s));
        client.write("first\n");
        QTRY_COMPARE(history(m_server->port()), QStringList{u"first"_s});
        proxy.hold(Proxy::Direction(held));
        client.write("second\nthird\n");
        QTRY_VERIFY(proxy.hasHeldBytes());
        QTRY_VERIFY(hasStored("third"));
        client.signal(SIGKILL);
        QCOMPARE(client.exitCode(), -2);
    }
    proxy.restart(m_server->port());
    {
        CliProcess client(arguments(proxy.serverPort()));
        PARLOR_EXPECT(client.reports(u"session resumed"_s));
        client.closeInput();
        QCOMPARE(client.exitCode(), 0);
    }
    QCOMPARE(history(m_server->port()), (QStringList{u"first"_s, u"second"_s, u"third"_s}));

    // Nothing is left for a third time.
    CliProcess client(arguments(proxy.serverPort()));
    client.closeInput();
    QCOMPARE(client.exitCode(), 0);
    QVERIFY(!client.errors().contains(u"from before"_s));
    QCOMPARE(history(m_server->port()).size(), 3);
}

void TestCliState::aLostSessionLeavesItToThePerson()
{
    Proxy proxy(m_server->port());
    {
        CliProcess client(arguments(proxy.serverPort()));
        PARLOR_EXPECT(client.reports(u"joined #general"_s));
        proxy.hold(Proxy::Direction::ToServer);
        client.write("perhaps\nlater\n");
        QTRY_VERIFY(proxy.hasHeldBytes());
        QTRY_VERIFY(hasStored("later"));
        client.signal(SIGKILL);
        QCOMPARE(client.exitCode(), -2);
    }
    ServerProcess stranger({.program = u"parlor-server"_s}); // whose secret is another
    PARLOR_EXPECT(stranger.start());
    proxy.restart(stranger.port());
    for (const QString &said :
         {u"message 1: 'perhaps' to #general: undecided (it is not known whether it was "
          "delivered"_s,
          u"from before, message 1: 'perhaps' to #general: undecided"_s}) {
        CliProcess client(arguments(proxy.serverPort()));
        PARLOR_EXPECT(client.reports(said));
        client.closeInput();
        QVERIFY(client.exitCode() >= 0);
        QCOMPARE(history(stranger.port()), QStringList{u"later"_s});
    }
}

void TestCliState::goesOnWhereItWas()
{
    RawChat rosa;
    PARLOR_EXPECT(rosa.openAndJoin(m_server->port(), Dialect::V2, u"general"_s));
    {
        CliProcess client(arguments(m_server->port()));
        PARLOR_EXPECT(client.reports(u"joined #general"_s));
        PARLOR_EXPECT(rosa.chats(u"general"_s, u"while he is here"_s));
        PARLOR_EXPECT(client.says(u"while he is here"_s));
        client.closeInput();
        QCOMPARE(client.exitCode(), 0);
    }
    PARLOR_EXPECT(rosa.chats(u"general"_s, u"while he is away"_s));
    CliProcess client(arguments(m_server->port()));
    PARLOR_EXPECT(client.says(u"while he is away"_s));
    client.closeInput();
    QCOMPARE(client.exitCode(), 0);
    QCOMPARE(client.outputLines().size(), 1);
    QVERIFY(!client.errors().contains(u"missing"_s));
}

void TestCliState::whatCannotBeWrittenIsNotSeen_data()
{
    QTest::addColumn<int>("wire");
    QTest::newRow("ws") << int(Wire::Native);
    QTest::newRow("wss") << int(Wire::Tls);
}

/// The full disk ends a script in the middle of what it missed; the next run has all of that.
void TestCliState::whatCannotBeWrittenIsNotSeen()
{
    QFETCH(int, wire);
    ServerProcess server({.program = u"parlor-server"_s, .wire = Wire(wire)});
    PARLOR_EXPECT(server.start());
    QStringList url{u"localhost:%1"_s.arg(server.port())};
    if (Wire(wire) == Wire::Tls)
        url = {u"wss://localhost:%1"_s.arg(server.port()), u"--ca-file"_s, TestCertificate::certificate()};
    const QStringList jun = url + QStringList{u"-n"_s, u"Jun"_s, u"--state"_s, file()};
    {
        CliProcess client(jun);
        client.closeInput();
        QCOMPARE(client.exitCode(), 0);
    }
    {
        CliProcess rosa(url + QStringList{u"-n"_s, u"Rosa"_s});
        rosa.write("one\ntwo\nthree\n");
        rosa.closeInput();
        QCOMPARE(rosa.exitCode(), 0);
    }
    {
        CliProcess client(jun, u"chat"_s, u"/dev/full"_s);
        QCOMPARE(client.exitCode(), 1);
        QVERIFY2(client.errors().contains(u"cannot write to standard output"_s),
                 qUtf8Printable(client.errors()));
    }
    CliProcess client(jun);
    client.closeInput();
    QCOMPARE(client.exitCode(), 0);
    QCOMPARE(client.outputLines(),
             (QStringList{u"[general] Rosa: one"_s, u"[general] Rosa: two"_s, u"[general] Rosa: three"_s}));
}

void TestCliState::aServerWithoutItsHistory()
{
    Proxy proxy(m_server->port());
    {
        CliProcess client(arguments(proxy.serverPort()));
        PARLOR_EXPECT(client.reports(u"joined #general"_s));
        client.write("hello\n");
        client.closeInput();
        QCOMPARE(client.exitCode(), 0);
    }
    ServerProcess another({.program = u"parlor-server"_s});
    PARLOR_EXPECT(another.start());
    proxy.restart(another.port());
    CliProcess client(arguments(proxy.serverPort()));
    PARLOR_EXPECT(client.reports(u"messages may be missing in #general"_s));
    client.closeInput();
    QCOMPARE(client.exitCode(), 0);
}

void TestCliState::plant(const QString &name, const QString &room) const
{
    const auto store = parlor::openStore(file());
    QVERIFY(store);
    (*store)->use({u"ws://localhost:%1/ws"_s.arg(m_server->port()), name});
    parlor::OutboxEntry entry;
    entry.cid = u"old"_s;
    entry.room = room;
    entry.text = u"old one"_s;
    (*store)->outbox().append(entry);
}

/// Its room refuses us: it waits for a decision, and the script does what it is for.
void TestCliState::oneOldMessageIsNoEnd()
{
    plant(u"Jun"_s, u"no room!"_s);
    const QStringList lines{u"first"_s, u"second"_s};
    for (int run = 0; run < 2; ++run) {
        CliProcess client(arguments(m_server->port()));
        PARLOR_EXPECT(client.reports(u"old one"_s));
        PARLOR_EXPECT(client.reports(u"joined #general"_s));
        client.write(lines[run].toUtf8() + '\n');
        client.closeInput();
        QCOMPARE(client.exitCode(), run == 0 ? 1 : 0); // the old one failed, which is said once
        QCOMPARE(client.errors().contains(u"undecided or failed: 1, kept in "_s + file()), run == 0);
        QCOMPARE(history(m_server->port()), lines.first(run + 1));
    }
}

void TestCliState::whatWaitsUnderAnotherName()
{
    plant(u"Rosa"_s, u"general"_s);
    CliProcess client(arguments(m_server->port()));
    PARLOR_EXPECT(
        client.reports(u"1 unsent message waits under Rosa on localhost:%1"_s.arg(m_server->port())));
    client.closeInput();
    QCOMPARE(client.exitCode(), 0);
    QCOMPARE(history(m_server->port()), QStringList());
}

/// Nor is it lost: it goes out under the token of the one who wrote it.
void TestCliState::nothingIsSentUnderAnothersToken()
{
    const TokenIssuer issuer;
    ServerProcess server({.program = u"parlor-server"_s, .arguments = issuer.arguments()});
    PARLOR_EXPECT(server.start());
    Proxy proxy(server.port());
    const auto as = [&](const QString &user) {
        QStringList all = arguments(proxy.serverPort());
        return all << u"--token-file"_s << issuer.tokenFile(user);
    };
    {
        CliProcess ann(as(u"ann"_s));
        PARLOR_EXPECT(ann.reports(u"joined #general"_s));
        proxy.hold(Proxy::Direction::ToServer);
        ann.write("Ann's first\nAnn's second\n");
        QTRY_VERIFY(proxy.hasHeldBytes());
        QTRY_VERIFY(hasStored("Ann's second"));
        ann.signal(SIGKILL);
        QCOMPARE(ann.exitCode(), -2);
    }
    proxy.restart(server.port());
    {
        CliProcess bob(as(u"bob"_s));
        PARLOR_EXPECT(bob.reports(u"nothing of it was sent"_s));
        PARLOR_EXPECT(bob.reports(u"another --name or --state"_s));
        QCOMPARE(bob.exitCode(), 3);
    }
    CliProcess ann(as(u"ann"_s));
    PARLOR_EXPECT(ann.says(u"Jun: Ann's first"_s));
    PARLOR_EXPECT(ann.says(u"Jun: Ann's second"_s));
    ann.closeInput();
    QCOMPARE(ann.exitCode(), 0);
    QCOMPARE(ann.outputLines().size(), 2);
}

void TestCliState::filesThatAreNone()
{
    QFile damaged(file());
    QVERIFY(damaged.open(QIODevice::WriteOnly));
    const QByteArray contents(5000, 'x');
    damaged.write(contents);
    damaged.close();
    CliProcess client(arguments(m_server->port()));
    client.closeInput();
    QCOMPARE(client.exitCode(), 2);
    QVERIFY2(client.errors().contains(file()), qUtf8Printable(client.errors()));
    QVERIFY(damaged.open(QIODevice::ReadOnly));
    QCOMPARE(damaged.readAll(), contents);
}

void TestCliState::namesThatAreNone_data()
{
    QTest::addColumn<QString>("name"); // %1: the test's folder
    QTest::addColumn<QString>("says");
    QTest::newRow("empty") << QString() << u"the name of the file is empty"_s;
    QTest::newRow("folder missing") << u"%1/none/chat.db"_s << u"there is no folder %1/none; make it first"_s;
    QTest::newRow("folder") << u"%1"_s << u"%1 is no regular file"_s;
}

void TestCliState::namesThatAreNone()
{
    QFETCH(QString, name);
    QFETCH(QString, says);
    const QString folder = m_folder->path();
    CliProcess client({u"localhost:%1"_s.arg(m_server->port()), u"--state"_s, name.replace(u"%1"_s, folder)});
    QCOMPARE(client.exitCode(), 2);
    QVERIFY2(client.errors().contains(says.replace(u"%1"_s, folder)), qUtf8Printable(client.errors()));
}

void TestCliState::withoutAServerNothingIsRead()
{
    CliProcess client(arguments(1));
    client.write("kept?\n");
    client.closeInput();
    QCOMPARE(client.exitCode(), 3);
    QVERIFY2(client.errors().contains(u"nothing was read of the input"_s), qUtf8Printable(client.errors()));
}

void TestCliState::keepsNothingUnasked()
{
    qputenv("XDG_STATE_HOME", m_folder->path().toLocal8Bit());
    CliProcess client({u"localhost:%1"_s.arg(m_server->port()), u"-n"_s, u"Jun"_s});
    client.write("hello\n");
    client.closeInput();
    QCOMPARE(client.exitCode(), 0);
    QVERIFY(QDir(m_folder->path()).isEmpty());
}

PARLOR_TEST_WITHIN(QCoreApplication, TestCliState)
#include "tst_clistate.moc"
