// SPDX-License-Identifier: MIT
#include "cliprocess.h"
#include "proxy.h"
#include "tests/support/rawchat.h"
#include "tests/support/serverprocess.h"
#include "tests/support/testclass.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTcpServer>
#include <QTemporaryDir>
#include <QTest>

#include <memory>
#include <sys/resource.h>

using namespace parlor::test;
using namespace Qt::StringLiterals;

/// `parlor-cli chat` in scripts, against the real server.
class TestCliChat : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();

    void inputIsSentAndAcknowledged();
    void twoClientsTalk();
    void expectations_data();
    void expectations();
    void countEndsIt();
    void jsonLinesAreFrames();
    void rawFramesAreAnswered();
    void refusedMessageIsAFailure();
    void theTailOfALongLineIsNoMessage();
    void bytesThatAreNoText_data();
    void bytesThatAreNoText();
    void refusedRoomIsAFailure();
    void subcommands_data();
    void subcommands();
    void usageErrors_data();
    void usageErrors();
    void noConnection();
    void aReadableTokenIsWarnedOf_data();
    void aReadableTokenIsWarnedOf();
    void notAChatServer();
    void retryWaitsForTheServer();
    void foreignTextIsHarmless();
    void moreLinesThanTheRateAllows();
    void aServerThatTakesNothing_data();
    void aServerThatTakesNothing();
    void aServerThatTakesMessagesAgain();
    void moreRefusedLinesThanMayWait();
    void severalRooms();
    void terminatesCleanly_data();
    void terminatesCleanly();
    void endsBeforeThereIsAConnection();
    void killedServer();
    void whatIsDroppedIsNotPromised();
    void drainingServer();

private:
    [[nodiscard]] QString address() const { return u"localhost:%1"_s.arg(m_server->port()); }
    /// A server that also listens where the first one did.
    [[nodiscard]] std::unique_ptr<ServerProcess> successor(std::uint16_t port) const;

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<ServerProcess> m_server;
    [[nodiscard]] QStringList secret() const { return {u"--secret-file"_s, m_folder->filePath(u"secret"_s)}; }
};

void TestCliChat::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_server = std::make_unique<ServerProcess>(ServerProcess::Settings{u"parlor-server"_s, secret()});
    PARLOR_EXPECT(m_server->start());
}

void TestCliChat::cleanup()
{
    if (m_server->isRunning())
        PARLOR_EXPECT(m_server->stop());
}

std::unique_ptr<ServerProcess> TestCliChat::successor(std::uint16_t port) const
{
    return std::make_unique<ServerProcess>(ServerProcess::Settings{
        u"parlor-server"_s, secret() + QStringList{u"--listen"_s, u"127.0.0.1:%1"_s.arg(port)}});
}

void TestCliChat::inputIsSentAndAcknowledged()
{
    CliProcess alice({address(), u"--name"_s, u"alice"_s});
    alice.write("hello\n\nworld"); // an empty line is none, the last needs no end
    alice.closeInput();
    QCOMPARE(alice.exitCode(), 0);
    QVERIFY2(alice.errors().contains(u"signed in as alice"_s), qPrintable(alice.errors()));
    QVERIFY2(alice.errors().contains(u"code 1000"_s), qPrintable(alice.errors()));
    for (const QString &line : alice.outputLines())
        QVERIFY2(line.startsWith(u"[general] alice: "_s), qPrintable(line));
}

void TestCliChat::twoClientsTalk()
{
    CliProcess bob(
        {address(), u"-n"_s, u"bob"_s, u"--expect"_s, u"alice: hello bob"_s, u"--timeout"_s, u"20s"_s});
    PARLOR_EXPECT(bob.reports(u"joined #general"_s));
    CliProcess alice(
        {address(), u"-n"_s, u"alice"_s, u"--expect"_s, u"bob: hello alice"_s, u"--timeout"_s, u"20s"_s});
    alice.write("hello bob\n");
    QVERIFY(bob.says(u"[general] alice: hello bob\n"_s).isEmpty() || bob.exitCode() == 0);
    CliProcess again({address(), u"-n"_s, u"bob"_s});
    again.write("hello alice\n");
    again.closeInput();
    QCOMPARE(alice.exitCode(), 0);
    QCOMPARE(bob.exitCode(), 0);
    QCOMPARE(again.exitCode(), 0);
    QVERIFY(alice.output().contains(u"[general] bob: hello alice\n"_s));
}

void TestCliChat::expectations_data()
{
    QTest::addColumn<QStringList>("patterns");
    QTest::addColumn<int>("exitCode");
    QTest::newRow("met") << QStringList{u"one"_s, u"two"_s} << 0;
    QTest::newRow("in the wrong order") << QStringList{u"two"_s, u"one"_s} << 1;
    QTest::newRow("not met") << QStringList{u"three"_s} << 1;
    QTest::newRow("a regular expression") << QStringList{u"^\\[general\\] Guest [0-9A-Z]{4}: t.o$"_s} << 0;
}

void TestCliChat::expectations()
{
    QFETCH(QStringList, patterns);
    QFETCH(int, exitCode);
    QStringList arguments{address(), u"--timeout"_s, exitCode == 0 ? u"20s"_s : u"300ms"_s};
    for (const QString &each : patterns)
        arguments << u"--expect"_s << each;
    CliProcess cli(arguments);
    cli.write("one\ntwo\n");
    QCOMPARE(cli.exitCode(), exitCode);
    QCOMPARE(cli.errors().contains(u"nothing matched"_s), exitCode != 0);
}

void TestCliChat::countEndsIt()
{
    CliProcess listener({address(), u"--count"_s, u"2"_s, u"--timeout"_s, u"20s"_s});
    PARLOR_EXPECT(listener.reports(u"joined #general"_s));
    CliProcess alice({address(), u"-n"_s, u"alice"_s});
    alice.write("one\ntwo\n");
    alice.closeInput();
    QCOMPARE(listener.exitCode(), 0);
    QCOMPARE(listener.outputLines(), (QStringList{u"[general] alice: one"_s, u"[general] alice: two"_s}));
    QCOMPARE(alice.exitCode(), 0);

    CliProcess lonely({address(), u"--count"_s, u"1"_s, u"--timeout"_s, u"300ms"_s});
    QCOMPARE(lonely.exitCode(), 1);
    QVERIFY2(lonely.errors().contains(u"0 of 1 messages came"_s), qPrintable(lonely.errors()));
}

void TestCliChat::jsonLinesAreFrames()
{
    CliProcess cli(
        {address(), u"--jsonl"_s, u"--expect"_s, u"\"content\":\"hi\""_s, u"--timeout"_s, u"20s"_s});
    cli.write("hi\n");
    QCOMPARE(cli.exitCode(), 0);
    const QStringList lines = cli.outputLines();
    QStringList types;
    for (const QString &line : lines) {
        const QJsonObject frame = QJsonDocument::fromJson(line.toUtf8()).object();
        QVERIFY2(!frame.isEmpty(), qPrintable(line));
        types.append(frame.value(u"type"_s).toString());
    }
    QCOMPARE(types.first(), u"connection"_s);
    QVERIFY(types.contains(u"sync"_s));
    QVERIFY(types.contains(u"message"_s));
}

void TestCliChat::rawFramesAreAnswered()
{
    CliProcess cli({address(), u"--jsonl"_s, u"-x"_s, u"{\"type\":\"rooms\",\"rid\":7}"_s, u"-x"_s,
                    u"{\"type\":\"message\",\"room\":\"general\",\"content\":\"raw\",\"cid\":\"c1\"}"_s,
                    u"-x"_s, u"{\"type\":\"typing\",\"room\":\"general\",\"on\":true}"_s});
    cli.closeInput();
    QCOMPARE(cli.exitCode(), 0);
    QVERIFY2(cli.output().contains(u"{\"type\":\"rooms\",\"rid\":7"_s), qPrintable(cli.output()));
    QVERIFY2(cli.output().contains(u"\"cid\":\"c1\""_s), qPrintable(cli.output()));

    CliProcess refused({address(), u"-x"_s, u"{\"type\":\"dance\"}"_s});
    refused.closeInput();
    QCOMPARE(refused.exitCode(), 1);
    QVERIFY2(refused.errors().contains(u"unknown_type"_s), qPrintable(refused.errors()));

    CliProcess wanted(
        {address(), u"--jsonl"_s, u"-x"_s, u"{\"type\":\"dance\"}"_s, u"--expect"_s, u"unknown_type"_s});
    wanted.closeInput();
    QCOMPARE(wanted.exitCode(), 0);
}

void TestCliChat::refusedMessageIsAFailure()
{
    CliProcess cli({address()});
    cli.write("\x1b[31m\n" + QByteArray(100'000, 'x') + "\ngood\n");
    cli.closeInput();
    QCOMPARE(cli.exitCode(), 1);
    QVERIFY2(cli.errors().contains(u"'\\x1b[31m' to #general: failed"_s), qPrintable(cli.errors()));
    QVERIFY2(cli.errors().contains(u"longer than the server takes"_s), qPrintable(cli.errors()));
    QVERIFY2(cli.output().contains(u": good"_s), "the rest is sent all the same");
}

void TestCliChat::theTailOfALongLineIsNoMessage()
{
    CliProcess cli({address()});
    cli.write(QByteArray(83'000, 'x') + "\ngood\n");
    cli.closeInput();
    QCOMPARE(cli.exitCode(), 1);
    QCOMPARE(cli.outputLines().size(), 1);
    QVERIFY2(cli.output().endsWith(u": good\n"_s), qPrintable(cli.output()));
}

void TestCliChat::bytesThatAreNoText_data()
{
    QTest::addColumn<QByteArray>("input");
    QTest::addColumn<QString>("problem");
    const auto row = [](const char *name, const QByteArray &input, const QString &problem) {
        QTest::newRow(name) << input << problem;
    };
    const auto line = [](int number) {
        return u"parlor-cli: line %1 of the input is not UTF-8, and was not sent\n"_s.arg(number);
    };
    row("Latin-1", "one\ncaf\xe9\ntwo\n", line(2));
    row("a lone continuation", "\x80\none\ntwo\n", line(1));
    row("overlong", "one\n\n\xc0\xaf\ntwo\n", line(3));
    row("surrogate", "one\r\n\xed\xa0\x80\r\ntwo\r\n", line(2));
    row("beyond Unicode", "one\ntwo\n\xf4\x90\x80\x80", line(3));
    row("cut at the end", "one\ntwo\nx\xe2\x82", line(3));
    row("behind a line that is too long", QByteArray(100'000, 'x') + "\none\n\xff\ntwo\n", line(3));
    row("NUL", QByteArray("one\na\0b\ntwo\n", 12), u"'a\\x00b' to #general: failed"_s);
}

/// The other lines are sent.
void TestCliChat::bytesThatAreNoText()
{
    QFETCH(QByteArray, input);
    QFETCH(QString, problem);
    CliProcess cli({address()});
    cli.write(input);
    cli.closeInput();
    QCOMPARE(cli.exitCode(), 1);
    QVERIFY2(cli.errors().contains(problem), qPrintable(cli.errors()));
    const QStringList lines = cli.outputLines();
    QCOMPARE(lines.size(), 2);
    QVERIFY2(lines[0].endsWith(u": one"_s) && lines[1].endsWith(u": two"_s), qPrintable(cli.output()));
}

void TestCliChat::refusedRoomIsAFailure()
{
    ServerProcess fixed({u"parlor-server"_s, {u"--rooms"_s, u"fixed"_s}});
    PARLOR_EXPECT(fixed.start());
    CliProcess cli({u"localhost:%1"_s.arg(fixed.port()), u"--room"_s, u"elsewhere"_s});
    cli.closeInput();
    QCOMPARE(cli.exitCode(), 1);
    QVERIFY2(cli.errors().contains(u"cannot join #elsewhere"_s), qPrintable(cli.errors()));
    PARLOR_EXPECT(fixed.stop());
}

void TestCliChat::subcommands_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("says");
    QTest::newRow("none")
        << QStringList{}
        << u"parlor-cli: a subcommand is missing: chat, load, report, compare, doctor, max, probe, sink or admin; see parlor-cli --help\n"_s;
    QTest::newRow("unknown")
        << QStringList{u"bogus"_s, u"--count"_s, u"5"_s}
        << u"parlor-cli: there is no subcommand 'bogus'; there are chat, load, report, compare, doctor, max, probe, sink and admin; see parlor-cli --help\n"_s;
    QTest::newRow("unknown option") << QStringList{u"--nope"_s}
                                    << u"parlor-cli: there is no option --nope; see parlor-cli --help\n"_s;
}

void TestCliChat::subcommands()
{
    QFETCH(QStringList, arguments);
    QFETCH(QString, says);
    CliProcess cli(arguments, {});
    QCOMPARE(cli.exitCode(), 2);
    QCOMPARE(cli.errors(), says);
}

void TestCliChat::usageErrors_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("text");
    const auto row = [](const char *name, const QStringList &arguments, const char *text) {
        QTest::newRow(name) << arguments << QString::fromUtf8(text);
    };
    row("no address", {}, "URL is required");
    row("empty address", {u""_s}, "empty");
    row("http", {u"http://localhost"_s}, "use ws://");
    row("port", {u"localhost:99999"_s}, "not a valid address");
    row("expression", {u"localhost"_s, u"--expect"_s, u"("_s}, "missing closing parenthesis");
    row("time without unit", {u"localhost"_s, u"--timeout"_s, u"5"_s},
        "--timeout: '5' is no time; write a number with its unit: 500ms, 5s, 2m, 1h, 7d");
    row("no time", {u"localhost"_s, u"--timeout"_s, u"soon"_s}, "--timeout: 'soon' is no time");
    row("no such unit", {u"localhost"_s, u"--timeout"_s, u"5w"_s}, "--timeout: '5w' is no time");
    row("negative time", {u"localhost"_s, u"--timeout=-5s"_s}, "--timeout: '-5s' is out of range: 1ms to 1d");
    row("long time", {u"localhost"_s, u"--timeout"_s, u"99999999999999999999s"_s}, "out of range");
    row("room", {u"localhost"_s, u"--room"_s, u"no spaces"_s}, "--room no spaces");
    row("name", {u"localhost"_s, u"--name"_s, u"a\u202eb"_s}, "--name");
    row("count", {u"localhost"_s, u"--count"_s, u"0"_s}, "not in range");
    row("unknown option", {u"localhost"_s, u"--colour"_s},
        "parlor-cli chat: there is no option --colour; see");
    row("unknown option alone", {u"--colour=red"_s}, "there is no option --colour; see");
    row("token file", {u"localhost"_s, u"--token-file"_s, u"/nonexistent"_s},
        "cannot read the token file /nonexistent");
    row("ca file", {u"localhost"_s, u"--ca-file"_s, u"/dev/null"_s}, "no PEM certificate");
}

void TestCliChat::usageErrors()
{
    QFETCH(QStringList, arguments);
    QFETCH(QString, text);
    CliProcess cli(arguments);
    cli.closeInput();
    QCOMPARE(cli.exitCode(), 2);
    QVERIFY2(cli.errors().contains(text), qPrintable(cli.errors()));
    QVERIFY(cli.output().isEmpty());
}

void TestCliChat::noConnection()
{
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    const quint16 port = server.serverPort();
    server.close();
    CliProcess cli({u"127.0.0.1:%1"_s.arg(port)});
    cli.closeInput();
    QCOMPARE(cli.exitCode(), 3);
    QVERIFY2(cli.errors().contains(u"127.0.0.1:%1 refused the connection"_s.arg(port)),
             qPrintable(cli.errors()));
}

void TestCliChat::aReadableTokenIsWarnedOf_data()
{
    QTest::addColumn<QString>("host");
    QTest::addColumn<QString>("command");
    QTest::addColumn<bool>("warned");
    QTest::newRow("elsewhere") << u"ws://0.0.0.0"_s << u"echo t"_s << true; // it is no loopback address
    QTest::newRow("elsewhere, without a token") << u"ws://0.0.0.0"_s << QString() << false;
    QTest::newRow("encrypted") << u"wss://0.0.0.0"_s << u"echo t"_s << false;
    QTest::newRow("here") << u"ws://localhost"_s << u"echo t"_s << false;
}

void TestCliChat::aReadableTokenIsWarnedOf()
{
    QFETCH(const QString, host);
    QFETCH(const QString, command);
    QFETCH(const bool, warned);
    QTcpServer server;
    QVERIFY(server.listen());
    const quint16 port = server.serverPort();
    server.close();
    QStringList arguments{u"%1:%2"_s.arg(host).arg(port)};
    if (!command.isEmpty())
        arguments += {u"--token-command"_s, command};
    CliProcess cli(arguments);
    cli.closeInput();
    QCOMPARE(cli.exitCode(), 3);
    QCOMPARE(cli.errors().contains(u"the token goes to 0.0.0.0:%1 unencrypted"_s.arg(port)), warned);
    QCOMPARE(cli.errors().contains(u"unencrypted"_s), warned);
}

void TestCliChat::notAChatServer()
{
    CliProcess cli({u"ws://localhost:%1/elsewhere"_s.arg(m_server->port())});
    cli.closeInput();
    QCOMPARE(cli.exitCode(), 3);
    QVERIFY2(cli.errors().contains(u"no chat at /elsewhere (HTTP 404)"_s), qPrintable(cli.errors()));
}

void TestCliChat::retryWaitsForTheServer()
{
    const auto port = m_server->port();
    PARLOR_EXPECT(m_server->stop());
    CliProcess cli({address(), u"--retry"_s});
    cli.write("at last\n");
    cli.closeInput();
    PARLOR_EXPECT(cli.reports(u"attempt 2"_s));
    const auto next = successor(port);
    PARLOR_EXPECT(next->start());
    QCOMPARE(cli.exitCode(), 0);
    QVERIFY(cli.output().contains(u"at last"_s));
    PARLOR_EXPECT(next->stop());
}

void TestCliChat::foreignTextIsHarmless()
{
    CliProcess cli({address(), u"--count"_s, u"1"_s, u"--timeout"_s, u"20s"_s});
    PARLOR_EXPECT(cli.reports(u"joined #general"_s));
    RawChat v1;
    PARLOR_EXPECT(v1.open(m_server->port(), Dialect::V1));
    QVERIFY(v1.send(
        {{u"type"_s, u"message"_s}, {u"content"_s, u"\x1b]0;pwned\x07\u202e\n[general] root: hi"_s}}));
    QCOMPARE(cli.exitCode(), 0);
    QCOMPARE(cli.outputLines().size(), 1);
    QVERIFY2(cli.output().contains(u": \\x1b]0;pwned\\x07\\u{202e}\\n[general] root: hi"_s),
             qPrintable(cli.output()));
}

void TestCliChat::moreLinesThanTheRateAllows()
{
    CliProcess cli({address()});
    constexpr int kLines = 40;
    for (int i = 0; i < kLines; ++i)
        cli.write(QByteArray::number(i) + '\n');
    cli.closeInput();
    QCOMPARE(cli.exitCode(), 0);
    QCOMPARE(cli.outputLines().size(), kLines);
    QVERIFY2(!cli.errors().contains(u"4101"_s), qPrintable(cli.errors()));
}

void TestCliChat::aServerThatTakesNothing_data()
{
    QTest::addColumn<int>("lines");
    QTest::addColumn<bool>("hasState");
    QTest::addColumn<QString>("says");
    const QString why =
        u" messages are not acknowledged (the server cannot store messages at present; this one is not "
        "published), and nothing more came for 1 s"_s;
    QTest::newRow("few lines") << 3 << false << QString(u'3' + why);
    QTest::newRow("kept") << 3 << true << QString(u'3' + why);
    QTest::newRow("more than may wait") << 400 << false << u"the rest of the input was not read"_s;
}

void TestCliChat::aServerThatTakesNothing()
{
    QFETCH(int, lines);
    QFETCH(bool, hasState);
    QFETCH(QString, says);
    ServerProcess full({u"parlor-server"_s, {u"--store"_s, u"sqlite:"_s + m_folder->filePath(u"full.db"_s)}});
    PARLOR_EXPECT(full.start());
    const rlimit nothing{0, RLIM_INFINITY};
    QCOMPARE(::prlimit(static_cast<pid_t>(full.pid()), RLIMIT_FSIZE, &nothing, nullptr), 0);
    QStringList arguments{u"localhost:%1"_s.arg(full.port()), u"--timeout"_s, u"1s"_s};
    if (hasState)
        arguments += {u"--state"_s, m_folder->filePath(u"state.db"_s)};
    CliProcess cli(arguments);
    for (int i = 0; i < lines; ++i)
        cli.write("line\n");
    cli.closeInput();
    QCOMPARE(cli.exitCode(), 1);
    QVERIFY2(cli.errors().contains(says), qPrintable(cli.errors()));
    const bool isKept = cli.errors().contains(u"kept in %1"_s.arg(m_folder->filePath(u"state.db"_s)));
    QCOMPARE(isKept, hasState);
    QCOMPARE(cli.errors().contains(u"not sent: %1, dropped"_s.arg(lines)), !hasState);
}

void TestCliChat::aServerThatTakesMessagesAgain()
{
    ServerProcess full({u"parlor-server"_s, {u"--store"_s, u"sqlite:"_s + m_folder->filePath(u"full.db"_s)}});
    PARLOR_EXPECT(full.start());
    const auto mayGrowTo = [&full](rlim_t bytes) {
        const rlimit limit{bytes, RLIM_INFINITY};
        return ::prlimit(static_cast<pid_t>(full.pid()), RLIMIT_FSIZE, &limit, nullptr) == 0;
    };
    QVERIFY(mayGrowTo(0));
    CliProcess cli({u"localhost:%1"_s.arg(full.port()), u"--timeout"_s, u"20s"_s});
    cli.write("waits\n");
    PARLOR_EXPECT(cli.reports(u"the server takes no messages for now (the server cannot store messages"_s));
    QVERIFY(mayGrowTo(RLIM_INFINITY));
    cli.closeInput();
    QCOMPARE(cli.exitCode(), 0);
    QVERIFY2(cli.errors().contains(u"the server takes messages again"_s), qPrintable(cli.errors()));
    QVERIFY2(cli.output().contains(u": waits"_s), qPrintable(cli.output()));
}

void TestCliChat::moreRefusedLinesThanMayWait()
{
    ServerProcess server({u"parlor-server"_s, {u"--rate"_s, u"0"_s}});
    PARLOR_EXPECT(server.start());
    CliProcess cli({u"localhost:%1"_s.arg(server.port()), u"--timeout"_s, u"20s"_s});
    for (int i = 0; i < 400; ++i)
        cli.write("\x1b[31m\n");
    cli.closeInput();
    QCOMPARE(cli.exitCode(), 1);
    QVERIFY2(!cli.errors().contains(u"nothing more came"_s), qPrintable(cli.errors()));
}

void TestCliChat::severalRooms()
{
    CliProcess cli({address(), u"-n"_s, u"bob"_s, u"--room"_s, u"b"_s, u"--room"_s, u"A"_s, u"--expect"_s,
                    u"\\[a\\] al: x"_s, u"--timeout"_s, u"20s"_s});
    cli.write("mine\n");
    PARLOR_EXPECT(cli.says(u"[b] bob: mine\n"_s));
    CliProcess other({address(), u"-n"_s, u"al"_s, u"--room"_s, u"a"_s});
    other.write("x\n");
    other.closeInput();
    QCOMPARE(cli.exitCode(), 0);
    QCOMPARE(other.exitCode(), 0);
    QVERIFY2(!cli.errors().contains(u"#general"_s), "the default room is only for want of others");
}

void TestCliChat::terminatesCleanly_data()
{
    QTest::addColumn<int>("signal");
    QTest::newRow("SIGINT") << SIGINT;
    QTest::newRow("SIGTERM") << SIGTERM;
}

void TestCliChat::terminatesCleanly()
{
    QFETCH(int, signal);
    CliProcess cli({address()});
    PARLOR_EXPECT(cli.reports(u"joined #general"_s));
    cli.signal(signal);
    QCOMPARE(cli.exitCode(), 0);
    QVERIFY2(cli.errors().contains(u"code 1000"_s), qPrintable(cli.errors()));
}

void TestCliChat::endsBeforeThereIsAConnection()
{
    QTcpServer silent; // accepts, and says nothing
    QVERIFY(silent.listen(QHostAddress::LocalHost));
    CliProcess cli({u"127.0.0.1:%1"_s.arg(silent.serverPort())});
    QTRY_VERIFY(silent.hasPendingConnections());
    cli.signal(SIGINT);
    QCOMPARE(cli.exitCode(), 3);
}

void TestCliChat::killedServer()
{
    Proxy proxy(m_server->port());
    CliProcess cli(
        {u"localhost:%1"_s.arg(proxy.serverPort()), u"-n"_s, u"alice"_s, u"--timeout"_s, u"20s"_s});
    cli.write("before\n");
    PARLOR_EXPECT(cli.says(u"alice: before\n"_s));
    proxy.hold(Proxy::Direction::ToServer);
    cli.write("meanwhile\nand then\n");
    cli.closeInput();
    QTRY_VERIFY(proxy.hasHeldBytes());
    m_server->kill();
    PARLOR_EXPECT(cli.reports(u"code 1006"_s));
    PARLOR_EXPECT(cli.reports(u"'meanwhile' to #general: not confirmed; will be sent again"_s));
    const auto next = std::make_unique<ServerProcess>(ServerProcess::Settings{u"parlor-server"_s, secret()});
    PARLOR_EXPECT(next->start());
    proxy.restart(next->port());
    QCOMPARE(cli.exitCode(), 0);
    const QString report = cli.errors();
    QVERIFY2(report.contains(u"session resumed"_s), qPrintable(report));
    QVERIFY2(report.contains(u"joined #general again"_s), qPrintable(report));
    QVERIFY2(report.contains(u"messages may be missing in #general"_s), qPrintable(report));
    QVERIFY2(report.contains(u"sending again: 'meanwhile'"_s), qPrintable(report));
    QCOMPARE(cli.outputLines(), (QStringList{u"[general] alice: before"_s, u"[general] alice: meanwhile"_s,
                                             u"[general] alice: and then"_s}));
    PARLOR_EXPECT(next->stop());
}

void TestCliChat::whatIsDroppedIsNotPromised()
{
    Proxy proxy(m_server->port());
    CliProcess cli({u"localhost:%1"_s.arg(proxy.serverPort()), u"--timeout"_s, u"1s"_s});
    PARLOR_EXPECT(cli.reports(u"joined #general"_s));
    proxy.hold(Proxy::Direction::ToServer);
    cli.write("lost\n");
    cli.closeInput();
    QCOMPARE(cli.exitCode(), 1);
    const QString report = cli.errors();
    QVERIFY2(report.contains(u"sent, but not confirmed: 1; they may have arrived"_s), qPrintable(report));
    QVERIFY2(report.contains(u"'lost' to #general: not confirmed; it may have arrived"_s),
             qPrintable(report));
    QVERIFY2(!report.contains(u"will be sent again"_s), qPrintable(report));
}

void TestCliChat::drainingServer()
{
    CliProcess cli({address(), u"--count"_s, u"1"_s, u"--timeout"_s, u"60s"_s});
    PARLOR_EXPECT(cli.reports(u"joined #general"_s));
    const auto port = m_server->port();
    PARLOR_EXPECT(m_server->stop());
    PARLOR_EXPECT(cli.reports(u"the server will close this connection (shutdown)"_s));
    PARLOR_EXPECT(cli.reports(u"connection closed, code 4200"_s));
    const auto next = successor(port);
    PARLOR_EXPECT(next->start());
    PARLOR_EXPECT(cli.reports(u"joined #general again"_s));
    CliProcess alice({address(), u"-n"_s, u"alice"_s});
    alice.write("welcome back\n");
    alice.closeInput();
    QCOMPARE(alice.exitCode(), 0);
    QCOMPARE(cli.exitCode(), 0);
    PARLOR_EXPECT(next->stop());
}

PARLOR_TEST_WITHIN(QCoreApplication, TestCliChat)
#include "tst_clichat.moc"
