// SPDX-License-Identifier: MIT
#include "server/admin/apirequest.h"

#include "tests/support/testclass.h"

#include <QTest>

#include <random>

using namespace parlor;
using namespace parlor::admin;
using Status = ApiRequestReader::Status;

/// What a request to the admin API may be, however it is cut into pieces.
class ApiRequestTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void whole();
    void refused_data();
    void refused();
    void bodyOfAStrangerIsNotRead();
    void anyBytes();
};

namespace {

std::variant<std::string, ApiError> everybody(const RequestHead &)
{
    return std::string("ops");
}

std::string post(const std::string &fields, const std::string &body)
{
    return "POST /v1/x HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n" + body;
}

std::string withLength(const std::string &body)
{
    return post("Content-Length: " + std::to_string(body.size()) + "\r\n", body);
}

/// Feeds the text in pieces of this size, until it is judged.
Status feed(ApiRequestReader &reader, std::string_view text, std::size_t piece)
{
    for (std::size_t at = 0; at < text.size(); at += piece) {
        if (const Status status = reader.feed(text.substr(at, piece)); status != Status::NeedMore)
            return status;
    }
    return Status::NeedMore;
}

} // namespace

void ApiRequestTest::whole()
{
    std::string text = withLength(R"({"content":"grüße"})");
    text.replace(5, 5, "/v1/a%2Fb%20c/?dry_run=true&x=%C3%BC&y");
    for (const std::size_t piece : {1, 7, 100'000}) {
        ApiRequestReader reader(everybody);
        QCOMPARE(feed(reader, text, piece), Status::Complete);
        const ApiRequest &request = reader.request();
        QCOMPARE(request.method, std::string("POST"));
        QCOMPARE(request.path, (std::vector<std::string>{"v1", "a/b c"}));
        QCOMPARE(request.query.at("dry_run"), std::string("true"));
        QCOMPARE(request.query.at("x"), std::string("ü"));
        QCOMPARE(request.query.at("y"), std::string());
        QCOMPARE(request.body.value(QLatin1String("content")).toString(), QStringLiteral("grüße"));
        QCOMPARE(request.by, std::string("ops"));
    }
}

void ApiRequestTest::refused_data()
{
    QTest::addColumn<std::string>("text");
    QTest::addColumn<int>("status");
    const auto at = [](const std::string &target) {
        return "GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n";
    };
    QTest::newRow("chunked") << post("Transfer-Encoding: chunked\r\n", "") << 411;
    QTest::newRow("65 537 bytes") << post("Content-Length: 65537\r\n", "") << 413;
    QTest::newRow("more than a number can be")
        << post("Content-Length: " + std::string(40, '9') + "\r\n", "") << 413;
    QTest::newRow("no length, and a body") << post("", "{}") << 400;
    QTest::newRow("two lengths") << post("Content-Length: 2\r\nContent-Length: 2\r\n", "{}") << 400;
    QTest::newRow("a second request") << at("/") + at("/") << 400;
    QTest::newRow("behind the body") << withLength("{}") + "x" << 400;
    QTest::newRow("no JSON") << withLength("{") << 400;
    QTest::newRow("a list") << withLength("[]") << 400;
    QTest::newRow("a number") << withLength("1") << 400;
    QTest::newRow("two values") << withLength("{}{}") << 400;
    QTest::newRow("no UTF-8") << withLength("{\"a\":\"\xff\"}") << 400;
    QTest::newRow("a surrogate") << withLength("{\"a\":\"\xed\xa0\x80\"}") << 400;
    QTest::newRow("30 000 levels") << withLength(R"({"a":)" + std::string(30'000, '[')) << 400;
    QTest::newRow("path is no text") << at("/%ff") << 400;
    QTest::newRow("path with a NUL") << at("/a%00b") << 400;
    QTest::newRow("query is no text") << at("/?a=%c3") << 400;
    QTest::newRow("query names twice") << at("/?a=1&a=1") << 400;
    QTest::newRow("head of 9 KiB") << at('/' + std::string(9'000, 'a')) << 431;
    QTest::newRow("no HTTP") << std::string("\x16\x03\x01") << 400;
}

void ApiRequestTest::refused()
{
    QFETCH(const std::string, text);
    QFETCH(const int, status);
    for (const std::size_t piece : {1, 100'000}) {
        ApiRequestReader reader(everybody);
        const Status came = feed(reader, text, piece);
        // In pieces a request is complete before what stands behind it comes: the connection reads no more.
        if (came == Status::Complete && piece == 1)
            continue;
        QCOMPARE(came, Status::Failed);
        QCOMPARE(reader.error().status, status);
        QVERIFY(!reader.error().text.empty() && !reader.error().code.empty());
    }
}

void ApiRequestTest::bodyOfAStrangerIsNotRead()
{
    const ApiError unknown{401, "unauthorized", "no key"};
    ApiRequestReader reader([&](const RequestHead &) { return unknown; });
    QCOMPARE(reader.feed(post("Content-Length: 60000\r\n", "{")), Status::Failed);
    QCOMPARE(reader.error(), unknown);
    QVERIFY(!reader.isAdmitted());
}

void ApiRequestTest::anyBytes()
{
    std::minstd_rand random(1);
    const std::string right = withLength(R"({"a":[1,{"b":null}]})");
    for (int i = 0; i < 20'000; ++i) {
        std::string text = right;
        for (int n = 0; n < 3; ++n)
            text[random() % text.size()] = static_cast<char>(random() % 256);
        ApiRequestReader reader(everybody);
        if (feed(reader, text, 1 + random() % 50) == Status::Failed)
            QVERIFY(reader.error().status >= 400);
    }
}

PARLOR_TEST(ApiRequestTest)
#include "tst_apirequest.moc"
