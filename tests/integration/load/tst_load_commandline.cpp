// SPDX-License-Identifier: MIT
#include "tests/support/rawsocket.h"
#include "tests/support/serverprocess.h"
#include "tests/support/testclass.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTcpServer>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <memory>

using namespace parlor::test;
using namespace Qt::StringLiterals;

namespace {

/// parlor-cli, run to its end.
struct Ended
{
    int code = -1;
    QString output;
    QString errors;
};

Ended run(const QStringList &arguments)
{
    QProcess cli;
    cli.start(qEnvironmentVariable("PARLOR_TEST_BIN") % u"/parlor-cli"_s, arguments);
    if (!cli.waitForFinished(static_cast<int>(kPatience.count())))
        return {};
    return {cli.exitStatus() == QProcess::NormalExit ? cli.exitCode() : -1,
            QString::fromUtf8(cli.readAllStandardOutput()), QString::fromUtf8(cli.readAllStandardError())};
}

QString url(quint16 port)
{
    return u"ws://127.0.0.1:%1"_s.arg(port);
}

} // namespace

/// What the command line of `parlor-cli load` and `doctor` says, and ends with.
class TestLoadCommandLine : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void scenarioRuns();
    void flagsCountMore();
    void wrongScenario_data();
    void wrongScenario();
    void presetIsPrinted();
    void presetRuns();
    void dryRun();
    void dryRunOfTooMuch();
    void dryRunLooksAhead_data();
    void dryRunLooksAhead();
    void wrongUsage_data();
    void wrongUsage();
    void doctor();
    void selfTestOfFewDescriptors();
    void maxFindsALimit();
    void files();
    void oneFileCannotBeWritten();
    void interrupted_data();
    void interrupted();
    void helpIsReadable();

private:
    [[nodiscard]] std::unique_ptr<ServerProcess> server() const
    {
        return std::make_unique<ServerProcess>(ServerProcess::Settings{
            .program = u"parlor-server"_s,
            .arguments = {u"--store"_s, u"memory"_s, u"--rate"_s, u"1000"_s, u"--burst"_s, u"1000"_s}});
    }
    [[nodiscard]] QString path(const QString &name) const { return m_folder.filePath(name); }
    [[nodiscard]] QString scenario(const QByteArray &text) const
    {
        QFile file(path(u"s.toml"_s));
        if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size())
            return {};
        return file.fileName();
    }
    QTemporaryDir m_folder;
};

void TestLoadCommandLine::scenarioRuns()
{
    const auto chat = server();
    PARLOR_EXPECT(chat->start());
    const QString file = scenario("rooms = 2\nstages = [{ for = '0s', users = 10, measure = false },\n"
                                  "          { for = '1500ms', users = 10, name = 'steady' }]\n"
                                  "[[profile]]\nname = 'talker'\nrate = '4/s'\n"
                                  "[[profile]]\nname = 'reader'\nrate = '0/s'\n"
                                  "[thresholds]\nconnect_success = 'rate==1'\n[tags]\nbranch = 'main'\n");
    const QString out = path(u"run.json"_s);
    const Ended load =
        run({u"load"_s, url(chat->port()), u"--quiet"_s, u"--scenario"_s, file, u"--out"_s, out});
    QVERIFY2(load.code == 0, qPrintable(load.errors + load.output));
    QFile written(out);
    QVERIFY(written.open(QIODevice::ReadOnly));
    const QJsonObject record = QJsonDocument::fromJson(written.readAll()).object();
    QCOMPARE(record[u"parameters"_s][u"profiles"_s].toArray().size(), 2);
    QCOMPARE(record[u"parameters"_s][u"tags"_s][u"branch"_s].toString(), u"main"_s);
    QCOMPARE(record[u"connections"_s][u"joined"_s].toInt(), 10);
    QVERIFY(record[u"messages"_s][u"sent"_s].toInt() > 10);
    QCOMPARE(record[u"deliveries"_s][u"lost"_s].toInt(-1), 0);
    QVERIFY2(load.output.contains(u"steady"_s), qPrintable(load.output));
    PARLOR_EXPECT(chat->stop());
}

void TestLoadCommandLine::flagsCountMore()
{
    const QString file = scenario("url = 'ws://localhost:9/ws'\nrooms = 4\nusers = 5\nduration = '1h'\n");
    const Ended dry = run({u"load"_s, u"--scenario"_s, file, u"--duration"_s, u"10s"_s, u"--dry-run"_s});
    QCOMPARE(dry.code, 0);
    QVERIFY2(dry.output.startsWith(u"Dry run: ws://localhost:9/ws, for 00:10"_s), qPrintable(dry.output));
}

void TestLoadCommandLine::wrongScenario_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("why");
    QTest::newRow("unknown key") << QByteArray("users = 1\nroms = 2\n")
                                 << u":2:1: roms: there is no such key; the nearest is 'rooms'"_s;
    QTest::newRow("escapes") << QByteArray("\"a\\u001b[31mb\" = 2\n") << u":1:1: a?[31mb: there is no such"_s;
    QTest::newRow("no TOML") << QByteArray("users = \n") << u":1:"_s;
    QTest::newRow("no sense") << QByteArray("pace = 'closed'\nrate = '1/s'\n")
                              << u":2:1: rate: a closed pace"_s;
}

void TestLoadCommandLine::wrongScenario()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, why);
    const QString file = scenario(text);
    const Ended load = run({u"load"_s, u"localhost:9"_s, u"--scenario"_s, file});
    QCOMPARE(load.code, 104);
    QVERIFY2(load.errors.startsWith(u"parlor-cli load: "_s + file + why), qPrintable(load.errors));
    QCOMPARE(load.output, QString());
    QCOMPARE(run({u"load"_s, u"localhost:9"_s, u"--scenario"_s, u"/nowhere.toml"_s}).code, 104);
}

void TestLoadCommandLine::presetIsPrinted()
{
    for (const QString &name : {u"seed"_s, u"seed-repo"_s, u"smoke"_s, u"soak"_s, u"fanout"_s, u"churn"_s}) {
        const Ended printed = run({u"load"_s, u"--preset"_s, name, u"--print-scenario"_s});
        QCOMPARE(printed.code, 0);
        QVERIFY2(printed.output.startsWith(u"# "_s + name + u": "_s), qPrintable(printed.output));
        // A copy of it is a scenario.
        const Ended dry = run({u"load"_s, u"localhost:9"_s, u"--scenario"_s,
                               scenario(printed.output.toUtf8()), u"--dry-run"_s});
        QVERIFY2(dry.code == 0 || (dry.code == 2 && dry.output.contains(u"too low"_s)),
                 qPrintable(dry.errors + dry.output));
    }
}

void TestLoadCommandLine::presetRuns()
{
    const auto chat = server();
    PARLOR_EXPECT(chat->start());
    const Ended load = run({u"load"_s, url(chat->port()), u"--preset"_s, u"smoke"_s, u"--duration"_s, u"1s"_s,
                            u"--rate"_s, u"40/s"_s, u"--threshold"_s, u"delivery_latency p(95)<30s"_s});
    QVERIFY2(load.code == 0, qPrintable(load.errors + load.output));
    PARLOR_EXPECT(chat->stop());
}

void TestLoadCommandLine::dryRun()
{
    const Ended dry = run({u"load"_s, u"localhost:9"_s, u"--users"_s, u"20"_s, u"--rooms"_s, u"1"_s,
                           u"--rate"_s, u"1/s"_s, u"--duration"_s, u"10s"_s, u"--dry-run"_s});
    QCOMPARE(dry.code, 0);
    QCOMPARE(dry.errors, QString());
    QVERIFY2(dry.output.contains(u"4,000, 400 a second on average"_s), qPrintable(dry.output));
}

void TestLoadCommandLine::dryRunOfTooMuch()
{
    const Ended dry = run({u"load"_s, u"chat.invalid"_s, u"--users"_s, u"900000"_s, u"--dry-run"_s});
    QCOMPARE(dry.code, 2);
    QVERIFY2(dry.output.contains(u"too low  ports of a source address"_s), qPrintable(dry.output));
    const Ended load =
        run({u"load"_s, u"127.0.0.1:9"_s, u"--users"_s, u"1000000"_s, u"--source-ips"_s, u"127.0.0.1"_s});
    QCOMPARE(load.code, 2);
    QVERIFY2(load.errors.startsWith(u"parlor-cli load: this load needs 1,000,0"_s), qPrintable(load.errors));
}

void TestLoadCommandLine::dryRunLooksAhead_data()
{
    QTest::addColumn<QStringList>("given");
    QTest::addColumn<QString>("why");
    const auto row = [](const QStringList &given, const QString &why) {
        QTest::newRow(qPrintable(given.join(u' '))) << given << why;
    };
    row({u"localhost:9"_s, u"--source-ips"_s, u"127.0.0.1,192.0.2.1"_s},
        u"192.0.2.1 is no address of this"_s);
    row({u"wss://localhost:9"_s, u"--ca-file"_s, u"/nowhere.pem"_s}, u"/nowhere.pem"_s);
    row({u"wss://localhost:9"_s, u"--ca-file"_s, u"/dev/null"_s}, u"/dev/null"_s);
    row({u"localhost:9"_s, u"--prom-listen"_s, u"192.0.2.1:0"_s}, u"--prom-listen: "_s);
    row({u"localhost:9"_s, u"--watch-pid"_s, u"4194304"_s}, u"--watch-pid: "_s);
    row({u"localhost:9"_s, u"--token-file"_s, u"/nowhere"_s}, u"/nowhere"_s);
    row({u"localhost:9"_s, u"--html"_s, u"/tmp/x.html"_s, u"--baseline"_s, u"/nowhere"_s},
        u"--baseline: /nowhere"_s);
    row({u"localhost:9"_s, u"--out"_s, u"x.json"_s, u"--html"_s, u"./x.json"_s},
        u"is the file of --out, too"_s);
    row({u"localhost:9"_s, u"--out"_s, u"/nowhere/x.json"_s}, u"--out: cannot write /nowhere/x.json: "_s);
    row({u"localhost:9"_s, u"--tui"_s, u"on"_s}, u"--tui on: stderr is no terminal"_s);
}

void TestLoadCommandLine::dryRunLooksAhead()
{
    QFETCH(QStringList, given);
    QFETCH(QString, why);
    const Ended dry = run(QStringList{u"load"_s, u"--dry-run"_s} + given);
    QCOMPARE(dry.code, 2);
    QCOMPARE(dry.output, QString());
    QVERIFY2(dry.errors.contains(why), qPrintable(dry.errors));
}

void TestLoadCommandLine::wrongUsage_data()
{
    QTest::addColumn<QStringList>("given");
    QTest::addColumn<QString>("why");
    const auto row = [](const QStringList &given, const QString &why) {
        QTest::newRow(qPrintable(given.join(u' '))) << given << why;
    };
    row({u"load"_s, u"localhost:9"_s, u"--out"_s, u""_s}, u"--out: the value is empty; give one"_s);
    row({u"load"_s, u"localhost:9"_s, u"--users"_s, u""_s}, u"--users: the value is empty"_s);
    row({u"report"_s, u"a.json"_s, u"--html"_s, u""_s}, u"--html: the value is empty"_s);
    row({u"sink"_s, u"--log"_s, u""_s}, u"--log: the value is empty"_s);
    row({u"load"_s, u"localhost:9"_s, u"--out"_s, u"-"_s}, u"--out: '-' is no file; write /dev/stdout;"_s);
    row({u"load"_s, u"localhost:9"_s, u"--scenario"_s, u"-"_s},
        u"--scenario: '-' is no file; write /dev/stdin;"_s);
    row({u"load"_s, u"localhost:9"_s, u"--threshhold"_s, u"x"_s},
        u"there is no option --threshhold; the nearest is --threshold;"_s);
    row({u"load"_s, u"localhost:9"_s, u"-users"_s, u"5"_s},
        u"there is no option -users; the nearest is --users;"_s);
    row({u"load"_s, u"localhost:9"_s, u"\u2013duration"_s, u"5s"_s},
        u"'\u2013duration' begins with a long dash; write --duration;"_s);
    row({u"load"_s, u"\u2014duration"_s, u"5s"_s, u"localhost:9"_s},
        u"'\u2014duration' begins with a long dash;"_s);
    row({u"load"_s, u"\u2013quiet"_s}, u"'\u2013quiet' begins with a long dash; write --quiet;"_s);
    row({u"load"_s, u"smoke"_s}, u"URL: 'smoke' is a preset; write --preset smoke"_s);
    row({u"load"_s, u"\u201cws://localhost:9\u201d"_s}, u"URL: the address has \u201c in it"_s);
    row({u"load"_s, u"localhost:9"_s, u"--users"_s}, u"--users lacks its value"_s);
    row({u"load"_s, u"localhost:9"_s, u"--users"_s, u"5"_s, u"--users"_s, u"6"_s},
        u"--users is there more than once; leave one out"_s);
    row({u"load"_s, u"localhost:9"_s, u"--quiet=maybe"_s}, u"--quiet: 'maybe' is no value of it"_s);
    row({u"sink"_s, u"--dialect"_s, u"v3"_s}, u"--dialect: 'v3' is none of the choices: v1,v2"_s);
    row({u"load"_s, u"--preset"_s, u"smoke"_s, u"--print-scenario"_s, u"--users"_s, u"5"_s},
        u"--print-scenario has no use for --users; leave it out"_s);
    row({u"load"_s, u"localhost:9"_s, u"--self-test"_s}, u"--self-test has no use for URL; leave it out"_s);
    row({u"doctor"_s, u"--source-ips"_s, u"192.0.2.1"_s}, u"192.0.2.1 is no address of this machine"_s);
}

void TestLoadCommandLine::wrongUsage()
{
    QFETCH(QStringList, given);
    QFETCH(QString, why);
    const Ended wrong = run(given);
    QCOMPARE(wrong.code, 2);
    QCOMPARE(wrong.output, QString());
    QVERIFY2(wrong.errors.startsWith(u"parlor-cli "_s + given.front() + u": "_s + why),
             qPrintable(wrong.errors));
}

void TestLoadCommandLine::doctor()
{
    const Ended few = run({u"doctor"_s, u"-c"_s, u"10"_s, u"--json"_s});
    const QJsonObject found = QJsonDocument::fromJson(few.output.toUtf8()).object();
    QCOMPARE(found[u"ok"_s].toBool() ? 0 : 1, few.code);
    QVERIFY(found[u"checks"_s].toArray().size() >= 2);
    const Ended many = run({u"doctor"_s, u"-c"_s, u"9000000"_s});
    QCOMPARE(many.code, 1);
    QVERIFY2(many.output.contains(u"too low  "_s) && many.output.endsWith(u"Not all of it is enough.\n"_s),
             qPrintable(many.output));
    QCOMPARE(run({u"doctor"_s, u"-c"_s, u"0"_s}).code, 2);
    QCOMPARE(run({u"doctor"_s, u"-c"_s, u"many"_s}).code, 2);
}

void TestLoadCommandLine::selfTestOfFewDescriptors()
{
    QProcess shell;
    shell.start(u"/bin/sh"_s,
                {u"-c"_s, u"ulimit -n 64; exec \"$PARLOR_TEST_BIN/parlor-cli\" load --self-test"_s});
    QVERIFY(shell.waitForFinished(static_cast<int>(kPatience.count())));
    QCOMPARE(shell.exitCode(), 2);
    const QString errors = QString::fromUtf8(shell.readAllStandardError());
    QVERIFY2(errors.contains(u"it needs 200 connections at least, and a process may have 64 descriptors, "
                             "enough for 28 connections; for 15,000:\n    "),
             qPrintable(errors));
    QVERIFY2(errors.contains(u"prlimit --pid $$ --nofile=15360\n"), qPrintable(errors));
}

void TestLoadCommandLine::maxFindsALimit()
{
    ServerProcess chat(
        {.program = u"parlor-server"_s,
         .arguments = {u"--store"_s, u"memory"_s, u"--rate"_s, u"5"_s, u"--burst"_s, u"40"_s}});
    PARLOR_EXPECT(chat.start());
    // The first user speaks for three seconds: 3·25 are more than the burst and 3·5, 3·12.5 are less than it.
    const QString out = path(u"max.json"_s);
    const Ended max =
        run({u"max"_s, url(chat.port()), u"--users"_s, u"4"_s, u"--rooms"_s, u"1"_s, u"--from"_s, u"200/s"_s,
             u"--step-time"_s, u"1s"_s, u"--tolerance"_s, u"100%"_s, u"--drain"_s, u"1s"_s, u"--goal"_s,
             u"delivery_latency p(50)<30s"_s, u"--out"_s, out});
    QVERIFY2(max.code == 0, qPrintable(max.errors + max.output));
    QVERIFY2(max.output.contains(u"messages refused (rate_limited)"_s), qPrintable(max.output));
    QVERIFY2(max.output.contains(u"\nMAX  "_s), qPrintable(max.output));
    QVERIFY2(max.output.contains(u"The server limits the rate by itself"_s), qPrintable(max.output));
    QFile written(out);
    QVERIFY(written.open(QIODevice::ReadOnly));
    const QJsonObject found = QJsonDocument::fromJson(written.readAll()).object();
    QCOMPARE(found[u"highest_passed"_s][u"rate"_s].toDouble(), 50.0);
    QCOMPARE(found[u"lowest_failed"_s][u"rate"_s].toDouble(), 100.0);
    PARLOR_EXPECT(chat.stop());
}

void TestLoadCommandLine::files()
{
    const auto chat = server();
    PARLOR_EXPECT(chat->start());
    const QString out = path(u"a.json"_s);
    const QString page = path(u"a.html"_s);
    const QStringList load{u"load"_s,       url(chat->port()), u"--quiet"_s, u"--users"_s, u"4"_s,
                           u"--duration"_s, u"1s"_s,           u"--rate"_s,  u"5/s"_s};
    const Ended first = run(load + QStringList{u"--out"_s, out, u"--html"_s, page});
    QVERIFY2(first.code == 0, qPrintable(first.errors + first.output));
    QVERIFY2(first.output.contains(u"Files\n  "_s + out + u"  "_s), qPrintable(first.output));
    QFile html(page);
    QVERIFY(html.open(QIODevice::ReadOnly));
    QVERIFY(html.readAll().startsWith("<!doctype html>"));
    const Ended second = run(load + QStringList{u"--baseline"_s, out, u"--html"_s, page});
    QVERIFY2(second.code == 0, qPrintable(second.errors + second.output));
    PARLOR_EXPECT(chat->stop());
}

void TestLoadCommandLine::oneFileCannotBeWritten()
{
    const auto chat = server();
    PARLOR_EXPECT(chat->start());
    const QString page = path(u"b.html"_s);
    const Ended load = run({u"load"_s, url(chat->port()), u"--quiet"_s, u"--users"_s, u"4"_s, u"--duration"_s,
                            u"500ms"_s, u"--out"_s, u"/dev/full"_s, u"--html"_s, page});
    QCOMPARE(load.code, 4);
    QVERIFY2(load.errors.contains(u"parlor-cli load: --out: cannot write /dev/full: "_s),
             qPrintable(load.errors));
    QVERIFY(QFile::exists(page));
    QVERIFY2(load.output.startsWith(u"PASS  "_s), qPrintable(load.output));
    PARLOR_EXPECT(chat->stop());
}

void TestLoadCommandLine::interrupted_data()
{
    QTest::addColumn<QString>("listener");
    QTest::addColumn<int>("code");
    QTest::newRow("during the run") << u"chat"_s << 105;
    QTest::newRow("while all connect") << u"silent"_s << 105;
    QTest::newRow("after attempts that failed") << u"closed"_s << 3;
}

void TestLoadCommandLine::interrupted()
{
    QFETCH(const QString, listener);
    QFETCH(const int, code);
    // A server that accepts and says nothing: nobody ever comes in.
    QTcpServer silent;
    QVERIFY(silent.listen(QHostAddress::LocalHost));
    const quint16 silentPort = silent.serverPort();
    if (listener == u"closed"_s)
        silent.close();
    const auto chat = server();
    PARLOR_EXPECT(chat->start());
    QProcess cli;
    cli.start(qEnvironmentVariable("PARLOR_TEST_BIN") % u"/parlor-cli"_s,
              {u"load"_s, url(listener == u"chat"_s ? chat->port() : silentPort), u"--users"_s, u"5"_s,
               u"--duration"_s, u"1h"_s, u"--connect-timeout"_s, u"1h"_s, u"--out"_s,
               path(u"interrupted.json"_s)});
    QVERIFY(cli.waitForStarted());
    QByteArray said;
    cli.setReadChannel(QProcess::StandardError);
    while (!said.contains('\n') && cli.waitForReadyRead(static_cast<int>(kPatience.count())))
        said += cli.readAllStandardError();
    QVERIFY2(said.contains('\n'), said.constData());
    QCOMPARE(::kill(static_cast<pid_t>(cli.processId()), SIGINT), 0);
    // The first one ends the plan; where that takes longer, the next does not wait for what is under way.
    constexpr int kPause = 1000;
    for (int more = 0; more < 20 && !cli.waitForFinished(kPause); ++more)
        ::kill(static_cast<pid_t>(cli.processId()), SIGINT);
    QCOMPARE(cli.exitStatus(), QProcess::NormalExit);
    QCOMPARE(cli.exitCode(), code);
    QFile written(path(u"interrupted.json"_s));
    QVERIFY(written.open(QIODevice::ReadOnly));
    QVERIFY(QJsonDocument::fromJson(written.readAll()).object()[u"interrupted"_s].toBool());
    PARLOR_EXPECT(chat->stop());
}

void TestLoadCommandLine::helpIsReadable()
{
    const Ended help = run({u"load"_s, u"--help"_s});
    QCOMPARE(help.code, 0);
    const QStringList lines = help.output.split(u'\n');
    for (const QString &line : lines)
        QVERIFY2(line.size() <= 136, qPrintable(line));
    for (const QString &group : {u"The server:"_s, u"Who comes:"_s, u"What they say:"_s, u"Where:"_s,
                                 u"Connections:"_s, u"What is measured and checked:"_s, u"The generator:"_s,
                                 u"What comes out:"_s, u"What load:"_s, u"While it runs:"_s})
        QVERIFY2(lines.contains(group), qPrintable(group));
}

PARLOR_TEST_WITHIN(QCoreApplication, TestLoadCommandLine)
#include "tst_load_commandline.moc"
