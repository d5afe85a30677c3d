// SPDX-License-Identifier: MIT
#include "client-cli/load/watch/prometheuswatcher.h"
#include "client-cli/load/watch/writerequest.h"
#include "tests/support/testclass.h"
#include "tests/unit/client-cli/load/nothreads.h"
#include "tests/unit/client-cli/load/watchedrun.h"

#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>
#include <QTimer>

#include <atomic>
#include <list>
#include <memory>
#include <snappy.h>
#include <thread>
#include <unistd.h>

using namespace parlor::cli::load;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using test::WatchedRun;

namespace {

constexpr int kPatience = 10'000;

/// What a server answers to this, until it closes.
QByteArray exchange(std::uint16_t port, const QByteArray &request)
{
    QTcpSocket socket;
    socket.connectToHost(u"127.0.0.1"_s, port);
    if (!socket.waitForConnected(kPatience))
        return "not connected";
    socket.write(request);
    QByteArray answer;
    while (socket.state() == QAbstractSocket::ConnectedState && socket.waitForReadyRead(kPatience))
        answer += socket.readAll();
    return answer + socket.readAll();
}

QByteArray scrape(std::uint16_t port)
{
    return exchange(port, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
}

SharedMetrics someMetrics(double value = 1)
{
    static constexpr std::string_view kHelp = "H";
    return std::make_shared<const MetricsSnapshot>(MetricsSnapshot{
        .families = {{.name = "m", .type = MetricType::Gauge, .help = kHelp, .samples = {{.value = value}}}},
        .timestamp = 1000});
}

/// A receiver of remote write that answers each request with the next of its answers, the last one again and
/// again. It runs in the test's own thread.
class Receiver
{
public:
    explicit Receiver(QList<QByteArray> statuses)
        : m_statuses(std::move(statuses))
    {
        QObject::connect(&m_server, &QTcpServer::newConnection, &m_server, [this] {
            while (QTcpSocket *socket = m_server.nextPendingConnection()) {
                QObject::connect(socket, &QTcpSocket::readyRead, socket, [this, socket] { onData(*socket); });
                QObject::connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
            }
        });
        m_server.listen(QHostAddress::LocalHost);
    }
    [[nodiscard]] std::string url() const
    {
        return "http://127.0.0.1:" + std::to_string(m_server.serverPort()) + "/api/v1/write";
    }

    QList<QByteArray> heads;
    QList<QByteArray> bodies;

private:
    void onData(QTcpSocket &socket)
    {
        m_data += socket.readAll();
        const qsizetype end = m_data.indexOf("\r\n\r\n");
        if (end < 0)
            return;
        const QByteArray head = m_data.left(end);
        const QByteArray lower = head.toLower();
        const qsizetype at = lower.indexOf("content-length: ") + 16;
        const qsizetype size = lower.mid(at, lower.indexOf("\r\n", at) - at).toLongLong();
        if (m_data.size() < end + 4 + size)
            return;
        heads.append(head);
        bodies.append(m_data.mid(end + 4, size));
        m_data.clear();
        const QByteArray status = m_statuses.size() > 1 ? m_statuses.takeFirst() : m_statuses.first();
        socket.write("HTTP/1.1 " + status + "\r\nContent-Length: 3\r\nConnection: close\r\n\r\nso\n");
        socket.disconnectFromHost();
    }

    QTcpServer m_server;
    QList<QByteArray> m_statuses;
    QByteArray m_data;
};

/// Waits for the writer's end, while this thread answers it.
std::optional<std::string> finish(RemoteWriter &writer, std::chrono::milliseconds atMost)
{
    writer.endBy(RemoteWriter::Clock::now() + atMost);
    while (!writer.isOver())
        QTest::qWait(5);
    return writer.finish();
}

} // namespace

class TestLoadPrometheus : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void listensAndAnswers();
    void refusesAllElse_data();
    void refusesAllElse();
    void requestInPieces();
    void manyConnections();
    void addresses_data();
    void addresses();
    void portInUse();
    void remoteWrite();
    void triesAgain();
    void whatIsRefusedIsDropped();
    void anAnswerThatTrickles();
    void anAnswerWithoutEnd();
    void whatIsUnderWayEndsAtOnce();
    void nobodyListens();
    void targets_data();
    void targets();
    void bothWays();
    void withoutThreads_data();
    void withoutThreads();
    void lingersUntilScrapedTwice();
    void nobodyWaitsForAnImpatientPerson();
};

void TestLoadPrometheus::listensAndAnswers()
{
    const auto listener = MetricsListener::open("127.0.0.1:0");
    QVERIFY(listener);
    (*listener)->start();
    QVERIFY((*listener)->port() > 0);
    const SharedMetrics first = someMetrics(1);
    (*listener)->show(first);
    const QByteArray answer = scrape((*listener)->port());
    QVERIFY2(answer.startsWith("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4"),
             answer.constData());
    QVERIFY(answer.endsWith("\r\n\r\n# HELP m H\n# TYPE m gauge\nm 1\n"));
    QTRY_COMPARE((*listener)->scrapesOf(first), 1U);
    const SharedMetrics second = someMetrics(2);
    (*listener)->show(second);
    QCOMPARE((*listener)->scrapesOf(second), 0U);
    QVERIFY(scrape((*listener)->port()).endsWith("\nm 2\n"));
    QTRY_COMPARE((*listener)->scrapesOf(second), 1U);
    QCOMPARE((*listener)->scrapesOf(first), 0U);
}

void TestLoadPrometheus::refusesAllElse_data()
{
    QTest::addColumn<QByteArray>("request");
    QTest::addColumn<QByteArray>("status");
    QTest::newRow("another path") << QByteArray("GET / HTTP/1.1\r\n\r\n") << QByteArray("404");
    QTest::newRow("another method") << QByteArray("POST /metrics HTTP/1.1\r\n\r\n") << QByteArray("405");
    QTest::newRow("garbage") << QByteArray("\x16\x03\x01\r\n\r\n") << QByteArray("400");
    QTest::newRow("an old protocol") << QByteArray("GET /metrics\r\n\r\n") << QByteArray("400");
    QTest::newRow("a query") << QByteArray("GET /metrics?x=1 HTTP/1.1\r\n\r\n") << QByteArray("200");
    QTest::newRow("endless") << "GET /metrics HTTP/1.1\r\nX: " + QByteArray(9000, 'x') << QByteArray("431");
}

void TestLoadPrometheus::refusesAllElse()
{
    QFETCH(QByteArray, request);
    QFETCH(QByteArray, status);
    const auto listener = MetricsListener::open("127.0.0.1:0");
    QVERIFY(listener);
    (*listener)->start();
    (*listener)->show(someMetrics());
    const QByteArray answer = exchange((*listener)->port(), request);
    QVERIFY2(answer.startsWith(QByteArray("HTTP/1.1 " + status)), answer.constData());
}

void TestLoadPrometheus::requestInPieces()
{
    const auto listener = MetricsListener::open("127.0.0.1:0");
    QVERIFY(listener);
    (*listener)->start();
    (*listener)->show(someMetrics());
    QTcpSocket socket;
    socket.connectToHost(u"127.0.0.1"_s, (*listener)->port());
    QVERIFY(socket.waitForConnected(kPatience));
    for (const char c : QByteArray("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")) {
        socket.write(&c, 1);
        socket.flush();
    }
    QVERIFY(socket.waitForReadyRead(kPatience));
    QVERIFY(socket.readAll().startsWith("HTTP/1.1 200"));
}

void TestLoadPrometheus::manyConnections()
{
    const auto listener = MetricsListener::open("127.0.0.1:0");
    QVERIFY(listener);
    (*listener)->start();
    (*listener)->show(someMetrics());
    std::list<QTcpSocket> silent;
    for (int i = 0; i < 40; ++i) { // more than it keeps
        silent.emplace_back().connectToHost(u"127.0.0.1"_s, (*listener)->port());
        QVERIFY(silent.back().waitForConnected(kPatience));
    }
    QVERIFY(scrape((*listener)->port()).startsWith("HTTP/1.1 200"));
    silent.clear();
    QVERIFY(scrape((*listener)->port()).startsWith("HTTP/1.1 200"));
}

void TestLoadPrometheus::addresses_data()
{
    QTest::addColumn<QString>("address");
    QTest::addColumn<bool>("isGood");
    QTest::newRow("IPv4") << u"127.0.0.1:0"_s << true;
    QTest::newRow("name") << u"localhost:0"_s << true;
    QTest::newRow("no port") << u"127.0.0.1"_s << false;
    QTest::newRow("empty port") << u"127.0.0.1:"_s << false;
    QTest::newRow("no host") << u":9464"_s << false;
    QTest::newRow("large port") << u"127.0.0.1:70000"_s << false;
    QTest::newRow("words") << u"127.0.0.1:http"_s << false;
    QTest::newRow("IPv6 without brackets") << u"::1:9464"_s << false;
    QTest::newRow("URL") << u"http://127.0.0.1:9464"_s << false;
    QTest::newRow("another machine's") << u"192.0.2.1:0"_s << false;
    QTest::newRow("nothing") << u""_s << false;
}

void TestLoadPrometheus::addresses()
{
    QFETCH(QString, address);
    QFETCH(bool, isGood);
    const auto listener = MetricsListener::open(address.toStdString());
    QCOMPARE(bool(listener), isGood);
    if (!listener)
        QVERIFY(listener.error().text.starts_with("--prom-listen: "));
}

void TestLoadPrometheus::portInUse()
{
    const auto first = MetricsListener::open("127.0.0.1:0");
    QVERIFY(first);
    const auto second = MetricsListener::open("127.0.0.1:" + std::to_string((*first)->port()));
    QVERIFY(!second);
    QVERIFY(second.error().text.find("Address already in use") != std::string::npos);
}

void TestLoadPrometheus::remoteWrite()
{
    Receiver receiver({"204 No Content"});
    auto target = parseRemoteWrite(receiver.url(), {"Authorization: Bearer t", "X-Scope-OrgID:7"});
    QVERIFY(target);
    RemoteWriter writer(*std::move(target));
    writer.start();
    const SharedMetrics metrics = someMetrics(0.25);
    writer.push(metrics);
    QCOMPARE(finish(writer, 10s), std::nullopt);
    QCOMPARE(receiver.bodies.size(), 1);
    const QByteArray head = receiver.heads.first().toLower();
    QVERIFY(head.startsWith("post /api/v1/write http/1.1\r\n"));
    for (const char *expected :
         {"content-type: application/x-protobuf", "content-encoding: snappy",
          "x-prometheus-remote-write-version: 0.1.0", "authorization: bearer t", "x-scope-orgid: 7"})
        QVERIFY2(head.contains(expected), expected);
    std::string body;
    QVERIFY(snappy::Uncompress(receiver.bodies.first().data(), std::size_t(receiver.bodies.first().size()),
                               &body));
    QCOMPARE(body, writeRequest(*metrics));
}

void TestLoadPrometheus::triesAgain()
{
    Receiver receiver({"503 Service Unavailable", "204 No Content"});
    RemoteWriter writer(*parseRemoteWrite(receiver.url(), {}));
    writer.start();
    writer.push(someMetrics());
    QCOMPARE(finish(writer, 10s), std::nullopt);
    QCOMPARE(receiver.bodies.size(), 2);
    QCOMPARE(receiver.bodies.at(0), receiver.bodies.at(1));
}

void TestLoadPrometheus::whatIsRefusedIsDropped()
{
    for (const QByteArray status : {"400 Bad Request", "301 Moved Permanently", "401 Unauthorized"}) {
        Receiver receiver({status});
        RemoteWriter writer(*parseRemoteWrite(receiver.url() + "?token=secret", {}));
        writer.start();
        writer.push(someMetrics());
        const auto note = finish(writer, 10s);
        QVERIFY(note);
        QCOMPARE(
            QString::fromStdString(*note),
            u"--prom-remote-write: 1 of 1 snapshots of the metrics did not arrive at %1: it answers %2 (so)"_s
                .arg(QString::fromStdString(receiver.url()), QString::fromUtf8(status.left(3))));
        QCOMPARE(receiver.bodies.size(), 1);
    }
}

void TestLoadPrometheus::anAnswerThatTrickles()
{
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    QTimer trickle;
    QTcpSocket *socket = nullptr;
    int sent = 0;
    bool hasGivenUp = false;
    QObject::connect(&server, &QTcpServer::newConnection, &server, [&] {
        socket = server.nextPendingConnection();
        socket->write("HTTP/1.1 200 OK\r\nX: ");
        trickle.start(10);
    });
    QObject::connect(&trickle, &QTimer::timeout, &server, [&] {
        if (socket->state() != QAbstractSocket::ConnectedState)
            return trickle.stop();
        socket->write("a");
        if (++sent > 1000) {
            hasGivenUp = true;
            socket->abort();
        }
    });
    RemoteWriter writer(
        *parseRemoteWrite("http://127.0.0.1:" + std::to_string(server.serverPort()) + "/", {}));
    writer.start();
    writer.push(someMetrics());
    const auto note = finish(writer, 300ms);
    QVERIFY(note);
    QVERIFY2(note->ends_with("it did not answer in time"), note->c_str());
    QVERIFY(!hasGivenUp);
}

void TestLoadPrometheus::anAnswerWithoutEnd()
{
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    QObject::connect(&server, &QTcpServer::newConnection, &server, [&] {
        QTcpSocket *socket = server.nextPendingConnection();
        const auto fill = [socket] {
            if (socket->bytesToWrite() < 64 * 1024)
                socket->write(QByteArray(64 * 1024, 'z'));
        };
        socket->write("HTTP/1.1 400 Bad Request\r\n\r\n");
        fill();
        QObject::connect(socket, &QTcpSocket::bytesWritten, socket, fill);
    });
    RemoteWriter writer(
        *parseRemoteWrite("http://127.0.0.1:" + std::to_string(server.serverPort()) + "/", {}));
    writer.start();
    writer.push(someMetrics());
    const auto note = finish(writer, 20s);
    QVERIFY(note);
    QVERIFY2(note->ends_with("it answers 400 (" + std::string(200, 'z') + ")"), note->c_str());
}

void TestLoadPrometheus::whatIsUnderWayEndsAtOnce()
{
    QTcpServer silent;
    QVERIFY(silent.listen(QHostAddress::LocalHost));
    RemoteWriter writer(
        *parseRemoteWrite("http://127.0.0.1:" + std::to_string(silent.serverPort()) + "/", {}));
    writer.start();
    writer.push(someMetrics());
    QTRY_VERIFY(silent.hasPendingConnections());
    writer.endBy(RemoteWriter::Clock::now() + 1h);
    QVERIFY(!writer.isOver());
    const auto note = writer.finish(); // within the hour
    QVERIFY(note);
    QVERIFY2(note->ends_with("it did not answer in time"), note->c_str());
}

void TestLoadPrometheus::nobodyListens()
{
    RemoteWriter writer(*parseRemoteWrite("http://user:secret@127.0.0.1:1/api/v1/write", {}));
    writer.start();
    for (int i = 0; i < 100; ++i)
        writer.push(someMetrics());
    const auto note = finish(writer, 50ms);
    QVERIFY(note);
    QVERIFY2(note->starts_with("--prom-remote-write: 100 of 100 snapshots of the metrics did not arrive at "
                               "http://127.0.0.1:1/api/v1/write: "),
             note->c_str());
}

void TestLoadPrometheus::targets_data()
{
    QTest::addColumn<QString>("url");
    QTest::addColumn<QString>("header");
    QTest::addColumn<bool>("isGood");
    const QString good = u"http://127.0.0.1:9090/api/v1/write"_s;
    QTest::newRow("http") << good << u"A: b"_s << true;
    QTest::newRow("https") << u"https://example.org/write?x=1"_s << u"A:b: c"_s << true;
    QTest::newRow("an empty value") << good << u"A:"_s << true;
    QTest::newRow("no scheme") << u"127.0.0.1:9090"_s << u"A: b"_s << false;
    QTest::newRow("another scheme") << u"ws://127.0.0.1:9090"_s << u"A: b"_s << false;
    QTest::newRow("no host") << u"http:///write"_s << u"A: b"_s << false;
    QTest::newRow("words") << u"http://a b/"_s << u"A: b"_s << false;
    QTest::newRow("nothing") << u""_s << u"A: b"_s << false;
    QTest::newRow("no colon") << good << u"secret"_s << false;
    QTest::newRow("no name") << good << u": secret"_s << false;
    QTest::newRow("blank in the name") << good << u"A b: secret"_s << false;
    QTest::newRow("two lines") << good << u"A: b\r\nsecret: c"_s << false;
}

void TestLoadPrometheus::targets()
{
    QFETCH(QString, url);
    QFETCH(QString, header);
    QFETCH(bool, isGood);
    const auto target = parseRemoteWrite(url.toStdString(), {header.toStdString()});
    QCOMPARE(bool(target), isGood);
    if (!target) {
        QVERIFY(target.error().text.starts_with("--prom-"));
        QVERIFY(target.error().text.find("secret") == std::string::npos);
    }
}

void TestLoadPrometheus::bothWays()
{
    Receiver receiver({"204 No Content"});
    const auto opened = PrometheusWatcher::open({.listen = "127.0.0.1:0", .remoteWrite = receiver.url()});
    QVERIFY(opened);
    PrometheusWatcher &watcher = **opened;
    QVERIFY(watcher.address().starts_with("http://127.0.0.1:") && watcher.address().ends_with("/metrics"));
    const auto port = static_cast<std::uint16_t>(QUrl(QString::fromStdString(watcher.address())).port());
    QVERIFY(watcher.begin());
    WatchedRun run(10);
    watcher.second(run.status());
    watcher.second(run.status()); // at the same moment
    QVERIFY(scrape(port).contains("\nparlor_load_deliveries_received_total{run_id=\"7f3a21b0\"} 4000\n"));
    run.record.measurements.deliveries.received = 4001;
    watcher.finish(run.record);
    std::optional<std::string> note("not sent");
    std::atomic<bool> isOver = false;
    std::thread waiting([&] {
        note = watcher.linger(0ms, -1);
        isOver = true;
    });
    while (!isOver)
        QTest::qWait(5);
    waiting.join();
    QCOMPARE(note, std::nullopt);
    QVERIFY(scrape(port).contains("\nparlor_load_deliveries_received_total{run_id=\"7f3a21b0\"} 4001\n"));
    QVERIFY(!receiver.bodies.isEmpty());
}

void TestLoadPrometheus::withoutThreads_data()
{
    QTest::addColumn<QString>("listen");
    QTest::addColumn<QString>("remoteWrite");
    QTest::newRow("to answer") << u"127.0.0.1:0"_s << QString();
    QTest::newRow("to send") << QString() << u"http://127.0.0.1:1/"_s;
}

void TestLoadPrometheus::withoutThreads()
{
    QFETCH(QString, listen);
    QFETCH(QString, remoteWrite);
    const auto opened =
        PrometheusWatcher::open({.listen = listen.toStdString(), .remoteWrite = remoteWrite.toStdString()});
    QVERIFY(opened);
    const test::NoThreads none;
    const auto begun = (*opened)->begin();
    QVERIFY(!begun);
    QVERIFY2(begun.error().text.starts_with("cannot start a thread that tells Prometheus"),
             begun.error().text.c_str());
}

void TestLoadPrometheus::lingersUntilScrapedTwice()
{
    const auto opened = PrometheusWatcher::open({.listen = "127.0.0.1:0"});
    QVERIFY(opened);
    const WatchedRun run(10);
    QVERIFY((*opened)->begin());
    (*opened)->finish(run.record);
    const auto port = static_cast<std::uint16_t>(QUrl(QString::fromStdString((*opened)->address())).port());
    std::atomic<bool> isOver = false;
    std::thread waiting([&] {
        static_cast<void>((*opened)->linger(1h, -1));
        isOver = true;
    });
    QVERIFY(scrape(port).startsWith("HTTP/1.1 200"));
    QVERIFY(exchange(port, "GET / HTTP/1.1\r\n\r\n").startsWith("HTTP/1.1 404"));
    QTest::qWait(250);
    QVERIFY(!isOver);
    QVERIFY(scrape(port).startsWith("HTTP/1.1 200"));
    QTRY_VERIFY(isOver);
    waiting.join();
}

void TestLoadPrometheus::nobodyWaitsForAnImpatientPerson()
{
    QTcpServer silent; // the kernel accepts, and nobody answers
    QVERIFY(silent.listen(QHostAddress::LocalHost));
    const std::string receiver = "http://127.0.0.1:" + std::to_string(silent.serverPort()) + "/";
    const auto opened = PrometheusWatcher::open({.listen = "127.0.0.1:0", .remoteWrite = receiver});
    QVERIFY(opened);
    QVERIFY((*opened)->begin());
    const WatchedRun run(10);
    (*opened)->finish(run.record);
    int pipe[2] = {-1, -1};
    QCOMPARE(::pipe(pipe), 0);
    QCOMPARE(::write(pipe[1], "x", 1), 1);
    const auto note = (*opened)->linger(1h, pipe[0]);
    QVERIFY(note);
    QVERIFY2(note->ends_with("it did not answer in time"), note->c_str());
    ::close(pipe[0]);
    ::close(pipe[1]);
    const auto neither = PrometheusWatcher::open({});
    QVERIFY(neither);
    QCOMPARE((*neither)->linger(1h, -1), std::nullopt);
    QVERIFY((*neither)->address().empty());
}

PARLOR_TEST_WITHIN(QCoreApplication, TestLoadPrometheus)
#include "tst_load_prometheus.moc"
