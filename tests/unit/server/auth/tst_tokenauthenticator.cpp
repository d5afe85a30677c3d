// SPDX-License-Identifier: MIT
#include "server/auth/tokenauthenticator.h"

#include "tests/support/testclass.h"
#include "tests/unit/server/auth/tokenmaker.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>

using namespace parlor;
using namespace parlor::test;
using namespace std::chrono_literals;

namespace {

const QByteArray kSecret = "do-not-log-0123456789abcdef0123456789";

QString s(const char *text)
{
    return QString::fromUtf8(text);
}

/// Claims that pass, with some put in place of others; null takes one away.
QJsonObject claims(const QJsonObject &changes = {})
{
    QJsonObject all{{s("sub"), s("ann")},
                    {s("exp"), kNowSeconds + 300},
                    {s("aud"), s("parlor")},
                    {s("iss"), s("https://issuer.example")}};
    for (auto each = changes.begin(); each != changes.end(); ++each) {
        if (each.value().isNull())
            all.remove(each.key());
        else
            all[each.key()] = each.value();
    }
    return all;
}

QJsonObject header(const char *algorithm, const QJsonObject &more = {})
{
    QJsonObject all{{s("alg"), s(algorithm)}, {s("typ"), s("JWT")}};
    for (auto each = more.begin(); each != more.end(); ++each)
        all[each.key()] = each.value();
    return all;
}

QJsonObject kid(const char *name)
{
    return {{s("kid"), s(name)}};
}

QJsonObject merged(QJsonObject into, const QJsonObject &more)
{
    for (auto each = more.begin(); each != more.end(); ++each)
        into[each.key()] = each.value();
    return into;
}

ClaimRules strictRules()
{
    ClaimRules rules;
    rules.audience = "parlor";
    rules.issuer = "https://issuer.example";
    rules.moderators = {"mo"};
    rules.admins = {"ada"};
    return rules;
}

} // namespace

/// Each row is a token, and what is said to it.
class TokenAuthenticatorTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void signatures_data();
    void signatures();
    void forms_data();
    void forms();
    void claimRows_data();
    void claimRows();
    void secret_data();
    void secret();
    void grants_data();
    void grants();
    void changedAnywhere();
    void withoutRules();

private:
    /// The keys of a JWKS; `name` is a file's.
    [[nodiscard]] std::unique_ptr<KeyRing> ring(const QList<QJsonObject> &keys);
    /// `user`, or why it is refused.
    [[nodiscard]] static std::string said(KeyRing &keys, const QByteArray &token,
                                          const ClaimRules &rules = strictRules());
    void columns();
    void judge(KeyRing &keys);

    QTemporaryDir m_folder;
    int m_files = 0;
    TokenKey m_rsa = TokenKey::rsa();
    TokenKey m_otherRsa = TokenKey::rsa();
    TokenKey m_ec = TokenKey::ec();
    TokenKey m_ec384 = TokenKey::ec("P-384");
    std::unique_ptr<KeyRing> m_keys; ///< rsa (any), ps (PS256), ec, ec384
    std::unique_ptr<KeyRing> m_secret;
};

void TokenAuthenticatorTest::initTestCase()
{
    m_keys =
        ring({merged(m_rsa.jwk(), kid("rsa")),
              merged(m_otherRsa.jwk(), {{s("kid"), s("ps")}, {s("alg"), s("PS256")}, {s("use"), s("sig")}}),
              merged(m_ec.jwk(), kid("ec")), merged(m_ec384.jwk(), kid("ec384"))});
    QFile file(m_folder.filePath(s("secret")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(kSecret + '\n');
    file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner);
    file.close();
    m_secret =
        std::make_unique<KeyRing>(keysource::SecretFile{file.fileName().toStdString()}, KeyRing::Pace{});
    const auto loaded = m_secret->reload();
    QVERIFY2(loaded, loaded ? "" : loaded.error().text.c_str());
}

std::unique_ptr<KeyRing> TokenAuthenticatorTest::ring(const QList<QJsonObject> &keys)
{
    QJsonArray array;
    for (const QJsonObject &key : keys)
        array.append(key);
    QFile file(m_folder.filePath(s("jwks%1.json").arg(++m_files)));
    if (!file.open(QIODevice::WriteOnly) || file.write(json({{s("keys"), array}})) < 0)
        qFatal("cannot write the JWKS");
    file.close();
    auto made =
        std::make_unique<KeyRing>(keysource::JwksFile{file.fileName().toStdString()}, KeyRing::Pace{});
    if (const auto loaded = made->reload(); !loaded)
        qFatal("%s", loaded.error().text.c_str());
    return made;
}

std::string TokenAuthenticatorTest::said(KeyRing &keys, const QByteArray &token, const ClaimRules &rules)
{
    TokenAuthenticator authenticator(keys, rules);
    const auto verdict = authenticator.check({token.data(), static_cast<std::size_t>(token.size())}, kNow);
    if (const auto *grant = std::get_if<Grant>(&verdict))
        return "passes: " + grant->user;
    if (const auto *refused = std::get_if<Authenticator::Refused>(&verdict))
        return (refused->isExpired ? "expired: " : "refused: ") + refused->why;
    return "awaited";
}

void TokenAuthenticatorTest::columns()
{
    QTest::addColumn<QByteArray>("token");
    QTest::addColumn<QByteArray>(
        "expected"); // begins with "passes", "refused" or "expired"; the rest is a part
}

void TokenAuthenticatorTest::judge(KeyRing &keys)
{
    QFETCH(const QByteArray, token);
    QFETCH(const QByteArray, expected);
    const QByteArray text = QByteArray::fromStdString(said(keys, token));
    const qsizetype colon = expected.indexOf(':');
    QVERIFY2(text.startsWith(expected.left(colon)), text.constData());
    QVERIFY2(text.contains(expected.mid(colon + 1)), text.constData());
    if (!text.startsWith("passes"))
        QVERIFY2(text.contains("; "), text.constData()); // what to do
}

void TokenAuthenticatorTest::signatures_data()
{
    columns();
    const auto row = [](const char *name, const QByteArray &token, const QByteArray &expected) {
        QTest::newRow(name) << token << expected;
    };
    const auto signedWith = [](const TokenKey &key, const char *algorithm, const QJsonObject &more) {
        return key.token(header(algorithm, more), claims());
    };
    row("RS256", signedWith(m_rsa, "RS256", kid("rsa")), "passes: ann");
    row("PS256", signedWith(m_rsa, "PS256", kid("rsa")), "passes: ann");
    row("PS256 by the key's alg", signedWith(m_otherRsa, "PS256", kid("ps")), "passes: ann");
    row("ES256", signedWith(m_ec, "ES256", kid("ec")), "passes: ann");
    row("ES384", signedWith(m_ec384, "ES384", kid("ec384")), "passes: ann");
    row("ES256 without kid", signedWith(m_ec, "ES256", {}), "passes: ann"); // one key is for it
    row("RS256 without kid", signedWith(m_rsa, "RS256", {}), "passes: ann");
    row("PS256 without kid", signedWith(m_rsa, "PS256", {}), "refused:several keys fit");

    row("another alg than the key's", signedWith(m_otherRsa, "RS256", kid("ps")),
        "refused:its key is for PS256");
    row("RS512 with a key for 256", signedWith(m_rsa, "RS512", kid("rsa")),
        "refused:its key is for RS256, PS256");
    row("RS256 that names an EC key", signedWith(m_rsa, "RS256", kid("ec")), "refused:its key is for ES256");
    row("ES256 with a key of P-384", signedWith(m_ec384, "ES256", kid("ec384")),
        "refused:its key is for ES384");
    row("EdDSA", signedWith(TokenKey::ed25519(), "EdDSA", kid("ed")), "refused:does not know (\"ed\")");
    row("EdDSA that names another key", signedWith(TokenKey::ed25519(), "EdDSA", kid("ec")),
        "refused:its key is for ES256");
    // The public key, which everybody has, as the secret of an HMAC.
    row("HS256 with the public key in PEM", signedWith(TokenKey::secret(m_rsa.pem()), "HS256", kid("rsa")),
        "refused:its key is for RS256, PS256");
    row("HS256 with the modulus",
        signedWith(TokenKey::secret(QByteArray::fromBase64(m_rsa.jwk()[s("n")].toString().toLatin1(),
                                                           QByteArray::Base64UrlEncoding)),
                   "HS256", kid("rsa")),
        "refused:its key is for RS256, PS256");
    row("HS256 without kid", signedWith(TokenKey::secret(kSecret), "HS256", {}), "refused:its key is for");
    row("unknown kid", signedWith(m_rsa, "RS256", kid("old")), "refused:does not know (\"old\")");
    row("kid in other case", signedWith(m_rsa, "RS256", kid("RSA")), "refused:does not know");
    row("empty kid", signedWith(m_rsa, "RS256", kid("")), "refused:does not know (\"\")");
    row("kid as a path", signedWith(m_rsa, "RS256", kid("../../etc/passwd")), "refused:does not know");
    row("kid as a query", signedWith(m_rsa, "RS256", kid("' OR 1=1 --")), "refused:does not know");
    row("kid is a number", signedWith(m_rsa, "RS256", {{s("kid"), 1}}),
        "refused:\"kid\" of the token's header is no "
        "string");
    row("kid of another key", signedWith(m_otherRsa, "RS256", kid("rsa")),
        "refused:the token's signature is wrong");
    // Keys that the token itself brings along.
    row("jwk in the header",
        m_otherRsa.token(header("RS256", {{s("kid"), s("rsa")}, {s("jwk"), m_otherRsa.jwk()}}), claims()),
        "refused:signature is wrong");
    row("jku in the header",
        m_otherRsa.token(header("RS256", {{s("kid"), s("x")}, {s("jku"), s("http://127.0.0.1/jwks")}}),
                         claims()),
        "refused:does not know");
    const QByteArray rs = signedWith(m_rsa, "RS256", kid("rsa"));
    const QByteArray es = signedWith(m_ec, "ES256", kid("ec"));
    const QByteArray unsignedEs = es.left(es.lastIndexOf('.') + 1);
    row("ECDSA of zeros", unsignedEs + base64Url(QByteArray(64, '\0')), "refused:signature is wrong");
    row("ECDSA too short", es.left(es.size() - 4), "refused:signature is wrong");
    row("ECDSA too long", es + "AAAA", "refused:signature is wrong");
    row("ECDSA of one byte", unsignedEs + "AA", "refused:signature is wrong");
    row("RSA of one byte", rs.left(rs.lastIndexOf('.')) + ".AA", "refused:signature is wrong");
}

void TokenAuthenticatorTest::signatures()
{
    judge(*m_keys);
}

void TokenAuthenticatorTest::forms_data()
{
    columns();
    const auto row = [](const char *name, const QByteArray &token, const QByteArray &expected) {
        QTest::newRow(name) << token << expected;
    };
    const QByteArray good = m_rsa.token(header("RS256", kid("rsa")), claims());
    const QList<QByteArray> parts = good.split('.');
    const auto headed = [this](const QByteArray &head) { return m_rsa.token(head, json(claims()), "RS256"); };
    const auto withContent = [this](const QByteArray &content) {
        return m_rsa.token(json(header("RS256", kid("rsa"))), content, "RS256");
    };

    row("empty", "", "refused:the token is empty");
    row("no dots", "abc", "refused:this is no token");
    row("one dot", parts[0] + '.' + parts[1], "refused:this is no token");
    row("dots only", "..", "refused:this is no token");
    row("four parts", good + ".AA", "refused:this is no token");
    row("a JWE", good + ".AA.AA", "refused:the token is encrypted");
    row("with Bearer", "Bearer " + good, "refused:this is no token");
    row("a line break", good + '\n', "refused:");
    row("padding", good + "==", "refused:no signature in base64url");
    row("padding in the middle", parts[0] + "=." + parts[1] + '.' + parts[2], "refused:this is no token");
    row("base64, not base64url", parts[0] + '.' + parts[1] + "." + QByteArray(parts[2]).replace(0, 1, "+"),
        "refused:no signature in base64url");
    row("NUL in it", parts[0] + '\0' + '.' + parts[1] + '.' + parts[2], "refused:this is no token");
    row("no signature", parts[0] + '.' + parts[1] + '.', "refused:no signature");
    row("8192 bytes of nothing", QByteArray(8192, 'a'), "refused:this is no token");
    row("too large", withContent(json(claims({{s("x"), QString(8192, u'a')}}))), "refused:at most 8192");
    row("largest that passes", withContent(json(claims({{s("x"), QString(5000, u'a')}}))), "passes:ann");

    row("alg none, unsigned", base64Url(json(header("none"))) + '.' + parts[1] + '.',
        "refused:is not signed");
    row("alg none, signed", headed(R"({"alg":"none","kid":"rsa"})"), "refused:is not signed");
    row("alg None", headed(R"({"alg":"None","kid":"rsa"})"), "refused:signed with \"None\"");
    row("alg empty", headed(R"({"alg":"","kid":"rsa"})"), "refused:signed with \"\"");
    row("alg rs256", headed(R"({"alg":"rs256","kid":"rsa"})"), "refused:signed with \"rs256\"");
    row("no alg", headed(R"({"kid":"rsa"})"), "refused:names no algorithm");
    row("alg is a list", headed(R"({"alg":["RS256"],"kid":"rsa"})"), "refused:\"alg\" of the token's header");
    row("alg twice", headed(R"({"alg":"RS256","alg":"none","kid":"rsa"})"), "refused:has \"alg\" twice");
    row("alg twice, escaped", headed(R"({"alg":"RS256","\u0061lg":"none","kid":"rsa"})"),
        "refused:has \"alg\" twice");
    row("kid twice", headed(R"({"alg":"RS256","kid":"rsa","kid":"ec"})"), "refused:has \"kid\" twice");
    row("crit", headed(R"({"alg":"RS256","kid":"rsa","crit":["b64"],"b64":false})"), "refused:(crit)");
    row("crit empty", headed(R"({"alg":"RS256","kid":"rsa","crit":[]})"), "refused:(crit)");
    row("typ JWE", headed(R"({"alg":"RS256","kid":"rsa","typ":"JWE"})"), "refused:of type \"JWE\"");
    row("typ of a log-out", headed(R"({"alg":"RS256","kid":"rsa","typ":"logout+jwt"})"), "refused:of type");
    row("typ at+jwt", headed(R"({"alg":"RS256","kid":"rsa","typ":"at+jwt"})"), "passes:ann");
    row("no typ", headed(R"({"alg":"RS256","kid":"rsa"})"), "passes:ann");
    row("header with spaces", headed("{ \"alg\" : \"RS256\",\n\"kid\":\"rsa\" }"), "passes:ann");
    row("header is a list", headed("[]"), "refused:header is no JSON object");
    row("header is no JSON", headed("alg=RS256"), "refused:header is no valid JSON");
    row("header with a byte order mark", headed("\xEF\xBB\xBF{\"alg\":\"RS256\",\"kid\":\"rsa\"}"),
        "refused:header is no valid JSON");
    row("header with bad UTF-8", headed("{\"alg\":\"RS256\",\"kid\":\"rsa\xFF\"}"),
        "refused:header is no valid JSON");
    row("header and more", headed(R"({"alg":"RS256","kid":"rsa"}{})"), "refused:header is no valid JSON");
    row("header is deep",
        headed("{\"alg\":\"RS256\",\"kid\":\"rsa\",\"x\":" + QByteArray(1000, '[') + QByteArray(1000, ']') +
               '}'),
        "refused:nested too deeply");

    row("content is a list", withContent("[]"), "refused:content is no JSON object");
    row("content is a token", withContent(good), "refused:content is no valid JSON");
    row("content is no JSON", withContent("sub=ann"), "refused:content is no valid JSON");
    row("content is empty", m_rsa.token(json(header("RS256", kid("rsa"))), "", "RS256"), "refused:");
    row("content with bad UTF-8", withContent(json(claims()).replace("ann", "an\xC0\x80")),
        "refused:content is no valid JSON");
    row("content with half a surrogate", withContent(json(claims()).replace("ann", "an\\ud800")), "refused:");
    const QByteArray deep = "{\"x\":" + QByteArray(100, '[') + QByteArray(100, ']') + ',';
    row("content is deep", withContent(json(claims()).replace("{", deep)), "refused:nested too deeply");
}

void TokenAuthenticatorTest::forms()
{
    judge(*m_keys);
}

void TokenAuthenticatorTest::claimRows_data()
{
    columns();
    const auto row = [this](const char *name, const QJsonObject &changes, const QByteArray &expected) {
        QTest::newRow(name) << m_ec.token(header("ES256", kid("ec")), claims(changes)) << expected;
    };
    const auto raw = [this](const char *name, const QByteArray &from, const QByteArray &to,
                            const QByteArray &expected) {
        QTest::newRow(name) << m_ec.token(json(header("ES256", kid("ec"))), json(claims()).replace(from, to),
                                          "ES256")
                            << expected;
    };
    row("no exp", {{s("exp"), QJsonValue()}}, "refused:(exp)");
    row("exp is text", {{s("exp"), s("1800000300")}}, "refused:\"exp\" of the token's content is no time");
    row("exp is true", {{s("exp"), true}}, "refused:is no time");
    row("exp a minute ago", {{s("exp"), kNowSeconds - 60}},
        "expired:has expired at 2027-01-15T07:59:00.000Z");
    row("exp almost a minute ago", {{s("exp"), kNowSeconds - 59}}, "passes:ann");
    row("exp with a fraction", {{s("exp"), kNowSeconds - 59.5}}, "passes:ann");
    row("exp of 1970", {{s("exp"), 0}}, "expired:get a new one");
    row("exp before 1970", {{s("exp"), -5}}, "expired:get a new one");
    raw("exp huge", "1800000300", "1e300", "refused:is no time");
    raw("exp too large a number", "1800000300", "1e999", "refused:content is no valid JSON");
    raw("exp not a number", "1800000300", "NaN", "refused:content is no valid JSON");
    raw("exp as an exponent", "1800000300", "1.8000003e9", "passes:ann");
    raw("exp twice", "\"exp\"", "\"exp\":9999999999,\"exp\"", "refused:has \"exp\" twice");
    raw("exp as 64 bits that overflow", "1800000300", "18446744073709551616", "refused:");
    row("nbf in a minute", {{s("nbf"), kNowSeconds + 60}}, "passes:ann");
    row("nbf later", {{s("nbf"), kNowSeconds + 61}}, "refused:is valid from 2027-01-15T08:01:01.000Z");
    row("nbf is text", {{s("nbf"), s("now")}}, "refused:\"nbf\" of the token's content is no time");
    row("iat in a minute", {{s("iat"), kNowSeconds + 60}}, "passes:ann");
    row("iat later", {{s("iat"), kNowSeconds + 61}}, "refused:is issued at");
    row("aud of another", {{s("aud"), s("shop")}}, "refused:not for this server");
    row("no aud", {{s("aud"), QJsonValue()}}, "refused:not for this server");
    row("aud as a list", {{s("aud"), QJsonArray{s("shop"), s("parlor")}}}, "passes:ann");
    row("aud as a list of others", {{s("aud"), QJsonArray{s("shop"), s("parlor2")}}},
        "refused:not for this server");
    row("aud as an empty list", {{s("aud"), QJsonArray()}}, "refused:not for this server");
    row("aud as a list in a list", {{s("aud"), QJsonArray{QJsonArray{s("parlor")}}}},
        "refused:not for this server");
    row("aud in other case", {{s("aud"), s("Parlor")}}, "refused:not for this server");
    row("aud is a number", {{s("aud"), 1}}, "refused:not for this server");
    raw("aud twice", "\"aud\"", "\"aud\":\"parlor\",\"aud\"", "refused:has \"aud\" twice");
    row("iss of another", {{s("iss"), s("https://issuer.example.org")}}, "refused:not of the issuer");
    row("iss with a slash more", {{s("iss"), s("https://issuer.example/")}}, "refused:not of the issuer");
    row("no iss", {{s("iss"), QJsonValue()}}, "refused:not of the issuer");
    row("iss as a list", {{s("iss"), QJsonArray{s("https://issuer.example")}}}, "refused:\"iss\"");
    row("no sub", {{s("sub"), QJsonValue()}}, "refused:(sub)");
    row("sub empty", {{s("sub"), s("")}}, "refused:1 to 128 characters");
    row("sub of 128 characters", {{s("sub"), QString(128, QChar(0xE9))}}, "passes:");
    row("sub of 129 characters", {{s("sub"), QString(129, u'a')}}, "refused:1 to 128 characters");
    row("sub is a number", {{s("sub"), 17}}, "refused:\"sub\" of the token's content is no string");
    row("sub with NUL", {{s("sub"), QString(QChar(0))}}, "refused:control characters");
    row("sub with a line break", {{s("sub"), s("a\nb")}}, "refused:control characters");
    row("sub with C1", {{s("sub"), QString(QChar(0x85))}}, "refused:control characters");
    row("sub server", {{s("sub"), s("server")}}, "refused:this server's own name");
    raw("sub twice", "\"sub\"", "\"sub\":\"ada\",\"sub\"", "refused:has \"sub\" twice");
    raw("roles twice", "\"sub\"", R"("roles":"admin","roles":[],"sub")", "refused:has \"roles\" twice");
    row("rooms is a number", {{s("rooms"), 1}}, "refused:\"rooms\" of the token is no list");
    row("rooms with a number", {{s("rooms"), QJsonArray{1}}}, "refused:is no list");
    row("rooms with no room", {{s("rooms"), QJsonArray{s("a b")}}}, "refused:\"a b\" in \"rooms\"");
    row("another claim twice", {{s("x"), 1}}, "passes:ann");
}

void TokenAuthenticatorTest::claimRows()
{
    judge(*m_keys);
}

void TokenAuthenticatorTest::secret_data()
{
    columns();
    const TokenKey key = TokenKey::secret(kSecret);
    const auto row = [](const char *name, const QByteArray &token, const QByteArray &expected) {
        QTest::newRow(name) << token << expected;
    };
    row("HS256", key.token(header("HS256"), claims()), "passes:ann");
    row("with a kid", key.token(header("HS256", kid("any")), claims()), "passes:ann");
    row("HS512", key.token(header("HS512"), claims()), "refused:its key is for HS256");
    row("RS256", m_rsa.token(header("RS256"), claims()), "refused:its key is for HS256");
    row("another secret", TokenKey::secret(kSecret + 'x').token(header("HS256"), claims()),
        "refused:signature is wrong");
    row("an empty secret", TokenKey::secret("").token(header("HS256"), claims()),
        "refused:signature is wrong");
    const QByteArray good = key.token(header("HS256"), claims());
    row("half a signature", good.left(good.size() - 23), "refused:signature is wrong");
}

void TokenAuthenticatorTest::secret()
{
    judge(*m_secret);
}

void TokenAuthenticatorTest::grants_data()
{
    QTest::addColumn<QJsonObject>("claims");
    QTest::addColumn<QString>("username");
    QTest::addColumn<int>("role");
    QTest::addColumn<QStringList>("rooms");
    const auto row = [](const char *name, const QJsonObject &changes, const char *username, Role role,
                        const QStringList &rooms) {
        QTest::newRow(name) << changes << s(username) << static_cast<int>(role) << rooms;
    };
    row("nothing", {}, "", Role::Member, {});
    row("name", {{s("name"), s("  Ann\u00A0 O. ")}}, "Ann O.", Role::Member, {});
    row("name that is none", {{s("name"), s("a\u202Eb")}}, "", Role::Member, {});
    row("name too long", {{s("name"), QString(33, u'a')}}, "", Role::Member, {});
    row("name is a number", {{s("name"), 3}}, "", Role::Member, {});
    row("role as text", {{s("roles"), s("moderator")}}, "", Role::Moderator, {});
    row("roles with spaces", {{s("roles"), s("user  parlor-admin x")}}, "", Role::Admin, {});
    row("roles as a list", {{s("roles"), QJsonArray{s("x"), s("parlor-moderator")}}}, "", Role::Moderator,
        {});
    row("the higher one", {{s("roles"), QJsonArray{s("admin"), s("moderator")}}}, "", Role::Admin, {});
    row("no role of ours", {{s("roles"), QJsonArray{s("Administrator"), s("ADMIN")}}}, "", Role::Member, {});
    row("roles of another kind", {{s("roles"), QJsonObject{{s("admin"), true}}}}, "", Role::Member, {});
    row("role by the options", {{s("sub"), s("mo")}}, "", Role::Moderator, {});
    row("admin by the options", {{s("sub"), s("ada")}, {s("roles"), s("moderator")}}, "", Role::Admin, {});
    row("rooms", {{s("rooms"), QJsonArray{s("Team-*"), s("general")}}}, "", Role::Member,
        {s("team-*"), s("general")});
    row("rooms as text", {{s("rooms"), s("a b-*")}}, "", Role::Member, {s("a"), s("b-*")});
    row("no rooms at all", {{s("rooms"), QJsonArray()}}, "", Role::Member, {s("")}); // matches none
}

void TokenAuthenticatorTest::grants()
{
    QFETCH(const QJsonObject, claims);
    QFETCH(const QString, username);
    QFETCH(const int, role);
    QFETCH(const QStringList, rooms);
    const QByteArray token = m_ec.token(header("ES256", kid("ec")), ::claims(claims));
    TokenAuthenticator authenticator(*m_keys, strictRules());
    const auto verdict = authenticator.check({token.data(), static_cast<std::size_t>(token.size())}, kNow);
    const auto *grant = std::get_if<Grant>(&verdict);
    QVERIFY(grant);
    QCOMPARE(QString::fromStdString(grant->username), username);
    QCOMPARE(static_cast<int>(grant->role), role);
    QStringList patterns;
    for (const std::string &each : grant->rooms)
        patterns.append(QString::fromStdString(each));
    QCOMPARE(patterns, rooms);
    QVERIFY(grant->expires == kNow + 300s);
}

/// One bit more or less, anywhere.
void TokenAuthenticatorTest::changedAnywhere()
{
    const QByteArray good = m_ec.token(header("ES256", kid("ec")), claims());
    const qsizetype last = good.size() - 1; // of its bits, four belong to no byte
    for (qsizetype i = 0; i < last; ++i) {
        for (const char other : {'A', 'z', '.', '_'}) {
            QByteArray changed = good;
            changed[i] = other;
            const std::string text = said(*m_keys, changed);
            QVERIFY2(text.starts_with("refused: ") || changed == good, changed.constData());
        }
    }
}

/// Where neither audience nor issuer is asked for, both may be anything; other claims can be named.
void TokenAuthenticatorTest::withoutRules()
{
    ClaimRules rules;
    rules.name = "nick";
    rules.roles = "realm_access.roles";
    rules.rooms = "cognito:groups";
    const QByteArray token =
        m_ec.token(header("ES256", kid("ec")),
                   claims({{s("aud"), s("account")},
                           {s("iss"), QJsonValue()},
                           {s("nick"), s("Annie")},
                           {s("realm_access"), QJsonObject{{s("roles"), QJsonArray{s("admin")}}}},
                           {s("cognito:groups"), QJsonArray{s("ops")}}}));
    TokenAuthenticator authenticator(*m_keys, rules);
    const auto verdict = authenticator.check({token.data(), static_cast<std::size_t>(token.size())}, kNow);
    const auto *grant = std::get_if<Grant>(&verdict);
    QVERIFY(grant);
    QCOMPARE(grant->username, std::string("Annie"));
    QVERIFY(grant->role == Role::Admin);
    QCOMPARE(grant->rooms, std::vector<std::string>{"ops"});

    const QByteArray twice = m_ec.token(
        json(header("ES256", kid("ec"))),
        json(claims()).replace("\"sub\"", R"("realm_access":{"roles":"a","roles":"admin"},"sub")"), "ES256");
    QVERIFY(said(*m_keys, twice, rules).find("has \"roles\" twice") != std::string::npos);
}

PARLOR_TEST_WITHIN(QCoreApplication, TokenAuthenticatorTest)
#include "tst_tokenauthenticator.moc"
