// SPDX-License-Identifier: MIT
#include "server/auth/albauthenticator.h"

#include "tests/support/testclass.h"
#include "tests/unit/server/auth/keyserver.h"
#include "tests/unit/server/auth/tokenmaker.h"

#include <QJsonObject>
#include <QSignalSpy>
#include <QTest>

using namespace parlor;
using namespace parlor::test;
using namespace std::chrono_literals;

namespace {

const QString kArn =
    QStringLiteral("arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/chat/01ab");

QJsonObject albHeader(const QJsonObject &changes = {})
{
    QJsonObject all{{QStringLiteral("typ"), QStringLiteral("JWT")},
                    {QStringLiteral("kid"), QStringLiteral("k1")},
                    {QStringLiteral("alg"), QStringLiteral("ES256")},
                    {QStringLiteral("iss"), QStringLiteral("https://issuer.example")},
                    {QStringLiteral("client"), QStringLiteral("parlor")},
                    {QStringLiteral("signer"), kArn},
                    {QStringLiteral("exp"), kNowSeconds + 120}};
    for (auto each = changes.begin(); each != changes.end(); ++each) {
        if (each.value().isNull())
            all.remove(each.key());
        else
            all[each.key()] = each.value();
    }
    return all;
}

/// As the load balancer writes it: the padding stands, and is signed.
QByteArray padded(const TokenKey &key, const QByteArray &head, const QByteArray &content)
{
    const QByteArray text =
        head.toBase64(QByteArray::Base64UrlEncoding) + '.' + content.toBase64(QByteArray::Base64UrlEncoding);
    return text + '.' + key.signature("ES256", text).toBase64(QByteArray::Base64UrlEncoding);
}

} // namespace

class AlbAuthenticatorTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void rows_data();
    void rows();
    void keysAreFetchedOnce();
    void strangeKids_data();
    void strangeKids();
    void manyKids();

private:
    [[nodiscard]] Authenticator::Verdict check(const QByteArray &token)
    {
        return m_authenticator->check({token.data(), static_cast<std::size_t>(token.size())}, kNow);
    }
    void useRules(const ClaimRules &rules)
    {
        m_authenticator = std::make_unique<AlbAuthenticator>(*m_ring, rules, kArn.toStdString(), 12h);
    }

    TokenKey m_key = TokenKey::ec();
    std::unique_ptr<KeyServer> m_server;
    std::unique_ptr<KeyRing> m_ring;
    std::unique_ptr<AlbAuthenticator> m_authenticator;
};

void AlbAuthenticatorTest::init()
{
    m_server = std::make_unique<KeyServer>();
    m_server->answer = KeyServer::ok(m_key.pem());
    m_ring = std::make_unique<KeyRing>(keysource::PemUrls{m_server->url("/keys").toString().toStdString()},
                                       KeyRing::Pace{});
    QVERIFY(m_ring->reload());
    ClaimRules rules;
    rules.issuer = "https://issuer.example";
    rules.audience = "parlor";
    useRules(rules);
}

void AlbAuthenticatorTest::rows_data()
{
    QTest::addColumn<QByteArray>("token");
    QTest::addColumn<QByteArray>("expected");
    const auto row = [](const char *name, const QByteArray &token, const QByteArray &expected) {
        QTest::newRow(name) << token << expected;
    };
    const QByteArray claims = R"({"sub":"ann","email":"ann@example.org"})";
    const auto headed = [&](const QJsonObject &changes) {
        return padded(m_key, json(albHeader(changes)), claims);
    };
    const auto text = [](const char *value) { return QJsonValue(QString::fromLatin1(value)); };
    row("good", headed({}), "passes:ann");
    row("padding of one", padded(m_key, json(albHeader()), claims + ' '), "passes:ann");
    row("padding of two", padded(m_key, json(albHeader()), claims + "  "), "passes:ann");
    row("without padding", m_key.token(json(albHeader()), claims, "ES256"), "passes:ann");
    row("padding taken away", headed({}).replace("=", ""), "refused:signature is wrong");
    row("padding in the middle", headed({}).replace(3, 1, "="), "refused:this is no token");
    row("exp a minute ago", headed({{QStringLiteral("exp"), kNowSeconds - 60}}), "expired:has expired");
    row("exp almost a minute ago", headed({{QStringLiteral("exp"), kNowSeconds - 59}}), "passes:ann");
    row("no exp", headed({{QStringLiteral("exp"), QJsonValue()}}), "refused:(exp)");
    row("signer of another account", headed({{QStringLiteral("signer"), QString(kArn).replace(u'9', u'8')}}),
        "refused:(signer)");
    row("no signer", headed({{QStringLiteral("signer"), QJsonValue()}}), "refused:(signer)");
    row("iss of another", headed({{QStringLiteral("iss"), text("https://other.example")}}), "refused:(iss)");
    row("client of another", headed({{QStringLiteral("client"), text("shop")}}), "refused:another client");
    row("no kid", headed({{QStringLiteral("kid"), QJsonValue()}}), "refused:(kid)");
    row("HS256", headed({{QStringLiteral("alg"), text("HS256")}}), "refused:its key is for ES256");
    row("alg none", headed({{QStringLiteral("alg"), text("none")}}), "refused:not signed");
    row("another key", padded(TokenKey::ec(), json(albHeader()), claims), "refused:signature is wrong");
    row("no sub", padded(m_key, json(albHeader()), R"({"email":"ann@example.org"})"), "refused:(sub)");
    row("signer twice",
        padded(m_key, json(albHeader()).replace("\"signer\"", "\"signer\":\"x\",\"signer\""), claims),
        "refused:\"signer\" twice");
}

void AlbAuthenticatorTest::rows()
{
    QFETCH(const QByteArray, token);
    QFETCH(const QByteArray, expected);
    QSignalSpy refreshed(m_ring.get(), &KeyRing::refreshed);
    auto verdict = check(token);
    if (std::holds_alternative<Authenticator::KeyAwaited>(verdict)) {
        QVERIFY(refreshed.wait());
        verdict = check(token);
    }
    QByteArray said = "awaited";
    if (const auto *grant = std::get_if<Grant>(&verdict)) {
        said = "passes:" + QByteArray::fromStdString(grant->user);
        QVERIFY(grant->expires == kNow + 12h);
        QCOMPARE(grant->username, std::string("ann@example.org"));
    } else if (const auto *refused = std::get_if<Authenticator::Refused>(&verdict)) {
        said = (refused->isExpired ? "expired:" : "refused:") + QByteArray::fromStdString(refused->why);
    }
    const qsizetype colon = expected.indexOf(':');
    QVERIFY2(said.startsWith(expected.left(colon)), said.constData());
    QVERIFY2(said.contains(expected.mid(colon + 1)), said.constData());
}

void AlbAuthenticatorTest::keysAreFetchedOnce()
{
    QSignalSpy refreshed(m_ring.get(), &KeyRing::refreshed);
    const QByteArray token = padded(m_key, json(albHeader()), R"({"sub":"ann"})");
    for (int i = 0; i < 3; ++i)
        QVERIFY(std::holds_alternative<Authenticator::KeyAwaited>(check(token)));
    QVERIFY(refreshed.wait());
    for (int i = 0; i < 3; ++i)
        QVERIFY(std::holds_alternative<Grant>(check(token)));
    QCOMPARE(m_server->paths, QStringList{QStringLiteral("/keys/k1")});
}

void AlbAuthenticatorTest::strangeKids_data()
{
    QTest::addColumn<QString>("kid");
    for (const char *kid : {"", "../k1", "k1/..", "k1?x", "k1#x", "k 1", "k%2F1", "k_1", "k.1"})
        QTest::newRow(kid) << QString::fromLatin1(kid);
    QTest::newRow("65 letters") << QString(65, u'k');
}

/// A kid becomes part of an address: what could lead elsewhere is not fetched.
void AlbAuthenticatorTest::strangeKids()
{
    QFETCH(const QString, kid);
    const auto verdict =
        check(padded(m_key, json(albHeader({{QStringLiteral("kid"), kid}})), R"({"sub":"ann"})"));
    QVERIFY(std::holds_alternative<Authenticator::Refused>(verdict));
}

/// At most 16 are fetched a minute.
void AlbAuthenticatorTest::manyKids()
{
    int awaited = 0;
    for (int i = 0; i < 50; ++i) {
        const QJsonObject changes{{QStringLiteral("kid"), QStringLiteral("k%1").arg(i)}};
        awaited += std::holds_alternative<Authenticator::KeyAwaited>(
            check(padded(m_key, json(albHeader(changes)), R"({"sub":"ann"})")));
    }
    QCOMPARE(awaited, 16);
    QTRY_COMPARE(m_server->paths.size(), 16);
}

PARLOR_TEST_WITHIN(QCoreApplication, AlbAuthenticatorTest)
#include "tst_albauthenticator.moc"
