// SPDX-License-Identifier: MIT
// Which proxy a client uses, and what it says where the proxy does not let it through.
#include "connectproxy.h"
#include "scriptedserver.h"
#include "shared/client/link.h"
#include "shared/client/proxy.h"
#include "tests/support/testclass.h"

#include <QSignalSpy>
#include <QTest>

using namespace parlor;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

QProcessEnvironment environment(const QStringList &settings)
{
    QProcessEnvironment result;
    for (const QString &each : settings)
        result.insert(each.section(u'=', 0, 0), each.section(u'=', 1));
    return result;
}

/// Sets a variable for a test, and takes it back.
class Variable
{
public:
    Variable(const char *name, const QByteArray &value)
        : m_name(name)
    {
        qputenv(name, value);
    }
    ~Variable() { qunsetenv(m_name); }
    Variable(const Variable &) = delete;
    Variable &operator=(const Variable &) = delete;

private:
    const char *m_name;
};

/// Why no connection came about; empty: no end was told.
QString failureOf(const QUrl &url)
{
    Link link({.url = url, .connectTimeout = 5s});
    QSignalSpy ended(&link, &Link::ended);
    link.open();
    if (!QTest::qWaitFor([&ended] { return !ended.isEmpty(); }))
        return {};
    return ended.first().first().value<LinkEnd>().info.text;
}

} // namespace

class TestProxy : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void choice_data();
    void choice();
    void aVariableIsNotReadByOtherRules_data();
    void aVariableIsNotReadByOtherRules();
    void wrongSetting_data();
    void wrongSetting();
    void theServerIsReachedThroughIt();
    void theNameIsTheProxysToFind();
    void refusals_data();
    void refusals();
    void saysNothing();
    void nobodyListens();
    void aFailureBehindItNamesIt();
    void itEndsWhatItOpened();
    void wrongSettingEndsALink();
};

void TestProxy::initTestCase()
{
    for (const char *each : {"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy",
                             "ALL_PROXY", "no_proxy", "NO_PROXY"})
        qunsetenv(each);
}

void TestProxy::choice_data()
{
    QTest::addColumn<QStringList>("settings");
    QTest::addColumn<QString>("url");
    QTest::addColumn<QString>("chosen");
    const QString ws = u"ws://chat.example/ws"_s;
    const QString wss = u"wss://chat.example/ws"_s;
    const QString http = u"http_proxy=http://p:3128"_s;
    const QString https = u"https_proxy=http://q:3129"_s;
    const auto row = [](const char *name, const QStringList &settings, const QString &url,
                        const QString &chosen) { QTest::newRow(name) << settings << url << chosen; };
    row("nothing is set", {}, ws, {});
    row("ws", {http, https}, ws, u"p:3128 (http_proxy)"_s);
    row("wss", {http, https}, wss, u"q:3129 (https_proxy)"_s);
    row("wss, upper case", {u"HTTPS_PROXY=http://q:3129"_s}, wss, u"q:3129 (HTTPS_PROXY)"_s);
    row("http_proxy is not for wss", {http}, wss, {});
    row("https_proxy is not for ws", {https}, ws, {});
    row("HTTP_PROXY is a request's field", {u"HTTP_PROXY=http://p:3128"_s}, ws, {});
    row("all_proxy", {u"all_proxy=socks5h://s"_s}, wss, u"s:1080 (all_proxy)"_s);
    row("the own one before all_proxy", {u"all_proxy=http://s:1"_s, http}, ws, u"p:3128 (http_proxy)"_s);
    row("an empty one says none", {u"http_proxy="_s, u"all_proxy=http://s:1"_s}, ws, {});
    row("without a scheme", {u"http_proxy=p:3128"_s}, ws, u"p:3128 (http_proxy)"_s);
    row("without a port", {u"http_proxy=http://p/"_s}, ws, u"p:1080 (http_proxy)"_s);
    row("IPv6", {u"http_proxy=http://[::1]:3128"_s}, ws, u"[::1]:3128 (http_proxy)"_s);
    row("a domain's user", {u"http_proxy=http://DOM\\me:pass@p:3128"_s}, ws, u"p:3128 (http_proxy)"_s);
    row("SOCKS without a version", {u"ALL_PROXY=socks://s:1/"_s}, ws, u"s:1 (ALL_PROXY)"_s);
    row("the password is not shown", {u"http_proxy=http://me:pa%40ss@p:3128"_s}, ws,
        u"p:3128 (http_proxy)"_s);
    row("no_proxy: all", {http, u"no_proxy=*"_s}, ws, {});
    row("no_proxy: the name", {http, u"no_proxy=other, chat.example"_s}, ws, {});
    row("no_proxy: upper case", {http, u"NO_PROXY=CHAT.example"_s}, ws, {});
    row("no_proxy: what it ends in", {http, u"no_proxy=.example"_s}, ws, {});
    row("no_proxy: without the dot", {http, u"no_proxy=example"_s}, ws, {});
    row("no_proxy: not a part of a label", {http, u"no_proxy=ample"_s}, ws, u"p:3128 (http_proxy)"_s);
    row("no_proxy: port", {http, u"no_proxy=chat.example:80"_s}, ws, {});
    row("no_proxy: another port", {http, u"no_proxy=chat.example:8000"_s}, ws, u"p:3128 (http_proxy)"_s);
    row("no_proxy: another host", {http, u"no_proxy=chat.example.org"_s}, ws, u"p:3128 (http_proxy)"_s);
    row("no_proxy: address", {http, u"no_proxy=127.0.0.1"_s}, u"ws://127.0.0.1:8000/ws"_s, {});
    row("no_proxy: IPv6", {http, u"no_proxy=[::1]"_s}, u"ws://[::1]:8000/ws"_s, {});
    row("no_proxy: network", {http, u"no_proxy=10.0.0.0/8"_s}, u"ws://10.1.2.3:8000/ws"_s, {});
    row("no_proxy: another network", {http, u"no_proxy=10.0.0.0/8"_s}, u"ws://11.1.2.3/ws"_s,
        u"p:3128 (http_proxy)"_s);
    row("this machine too", {http}, u"ws://127.0.0.1:8000/ws"_s, u"p:3128 (http_proxy)"_s);
}

void TestProxy::choice()
{
    QFETCH(QStringList, settings);
    QFETCH(QString, url);
    QFETCH(QString, chosen);
    const auto proxy = proxyFor(QUrl(url), environment(settings));
    QVERIFY2(proxy, proxy ? "" : proxy.error().text.c_str());
    QCOMPARE(proxy->isUsed() ? proxy->text() : QString(), chosen);
}

void TestProxy::aVariableIsNotReadByOtherRules_data()
{
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<QString>("scheme");
    QTest::newRow("http_proxy is not for wss") << QByteArray("http_proxy") << u"wss"_s;
    QTest::newRow("HTTP_PROXY is for nobody") << QByteArray("HTTP_PROXY") << u"ws"_s;
    QTest::newRow("https_proxy is not for ws") << QByteArray("https_proxy") << u"ws"_s;
}

/// In the process's own environment, which the desktop's settings are read from, too.
void TestProxy::aVariableIsNotReadByOtherRules()
{
    QFETCH(QByteArray, name);
    QFETCH(QString, scheme);
    const Variable set(name.constData(), "http://127.0.0.1:1");
    const auto proxy = proxyFor(QUrl(scheme + u"://chat.example/ws"_s));
    QVERIFY(proxy);
    QVERIFY2(!proxy->isUsed(), qUtf8Printable(proxy->text()));
}

void TestProxy::wrongSetting_data()
{
    QTest::addColumn<QString>("value");
    QTest::newRow("no address") << u"http://"_s;
    QTest::newRow("words") << u"my proxy"_s;
    QTest::newRow("port") << u"http://p:99999"_s;
    QTest::newRow("TLS to the proxy") << u"https://me:secret@p:443"_s;
    QTest::newRow("SOCKS 4") << u"socks4://p"_s;
}

void TestProxy::wrongSetting()
{
    QFETCH(QString, value);
    const auto proxy = proxyFor(QUrl(u"ws://chat.example/ws"_s), environment({u"http_proxy="_s + value}));
    QVERIFY(!proxy);
    const auto text = QString::fromStdString(proxy.error().text);
    QVERIFY2(text.startsWith(u"http_proxy "_s) && text.contains(u"http://HOST:PORT"_s), qUtf8Printable(text));
    QVERIFY2(!text.contains(u"secret"_s), qUtf8Printable(text));
}

void TestProxy::theServerIsReachedThroughIt()
{
    const ConnectProxy proxy;
    const Variable set("http_proxy", "http://me:pa%40ss@" + proxy.address());
    ScriptedServer server;
    Link link({.url = server.url(), .subprotocols = {"parlor.v2"}, .connectTimeout = 5s});
    QSignalSpy texts(&link, &Link::textReceived);
    link.open();
    QTRY_COMPARE(texts.size(), 1);
    QCOMPARE(proxy.requests().size(), 1);
    const QByteArray head = proxy.requests().first();
    const QByteArray target = "127.0.0.1:" + QByteArray::number(server.url().port());
    const QByteArray begin = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n";
    const QByteArray field = "\r\nProxy-Authorization: Basic " + QByteArray("me:pa@ss").toBase64() + "\r\n";
    QVERIFY2(head.startsWith(begin) && head.contains(field), head.constData());
}

void TestProxy::theNameIsTheProxysToFind()
{
    const ConnectProxy proxy;
    const Variable set("http_proxy", proxy.address());
    ScriptedServer server;
    QUrl url = server.url();
    url.setHost(u"chat.invalid"_s);
    Link link({.url = url, .connectTimeout = 5s});
    QSignalSpy opened(&link, &Link::opened);
    link.open();
    QTRY_COMPARE(opened.size(), 1);
}

void TestProxy::refusals_data()
{
    QTest::addColumn<QByteArray>("answer");
    QTest::addColumn<QString>("says");
    QTest::addColumn<LinkFailure::Outlook>("outlook");
    const auto http = [](const char *status) -> QByteArray {
        return QByteArray("HTTP/1.1 ") + status + "\r\nContent-Length: 0\r\n\r\n";
    };
    using Outlook = LinkFailure::Outlook;
    QTest::newRow("407") << http("407 Proxy Authentication Required")
                         << u"wants a user name and a password (HTTP 407)"_s << Outlook::WrongAddress;
    QTest::newRow("407, not by Basic")
        << QByteArray(
               "HTTP/1.1 407 x\r\nProxy-Authenticate: NTLM\r\nProxy-Authenticate: Digest realm=\"x\"\r\n\r\n")
        << u"sign in by NTLM or Digest"_s << Outlook::WrongAddress;
    QTest::newRow("407, by Basic too")
        << QByteArray(
               "HTTP/1.1 407 x\r\nProxy-Authenticate: NTLM\r\nProxy-Authenticate: basic realm=\"x\"\r\n\r\n")
        << u"wants a user name and a password"_s << Outlook::WrongAddress;
    QTest::newRow("403") << http("403 Forbidden") << u"the proxy answered HTTP 403 Forbidden"_s
                         << Outlook::WrongAddress;
    QTest::newRow("404") << http("404 Not Found") << u"the proxy answered HTTP 404 Not Found"_s
                         << Outlook::WrongAddress;
    QTest::newRow("502") << http("502 Bad Gateway") << u"the proxy answered HTTP 502 Bad Gateway"_s
                         << Outlook::Passing;
    QTest::newRow("503") << http("503 Service Unavailable")
                         << u"the proxy answered HTTP 503 Service Unavailable"_s << Outlook::Passing;
    QTest::newRow("no HTTP") << QByteArray("SSH-2.0-OpenSSH_9.2\r\n") << u"it is no HTTP proxy"_s
                             << Outlook::Passing;
    QTest::newRow("half a head") << QByteArray("HTTP/1.1 200 OK\r\n") << u"closed"_s << Outlook::Passing;
}

void TestProxy::refusals()
{
    QFETCH(QByteArray, answer);
    QFETCH(QString, says);
    QFETCH(LinkFailure::Outlook, outlook);
    const ConnectProxy proxy(answer);
    const Variable set("http_proxy", proxy.address());
    Link link({.url = QUrl(u"ws://chat.example:8000/ws"_s), .connectTimeout = 5s});
    QSignalSpy ended(&link, &Link::ended);
    link.open();
    QTRY_COMPARE(ended.size(), 1);
    const auto end = ended.first().first().value<LinkEnd>();
    QVERIFY2(end.info.text.contains(says), qUtf8Printable(end.info.text));
    QVERIFY2(end.info.text.contains(QString::fromLatin1(proxy.address()) + u" (http_proxy)"_s),
             qUtf8Printable(end.info.text));
    QVERIFY2(end.info.text.contains(u"chat.example:8000"_s), qUtf8Printable(end.info.text));
    QCOMPARE(end.info.httpStatus, 0); // that would be the server's
    QCOMPARE(end.outlook, outlook);
}

void TestProxy::saysNothing()
{
    QTcpServer silent;
    QVERIFY(silent.listen(QHostAddress::LocalHost));
    const QByteArray address = "127.0.0.1:" + QByteArray::number(silent.serverPort());
    for (const char *scheme : {"http://", "socks5://"}) {
        const Variable set("http_proxy", scheme + address);
        Link link({.url = QUrl(u"ws://chat.example/ws"_s), .connectTimeout = 50ms});
        QSignalSpy ended(&link, &Link::ended);
        link.open();
        QTRY_COMPARE(ended.size(), 1);
        const QString text = ended.first().first().value<LinkEnd>().info.text;
        QVERIFY2(text.contains(u"through the proxy "_s + QString::fromLatin1(address)) &&
                     text.contains(u"no answer within 0.05 s"_s),
                 qUtf8Printable(text));
    }
}

void TestProxy::nobodyListens()
{
    QByteArray address;
    {
        const ConnectProxy gone;
        address = gone.address();
    }
    const Variable set("http_proxy", address);
    Link link({.url = QUrl(u"ws://chat.example/ws"_s), .connectTimeout = 5s});
    QSignalSpy ended(&link, &Link::ended);
    link.open();
    QTRY_COMPARE(ended.size(), 1);
    const QString text = ended.first().first().value<LinkEnd>().info.text;
    QVERIFY2(text.contains(u"through the proxy "_s + QString::fromLatin1(address)), qUtf8Printable(text));
    QVERIFY2(text.contains(u"Connection refused"_s), qUtf8Printable(text));
}

void TestProxy::aFailureBehindItNamesIt()
{
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    connect(&server, &QTcpServer::newConnection, this,
            [&server] { server.nextPendingConnection()->write("HTTP/1.1 404 Not Found\r\n\r\n"); });
    const ConnectProxy proxy;
    const Variable set("http_proxy", proxy.address());
    const QString text = failureOf(QUrl(u"ws://127.0.0.1:%1/ws"_s.arg(server.serverPort())));
    QVERIFY2(text.contains(u"no chat at /ws (HTTP 404)"_s), qUtf8Printable(text));
    QVERIFY2(text.contains(u"made through the proxy "_s + QString::fromLatin1(proxy.address())),
             qUtf8Printable(text));
}

/// So does the page that asks for a sign-in to a network.
void TestProxy::itEndsWhatItOpened()
{
    const ConnectProxy proxy("HTTP/1.1 200 OK\r\n\r\n<html>sign in</html>");
    const Variable set("http_proxy", proxy.address());
    const QString text = failureOf(QUrl(u"ws://chat.example/ws"_s));
    QVERIFY2(text.contains(u"through the proxy "_s + QString::fromLatin1(proxy.address()) +
                           u" (http_proxy): the connection ended before the chat began"_s),
             qUtf8Printable(text));
    QVERIFY2(!text.contains(u"wss://"_s), qUtf8Printable(text));
}

void TestProxy::wrongSettingEndsALink()
{
    const Variable set("http_proxy", "socks4://p");
    Link link({.url = QUrl(u"ws://chat.example/ws"_s), .connectTimeout = 5s});
    QSignalSpy ended(&link, &Link::ended);
    link.open();
    QCOMPARE(ended.size(), 1);
    const auto end = ended.first().first().value<LinkEnd>();
    QVERIFY2(end.info.text.contains(u"http_proxy names a proxy of the kind socks4"_s),
             qUtf8Printable(end.info.text));
    QCOMPARE(end.outlook, LinkFailure::Outlook::Lasting);
}

PARLOR_TEST_WITHIN(QCoreApplication, TestProxy)
#include "tst_proxy.moc"
