// SPDX-License-Identifier: MIT
#include "server/ops/values.h"

#include "tests/support/testclass.h"
#include "tests/unit/server/ops/valuescase.h"

using namespace parlor;
using namespace parlor::test;

/// The notations of addresses, networks and origins.
class AddressValuesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void listenAddresses_data();
    void listenAddresses();
    void subnets_data();
    void subnets();
    void origins_data();
    void origins();
    void parts();
};

void AddressValuesTest::listenAddresses_data()
{
    addColumns();
    good("127.0.0.1:8000");
    good("0.0.0.0:0");
    good("[::]:8000");
    good("[::1]:65535");
    good("[0:0::1]:80", "[::1]:80");
    good("wss://0.0.0.0:8443");
    good("wss://[::]:8443");
    good("ws://127.0.0.1:8000", "127.0.0.1:8000");
    bad("https://127.0.0.1:8443", "has an unknown scheme");
    bad("WSS://127.0.0.1:8443", "has an unknown scheme");
    bad("://127.0.0.1:8443", "has an unknown scheme");
    bad("wss://", "has no port");
    bad("wss://127.0.0.1", "has no port");
    bad("wss://127.0.0.1:8443/", "has no valid port");
    bad("wss:127.0.0.1:8443", "without brackets");
    bad("", "has no port");
    bad("127.0.0.1", "has no port");
    bad("8000", "has no address");
    bad("wss://8443", "has no address");
    bad(":8000", "has no valid address; for all addresses give 0.0.0.0:8000 or [::]:8000");
    bad("*:8000", "for all addresses give 0.0.0.0:8000 or [::]:8000");
    bad("localhost:8000", "has a name where a numeric address belongs; give 127.0.0.1:8000 or [::1]:8000");
    bad("wss://chat.example.org:8443",
        "has a name where a numeric address belongs; give one of this machine's, as 192.0.2.1:8443");
    bad("1.2.3:80", "has no valid address");
    bad("256.0.0.1:80", "has no valid address");
    bad("[1.2.3.4]:80", "has no valid address");
    bad("::1:80", "without brackets");
    bad("[::1]", "has no port");
    bad("[::1:80", "without brackets");
    bad("127.0.0.1:", "has no valid port");
    bad("127.0.0.1:65536", "has no valid port");
    bad("127.0.0.1:-1", "has no valid port");
    bad("127.0.0.1:80a", "has no valid port");
    bad("127.0.0.1:99999999999999999999", "has no valid port");
}

void AddressValuesTest::listenAddresses()
{
    check(values::parseListenAddress, [](const ListenAddress &v) { return values::text(v); });
}

void AddressValuesTest::subnets_data()
{
    addColumns();
    good("10.0.0.0/8");
    good("0.0.0.0/0");
    good("192.0.2.1", "192.0.2.1/32");
    good("192.0.2.1/32");
    good("2001:db8::/32");
    good("::1", "::1/128");
    bad("", "has no valid address");
    bad("10/8", "has no valid address");
    bad("10.0.0.0/", "has no valid length");
    bad("10.0.0.0/33", "has no valid length");
    bad("10.0.0.0/-1", "has no valid length");
    bad("10.0.0.0/255.0.0.0", "has no valid length");
    bad("::/129", "has no valid length");
    bad("10.1.2.3/8", "10.0.0.0/8");
    bad("2001:db8::1/32", "2001:db8::/32");
    bad("vpc", "has no valid address");
}

void AddressValuesTest::subnets()
{
    check(values::parseSubnet, [](const Subnet &v) { return values::text(v); });
}

void AddressValuesTest::origins_data()
{
    addColumns();
    good("https://chat.example.org");
    good("http://localhost:8080");
    good("http://[::1]:8080");
    good("null");
    bad("", "has no scheme");
    bad("*", "leave allowed-origin out");
    bad("chat.example.org", "has no scheme");
    bad("://x", "has no scheme");
    bad("https://", "more or less than an origin");
    bad("https://x/", "more or less than an origin");
    bad("https://x/path", "more or less than an origin");
    bad("https://a@x", "more or less than an origin");
    bad("https://a,https://b", "more or less than an origin");
    bad("https://Chat.example.org", "has capitals");
    bad("https://a b", "has a character");
    bad("https://a\nb", "has a character");
    bad("https://m\xC3\xBCller.example", "has a character");
}

void AddressValuesTest::origins()
{
    check(values::parseOrigin, [](const std::string &v) { return v; });
}

void AddressValuesTest::parts()
{
    const Subnet subnet = *values::parseSubnet("2001:db8::/32");
    QCOMPARE(subnet.address, QHostAddress(QStringLiteral("2001:db8::")));
    QCOMPARE(subnet.prefixLength, 32);
    const ListenAddress address = *values::parseListenAddress("[::1]:80");
    QCOMPARE(address.address, QHostAddress(QHostAddress::LocalHostIPv6));
    QCOMPARE(address.port, std::uint16_t(80));
    QVERIFY(address.scheme == ListenScheme::Ws);
    QVERIFY(values::parseListenAddress("wss://[::1]:80")->scheme == ListenScheme::Wss);
}

PARLOR_TEST(AddressValuesTest)
#include "tst_addressvalues.moc"
