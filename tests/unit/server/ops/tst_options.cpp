// SPDX-License-Identifier: MIT
#include "server/ops/options.h"

#include "tests/support/testclass.h"
#include "tests/unit/server/ops/optionscase.h"

#include <functional>
#include <sstream>

using namespace parlor;
using namespace parlor::test;
using namespace std::chrono_literals;
using namespace std::string_literals;

/// Each test states flags, variables and a file, and what comes out.
class OptionsTest : public OptionsCase
{
    Q_OBJECT
private Q_SLOTS:
    void defaults();
    void everyFlag_data();
    void everyFlag();
    void switches();
    void precedence_data();
    void precedence();
    void lists_data();
    void lists();
    void emptyVariableCountsAsUnset();
    void configFromVariable();
    void defaultStore();
    void withRedis();
    void passwordIsNotPrinted();
    void checkConfig();
    void printConfigRoundTrip();
    void helpAndVersion();
};

void OptionsTest::defaults()
{
    const Options options = accepted({});
    QCOMPARE(options.listen.size(), std::size_t(1));
    QCOMPARE(options.listen.front().address, QHostAddress(QHostAddress::LocalHost));
    QCOMPARE(options.listen.front().port, std::uint16_t(8000));
    QVERIFY(options.workers >= 1);
    QVERIFY(options.store.database.has_value());
    QCOMPARE(options.rate, 10.0);
    QCOMPARE(options.queueLimit, std::uint64_t(1) << 20);
    QVERIFY(options.ping == 25s);
    QVERIFY(options.warnings.empty());
    QVERIFY(options.metricsListen.empty());
    QVERIFY(!options.hostname.empty());
    QVERIFY(!options.accessLog);
}

/// As a flag it needs no value, and takes one behind a =.
void OptionsTest::switches()
{
    QVERIFY(accepted({"--access-log"}).accessLog);
    QVERIFY(accepted({"--access-log", "--rate", "1"}).accessLog);
    QVERIFY(accepted({"--access-log=true"}).accessLog);
    QVERIFY(accepted({}, {{"PARLOR_ACCESS_LOG", "true"}}).accessLog);
    QVERIFY(accepted({}, {}, "access-log = true\n").accessLog);
    QVERIFY(!accepted({"--access-log=false"}, {}, "access-log = true\n").accessLog);
    QCOMPARE(ended({}, {}, "access-log = \"on\"\n").text,
             "parlor-server: " + path() + ":1: access-log: \"on\" is none of its values: true, false\n");
    QCOMPARE(ended({"--metrics-listen", "wss://127.0.0.1:9100"}).exitCode, 2);
    QCOMPARE(ended({"--hostname", "a b"}).exitCode, 2);
    QCOMPARE(ended({"--hostname", ""}).exitCode, 2);
}

void OptionsTest::everyFlag_data()
{
    using Is = std::function<bool(const Options &)>;
    QTest::addColumn<std::string>("name");
    QTest::addColumn<std::string>("value");
    QTest::addColumn<Is>("is");
    const auto row = [](const char *name, const char *value, const Is &is) {
        QTest::newRow(name) << std::string(name) << std::string(value) << is;
    };
    row("listen", "[::1]:0", [](auto &o) { return o.listen.size() == 1 && o.listen[0].port == 0; });
    row("sends", "io_uring", [](auto &o) { return o.sends == SendsChoice::IoUring; });
    row("transport", "qt", [](auto &o) { return o.transport == TransportChoice::Qt; });
    row("workers", "3", [](auto &o) { return o.workers == 3; });
    row("store", "memory", [](auto &o) { return !o.store.database && !o.secretFile; });
    row("store", "sqlite:/x/y.db",
        [](auto &o) { return o.store.database == "/x/y.db" && o.secretFile == "/x/secret"; });
    row("durability", "power", [](auto &o) { return o.durability == DurabilityChoice::Power; });
    row("history-max-age", "30d", [](auto &o) { return o.historyMaxAge == 30 * 24h; });
    row("history-max-messages", "14", [](auto &o) { return o.historyMaxMessages == 14; });
    row("history-memory", "1MiB", [](auto &o) { return o.historyMemory == 1 << 20; });
    row("redis", "rediss://me:pass@h:7000/2", [](auto &o) {
        return o.redis && o.redis->kind == redis::Address::Kind::Tls && o.redis->password == "pass" &&
               !o.store.database && !o.secretFile && o.historyMaxMessages == 10'000;
    });
    row("redis-prefix", "chat2:", [](auto &o) { return o.redisPrefix == "chat2:"; });
    row("redis-ca-file", "/ca.pem", [](auto &o) { return o.redisCaFile == "/ca.pem"; });
    row("redis-password-file", "/p", [](auto &o) { return o.redisPasswordFile == "/p"; });
    row("redis-wait", "2", [](auto &o) { return o.redisWait == 2; });
    row("rooms", "fixed", [](auto &o) { return o.rooms == RoomPolicy::Fixed; });
    row("rate", "2.5", [](auto &o) { return o.rate == 2.5; });
    row("burst", "7", [](auto &o) { return o.burst == 7; });
    row("inbound-rate", "1K", [](auto &o) { return o.inboundRate == 1024; });
    row("inbound-burst", "2K", [](auto &o) { return o.inboundBurst == 2048; });
    row("queue-limit", "3K", [](auto &o) { return o.queueLimit == 3072; });
    row("queue-memory", "3M", [](auto &o) { return o.queueMemory == 3 << 20; });
    row("stall-timeout", "1s", [](auto &o) { return o.stallTimeout == 1s; });
    row("ping", "2s", [](auto &o) { return o.ping == 2s; });
    row("pong-timeout", "3s", [](auto &o) { return o.pongTimeout == 3s; });
    row("grace", "4s", [](auto &o) { return o.grace == 4s; });
    row("frame-limit", "5K", [](auto &o) { return o.frameLimit == 5120; });
    row("fragment-limit", "6", [](auto &o) { return o.fragmentLimit == 6; });
    row("message-timeout", "7s", [](auto &o) { return o.messageTimeout == 7s; });
    row("head-timeout", "8s", [](auto &o) { return o.headTimeout == 8s; });
    row("head-limit", "32K", [](auto &o) { return o.headLimit == 32768; });
    row("head-field-limit", "100", [](auto &o) { return o.headFieldLimit == 100; });
    row("json-depth", "9", [](auto &o) { return o.jsonDepth == 9; });
    row("max-connections", "10", [](auto &o) { return o.maxConnections == 10; });
    row("max-connections-per-address", "11", [](auto &o) { return o.maxConnectionsPerAddress == 11; });
    row("max-connections-per-network", "15", [](auto &o) { return o.maxConnectionsPerNetwork == 15; });
    row("max-connections-per-user", "16", [](auto &o) { return o.maxConnectionsPerUser == 16; });
    row("connect-rate", "1.5", [](auto &o) { return o.connectRate == 1.5; });
    row("connect-burst", "17", [](auto &o) { return o.connectBurst == 17; });
    row("network-connect-rate", "18", [](auto &o) { return o.networkConnectRate == 18; });
    row("network-connect-burst", "19", [](auto &o) { return o.networkConnectBurst == 19; });
    row("user-rate", "21", [](auto &o) { return o.userRate == 21; });
    row("user-burst", "22", [](auto &o) { return o.userBurst == 22; });
    row("address-rate", "23", [](auto &o) { return o.addressRate == 23; });
    row("address-burst", "24", [](auto &o) { return o.addressBurst == 24; });
    row("max-rooms", "12", [](auto &o) { return o.maxRooms == 12; });
    row("max-rooms-per-session", "13", [](auto &o) { return o.maxRoomsPerSession == 13; });
    row("trusted-proxy", "10.0.0.0/8", [](auto &o) { return o.trustedProxies.at(0).prefixLength == 8; });
    row("allowed-origin", "https://x", [](auto &o) { return o.allowedOrigins == Strings{"https://x"}; });
    row("secret-file", "/a b", [](auto &o) { return o.secretFile == "/a b"; });
    row("drain-delay", "1m", [](auto &o) { return o.drainDelay == 60s; });
    row("drain-timeout", "14s", [](auto &o) { return o.drainTimeout == 14s; });
    row("log-level", "debug", [](auto &o) { return o.logLevel == LogLevel::Debug; });
    row("metrics-listen", "127.0.0.1:9100",
        [](auto &o) { return o.metricsListen.size() == 1 && o.metricsListen[0].port == 9100; });
    row("hostname", "chat-1.internal", [](auto &o) { return o.hostname == "chat-1.internal"; });
    row("log-format", "json", [](auto &o) { return o.logFormat == LogFormat::Json; });
}

/// As a flag in both forms, as a variable, in the file.
void OptionsTest::everyFlag()
{
    QFETCH(const std::string, name);
    QFETCH(const std::string, value);
    using Is = std::function<bool(const Options &)>;
    QFETCH(const Is, is);

    const QString upper = QString::fromStdString(name).toUpper().replace(QLatin1Char('-'), QLatin1Char('_'));
    const std::string variable = "PARLOR_" + upper.toStdString();
    QVERIFY(is(accepted({"--" + name, value})));
    QVERIFY(is(accepted({"--" + name + '=' + value})));
    QVERIFY(is(accepted({}, {{variable, value}})));
    QVERIFY(is(accepted({}, {}, name + " = \"" + value + "\"\n")));
}

void OptionsTest::precedence_data()
{
    QTest::addColumn<Strings>("flags");
    QTest::addColumn<Variables>("variables");
    QTest::addColumn<std::string>("file");
    QTest::addColumn<double>("rate");

    const Strings flag{"--rate", "1"};
    const Variables variable{{"PARLOR_RATE", "2"}};
    const std::string file = "rate = 3\n";
    const std::string other = "burst = 3\n";
    QTest::newRow("default") << Strings() << Variables() << ""s << 10.0;
    QTest::newRow("default, file of others") << Strings() << Variables() << other << 10.0;
    QTest::newRow("file") << Strings() << Variables() << file << 3.0;
    QTest::newRow("variable") << Strings() << variable << ""s << 2.0;
    QTest::newRow("variable over file") << Strings() << variable << file << 2.0;
    QTest::newRow("flag") << flag << Variables() << ""s << 1.0;
    QTest::newRow("flag over file") << flag << Variables() << file << 1.0;
    QTest::newRow("flag over variable") << flag << variable << ""s << 1.0;
    QTest::newRow("flag over both") << flag << variable << file << 1.0;
    QTest::newRow("last flag") << Strings{"--rate", "5", "--rate=1"} << variable << file << 1.0;
    QTest::newRow("flag that says the default") << Strings{"--rate", "10"} << variable << file << 10.0;
}

void OptionsTest::precedence()
{
    QFETCH(const Strings, flags);
    QFETCH(const Variables, variables);
    QFETCH(const std::string, file);
    QFETCH(const double, rate);
    QCOMPARE(accepted(flags, variables, file).rate, rate);
}

void OptionsTest::lists_data()
{
    QTest::addColumn<Strings>("flags");
    QTest::addColumn<Variables>("variables");
    QTest::addColumn<std::string>("file");
    QTest::addColumn<Strings>("origins");

    const std::string file = "allowed-origin = [\"https://f\", \"https://g\"]\n";
    const Variables variable{{"PARLOR_ALLOWED_ORIGIN", "https://v , https://w,"}};
    QTest::newRow("none") << Strings() << Variables() << ""s << Strings();
    QTest::newRow("file") << Strings() << Variables() << file << Strings{"https://f", "https://g"};
    QTest::newRow("lone string in file")
        << Strings() << Variables() << "allowed-origin = 'https://f'"s << Strings{"https://f"};
    QTest::newRow("empty in file") << Strings() << Variables() << "allowed-origin = []"s << Strings();
    QTest::newRow("variable, whole list")
        << Strings() << variable << file << Strings{"https://v", "https://w"};
    QTest::newRow("flags, whole list")
        << Strings{"--allowed-origin", "https://a", "--allowed-origin=https://b"} << variable << file
        << Strings{"https://a", "https://b"};
}

void OptionsTest::lists()
{
    QFETCH(const Strings, flags);
    QFETCH(const Variables, variables);
    QFETCH(const std::string, file);
    QFETCH(const Strings, origins);
    QCOMPARE(accepted(flags, variables, file).allowedOrigins, origins);
}

void OptionsTest::emptyVariableCountsAsUnset()
{
    const Options options = accepted({}, {{"PARLOR_RATE", ""}, {"PARLOR_LISTEN", ""}, {"PARLOR_CONFIG", ""}});
    QCOMPARE(options.rate, 10.0);
    QCOMPARE(options.listen.size(), std::size_t(1));
}

void OptionsTest::configFromVariable()
{
    (void)accepted({}, {}, "rate = 3\n"); // writes the file
    QCOMPARE(accepted({}, {{"PARLOR_CONFIG", path()}}).rate, 3.0);
    QCOMPARE(ended({"--config", "/nonexistent/x"}, {{"PARLOR_CONFIG", path()}}).exitCode, 2);
}

void OptionsTest::checkConfig()
{
    const std::string valid =
        "configuration is valid (not looked at: the addresses, the database, the secret file)\n";
    const EarlyExit exit = ended({"--check-config", "--rate", "1"}, {}, "burst = 3\n");
    QCOMPARE(exit.exitCode, 0);
    QCOMPARE(exit.text, valid);
    const EarlyExit warned = ended({"--check-config"}, {{"PARLOR_RAT", "1"}});
    QCOMPARE(warned.exitCode, 0);
    QCOMPARE(warned.text,
             "warning: the variable PARLOR_RAT is no option of this server and is ignored\n" + valid);
    QCOMPARE(ended({"--check-config", "--store", "memory"}).text,
             "configuration is valid (not looked at: the addresses)\n"s);
    QCOMPARE(ended({"--check-config", "--store", "memory", "--secret-file", "/x"}).text,
             "configuration is valid (not looked at: the addresses, the secret file)\n"s);
}

void OptionsTest::defaultStore()
{
    const auto database = [&](const Variables &variables) {
        return accepted({}, variables).store.database.value_or("");
    };
    QCOMPARE(database({{"STATE_DIRECTORY", "/var/lib/parlor:/other"}, {"XDG_STATE_HOME", "/x"}}),
             "/var/lib/parlor/parlor.db"s);
    QCOMPARE(database({{"STATE_DIRECTORY", ""}, {"XDG_STATE_HOME", "/x"}}), "/x/parlor/parlor.db"s);
    const QByteArray home = qgetenv("HOME");
    QCOMPARE(database({{"XDG_STATE_HOME", "relative"}}),
             home.toStdString() + "/.local/state/parlor/parlor.db");
}

void OptionsTest::withRedis()
{
    const Strings redis{"--redis", "redis://h"};
    const auto with = [&redis](Strings more) {
        more.insert(more.begin(), redis.begin(), redis.end());
        return more;
    };
    const Options options = accepted(with({"--history-max-age", "30d"}));
    QVERIFY(options.warnings.empty());
    QVERIFY(!options.folderToMake);
    QCOMPARE(options.historyMaxMessages, std::uint64_t(10'000));
    QVERIFY(options.historyMaxAge == 30 * 24h);
    QCOMPARE(accepted(with({"--history-max-messages", "0"})).historyMaxMessages, std::uint64_t(0));
    QCOMPARE(accepted(redis, {}, "history-max-messages = 5").historyMaxMessages, std::uint64_t(5));
    QCOMPARE(accepted(with({"--secret-file", "/x"})).secretFile, "/x"s);
    QCOMPARE(ended(with({"--check-config"})).text,
             "configuration is valid (not looked at: the addresses, Redis and its files)\n"s);
}

void OptionsTest::passwordIsNotPrinted()
{
    for (const char *address :
         {"redis://me%3A:secret@h:7000/2", "rediss://:secret@[::1]", "redis://:secret@h/3"}) {
        const EarlyExit printed = ended({"--print-config", "--redis", address});
        QCOMPARE(printed.exitCode, 0);
        QVERIFY2(printed.text.find("secret@") == std::string::npos, printed.text.c_str());
        QVERIFY2(printed.text.find("# The password for Redis is not printed") != std::string::npos,
                 printed.text.c_str());
        const Options again = accepted({"--redis-password-file", "/p"}, {}, printed.text);
        const auto given = redis::parseAddress(address);
        QCOMPARE(again.redis->text(), given->text());
        QCOMPARE(again.redis->user, given->user);
        QVERIFY(again.redis->password.empty());
    }
}

void OptionsTest::printConfigRoundTrip()
{
    const Strings flags{"--print-config",
                        "--listen",
                        "[::1]:0",
                        "--listen",
                        "0.0.0.0:80",
                        "--listen",
                        "wss://0.0.0.0:443",
                        "--tls-cert",
                        "/chain.pem",
                        "--tls-key",
                        "/key.pem",
                        "--rate",
                        "0.25",
                        "--queue-limit",
                        "1000",
                        "--ping",
                        "1500ms",
                        "--grace",
                        "0",
                        "--rooms",
                        "fixed",
                        "--allowed-origin",
                        "https://x",
                        "--trusted-proxy",
                        "10.0.0.0/8",
                        "--workers",
                        "5",
                        "--secret-file",
                        "/a \"b\" 'c' \\d #e, f",
                        "--log-format",
                        "json"};
    const EarlyExit printed = ended(flags);
    QCOMPARE(printed.exitCode, 0);
    const EarlyExit again = ended({"--print-config"}, {}, printed.text);
    QCOMPARE(again.exitCode, 0);
    QCOMPARE(again.text, printed.text);

    const Options options = accepted({}, {}, printed.text);
    QCOMPARE(options.listen.size(), std::size_t(3));
    QCOMPARE(options.tlsCertificate.value_or(""), "/chain.pem"s);
    QCOMPARE(options.tlsKey.value_or(""), "/key.pem"s);
    QCOMPARE(options.rate, 0.25);
    QCOMPARE(options.secretFile.value_or(""), "/a \"b\" 'c' \\d #e, f"s);
    QVERIFY(options.ping == 1500ms);
    QVERIFY(options.grace == 0ms);

    const EarlyExit plain = ended({"--print-config"});
    QCOMPARE(ended({"--print-config"}, {}, plain.text).text, plain.text);
}

void OptionsTest::helpAndVersion()
{
    const EarlyExit help = ended({"--help"});
    QCOMPARE(help.exitCode, 0);
    const EarlyExit plain = ended({"--print-config"});
    std::istringstream lines(plain.text);
    for (std::string line;
         std::getline(lines, line);) { // each option that can be set has its line in the help
        const std::string flag = "\n  --" + line.substr(0, line.find(' ')) + ' ';
        QVERIFY2(help.text.find(flag) != std::string::npos, flag.c_str());
    }
    QVERIFY(help.text.find("[127.0.0.1:8000]") != std::string::npos);
    std::istringstream wide(help.text);
    for (std::string line; std::getline(wide, line);)
        QVERIFY2(line.size() <= 120, line.c_str());
    QCOMPARE(ended({"-h"}).text, help.text);
    QCOMPARE(ended({"--version"}).text, "parlor-server " PARLOR_VERSION "\n"s);
    QCOMPARE(ended({"--version"}).exitCode, 0);
}

PARLOR_TEST(OptionsTest)
#include "tst_options.moc"
