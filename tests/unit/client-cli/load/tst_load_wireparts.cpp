// SPDX-License-Identifier: MIT
#include "client-cli/load/wire/cookiejar.h"
#include "client-cli/load/wire/sourceaddresses.h"
#include "client-cli/load/wire/upgrade.h"
#include "tests/support/testclass.h"

#include <QTest>

#include <sys/socket.h>

using namespace parlor;
using namespace parlor::cli::load;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

namespace {

QStringList textsOf(const std::vector<Address> &addresses)
{
    QStringList texts;
    for (const Address &each : addresses) {
        QString text = QString::fromStdString(toString(each));
        texts += text.left(text.lastIndexOf(u':'));
    }
    return texts;
}

std::string valueOf(const websocket::UpgradeRequest &request, const std::string &name)
{
    for (const websocket::HeadField &field : request.fields) {
        if (field.name == name)
            return field.value;
    }
    return {};
}

} // namespace

class TestLoadWireParts : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void sources_data();
    void sources();
    void wrongSources_data();
    void wrongSources();
    void sourcesAreSpread();
    void automaticSources();
    void cookies_data();
    void cookies();
    void cookiesAreBounded();
    void headers_data();
    void headers();
    void upgradeHasThem();
};

void TestLoadWireParts::sources_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QStringList>("expected");
    QTest::newRow("one") << "127.0.0.1" << QStringList{u"127.0.0.1"_s};
    QTest::newRow("range") << "127.0.0.254-127.0.1.1"
                           << QStringList{u"127.0.0.254"_s, u"127.0.0.255"_s, u"127.0.1.0"_s, u"127.0.1.1"_s};
    QTest::newRow("list") << "10.0.0.9,127.0.0.2-127.0.0.3"
                          << QStringList{u"10.0.0.9"_s, u"127.0.0.2"_s, u"127.0.0.3"_s};
    QTest::newRow("blanks") << "10.0.0.9, 127.0.0.2" << QStringList{u"10.0.0.9"_s, u"127.0.0.2"_s};
    QTest::newRow("IPv6") << "fd00::ffff-fd00::1:0" << QStringList{u"[fd00::ffff]"_s, u"[fd00::1:0]"_s};
    QTest::newRow("IPv6 in brackets") << "[::1]" << QStringList{u"[::1]"_s};
    QTest::newRow("both") << "::1,127.0.0.1" << QStringList{u"127.0.0.1"_s, u"[::1]"_s};
    QTest::newRow("the last address of all")
        << "255.255.255.254-255.255.255.255" << QStringList{u"255.255.255.254"_s, u"255.255.255.255"_s};
}

void TestLoadWireParts::sources()
{
    QFETCH(QString, text);
    QFETCH(QStringList, expected);
    const auto sources = SourceAddresses::parse(text.toStdString());
    QVERIFY2(sources, sources ? "" : qPrintable(QString::fromStdString(sources.error().text)));
    QCOMPARE(textsOf(sources->all()), expected);
}

void TestLoadWireParts::wrongSources_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("why");
    QTest::newRow("empty") << ""
                           << "'' is no address";
    QTest::newRow("name") << "localhost"
                          << "'localhost' is no address";
    QTest::newRow("short") << "127.0.0"
                           << "'127.0.0' is no address";
    QTest::newRow("trailing comma") << "127.0.0.1,"
                                    << "'' is no address";
    QTest::newRow("only an end") << "127.0.0.1-9"
                                 << "'127.0.0.1-9' is no address";
    QTest::newRow("backwards") << "127.0.0.9-127.0.0.2"
                               << "ends before it begins";
    QTest::newRow("two families") << "127.0.0.1-::1"
                                  << "from an IPv4 to an IPv6";
    QTest::newRow("too many") << "10.0.0.0-10.255.255.255"
                              << "more than 65536";
    QTest::newRow("too many of IPv6") << "::1-ffff::"
                                      << "more than 65536";
    QTest::newRow("twice") << "127.0.0.1-127.0.0.3,127.0.0.2"
                           << "twice";
    QTest::newRow("a port") << "127.0.0.1:80"
                            << "is no address";
}

void TestLoadWireParts::wrongSources()
{
    QFETCH(QString, text);
    QFETCH(QString, why);
    const auto sources = SourceAddresses::parse(text.toStdString());
    QVERIFY(!sources);
    const QString error = QString::fromStdString(sources.error().text);
    QVERIFY2(error.contains(why), qPrintable(error));
}

void TestLoadWireParts::sourcesAreSpread()
{
    const auto sources = SourceAddresses::parse("::1,127.0.0.2-127.0.0.4");
    QVERIFY(sources);
    const auto shown = [&sources](std::size_t user) {
        return textsOf({*sources->choose(user, AF_INET)}).front();
    };
    QCOMPARE(shown(0), u"127.0.0.2"_s);
    QCOMPARE(shown(1), u"127.0.0.3"_s);
    QCOMPARE(shown(2), u"127.0.0.4"_s);
    QCOMPARE(shown(3), u"127.0.0.2"_s);
    QCOMPARE(textsOf({*sources->choose(5, AF_INET6)}).front(), u"[::1]"_s);
    const auto ipv4Only = SourceAddresses::parse("127.0.0.2");
    QVERIFY(ipv4Only);
    QVERIFY(ipv4Only->choose(0, AF_INET6) == nullptr);
}

void TestLoadWireParts::automaticSources()
{
    const auto here = resolve("127.0.0.1", 80);
    const auto elsewhere = resolve("192.0.2.1", 80);
    QVERIFY(here && elsewhere);
    QVERIFY(SourceAddresses::automatic(*here, 14'000).isEmpty());
    QCOMPARE(textsOf(SourceAddresses::automatic(*here, 28'001).all()),
             (QStringList{u"127.0.0.1"_s, u"127.0.0.2"_s, u"127.0.0.3"_s}));
    QVERIFY(SourceAddresses::automatic(*elsewhere, 100'000).isEmpty());
    QVERIFY(SourceAddresses::automatic({}, 100'000).isEmpty());
}

void TestLoadWireParts::cookies_data()
{
    QTest::addColumn<QStringList>("given");
    QTest::addColumn<QString>("sent");
    QTest::newRow("none") << QStringList{} << "";
    QTest::newRow("one") << QStringList{u"AWSALB=a+b/c=; Path=/; Secure"_s} << "AWSALB=a+b/c=";
    QTest::newRow("two") << QStringList{u"a=1"_s, u"b=2; HttpOnly"_s} << "a=1; b=2";
    QTest::newRow("replaced") << QStringList{u"a=1"_s, u"b=2"_s, u"a=3"_s} << "a=3; b=2";
    QTest::newRow("empty value") << QStringList{u"a="_s} << "a=";
    QTest::newRow("spaces around") << QStringList{u" a = 1 ;x"_s} << "a=1";
    QTest::newRow("no name") << QStringList{u"=1"_s, u"abc"_s, u""_s} << "";
    QTest::newRow("Max-Age=0 takes out") << QStringList{u"a=1"_s, u"a=1; Max-Age=0"_s} << "";
    QTest::newRow("negative") << QStringList{u"a=1"_s, u"a=1; max-age = -5"_s} << "";
    QTest::newRow("not over") << QStringList{u"a=1; Max-Age=604800"_s} << "a=1";
    QTest::newRow("broken Max-Age") << QStringList{u"a=1; Max-Age=0x"_s} << "a=1";
    QTest::newRow("expired") << QStringList{u"a=1"_s, u"a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT"_s} << "";
    QTest::newRow("expired, old form")
        << QStringList{u"a=1"_s, u"a=1; expires=Sunday, 06-Nov-94 08:49:37 GMT"_s} << "";
    QTest::newRow("expires later") << QStringList{u"a=1; Expires=Tue, 19 Jan 2038 03:14:07 GMT"_s} << "a=1";
    QTest::newRow("Max-Age goes before")
        << QStringList{u"a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=60"_s} << "a=1";
    QTest::newRow("no date") << QStringList{u"a=1; Expires=tomorrow"_s, u"b=2; Expires=32 Foo 2001 1:2"_s}
                             << "a=1; b=2";
    QTest::newRow("a line end") << QStringList{u"a=1\r\nX: y"_s} << "";
}

void TestLoadWireParts::cookies()
{
    QFETCH(QStringList, given);
    QFETCH(QString, sent);
    const std::chrono::system_clock::time_point now = std::chrono::sys_days(2026y / 11 / 29);
    CookieJar jar;
    for (const QString &each : given)
        jar.take(each.toStdString(), now);
    QCOMPARE(QString::fromStdString(jar.field()), sent);
}

void TestLoadWireParts::cookiesAreBounded()
{
    CookieJar jar;
    jar.take("big=" + std::string(CookieJar::kMostBytes, 'x'), {});
    QCOMPARE(jar.field(), std::string());
    for (std::size_t i = 0; i < 2 * CookieJar::kMost; ++i)
        jar.take("c" + std::to_string(i) + "=1", {});
    QCOMPARE(static_cast<std::size_t>(QString::fromStdString(jar.field()).split(u"; "_s).size()),
             CookieJar::kMost);
}

void TestLoadWireParts::headers_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("why");
    QTest::newRow("usual") << "X-Tenant: blue"
                           << "X-Tenant"
                           << "blue"
                           << "";
    QTest::newRow("no space") << "X-Tenant:blue"
                              << "X-Tenant"
                              << "blue"
                              << "";
    QTest::newRow("colon in the value") << "Origin: http://a:1 "
                                        << "Origin"
                                        << "http://a:1"
                                        << "";
    QTest::newRow("empty value") << "X:"
                                 << "X"
                                 << ""
                                 << "";
    QTest::newRow("no colon") << "X-Tenant blue"
                              << ""
                              << ""
                              << "write NAME: VALUE";
    QTest::newRow("no name") << ": blue"
                             << ""
                             << ""
                             << "write NAME: VALUE";
    QTest::newRow("space in the name") << "X Tenant: blue"
                                       << ""
                                       << ""
                                       << "no space in the name";
    QTest::newRow("a line end") << "X: a\r\nY: b"
                                << ""
                                << ""
                                << "no line ends";
    QTest::newRow("the handshake's") << "sec-websocket-key: x"
                                     << ""
                                     << ""
                                     << "sets Sec-WebSocket-Key itself";
    QTest::newRow("compression") << "Sec-WebSocket-Extensions: permessage-deflate"
                                 << ""
                                 << ""
                                 << "sets Sec-WebSocket-Extensions itself";
}

void TestLoadWireParts::headers()
{
    QFETCH(QString, text);
    QFETCH(QString, name);
    QFETCH(QString, value);
    QFETCH(QString, why);
    const auto header = parseHeader(text.toStdString());
    QCOMPARE(bool(header), why.isEmpty());
    if (header) {
        QCOMPARE(QString::fromStdString(header->name), name);
        QCOMPARE(QString::fromStdString(header->value), value);
    } else {
        QVERIFY2(header.error().text.find(why.toStdString()) != std::string::npos,
                 header.error().text.c_str());
    }
}

void TestLoadWireParts::upgradeHasThem()
{
    Target target;
    target.authority = "localhost:8000";
    target.token = "secret";
    CookieJar jar;
    jar.take("AWSALB=1", {});
    const auto plain = upgradeRequest(target, "parlor.v2", nullptr);
    QCOMPARE(plain.host, std::string("localhost:8000"));
    QCOMPARE(valueOf(plain, "Authorization"), std::string("Bearer secret"));
    QVERIFY(valueOf(plain, "User-Agent").starts_with("parlor-cli/"));
    QCOMPARE(valueOf(plain, "Cookie"), std::string());
    QCOMPARE(valueOf(upgradeRequest(target, {}, &jar), "Cookie"), std::string("AWSALB=1"));

    target.headers = {{"host", "chat.example"}, {"cookie", "mine=2"}, {"user-agent", "me"}, {"X-A", "b"}};
    const auto own = upgradeRequest(target, {}, &jar);
    QCOMPARE(own.host, std::string("chat.example"));
    QCOMPARE(valueOf(own, "host"), std::string());
    QCOMPARE(valueOf(own, "Cookie"), std::string("mine=2; AWSALB=1"));
    QCOMPARE(valueOf(own, "user-agent"), std::string("me"));
    QCOMPARE(valueOf(own, "User-Agent"), std::string());
    QCOMPARE(valueOf(own, "X-A"), std::string("b"));
}

PARLOR_TEST(TestLoadWireParts)
#include "tst_load_wireparts.moc"
