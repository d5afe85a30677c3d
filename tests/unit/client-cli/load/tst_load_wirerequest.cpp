// SPDX-License-Identifier: MIT
// What the load generator's connections ask for, and from where.
#include "tests/support/testclass.h"
#include "tests/unit/client-cli/load/wireclient.h"

#include <QTest>

using namespace parlor;
using namespace parlor::cli::load;
using namespace parlor::cli::load::test;

class TestLoadWireRequest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void headersAndCookies();
    void cookiesAreOnlyKeptWhenAsked();
    void comesFromItsSources();
    void sourceThatIsNotOurs();
    void sourcesOfTheOtherFamily();
    void ipv6();
};

namespace {

/// Answers each upgrade with a text that says what the request's fields were.
LoopbackServer::Script tellField(const std::string &name, const std::string &more = {})
{
    return [name, more](Peer &peer) {
        const std::string head = peer.receiveHead();
        peer.send(switching(head, more) + textFrame("<" + fieldOf(head, name) + ">"));
        peer.waitForEnd();
    };
}

/// What the server of tellField() says to a new connection.
std::string told(ClientLoop &loop, TestClient &client, const LoopbackServer &server, const Target &target,
                 std::size_t user = 0)
{
    client.texts.clear();
    if (!client.connection.open(server.address(), target, {}, user) ||
        !loop.until([&] { return !client.texts.empty() || client.end; }) || client.texts.empty())
        return "no answer";
    client.connection.abort();
    return client.texts.front();
}

} // namespace

void TestLoadWireRequest::headersAndCookies()
{
    ClientLoop loop;
    TestClient client(loop);
    Target target = plainTarget();
    target.headers = {{"X-Tenant", "blue"}, {"Host", "chat.example"}};
    {
        LoopbackServer server(tellField("X-Tenant"));
        QCOMPARE(told(loop, client, server, target), std::string("<blue>"));
    }
    {
        LoopbackServer server(tellField("Host"));
        QCOMPARE(told(loop, client, server, target), std::string("<chat.example>"));
    }
    target.keepsCookies = true;
    LoopbackServer server(tellField("Cookie",
                                    "Set-Cookie: AWSALB=abc; Expires=Fri, 01 Jan 2100 00:00:00 GMT\r\n"
                                    "Set-Cookie: lb=1; Path=/\r\n"));
    QCOMPARE(told(loop, client, server, target), std::string("<>"));
    QCOMPARE(told(loop, client, server, target), std::string("<AWSALB=abc; lb=1>"));
    TestClient other(loop);
    QCOMPARE(told(loop, other, server, target), std::string("<>"));
}

void TestLoadWireRequest::cookiesAreOnlyKeptWhenAsked()
{
    ClientLoop loop;
    TestClient client(loop);
    const Target target = plainTarget();
    LoopbackServer server(tellField("Cookie", "Set-Cookie: lb=1\r\n"));
    QCOMPARE(told(loop, client, server, target), std::string("<>"));
    QCOMPARE(told(loop, client, server, target), std::string("<>"));
}

void TestLoadWireRequest::comesFromItsSources()
{
    ClientLoop loop;
    TestClient client(loop);
    Target target = plainTarget();
    auto sources = SourceAddresses::parse("127.0.0.77-127.0.0.78");
    QVERIFY(sources);
    target.sources = *std::move(sources);
    LoopbackServer server(tellField("Host"));
    for (const std::size_t user : {0, 1, 2})
        QCOMPARE(told(loop, client, server, target, user), std::string("<localhost>"));
    QCOMPARE(server.clients(), (std::vector<std::string>{"127.0.0.77", "127.0.0.78", "127.0.0.77"}));
}

void TestLoadWireRequest::sourceThatIsNotOurs()
{
    ClientLoop loop;
    TestClient client(loop);
    Target target = plainTarget();
    auto sources = SourceAddresses::parse("192.0.2.7"); // of documents (RFC 5737)
    QVERIFY(sources);
    target.sources = *std::move(sources);
    const LoopbackServer server([](Peer &) {});
    const auto opened = client.connection.open(server.address(), target, {}, 0);
    QVERIFY(!opened);
    QCOMPARE(opened.error().text,
             std::string("192.0.2.7 is no address of this machine: give its own ones with --source-ips"));
}

void TestLoadWireRequest::sourcesOfTheOtherFamily()
{
    ClientLoop loop;
    TestClient client(loop);
    Target target = plainTarget();
    auto sources = SourceAddresses::parse("::1");
    QVERIFY(sources);
    target.sources = *std::move(sources);
    const LoopbackServer server([](Peer &) {});
    const auto opened = client.connection.open(server.address(), target, {}, 0);
    QVERIFY(!opened);
    QVERIFY(opened.error().text.starts_with("none of the --source-ips is of the family of 127.0.0.1:"));
}

void TestLoadWireRequest::ipv6()
{
    ClientLoop loop;
    TestClient client(loop);
    Target target = plainTarget();
    target.host = "::1";
    target.authority = "[::1]";
    LoopbackServer server(tellField("Host"), nullptr, Family::V6);
    if (!server.isListening())
        QSKIP("there is no IPv6 here");
    auto sources = SourceAddresses::parse("127.0.0.9,::1");
    QVERIFY(sources);
    target.sources = *std::move(sources);
    QCOMPARE(told(loop, client, server, target), std::string("<[::1]>"));
    QCOMPARE(server.clients(), std::vector<std::string>{"[::1]"});
}

PARLOR_TEST(TestLoadWireRequest)
#include "tst_load_wirerequest.moc"
