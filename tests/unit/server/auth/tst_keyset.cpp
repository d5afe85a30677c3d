// SPDX-License-Identifier: MIT
#include "server/auth/keyset.h"

#include "tests/support/testclass.h"
#include "tests/unit/server/auth/tokenmaker.h"

#include <QJsonArray>
#include <QTest>

using namespace parlor;
using namespace parlor::test;

/// Each row is a JWKS, and what comes of it.
class KeySetTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void rows_data();
    void rows();
    void several();
    void pem();
    void mostAreKept();
};

void KeySetTest::rows_data()
{
    QTest::addColumn<QByteArray>("jwks");
    QTest::addColumn<QByteArray>("text"); // or the error, behind "no: "
    const auto row = [](const char *name, const QByteArray &jwks, const QByteArray &text) {
        QTest::newRow(name) << jwks << text;
    };
    const auto of = [](const QByteArray &key) -> QByteArray { return "{\"keys\":[" + key + "]}"; };
    static const TokenKey rsa = TokenKey::rsa();
    static const TokenKey ec = TokenKey::ec();
    const QByteArray rsaJson = json(rsa.jwk());
    const QByteArray ecJson = json(ec.jwk());
    const auto with = [](const QByteArray &key, const QByteArray &more) -> QByteArray {
        return "{" + more + ',' + key.mid(1);
    };

    row("RSA", of(rsaJson), "1 key: without a kid");
    row("EC", of(with(ecJson, R"("kid":"a")")), "1 key: \"a\"");
    row("P-521", of(json(TokenKey::ec("P-521").jwk())), "1 key: ");
    row("with what nobody knows", "{\"x\":1,\"keys\":[" + with(ecJson, R"("x5t":"y","kid":"a")") + "]}",
        "1 key: \"a\"");
    row("no JSON", "<html>", "no: the JWKS is no valid JSON");
    row("empty", "", "no: the JWKS is no valid JSON");
    row("a list", "[]", "no: the JWKS is no JSON object");
    row("no keys", "{}", "no: the JWKS has no list \"keys\"");
    row("keys is an object", R"({"keys":{}})", "no: the JWKS has no list");
    row("keys twice", R"({"keys":[],"keys":[]})", "no: the JWKS has \"keys\" twice");
    row("no key", of(""), "no: the JWKS has no key that can be used");
    row("a key is text", of("\"abc\""), "no: a key of the JWKS is no JSON object");
    row("101 keys", of(QByteArray(rsaJson + ',').repeated(100) + rsaJson), "no: the JWKS has 101 keys");
    row("100 keys", of(QByteArray(ecJson + ',').repeated(99) + ecJson), "100 keys: ");
    row("deep", of(QByteArray(1000, '[') + QByteArray(1000, ']')), "no: the JWKS is nested too deeply");
    row("bad UTF-8", of(with(ecJson, "\"kid\":\"\xFF\"")), "no: the JWKS is no valid JSON");
    row("encryption", of(with(rsaJson, R"("kid":"e","use":"enc")")),
        "no: the JWKS has no key that can be used (\"e\": it is not for signatures)");
    row("key_ops", of(with(rsaJson, R"("key_ops":["encrypt"])")),
        "no: the JWKS has no key that can be used (without a kid: it is not for");
    row("key_ops with verify", of(with(rsaJson, R"("key_ops":["x","verify"])")), "1 key: ");
    row("alg of RSA for EC", of(with(ecJson, R"("alg":"RS256")")),
        "no: the JWKS has no key that can be used (without a kid: its alg \"RS256\"");
    row("alg of another curve", of(with(ecJson, R"("alg":"ES384")")), "no: the JWKS has no key");
    row("alg HS256 for RSA", of(with(rsaJson, R"("alg":"HS256")")), "no: the JWKS has no key");
    row("alg none", of(with(rsaJson, R"("alg":"none")")), "no: the JWKS has no key");
    row("alg for encryption", of(with(rsaJson, R"("alg":"RSA-OAEP")")), "no: the JWKS has no key");
    row("a secret", of(R"({"kty":"oct","k":"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE"})"),
        "no: the JWKS has no key that can be used (without a kid: it is a secret");
    row("Ed25519", of(R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})"),
        "no: the JWKS has no key that can be used (without a kid: its kty \"OKP\"");
    row("another curve", of(QByteArray(ecJson).replace("P-256", "secp256k1")),
        "no: the JWKS has no key that can be used (without a kid: its curve \"secp256k1\"");
    row("a curve of another size", of(QByteArray(ecJson).replace("P-256", "P-384")),
        "no: the JWKS has no key that can be used (without a kid: it is no valid key");
    row("no kty", of(QByteArray(ecJson).replace("\"kty\":\"EC\",", "")), "no: the JWKS has no key");
    row("kid is a number", of(with(ecJson, R"("kid":1)")),
        "no: the JWKS has no key that can be used (without a kid: \"kid\" of the key is no string");
    row("kid twice", of(with(ecJson, R"("kid":"a","kid":"b")")), "no: the JWKS has no key");
    row("x twice", of(with(ecJson, "\"x\":\"AA\"")), "no: the JWKS has no key");
    const QByteArray x = ec.jwk()[QStringLiteral("x")].toString().toLatin1();
    row("not on the curve", of(QByteArray(ecJson).replace(x, QByteArray(QByteArray(42, 'A') + 'E'))),
        "no: the JWKS has no key that can be used (without a kid: it is no valid key)");
    row("a coordinate too short", of(QByteArray(ecJson).replace(x, x.left(40))), "no: the JWKS has no key");
    row("no base64url", of(QByteArray(ecJson).replace(x, QByteArray("!" + x.mid(1)))),
        "no: the JWKS has no key");
    row("1024 bits", of(json(TokenKey::rsa(1024).jwk())),
        "no: the JWKS has no key that can be used (without a kid: it is no RSA key of 2048");
    row("exponent 1", of(QByteArray(rsaJson).replace("AQAB", "AQ")),
        "no: the JWKS has no key that can be used (without a kid: it is no RSA key");
    row("exponent 0", of(QByteArray(rsaJson).replace("AQAB", "AA")), "no: the JWKS has no key");
    row("even exponent", of(QByteArray(rsaJson).replace("AQAB", "AQAA")), "no: the JWKS has no key");
    row("large exponent", of(QByteArray(rsaJson).replace("AQAB", base64Url(QByteArray(9, '\x7f')))),
        "no: the JWKS has no key");
    row("huge modulus", of(R"({"kty":"RSA","e":"AQAB","n":")" + base64Url(QByteArray(1025, '\x7f')) + "\"}"),
        "no: the JWKS has no key");
    row("one of two", of(with(rsaJson, R"("kid":"e","use":"enc")") + ',' + with(ecJson, R"("kid":"s")")),
        "1 key: \"s\" (left out: \"e\": it is not for signatures)");
}

void KeySetTest::rows()
{
    QFETCH(const QByteArray, jwks);
    QFETCH(const QByteArray, text);
    const auto keys = KeySet::fromJwks({jwks.data(), static_cast<std::size_t>(jwks.size())});
    const QByteArray said = QByteArray::fromStdString(keys ? keys->text() : "no: " + keys.error().text);
    QVERIFY2(said.startsWith(text), said.constData());
}

/// Keys of one kid are told apart by what they are for.
void KeySetTest::several()
{
    const auto named = [](const TokenKey &key) {
        QJsonObject jwk = key.jwk();
        jwk[QStringLiteral("kid")] = QStringLiteral("k");
        return jwk;
    };
    const TokenKey rsa = TokenKey::rsa();
    const QByteArray jwks = json({{QStringLiteral("keys"), QJsonArray{named(rsa), named(TokenKey::ec()),
                                                                      named(TokenKey::ec("P-384"))}}});
    const auto keys = KeySet::fromJwks(jwks.toStdString());
    QVERIFY(keys);
    QVERIFY(keys->has("k"));
    QVERIFY(!keys->has("l"));
    QVERIFY(keys->has(std::nullopt));
    QVERIFY(keys->find("k", "ES256"));
    QVERIFY(keys->find("k", "RS256"));
    QVERIFY(keys->find(std::nullopt, "ES384"));
    QVERIFY(!keys->find("k", "ES512"));
    QVERIFY(!keys->find("k", "HS256"));
    QVERIFY(!KeySet().has(std::nullopt));
    const KeySet two = keys->with(*keys->find("k", "ES256"), 5);
    QVERIFY(two.find("k", "ES256"));
}

void KeySetTest::pem()
{
    const TokenKey ec = TokenKey::ec();
    const QByteArray pem = ec.pem();
    QVERIFY(VerificationKey::ofPem(pem.toStdString(), "k"));
    QVERIFY(VerificationKey::ofPem(QByteArray(pem).replace("\n", "\r\n").toStdString(), "k"));
    QVERIFY(VerificationKey::ofPem(pem.trimmed().toStdString(), "k"));
    QVERIFY(!VerificationKey::ofPem("", "k"));
    QVERIFY(!VerificationKey::ofPem("-----END PUBLIC KEY----- -----BEGIN PUBLIC KEY-----", "k"));
    QVERIFY(!VerificationKey::ofPem(TokenKey::rsa().pem().toStdString(), "k"));
    QVERIFY(!VerificationKey::ofPem(TokenKey::ec("P-384").pem().toStdString(), "k"));
    QVERIFY(!VerificationKey::ofPem(QByteArray(pem).replace(pem.mid(80, 1), "!").toStdString(), "k"));
    QByteArray truncated = pem;
    QVERIFY(!VerificationKey::ofPem(truncated.remove(60, 8).toStdString(), "k"));
}

void KeySetTest::mostAreKept()
{
    KeySet keys;
    const std::string pem = TokenKey::ec().pem().toStdString();
    for (const char *kid : {"a", "b", "c", "b"})
        keys = keys.with(*VerificationKey::ofPem(pem, kid), 2);
    QVERIFY(!keys.has("a"));
    QVERIFY(keys.has("b"));
    QVERIFY(keys.has("c"));
}

PARLOR_TEST(KeySetTest)
#include "tst_keyset.moc"
