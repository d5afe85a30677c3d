// SPDX-License-Identifier: MIT
#include "server/http/requesthead.h"

#include "tests/support/testclass.h"
#include "tests/unit/server/http/headfeeding.h"

#include <QTest>

using namespace parlor;
using namespace parlor::test;
using namespace std::string_literals;
using Status = HeadReader::Status;
using Fields = std::vector<std::pair<std::string, std::string>>;

/// What a head means, and what is none, however it is cut into pieces.
class RequestHeadTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void valid_data();
    void valid();
    void invalid_data();
    void invalid();
    void failsAtOnce_data();
    void failsAtOnce();
    void fieldLookup();
    void tokens_data();
    void tokens();
};

namespace {

Fields copied(const RequestHead &head)
{
    return Fields(head.fields.begin(), head.fields.end());
}

} // namespace

void RequestHeadTest::valid_data()
{
    QTest::addColumn<std::string>("head");
    QTest::addColumn<std::string>("method");
    QTest::addColumn<std::string>("path");
    QTest::addColumn<std::string>("query");
    QTest::addColumn<int>("minorVersion");
    QTest::addColumn<Fields>("fields");

    const Fields host{{"Host", "x"}};
    const auto get = [](std::string target) { return "GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n"; };
    QTest::newRow("plain") << get("/health") << "GET"s
                           << "/health"s
                           << ""s << 1 << host;
    QTest::newRow("query") << get("/ws?token=a.b-c&x=?") << "GET"s
                           << "/ws"s
                           << "token=a.b-c&x=?"s << 1 << host;
    QTest::newRow("empty query") << get("/ws?") << "GET"s
                                 << "/ws"s
                                 << ""s << 1 << host;
    QTest::newRow("unescaped query") << get("/ws?a={b}|^`") << "GET"s
                                     << "/ws"s
                                     << "a={b}|^`"s << 1 << host;
    QTest::newRow("url") << get("http://chat.example:8000/ws?a=b") << "GET"s
                         << "/ws"s
                         << "a=b"s << 1 << host;
    QTest::newRow("url, other case") << get("WSS://[::1]:443/ws") << "GET"s
                                     << "/ws"s
                                     << ""s << 1 << host;
    QTest::newRow("url without path") << get("http://x") << "GET"s
                                      << "/"s
                                      << ""s << 1 << host;
    QTest::newRow("url, query, no path") << get("http://x?a") << "GET"s
                                         << "/"s
                                         << "a"s << 1 << host;
    QTest::newRow("1.0 without Host") << "GET /ready HTTP/1.0\r\n\r\n"s
                                      << "GET"s
                                      << "/ready"s
                                      << ""s << 0 << Fields();
    QTest::newRow("1.0 with Host") << "GET / HTTP/1.0\r\nHost: x\r\n\r\n"s
                                   << "GET"s
                                   << "/"s
                                   << ""s << 0 << host;
    QTest::newRow("empty line first") << "\r\n" + get("/") << "GET"s
                                      << "/"s
                                      << ""s << 1 << host;
    QTest::newRow("unknown method") << "BREW-it! / HTTP/1.1\r\nHost: x\r\n\r\n"s
                                    << "BREW-it!"s
                                    << "/"s
                                    << ""s << 1 << host;
    QTest::newRow("longest method") << std::string(32, 'M') + " / HTTP/1.1\r\nHost: x\r\n\r\n"
                                    << std::string(32, 'M') << "/"s
                                    << ""s << 1 << host;
    QTest::newRow("values")
        << "GET / HTTP/1.1\r\nhOST:x\r\nA: \t two  words\t \r\nB:\r\nC: \r\nD: \xC3\xA9:,\r\n\r\n"s
        << "GET"s
        << "/"s
        << ""s << 1 << Fields{{"hOST", "x"}, {"A", "two  words"}, {"B", ""}, {"C", ""}, {"D", "\xC3\xA9:,"}};
    QTest::newRow("empty Host") << "GET / HTTP/1.1\r\nHost:\r\n\r\n"s
                                << "GET"s
                                << "/"s
                                << ""s << 1 << Fields{{"Host", ""}};
    QTest::newRow("length") << "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\n\r\n"s
                            << "POST"s
                            << "/"s
                            << ""s << 1 << Fields{{"Host", "x"}, {"Content-Length", "12"}};
    QTest::newRow("chunked") << "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"s
                             << "POST"s
                             << "/"s
                             << ""s << 1 << Fields{{"Host", "x"}, {"Transfer-Encoding", "chunked"}};
}

void RequestHeadTest::valid()
{
    QFETCH(const std::string, head);
    QFETCH(const std::string, method);
    QFETCH(const std::string, path);
    QFETCH(const std::string, query);
    QFETCH(const int, minorVersion);
    QFETCH(const Fields, fields);

    for (std::size_t split = 0; split <= head.size() + 1; ++split) {
        HeadReader reader;
        QVERIFY(!reader.isStarted());
        const Status status =
            split <= head.size() ? feedSplit(reader, head, split) : feedSingly(reader, head);
        QVERIFY2(status == Status::Complete, reader.error().reason.c_str());
        QVERIFY(reader.isStarted());
        QCOMPARE(std::string(reader.head().method), method);
        QCOMPARE(std::string(reader.head().path), path);
        QCOMPARE(std::string(reader.head().query), query);
        QCOMPARE(reader.head().minorVersion, minorVersion);
        QCOMPARE(copied(reader.head()), fields);
        QCOMPARE(reader.excess(), std::size_t(0));
    }
}

void RequestHeadTest::invalid_data()
{
    QTest::addColumn<std::string>("head");
    QTest::addColumn<int>("status");
    QTest::addColumn<std::string>("reason");

    const auto with = [](std::string fields) { return "GET / HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n"; };
    const auto line = [](std::string first) { return first + "\r\nHost: x\r\n\r\n"; };
    QTest::newRow("no method") << line(" / HTTP/1.1") << 400 << "no HTTP request"s;
    QTest::newRow("bad method") << line("G(T / HTTP/1.1") << 400 << "method is malformed"s;
    QTest::newRow("long method") << line(std::string(33, 'M') + " / HTTP/1.1") << 400
                                 << "method is too long"s;
    QTest::newRow("tls hello") << "\x16\x03\x01\x02"s << 400 << "no HTTP request"s;
    QTest::newRow("no target") << line("GET  HTTP/1.1") << 400 << "target is malformed"s;
    QTest::newRow("tab for blank") << line("GET\t/ HTTP/1.1") << 400 << "method is malformed"s;
    QTest::newRow("two blanks") << line("GET /  HTTP/1.1") << 400 << "version is malformed"s;
    QTest::newRow("blank at the end") << line("GET / HTTP/1.1 ") << 400 << "version is malformed"s;
    QTest::newRow("control in target") << line("GET /\x01 HTTP/1.1") << 400 << "target is malformed"s;
    QTest::newRow("fragment") << line("GET /#a HTTP/1.1") << 400 << "target is malformed"s;
    QTest::newRow("beyond ascii") << line("GET /\xC3\xA9 HTTP/1.1") << 400 << "target is malformed"s;
    QTest::newRow("relative target") << line("GET ws HTTP/1.1") << 400 << "neither a path nor a URL"s;
    QTest::newRow("asterisk") << line("OPTIONS * HTTP/1.1") << 400 << "neither a path nor a URL"s;
    QTest::newRow("authority") << line("CONNECT x:1 HTTP/1.1") << 400 << "neither a path nor a URL"s;
    QTest::newRow("url without host")
        << line("GET http:///ws HTTP/1.1") << 400 << "neither a path nor a URL"s;
    QTest::newRow("url with user") << line("GET http://a@x/ HTTP/1.1") << 400 << "neither a path nor a URL"s;
    QTest::newRow("other scheme") << line("GET ftp://x/ HTTP/1.1") << 400 << "neither a path nor a URL"s;
    QTest::newRow("0.9") << "GET /\r\n\r\n"s << 400 << "no HTTP version"s;
    QTest::newRow("0.9, lone LF") << "GET /\n"s << 400 << "no HTTP version"s;
    QTest::newRow("other protocol") << line("GET / RTSP/1.0") << 400 << "version is malformed"s;
    QTest::newRow("lower case") << line("GET / http/1.1") << 400 << "version is malformed"s;
    QTest::newRow("two digits") << line("GET / HTTP/1.10") << 400 << "version is malformed"s;
    QTest::newRow("no minor") << line("GET / HTTP/1") << 400 << "version is malformed"s;
    QTest::newRow("1.2") << line("GET / HTTP/1.2") << 505 << "HTTP/1.1 and HTTP/1.0"s;
    QTest::newRow("2.0") << "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"s << 505 << "HTTP/1.1 and HTTP/1.0"s;

    QTest::newRow("LF after line") << "GET / HTTP/1.1\nHost: x\r\n\r\n"s << 400 << "line feed without"s;
    QTest::newRow("LF after field") << with("A: b\nC: d\r\n") << 400 << "line feed without"s;
    QTest::newRow("LF at the end") << "GET / HTTP/1.1\r\nHost: x\r\n\n"s << 400 << "line feed without"s;
    QTest::newRow("CR in line") << "GET / HTTP/1.1\rHost: x\r\n\r\n"s << 400 << "carriage return without"s;
    QTest::newRow("CR in field") << with("A: b\rc\r\n") << 400 << "carriage return without"s;
    QTest::newRow("CR at the end") << "GET / HTTP/1.1\r\nHost: x\r\n\rX"s << 400
                                   << "carriage return without"s;
    QTest::newRow("CR first") << "\rGET / HTTP/1.1\r\n\r\n"s << 400 << "carriage return without"s;
    QTest::newRow("two empty lines first") << "\r\n\r\nGET / HTTP/1.1\r\n\r\n"s << 400 << "no HTTP request"s;

    QTest::newRow("folded field") << with("A: b\r\n c\r\n") << 400 << "folded"s;
    QTest::newRow("folded by tab") << with("A: b\r\n\tc\r\n") << 400 << "folded"s;
    QTest::newRow("blank after line") << "GET / HTTP/1.1\r\n Host: x\r\n\r\n"s << 400 << "folded"s;
    QTest::newRow("blank before colon") << with("A : b\r\n") << 400 << "blank before its colon"s;
    QTest::newRow("tab before colon") << with("A\t: b\r\n") << 400 << "blank before its colon"s;
    QTest::newRow("no colon") << with("A\r\n") << 400 << "name of a header field"s;
    QTest::newRow("no name") << with(": b\r\n") << 400 << "name of a header field"s;
    QTest::newRow("bad name") << with("A(: b\r\n") << 400 << "name of a header field"s;
    QTest::newRow("NUL in name") << with("A\0: b\r\n"s) << 400 << "name of a header field"s;
    QTest::newRow("NUL in value") << with("A: b\0c\r\n"s) << 400 << "control character"s;
    QTest::newRow("DEL in value") << with("A: b\x7F\r\n") << 400 << "control character"s;
    QTest::newRow("escape in value") << with("A: \x1B[2J\r\n") << 400 << "control character"s;

    QTest::newRow("no Host") << "GET / HTTP/1.1\r\n\r\n"s << 400 << "no Host"s;
    QTest::newRow("two Hosts") << with("hOST: x\r\n") << 400 << "more than one Host"s;
    QTest::newRow("two Hosts, 1.0") << "GET / HTTP/1.0\r\nHost: x\r\nHost: x\r\n\r\n"s << 400
                                    << "more than one Host"s;
    QTest::newRow("bad Host") << "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"s << 400 << "Host is malformed"s;
    QTest::newRow("Host with user") << "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n"s << 400 << "Host is malformed"s;
    QTest::newRow("two lengths") << with("Content-Length: 1\r\nContent-Length: 1\r\n") << 400
                                 << "more than one Content-Length"s;
    QTest::newRow("list of lengths") << with("Content-Length: 1, 1\r\n") << 400 << "no number"s;
    QTest::newRow("negative length") << with("Content-Length: -1\r\n") << 400 << "no number"s;
    QTest::newRow("signed length") << with("Content-Length: +1\r\n") << 400 << "no number"s;
    QTest::newRow("empty length") << with("Content-Length:\r\n") << 400 << "no number"s;
    QTest::newRow("length and chunks") << with("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n") << 400
                                       << "Transfer-Encoding contradicts"s;
    QTest::newRow("chunks in 1.0") << "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"s << 400
                                   << "Transfer-Encoding contradicts"s;
}

void RequestHeadTest::invalid()
{
    QFETCH(const std::string, head);
    QFETCH(const int, status);
    QFETCH(const std::string, reason);

    for (std::size_t split = 0; split <= head.size() + 1; ++split) {
        HeadReader reader;
        const Status verdict =
            split <= head.size() ? feedSplit(reader, head, split) : feedSingly(reader, head);
        QVERIFY(verdict == Status::Failed);
        QCOMPARE(reader.error().status, status);
        QVERIFY2(reader.error().reason.find(reason) != std::string::npos, reader.error().reason.c_str());
        QVERIFY(reader.error().reason.find('\n') == std::string::npos);
    }
}

void RequestHeadTest::failsAtOnce_data()
{
    QTest::addColumn<std::string>("bytes"); // the last one is the first that no valid head has there

    QTest::newRow("tls") << "\x16"s;
    QTest::newRow("method") << "GE\x01"s;
    QTest::newRow("long method") << std::string(33, 'A');
    QTest::newRow("target") << "GET /\xFF"s;
    QTest::newRow("protocol") << "GET / HTTX"s;
    QTest::newRow("version") << "GET / HTTP/x"s;
    QTest::newRow("future version") << "GET / HTTP/3.0\r"s;
    QTest::newRow("relative target") << "GET ws HTTP/1.1\r"s;
    QTest::newRow("folding") << "GET / HTTP/1.1\r\n "s;
    QTest::newRow("field name") << "GET / HTTP/1.1\r\nA "s;
    QTest::newRow("field value") << "GET / HTTP/1.1\r\nA: \0"s;
}

void RequestHeadTest::failsAtOnce()
{
    QFETCH(const std::string, bytes);
    HeadReader reader;
    for (std::size_t i = 0; i + 1 < bytes.size(); ++i)
        QVERIFY(reader.feed({&bytes[i], 1}) == Status::NeedMore);
    QVERIFY(reader.feed({&bytes.back(), 1}) == Status::Failed);
}

void RequestHeadTest::fieldLookup()
{
    HeadReader reader;
    QVERIFY(reader.feed("GET / HTTP/1.1\r\nHost: x\r\nA: 1\r\na: 2\r\nAB: 3\r\n\r\n") == Status::Complete);
    const RequestHead &head = reader.head();
    QCOMPARE(std::string(head.field("a").value_or("")), "1"s);
    QCOMPARE(std::string(head.field("ab").value_or("")), "3"s);
    QVERIFY(!head.field("abc"));
    QCOMPARE(head.count("A"), std::size_t(2));
    QCOMPARE(head.count("abc"), std::size_t(0));
}

void RequestHeadTest::tokens_data()
{
    QTest::addColumn<std::string>("fields");
    QTest::addColumn<bool>("found");
    QTest::newRow("alone") << "Upgrade: websocket\r\n"s << true;
    QTest::newRow("case") << "UPGRADE: WebSocket\r\n"s << true;
    QTest::newRow("first") << "Upgrade: websocket, h2c\r\n"s << true;
    QTest::newRow("last") << "Upgrade: h2c ,\twebsocket\r\n"s << true;
    QTest::newRow("second field") << "Upgrade: h2c\r\nUpgrade: websocket\r\n"s << true;
    QTest::newRow("empty elements") << "Upgrade: ,,websocket,\r\n"s << true;
    QTest::newRow("no blank") << "Upgrade: a,websocket\r\n"s << true;
    QTest::newRow("absent") << ""s << false;
    QTest::newRow("empty") << "Upgrade:\r\n"s << false;
    QTest::newRow("prefix") << "Upgrade: websocket2\r\n"s << false;
    QTest::newRow("two words") << "Upgrade: my websocket\r\n"s << false;
    QTest::newRow("other field") << "Upgrades: websocket\r\n"s << false;
}

void RequestHeadTest::tokens()
{
    QFETCH(const std::string, fields);
    QFETCH(const bool, found);
    HeadReader reader;
    QVERIFY(reader.feed("GET / HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n") == Status::Complete);
    QCOMPARE(reader.head().hasToken("upgrade", "websocket"), found);
    QCOMPARE(reader.head().wantsUpgrade(), found);
}

PARLOR_TEST(RequestHeadTest)
#include "tst_requesthead.moc"
