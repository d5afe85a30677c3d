// SPDX-License-Identifier: MIT
#include "loadprocess.h"
#include "tests/support/rawsocket.h"
#include "tests/support/serverprocess.h"
#include "tests/support/testclass.h"

#include <QFile>
#include <QJsonArray>
#include <QTest>

#include <csignal>
#include <memory>

using namespace parlor::test;
using namespace Qt::StringLiterals;

namespace {

/// Empty if nothing was wrong: every delivery that was owed came once, whole and in order, and every message
/// that was sent was answered.
QString whatIsWrong(const QJsonObject &run)
{
    QStringList found;
    for (const char *key : {"lost", "doubled", "reordered", "corrupt", "unexpected", "excused", "foreign"}) {
        if (const qint64 count = run[u"deliveries"][QLatin1String(key)].toInteger(-1); count != 0)
            found.append(u"%1 %2"_s.arg(QLatin1String(key)).arg(count));
    }
    for (const char *key : {"rejected", "abandoned", "unanswered", "dropped", "not_member"}) {
        if (const qint64 count = run[u"messages"][QLatin1String(key)].toInteger(0); count != 0)
            found.append(u"%1 %2"_s.arg(QLatin1String(key)).arg(count));
    }
    if (countIn(run, u"deliveries", u"received") != countIn(run, u"deliveries", u"expected"))
        found.append(u"not all received"_s);
    if (countIn(run, u"messages", u"answered") != countIn(run, u"messages", u"sent"))
        found.append(u"not all answered"_s);
    if (countIn(run, u"messages", u"sent") != countIn(run, u"messages", u"planned"))
        found.append(u"not all sent"_s);
    return found.join(u", "_s);
}

QStringList words(const char *text)
{
    return QString::fromLatin1(text).split(u' ');
}

} // namespace

/// What users can be like, each against a right server: nothing is ever counted wrong for it.
class TestLoadBehaviour : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();

    void rightServer_data();
    void rightServer();
    void tutorialServer_data();
    void tutorialServer();
    void profiles();
    void sessionsFollowOneAnother();
    void silentUsersHear();
    void onlyASampleIsChecked();
    void onlyCounted_data();
    void onlyCounted();
    void notLookedAt();
    void settling();
    void warmUp();
    void boundHoldsWordsBack();
    void errorsWithoutARoom();
    void lostStaysLost_data();
    void lostStaysLost();

private:
    /// Ends with this code; its result. Fails the test otherwise.
    [[nodiscard]] QJsonObject loadedWith(const QStringList &arguments, int exitCode = 0);

    std::unique_ptr<ServerProcess> m_server;
    bool m_hasPython = false;
};

void TestLoadBehaviour::initTestCase()
{
    QProcess python;
    python.start(u"/usr/bin/python3"_s, {u"-c"_s, u"import websockets"_s});
    m_hasPython = python.waitForFinished(static_cast<int>(kPatience.count())) && python.exitCode() == 0;
}

void TestLoadBehaviour::init()
{
    m_server = std::make_unique<ServerProcess>(ServerProcess::Settings{
        .program = u"parlor-server"_s,
        .arguments = {u"--store"_s, u"memory"_s, u"--rate"_s, u"1000"_s, u"--burst"_s, u"1000"_s}});
}

void TestLoadBehaviour::cleanup()
{
    m_server.reset();
}

QJsonObject TestLoadBehaviour::loadedWith(const QStringList &arguments, int exitCode)
{
    if (const Problem problem = m_server->start(); !problem.isEmpty()) {
        QTest::qFail(qPrintable(problem), __FILE__, __LINE__);
        return {};
    }
    LoadProcess load(m_server->port(), arguments);
    if (const Problem problem = load.endsWith(exitCode); !problem.isEmpty())
        QTest::qFail(qPrintable(problem), __FILE__, __LINE__);
    return load.json();
}

void TestLoadBehaviour::rightServer_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::newRow("Poisson") << words("--stages 0s:20,700ms:20 --rate 20/s --pace poisson");
    QTest::newRow("Poisson, v1") << words("--stages 0s:20,700ms:20 --rate 20/s --pace poisson --dialect v1");
    QTest::newRow("closed") << words("--stages 0s:20,700ms:20 --pace closed --think 40ms");
    QTest::newRow("closed, by chance") << words("--stages 0s:20,700ms:20 --pace closed --think exp:40ms");
    QTest::newRow("closed, v1") << words("--stages 0s:20,700ms:20 --pace closed --think 40ms --dialect v1");
    QTest::newRow("several rooms") << words(
        "--stages 0s:20,700ms:20 --rate 20/s --rooms 6 --rooms-per-user 3");
    QTest::newRow("all rooms") << words(
        "--stages 500ms:20,500ms:20 --rate 20/s --rooms 4 --rooms-per-user 4");
    QTest::newRow("zipf") << words("--stages 0s:40,700ms:40 --rate 10/s --rooms 8 --zipf 1.1");
    QTest::newRow("zipf, several rooms")
        << words("--stages 0s:40,700ms:40 --rate 10/s --rooms 8 --zipf 1.1 --rooms-per-user 2");
    QTest::newRow("churn") << words("--stages 0s:20,1s:20 --rate 20/s --session-life 300ms");
    QTest::newRow("churn by chance") << words("--stages 0s:20,1s:20 --rate 20/s --session-life exp:300ms");
    QTest::newRow("churn, v1") << words(
        "--stages 0s:20,1s:20 --rate 20/s --session-life exp:300ms --dialect v1");
    QTest::newRow("churn, several rooms")
        << words("--stages 0s:20,1s:20 --rate 20/s --session-life exp:300ms --rooms 5 --rooms-per-user 2");
    QTest::newRow("churn, closed") << words(
        "--stages 0s:20,1s:20 --pace closed --think 30ms --session-life exp:300ms");
    QTest::newRow("churn, threads") << words(
        "--stages 0s:20,1s:20 --rate 20/s --session-life exp:300ms --rooms 4 --threads 2");
    QTest::newRow("arrivals") << words("--arrival 40/s --duration 2s --session-life exp:400ms --rate 10/s");
    QTest::newRow("arrivals, v1") << words(
        "--arrival 40/s --duration 2s --session-life exp:400ms --rate 10/s --dialect v1");
    QTest::newRow("settling, churn") << words(
        "--stages 0s:20,1s:20 --rate 20/s --session-life exp:400ms --settle 200ms");
}

void TestLoadBehaviour::rightServer()
{
    QFETCH(const QStringList, arguments);
    const QJsonObject run = loadedWith(arguments);
    QCOMPARE(whatIsWrong(run), QString());
    // Far fewer than are planned: what falls into the joins is not sent, and a busy machine makes these
    // longer.
    QVERIFY(countIn(run, u"deliveries", u"received") > 50);
    QVERIFY(countIn(run, u"messages", u"sent") > 20);
    QCOMPARE(countIn(run, u"connections", u"lost"), 0);
    PARLOR_EXPECT(m_server->stop());
}

void TestLoadBehaviour::tutorialServer_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::newRow("Poisson") << words("--stages 0s:12,800ms:12 --rate 10/s --pace poisson");
    QTest::newRow("closed") << words("--stages 0s:12,800ms:12 --pace closed --think 50ms");
    QTest::newRow("bound") << words("--stages 0s:12,800ms:12 --rate 5/s --inflight 5");
    QTest::newRow("churn") << words("--stages 0s:12,1s:12 --rate 10/s --session-life exp:500ms");
    QTest::newRow("arrivals") << words("--arrival 15/s --duration 2s --session-life exp:500ms --rate 10/s");
    QTest::newRow("sample") << words("--stages 0s:12,800ms:12 --rate 10/s --verify sample:3");
    QTest::newRow("settling") << words("--stages 0s:12,800ms:12 --rate 10/s --settle 300ms");
}

void TestLoadBehaviour::tutorialServer()
{
    if (!m_hasPython)
        QSKIP("python3-websockets is not installed");
    QFETCH(const QStringList, arguments);
    m_server = std::make_unique<ServerProcess>(
        ServerProcess::Settings{.program = serverScript(u"tutorial_server.py"_s)});
    const QJsonObject run = loadedWith(words("--dialect v1 --rooms general,support,random") + arguments);
    QCOMPARE(whatIsWrong(run), QString());
    QVERIFY(countIn(run, u"deliveries", u"received") > 20);
    PARLOR_EXPECT(m_server->stop());
}

void TestLoadBehaviour::profiles()
{
    QTemporaryDir folder;
    QFile file(folder.filePath(u"load.toml"_s));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("stages = [{ for = \"0s\", users = 20 }, { for = \"1s\", users = 20 }]\n"
               "rooms = 3\n"
               "[[profile]]\nname = \"chatter\"\nweight = 3\nrate = \"20/s\"\npace = \"poisson\"\n"
               "[[profile]]\nname = \"asker\"\npace = \"closed\"\nthink = \"50ms\"\nrooms-per-user = 2\n"
               "[[profile]]\nname = \"lurker\"\nrate = \"0/s\"\nsession-life = \"exp:300ms\"\n");
    file.close();
    const QJsonObject run = loadedWith({u"--scenario"_s, file.fileName()});
    QCOMPARE(whatIsWrong(run), QString());
    // 12 chatters, 4 askers, 4 lurkers; more sessions than users, since the lurkers come and go.
    QVERIFY(countIn(run, u"connections", u"joined") > 24);
    QVERIFY(countIn(run, u"messages", u"sent") > 100);
    const QJsonArray profiles = run[u"profiles"].toArray();
    QCOMPARE(profiles.size(), 3);
    QVERIFY(profiles[1][u"messages"][u"sent"].toInteger() > 0);
    QCOMPARE(profiles[2][u"messages"][u"sent"].toInteger(), 0); // and the others sent all
    QVERIFY(profiles[0][u"histograms"][u"delivery_latency"][u"count"].toInteger() > 0);
    for (const QString &key : run[u"messages"].toObject().keys()) {
        qint64 all = 0;
        for (const QJsonValue &profile : profiles)
            all += profile[u"messages"][key].toInteger();
        QVERIFY2(all == countIn(run, u"messages", key), qPrintable(key));
    }
    for (const QString &key : {u"delivery_latency"_s, u"ack_latency"_s}) {
        qint64 all = 0;
        for (const QJsonValue &profile : profiles)
            all += profile[u"histograms"][key][u"count"].toInteger();
        QVERIFY2(all == run[u"histograms"][key][u"count"].toInteger(), qPrintable(key));
    }
    PARLOR_EXPECT(m_server->stop());
}

void TestLoadBehaviour::sessionsFollowOneAnother()
{
    const QJsonObject run = loadedWith(words("--stages 0s:10,2s:10 --rate 10/s --session-life 400ms"));
    QCOMPARE(whatIsWrong(run), QString());
    // Each user: the rest of one session, and four or five more.
    const qint64 sessions =
        countIn(run, u"connections", u"joined") + countIn(run, u"connections", u"unarrived_users");
    QVERIFY2(sessions >= 50 && sessions <= 60, qPrintable(QString::number(sessions)));
    QCOMPARE(countIn(run, u"connections", u"reconnects"), 0); // nothing was lost
    QCOMPARE(countIn(run, u"connections", u"absent_users"), 0);
    PARLOR_EXPECT(m_server->stop());
}

void TestLoadBehaviour::silentUsersHear()
{
    const QJsonObject run =
        loadedWith(words("--stages 0s:30,1s:30 --rate 20/s --rooms 1 --senders 2 --settle 0s"));
    QCOMPARE(whatIsWrong(run), QString());
    const qint64 sent = countIn(run, u"messages", u"sent");
    QVERIFY(sent > 10 && sent <= 42); // two users' second
    QVERIFY(countIn(run, u"deliveries", u"received") > 20 * sent);
    PARLOR_EXPECT(m_server->stop());
}

void TestLoadBehaviour::onlyASampleIsChecked()
{
    const QJsonObject run =
        loadedWith(words("--stages 0s:30,1s:30 --rate 10/s --rooms 1 --verify sample:10"));
    QCOMPARE(whatIsWrong(run), QString());
    const qint64 received = countIn(run, u"deliveries", u"received");
    const qint64 counted = countIn(run, u"deliveries", u"counted");
    QVERIFY(received > 200);
    // Three or four of thirty users are in the sample; all are in one room.
    QVERIFY2(counted > 5 * received && counted < 11 * received, qPrintable(QString::number(counted)));
    PARLOR_EXPECT(m_server->stop());
}

void TestLoadBehaviour::onlyCounted_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::newRow("v2") << words("--dialect v2");
    QTest::newRow("v1") << words("--dialect v1");
    QTest::newRow("v2, churn") << words("--session-life exp:300ms");
}

void TestLoadBehaviour::onlyCounted()
{
    QFETCH(const QStringList, arguments);
    const QJsonObject run =
        loadedWith(words("--stages 0s:20,700ms:20 --rate 10/s --rooms 2 --verify count") + arguments);
    QCOMPARE(whatIsWrong(run), QString());
    QCOMPARE(countIn(run, u"deliveries", u"expected"), 0);
    QVERIFY(countIn(run, u"deliveries", u"counted") > 5 * countIn(run, u"messages", u"sent"));
    QVERIFY(countIn(run, u"deliveries", u"counted") <= 10 * countIn(run, u"messages", u"sent"));
    PARLOR_EXPECT(m_server->stop());
}

void TestLoadBehaviour::notLookedAt()
{
    const QJsonObject run =
        loadedWith(words("--stages 0s:20,700ms:20 --rate 10/s --rooms 2 --verify off --senders 50%"));
    QCOMPARE(whatIsWrong(run), QString());
    QCOMPARE(countIn(run, u"deliveries", u"expected"), 0);
    QCOMPARE(countIn(run, u"deliveries", u"counted"), 0);
    QVERIFY(countIn(run, u"messages", u"answered") > 50);
    PARLOR_EXPECT(m_server->stop());
}

/// Nobody is there for as long as it takes to settle: what comes is owed to nobody.
void TestLoadBehaviour::settling()
{
    const QJsonObject run = loadedWith(words("--stages 0s:10,1s:10 --rate 20/s --settle 1m"), 97);
    QCOMPARE(whatIsWrong(run), QString());
    QCOMPARE(countIn(run, u"deliveries", u"expected"), 0);
    QVERIFY(countIn(run, u"deliveries", u"ambiguous") > 200);
    PARLOR_EXPECT(m_server->stop());
}

void TestLoadBehaviour::warmUp()
{
    const QJsonObject run = loadedWith(words("--stages 0s:10,1500ms:10 --rate 20/s --warmup 500ms"));
    QCOMPARE(whatIsWrong(run), QString());
    const QJsonArray phases = run[u"phases"].toArray();
    QCOMPARE(phases.size(), 2);
    QCOMPARE(phases[0][u"name"].toString(), u"warm-up"_s);
    QCOMPARE(phases[1][u"name"].toString(), u"hold 10"_s);
    QVERIFY(countIn(run, u"deliveries", u"received") > 0);
    PARLOR_EXPECT(m_server->stop());
}

/// A server that answers nothing for a while, and users who wait for their answers: what they had to say
/// meanwhile is said later, and counts from when it was due.
void TestLoadBehaviour::boundHoldsWordsBack()
{
    PARLOR_EXPECT(m_server->start());
    LoadProcess load(m_server->port(),
                     words("--stages 0s:4,4s:4 --rate 50/s --inflight 1 --rooms 1 --drain 20s"));
    PARLOR_EXPECT(load.waitForStatusLines(1));
    m_server->signal(SIGSTOP);
    QTest::qWait(1000);
    m_server->signal(SIGCONT);
    // All is said in time, unless a word waits when its user goes.
    const Problem isAllSaid = load.endsWith(0);
    QVERIFY2(isAllSaid.isEmpty() || load.endsWith(97).isEmpty(), qPrintable(isAllSaid));
    const QJsonObject run = load.json();
    QCOMPARE(countIn(run, u"deliveries", u"received"), countIn(run, u"deliveries", u"expected"));
    QCOMPARE(countIn(run, u"messages", u"planned"),
             countIn(run, u"messages", u"sent") + countIn(run, u"messages", u"held"));
    // Four users' second: about 200 of 800 messages waited, 50 of them for longer than 700 ms. Only four were
    // sent into the silence.
    const QJsonObject planned = run[u"histograms"][u"delivery_latency"].toObject();
    const QJsonObject sent = run[u"histograms"][u"delivery_service"].toObject();
    QVERIFY(planned[u"p95_us"].toInteger() > 500'000);
    QVERIFY(sent[u"p95_us"].toInteger() < planned[u"p95_us"].toInteger() / 2);
    // They waited for the server: that is not the generator's lag.
    const QJsonObject lag = run[u"histograms"][u"send_lag"].toObject();
    QVERIFY(lag[u"p95_us"].toInteger() < planned[u"p95_us"].toInteger() / 2);
    PARLOR_EXPECT(m_server->stop());
}

/// Users of several rooms: an error says which message it is about, and not in which room.
void TestLoadBehaviour::errorsWithoutARoom()
{
    if (!m_hasPython)
        QSKIP("python3-websockets is not installed");
    m_server = std::make_unique<ServerProcess>(ServerProcess::Settings{
        .program = serverScript(u"faulty_server.py"_s), .arguments = {u"--refuse"_s, u"5"_s}});
    const QJsonObject run = loadedWith(
        words("--stages 0s:6,1s:6 --rate 10/s --rooms general,support,random --rooms-per-user 3"), 97);
    QVERIFY(countIn(run, u"messages", u"rejected") > 2);
    QCOMPARE(countIn(run, u"messages", u"rejected"), countIn(run, u"messages", u"sent") / 5);
    QCOMPARE(countIn(run, u"messages", u"unanswered"), 0);
    QCOMPARE(countIn(run, u"deliveries", u"lost"), 0);
    QCOMPARE(countIn(run, u"deliveries", u"received"), countIn(run, u"deliveries", u"expected"));
    PARLOR_EXPECT(m_server->stop());
}

void TestLoadBehaviour::lostStaysLost_data()
{
    QTest::addColumn<QString>("dialect");
    QTest::newRow("v1") << u"v1"_s;
    QTest::newRow("v2") << u"v2"_s;
}

void TestLoadBehaviour::lostStaysLost()
{
    if (!m_hasPython)
        QSKIP("python3-websockets is not installed");
    QFETCH(const QString, dialect);
    m_server = std::make_unique<ServerProcess>(ServerProcess::Settings{
        .program = serverScript(u"faulty_server.py"_s), .arguments = {u"--kick"_s, u"30"_s}});
    const QJsonObject run =
        loadedWith(words("--stages 0s:12,2s:12 --rate 5/s --rooms general,support,random --reconnect none") +
                       QStringList{u"--dialect"_s, dialect},
                   97);
    const qint64 lost = countIn(run, u"connections", u"lost");
    QVERIFY(lost > 0);
    QCOMPARE(countIn(run, u"connections", u"reconnects"), 0);
    QCOMPARE(countIn(run, u"connections", u"attempts"), 12);
    QCOMPARE(countIn(run, u"connections", u"absent_users"), lost);
    QVERIFY(countIn(run, u"messages", u"not_member") > 0);
    QCOMPARE(countIn(run, u"deliveries", u"lost"), 0);
    PARLOR_EXPECT(m_server->stop());
}

PARLOR_TEST_WITHIN(QCoreApplication, TestLoadBehaviour)
#include "tst_load_behaviour.moc"
