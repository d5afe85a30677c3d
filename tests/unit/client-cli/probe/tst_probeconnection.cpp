// SPDX-License-Identifier: MIT
#include "client-cli/probe/probeconnection.h"
#include "tests/support/testclass.h"

#include <QCryptographicHash>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>

using namespace parlor::cli;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

constexpr int kPatience = 20'000;

QByteArray textFrame(const QByteArray &text)
{
    Q_ASSERT(text.size() < 126);
    return "\x81" + QByteArray(1, static_cast<char>(text.size())) + text;
}

const QByteArray kConnection =
    R"({"type":"connection","status":"connected","client_id":"1","hostname":"ws1"})";

/// Answers one upgrade with bytes that a test chose; ACCEPT in them becomes the right answer to the key.
class OneAnswer : public QTcpServer
{
public:
    enum class Then { Stay, End };
    OneAnswer(QByteArray answer, Then then)
        : m_answer(std::move(answer))
        , m_then(then)
    {
        if (!listen(QHostAddress::LocalHost))
            qFatal("cannot listen");
        connect(this, &QTcpServer::newConnection, this, [this] {
            m_socket = nextPendingConnection();
            connect(m_socket, &QTcpSocket::readyRead, this, &OneAnswer::read);
        });
    }
    [[nodiscard]] QUrl url(const QString &path = u"/ws"_s) const
    {
        return QUrl(u"ws://127.0.0.1:%1%2"_s.arg(serverPort()).arg(path));
    }
    [[nodiscard]] const QByteArray &request() const { return m_request; }
    /// What came after the request.
    [[nodiscard]] const QByteArray &rest() const { return m_rest; }

private:
    void read()
    {
        if (m_answered) {
            m_rest += m_socket->readAll();
            return;
        }
        m_request += m_socket->readAll();
        if (!m_request.endsWith("\r\n\r\n"))
            return;
        m_answered = true;
        static const QRegularExpression key(u"Sec-WebSocket-Key: (\\S+)"_s);
        const QByteArray proof = key.match(QString::fromLatin1(m_request)).captured(1).toLatin1() +
                                 "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
        m_answer.replace("ACCEPT", QCryptographicHash::hash(proof, QCryptographicHash::Sha1).toBase64());
        m_socket->write(m_answer);
        if (m_then == Then::End)
            m_socket->disconnectFromHost();
    }

    QByteArray m_answer;
    Then m_then;
    QTcpSocket *m_socket = nullptr;
    QByteArray m_request;
    QByteArray m_rest;
    bool m_answered = false;
};

const QByteArray kUpgraded =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: ACCEPT\r\n";

} // namespace

/// One connection, against servers that answer well, badly, or not at all.
class TestProbeConnection : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { qRegisterMetaType<ProbeResult>(); }
    void readsTheHost_data();
    void readsTheHost();
    void readsTheChat();
    void asksAsABrowserDoes();
    void saysGoodbye();
    void cookiesOfTheAnswer();
    void failures_data();
    void failures();
    void silence();
    void nobodyListens();

private:
    struct Outcome
    {
        ProbeResult result;
        QList<QNetworkCookie> cookies;
    };
    static std::optional<Outcome> probe(const ProbeConnection::Settings &settings);
};

std::optional<TestProbeConnection::Outcome>
TestProbeConnection::probe(const ProbeConnection::Settings &settings)
{
    ProbeConnection connection(settings);
    std::optional<Outcome> outcome;
    int reports = 0;
    connect(&connection, &ProbeConnection::finished, &connection,
            [&](const auto &result, const auto &cookies) {
                outcome = Outcome{result, cookies};
                ++reports;
            });
    connection.start();
    if (!QTest::qWaitFor([&] { return outcome.has_value(); }, kPatience) || reports != 1)
        return std::nullopt;
    return outcome;
}

void TestProbeConnection::readsTheHost_data()
{
    QTest::addColumn<QByteArray>("answer");
    QTest::newRow("v1, as the tutorial's server") << kUpgraded + "\r\n" + textFrame(kConnection);
    QTest::newRow("a ping first") << kUpgraded + "\r\n" + QByteArray("\x89\x01x", 3) + textFrame(kConnection);
    QTest::newRow("in fragments") << kUpgraded + "\r\n" + QByteArray("\x01\x05", 2) + kConnection.left(5) +
                                         QByteArray("\x80", 1) + char(kConnection.size() - 5) +
                                         kConnection.mid(5);
}

void TestProbeConnection::readsTheHost()
{
    QFETCH(const QByteArray, answer);
    OneAnswer server(answer, OneAnswer::Then::End);
    const auto outcome = probe({server.url(), {}, 20s, {}});
    QVERIFY(outcome);
    QCOMPARE(outcome->result.failure, QString());
    QCOMPARE(outcome->result.host, u"ws1"_s);
    QVERIFY(outcome->result.connectTime > 0ns);
    QVERIFY(!outcome->result.carriedCookie);
}

void TestProbeConnection::readsTheChat()
{
    const QByteArray frame =
        R"({"type":"connection","client_id":"1","hostname":"h","protocol":"parlor.v2","ping_ms":1,)"
        R"("server_time":1,"chat":"E"})";
    Q_ASSERT(frame.size() < 126);
    OneAnswer server(kUpgraded + "Sec-WebSocket-Protocol: parlor.v2\r\n\r\n" + textFrame(frame),
                     OneAnswer::Then::Stay);
    const auto outcome = probe({server.url(), {}, 20s, {}});
    QVERIFY(outcome);
    QCOMPARE(outcome->result.failure, QString());
    QCOMPARE(outcome->result.chat, u"E"_s);
    QVERIFY(server.request().contains("Sec-WebSocket-Protocol: parlor.v2\r\n"));
}

void TestProbeConnection::asksAsABrowserDoes()
{
    OneAnswer server(kUpgraded + "\r\n" + textFrame(kConnection), OneAnswer::Then::End);
    const auto outcome = probe({server.url(u"/a b?x=1"_s), {}, 20s, "AWSALB=abc; b=2"});
    QVERIFY(outcome && outcome->result.carriedCookie);
    const QByteArray request = server.request();
    QVERIFY2(request.startsWith("GET /a%20b?x=1 HTTP/1.1\r\nHost: 127.0.0.1:"), request.constData());
    for (const char *line : {"Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
                             "Cookie: AWSALB=abc; b=2"})
        QVERIFY2(request.contains(QByteArray("\r\n").append(line).append("\r\n")), request.constData());
}

void TestProbeConnection::saysGoodbye()
{
    OneAnswer server(kUpgraded + "\r\n" + textFrame(kConnection), OneAnswer::Then::Stay);
    QVERIFY(probe({server.url(), {}, 20s, {}}));
    QTRY_COMPARE(server.rest().size(), 8); // a masked Close with a code
    QCOMPARE(server.rest().left(2), QByteArray("\x88\x82"));
    const QByteArray rest = server.rest();
    QCOMPARE(int(uchar(rest[6] ^ rest[2])) << 8 | int(uchar(rest[7] ^ rest[3])), 1000);
}

void TestProbeConnection::cookiesOfTheAnswer()
{
    const QByteArray cookies = "Set-Cookie: AWSALB=x; Path=/; Expires=Wed, 09 Jun 2049 10:18:14 GMT\r\n"
                               "set-cookie: AWSALBCORS=x; Secure; SameSite=None\r\n";
    OneAnswer server(kUpgraded + cookies + "\r\n" + textFrame(kConnection), OneAnswer::Then::End);
    const auto outcome = probe({server.url(), {}, 20s, {}});
    QVERIFY(outcome);
    QCOMPARE(outcome->result.setCookies, (QStringList{u"AWSALB"_s, u"AWSALBCORS"_s}));
    QCOMPARE(outcome->cookies.size(), 2);
    QVERIFY(outcome->cookies[1].isSecure());
}

void TestProbeConnection::failures_data()
{
    QTest::addColumn<QByteArray>("answer");
    QTest::addColumn<QString>("says");
    const auto row = [](const char *name, const QByteArray &answer, const char *says) {
        QTest::newRow(name) << answer << QString::fromUtf8(says);
    };
    const QByteArray frames = kUpgraded + "\r\n";
    row("nothing, then the end", "", "closed the connection before the chat began");
    row("half a head", "HTTP/1.1 101 Swi", "closed the connection before the chat began");
    row("another protocol", "SSH-2.0-OpenSSH_9.2\r\n",
        "no WebSocket handshake (an answer that is not HTTP/1.1)");
    row("an endless head", "HTTP/1.1 200 OK\r\n" + QByteArray(20'000, 'x'),
        "an HTTP head without an end in 16384 bytes");
    row("no path", "HTTP/1.1 404 Not Found\r\n\r\n", "no chat at /ws (HTTP 404)");
    row("full", "HTTP/1.1 503 Service Unavailable\r\n\r\n", "takes no connections now (HTTP 503)");
    row("an ordinary page", "HTTP/1.1 200 OK\r\n\r\n<html>", "not a chat server (HTTP 200)");
    row("no upgrade", "HTTP/1.1 101 Yes\r\nSec-WebSocket-Accept: ACCEPT\r\n\r\n" + textFrame(kConnection),
        "answered the WebSocket handshake wrongly (101 without Upgrade: websocket)");
    row("another key's answer",
        QByteArray(kUpgraded).replace("ACCEPT", "AAAA") + "\r\n" + textFrame(kConnection),
        "answered the WebSocket handshake wrongly (101 with a wrong Sec-WebSocket-Accept)");
    row("the end after the head", frames, "before it named its host: the connection was lost");
    row("not JSON", frames + textFrame("hello"), "does not name a host");
    row("another frame", frames + textFrame(R"({"type":"pong","t":1})"), "does not name a host");
    row("no hostname", frames + textFrame(R"({"type":"connection","status":"connected","client_id":"1"})"),
        "does not name a host");
    row("an empty hostname",
        frames + textFrame(R"({"type":"connection","status":"connected","client_id":"1","hostname":""})"),
        "does not name a host");
    row("binary", frames + QByteArray("\x82\x01x", 3), "is not valid (a binary message)");
    row("overload",
        frames + QByteArray("\x88\x07\x10\x04"
                            "later",
                            9),
        "overloaded (code 4100, later)");
    row("a Close without a code", frames + QByteArray("\x88\x00", 2), "code 1005");
    row("a masked frame", frames + QByteArray("\x81\x81\x01\x02\x03\x04x", 7),
        "is not valid (a masked frame); the fault is the server's");
    row("text that is no UTF-8", frames + QByteArray("\x81\x01\xff", 3),
        "is not valid (the text is not valid UTF-8)");
}

void TestProbeConnection::failures()
{
    QFETCH(const QByteArray, answer);
    QFETCH(const QString, says);
    OneAnswer server(answer, OneAnswer::Then::End);
    const auto outcome = probe({server.url(), {}, 20s, {}});
    QVERIFY(outcome);
    QCOMPARE(outcome->result.host, QString());
    QVERIFY2(outcome->result.failure.contains(says), qPrintable(outcome->result.failure));
    QVERIFY2(outcome->result.failure.contains(u"127.0.0.1:%1"_s.arg(server.serverPort())),
             qPrintable(outcome->result.failure));
}

void TestProbeConnection::silence()
{
    OneAnswer server({}, OneAnswer::Then::Stay);
    const auto outcome = probe({server.url(), {}, 100ms, {}});
    QVERIFY(outcome);
    QVERIFY2(outcome->result.failure.contains(u"within 0.1 s"_s), qPrintable(outcome->result.failure));
}

void TestProbeConnection::nobodyListens()
{
    QUrl url;
    {
        OneAnswer server({}, OneAnswer::Then::End);
        url = server.url();
    }
    const auto outcome = probe({url, {}, 20s, {}});
    QVERIFY(outcome);
    QVERIFY2(outcome->result.failure.contains(u"refused the connection"_s),
             qPrintable(outcome->result.failure));
}

PARLOR_TEST_WITHIN(QCoreApplication, TestProbeConnection)
#include "tst_probeconnection.moc"
