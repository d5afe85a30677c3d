// SPDX-License-Identifier: MIT
#include "tests/support/testclass.h"
#include "tests/unit/server/ops/optionscase.h"

using namespace parlor;
using namespace parlor::test;
using namespace std::chrono_literals;

namespace {

constexpr const char *kArn =
    "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/chat/0123456789abcdef";

} // namespace

/// Options that say who may enter: what comes out, and which do not go together.
class AuthOptionsTest : public OptionsCase
{
    Q_OBJECT
private Q_SLOTS:
    void defaults();
    void token();
    void printed();
    void users();
    void alb();
    void addresses_data();
    void addresses();
    void mistakes_data();
    void mistakes();
    void othersTokensWarn();
};

void AuthOptionsTest::defaults()
{
    const Options options = accepted({});
    QVERIFY(options.auth == AuthChoice::Open);
    QCOMPARE(options.authNameClaim, std::string("name"));
    QCOMPARE(options.authRolesClaim, std::string("roles"));
    QCOMPARE(options.authRoomsClaim, std::string("rooms"));
    QVERIFY(options.sessionLife == 12h);
}

void AuthOptionsTest::token()
{
    const std::string file = "auth = \"token\"\nauth-jwks = \"/etc/keys\"\nauth-audience = \"a\"\n"
                             "auth-issuer = \"i\"\nauth-name-claim = \"n\"\nauth-roles-claim = \"x.y\"\n"
                             "auth-rooms-claim = \"cognito:groups\"\n";
    for (const Options &o :
         {accepted({}, {}, file), accepted({}, {{"PARLOR_AUTH", "token"}}, file.substr(file.find('\n') + 1)),
          accepted({"--auth", "token", "--auth-jwks", "/etc/keys", "--auth-audience", "a", "--auth-issuer",
                    "i", "--auth-name-claim", "n", "--auth-roles-claim", "x.y", "--auth-rooms-claim",
                    "cognito:groups"})}) {
        QVERIFY(o.auth == AuthChoice::Token);
        QVERIFY(o.authJwks == "/etc/keys");
        QVERIFY(o.authAudience == "a" && o.authIssuer == "i");
        QVERIFY(o.authNameClaim == "n" && o.authRolesClaim == "x.y" && o.authRoomsClaim == "cognito:groups");
        QVERIFY(o.warnings.empty());
    }
    QVERIFY(accepted({"--auth", "token", "--auth-secret-file", "/s"}).authSecretFile == "/s");
}

/// What --print-config writes is a file for --config.
void AuthOptionsTest::printed()
{
    const Strings flags{"--auth",       "token",  "--auth-jwks", "https://issuer.example/keys",
                        "--moderators", "ann,ben"};
    Strings printing = flags;
    printing.push_back("--print-config");
    const Options read = accepted({}, {}, ended(printing).text);
    QVERIFY(read.auth == AuthChoice::Token);
    QVERIFY(read.authJwks == "https://issuer.example/keys");
    QCOMPARE(read.moderators, (Strings{"ann", "ben"}));
    QVERIFY(accepted({}, {}, ended({"--print-config"}).text).auth == AuthChoice::Open);
}

void AuthOptionsTest::users()
{
    const Strings some{"ann", "ben", "auth0|5f7c"};
    const Strings token{"--auth", "token", "--auth-jwks", "/k"};
    const auto with = [&token](Strings flags) {
        flags.insert(flags.begin(), token.begin(), token.end());
        return flags;
    };
    QCOMPARE(accepted(with({"--moderators", "ann, ben,auth0|5f7c"})).moderators, some);
    QCOMPARE(accepted(with({"--moderators", "ann", "--moderators", "ben,auth0|5f7c,"})).moderators, some);
    QCOMPARE(accepted(with({}), {{"PARLOR_ADMINS", "ann,ben,auth0|5f7c"}}).admins, some);
    QCOMPARE(accepted(with({}), {}, "admins = [\"ann\", \"ben\", \"auth0|5f7c\"]\n").admins, some);
    QVERIFY(accepted(with({"--moderators", ","})).moderators.empty());
}

void AuthOptionsTest::alb()
{
    const Strings flags{"--auth",           "alb",
                        "--alb-arn",        kArn,
                        "--trusted-proxy",  "10.0.0.0/16",
                        "--session-life",   "1h",
                        "--allowed-origin", "https://chat.example"};
    const Options options = accepted(flags);
    QVERIFY(options.auth == AuthChoice::Alb);
    QVERIFY(options.sessionLife == 1h);
    QVERIFY(options.albKeysUrl == "https://public-keys.auth.elb.eu-central-1.amazonaws.com");
    Strings elsewhere = flags;
    elsewhere[3] =
        "arn:aws-us-gov:elasticloadbalancing:us-gov-west-1:123456789012:loadbalancer/app/chat/01ab";
    elsewhere.insert(elsewhere.end(), {"--alb-keys-url", "https://keys.example/x/"});
    QVERIFY(accepted(elsewhere).albKeysUrl == "https://keys.example/x");
}

void AuthOptionsTest::addresses_data()
{
    QTest::addColumn<std::string>("jwks");
    QTest::addColumn<std::string>("error"); // empty: none
    const auto row = [](const char *jwks, const char *error) {
        QTest::newRow(jwks) << std::string(jwks) << std::string(error);
    };
    row("https://issuer.example/jwks.json", "");
    row("https://issuer.example:8443/a?b=c", "");
    row("http://127.0.0.1:8080/keys", "");
    row("http://localhost/keys", "");
    row("http://[::1]/keys", "");
    row("/etc/parlor/jwks.json", "");
    row("http://issuer.example/keys", "is not with TLS");
    row("http://127.0.0.1.example.org/keys", "is not with TLS");
    row("http://localhost.example.org/keys", "is not with TLS");
    row("ftp://127.0.0.1/keys", "is not with TLS");
    row("file:///etc/keys", "is no address of a web server");
    row("https://", "is no address");
    row("https://me:pass@issuer.example/keys", "is no address");
    row("https://issuer.example/keys#x", "is no address");
    row("https://issuer example/keys", "is no address");
}

void AuthOptionsTest::addresses()
{
    QFETCH(const std::string, jwks);
    QFETCH(const std::string, error);
    const auto result = run({"--auth", "token", "--auth-jwks", jwks});
    if (error.empty()) {
        QVERIFY(std::holds_alternative<Options>(result));
        QVERIFY(std::get<Options>(result).authJwks == jwks);
    } else {
        QVERIFY(std::holds_alternative<EarlyExit>(result));
        const std::string &text = std::get<EarlyExit>(result).text;
        QVERIFY2(text.find(error) != std::string::npos, text.c_str());
    }
}

void AuthOptionsTest::mistakes_data()
{
    QTest::addColumn<Strings>("flags");
    QTest::addColumn<std::string>("error");
    const auto row = [](const char *name, const Strings &flags, const char *error) {
        QTest::newRow(name) << flags << std::string(error);
    };
    row("unknown", {"--auth", "oidc"}, "\"oidc\" is none of its values: open, token, alb");
    row("token without a key", {"--auth", "token"}, "auth: token needs a key that tokens are checked with");
    row("two keys", {"--auth", "token", "--auth-jwks", "/k", "--auth-secret-file", "/s"},
        "auth-secret-file: tokens are checked with one kind of key");
    for (const char *name :
         {"auth-jwks", "auth-secret-file", "auth-audience", "auth-issuer", "moderators", "admins"})
        row(name, {std::string("--") + name, "/x"}, "with auth = open nobody says who they are");
    row("open with an ARN", {"--alb-arn", kArn}, "alb-arn: with auth = open");
    row("token with an ARN", {"--auth", "token", "--auth-jwks", "/k", "--alb-arn", kArn},
        "alb-arn: it is about");
    row("alb without an ARN", {"--auth", "alb", "--trusted-proxy", "10.0.0.0/8"},
        "auth: alb needs the load balancer");
    row("alb without its network", {"--auth", "alb", "--alb-arn", kArn}, "give them with trusted-proxy");
    row("alb for pages of all sites", {"--auth", "alb", "--alb-arn", kArn, "--trusted-proxy", "10.0.0.0/8"},
        "auth: alb signs people in by a cookie");
    row("alb with a JWKS",
        {"--auth", "alb", "--alb-arn", kArn, "--trusted-proxy", "10.0.0.0/8", "--auth-jwks", "/k"},
        "auth-jwks: with auth = alb the load balancer's keys count");
    row("ARN of another thing", {"--auth", "alb", "--alb-arn", "arn:aws:s3:::bucket"},
        "is no ARN of an Application");
    row("ARN of a network load balancer",
        {"--auth", "alb", "--alb-arn",
         "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/net/chat/01"},
        "is no ARN of an Application");
    row("ARN elsewhere",
        {"--auth", "alb", "--trusted-proxy", "10.0.0.0/8", "--allowed-origin", "https://chat.example",
         "--alb-arn", "arn:aws-cn:elasticloadbalancing:cn-north-1:123456789012:loadbalancer/app/chat/01ab"},
        "give alb-keys-url");
    row("keys without TLS", {"--alb-keys-url", "http://keys.example"}, "is not with TLS");
    row("life", {"--session-life", "30s"}, "is too short; at least 1m");
    row("claim", {"--auth-name-claim", ""}, "the text is empty");
}

void AuthOptionsTest::mistakes()
{
    QFETCH(const Strings, flags);
    QFETCH(const std::string, error);
    const EarlyExit exit = ended(flags);
    QCOMPARE(exit.exitCode, 2);
    QVERIFY2(exit.text.find(error) != std::string::npos, exit.text.c_str());
}

void AuthOptionsTest::othersTokensWarn()
{
    Strings flags{"--auth", "token", "--auth-jwks", "https://issuer.example/keys", "--auth-audience", "a"};
    QCOMPARE(accepted(flags).warnings.size(), std::size_t(1));
    flags.insert(flags.end(), {"--auth-issuer", "https://issuer.example"});
    QVERIFY(accepted(flags).warnings.empty());
}

PARLOR_TEST(AuthOptionsTest)
#include "tst_authoptions.moc"
