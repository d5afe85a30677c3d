// SPDX-License-Identifier: MIT
#include "server/ops/options.h"

#include "tests/support/testclass.h"
#include "tests/unit/server/ops/optionscase.h"

#include <algorithm>

using namespace parlor;
using namespace parlor::test;

/// Each test states flags, variables or a file, and what the error says.
class OptionMistakesTest : public OptionsCase
{
    Q_OBJECT
private Q_SLOTS:
    void mistakes_data();
    void mistakes();
    void unknownVariableWarns();
    void aDatabaseOptionWithoutOneWarns_data();
    void aDatabaseOptionWithoutOneWarns();
    void aRedisOptionWithoutOneWarns_data();
    void aRedisOptionWithoutOneWarns();
};

void OptionMistakesTest::mistakes_data()
{
    QTest::addColumn<Strings>("flags");
    QTest::addColumn<Variables>("variables");
    QTest::addColumn<std::string>("file");
    QTest::addColumn<std::string>("error"); // FILE: the file's path

    const auto flag = [](const char *name, Strings flags, std::string error) {
        QTest::newRow(name) << flags << Variables() << std::string() << std::move(error);
    };
    flag("unknown", {"--foo"}, "unknown option \"--foo\"; see --help");
    flag("positional", {"foo"}, "unknown option \"foo\"");
    flag("abbreviated", {"--li=1.1.1.1:1"}, "unknown option");
    flag("no value", {"--rate"}, "--rate: needs a value");
    flag("empty value", {"--rate="}, "--rate: needs a value");
    flag("second value", {"--listen", "1.1.1.1:1", "1.1.1.1:2"}, "unknown option \"1.1.1.1:2\"");
    flag("wrong value", {"--rate", "x"}, "--rate: \"x\" is no number; give one as 10 or 0.5");
    flag("negative", {"--rate", "-5"}, "--rate: \"-5\" is negative; give 0, or 0.001 to 1000000");
    flag("negative count", {"--max-rooms", "-1"}, "--max-rooms: \"-1\" is negative; give a whole number");
    flag("no unit", {"--ping", "5"},
         "--ping: \"5\" has no unit; give a number and a unit, as 500ms, 5s, 1m or 2h");
    flag("overflow", {"--queue-limit=99999999999999999999"},
         "--queue-limit: \"99999999999999999999\" is too large");
    flag("wider than 32 bits", {"--fragment-limit", "4294967296"}, "is too much; at most 4294967295");
    flag("no workers", {"--workers", "0"}, "--workers: \"0\" is too little; at least 1");
    flag("too many workers", {"--workers", "1025"}, "--workers: \"1025\" is too much; at most 1024");
    flag("frame limit", {"--frame-limit", "65MiB"}, "--frame-limit: \"65MiB\" is too much; at most 64MiB");
    flag("head limit", {"--head-limit", "2MiB"}, "--head-limit: \"2MiB\" is too much; at most 1MiB");
    flag("head without room", {"--head-limit", "0"}, "--head-limit: \"0\" is too little; at least 1KiB");
    flag("head fields", {"--head-field-limit", "15"},
         "--head-field-limit: \"15\" is too little; at least 16");
    flag("too many head fields", {"--head-field-limit", "10001"}, "is too much; at most 10000");
    flag("drain delay", {"--drain-delay", "60"},
         "--drain-delay: \"60\" has no unit; give a number and a unit");
    flag("depth", {"--json-depth", "257"}, "--json-depth: \"257\" is too much; at most 256");
    flag("pong", {"--pong-timeout", "0"}, "--pong-timeout: \"0\" is too short; at least 1ms");
    flag("burst", {"--burst", "0.5"}, "--burst: \"0.5\" is too little; at least 1");
    flag("store", {"--store", "redis"},
         "--store: \"redis\" is no store; give memory, or sqlite: and a file, as "
         "sqlite:/var/lib/parlor/parlor.db");
    flag("store without a file", {"--store", "sqlite:"}, "--store: the path is empty");
    flag("store in no file", {"--store", "sqlite:/"}, "store: / is no file; give sqlite:FILE");
    flag("age", {"--history-max-age", "36501d"}, "--history-max-age: \"36501d\" is too long; at most 36500d");
    flag("age without a unit", {"--history-max-age", "30"},
         "--history-max-age: \"30\" has no unit; give a number and a unit, as 12h or 30d");
    flag("no configuration", {"--config", ""}, "--config: the path is empty; give a file");
    const auto redis = [&flag](const char *name, Strings flags, const char *error) {
        flags.insert(flags.begin(), {"--redis", "redis://h"});
        flag(name, flags, error);
    };
    flag("redis", {"--redis", "h:6379"}, "--redis: the address of Redis does not begin with redis://");
    redis("redis and a database", {"--store", "sqlite:/x.db"},
          "store: messages are kept in one place, and redis is given too; remove store, or redis");
    redis("redis and memory", {"--store", "memory"}, "store: messages are kept in one place");
    redis("redis and durability", {"--durability", "power"}, "durability: what an acknowledged message");
    redis("redis and backup", {"--backup", "x"}, "--backup: messages are kept in Redis; copy them there");
    redis("authority without TLS", {"--redis-ca-file", "/x"},
          "redis-ca-file: the address of Redis has no TLS");
    flag("two passwords", {"--redis", "redis://:secret@h", "--redis-password-file", "/x"},
         "redis-password-file: the address of Redis has a password already");
    flag("prefix", {"--redis-prefix", "a{b}"}, "--redis-prefix: \"a{b}\" is no prefix");
    flag("replicas", {"--redis-wait", "101"}, "--redis-wait: \"101\" is too much; at most 100");
    flag("backup to nowhere", {"--store", "sqlite:/x.db", "--backup", ""},
         "--backup: the path is empty; give a new file");
    flag("backup of nothing", {"--store", "memory", "--backup", "x"},
         "--backup: there is no database to copy; give --store sqlite:FILE");
    flag("rooms", {"--rooms", "closed"}, "--rooms: \"closed\" is none of its values: open, fixed");
    flag("level", {"--log-level", "INFO"}, "none of its values: debug, info, warning, error");
    flag("one of a list", {"--listen", "1.1.1.1:1", "--listen", "x:1"},
         "--listen: \"x:1\" has a name where a numeric address belongs");
    flag("TLS without certificate", {"--listen", "wss://127.0.0.1:0"},
         "listen: wss://127.0.0.1:0 needs a certificate and its key; give tls-cert and tls-key");
    flag("TLS without key", {"--listen", "wss://127.0.0.1:0", "--tls-cert", "x"},
         "listen: wss://127.0.0.1:0 needs a certificate and its key");
    flag("certificate without key", {"--tls-cert", "x"}, "tls-cert: its key is missing; give tls-key");
    flag("key without certificate", {"--tls-key", "x"}, "tls-key: its certificate is missing");
    flag("certificate, but no TLS", {"--tls-cert", "x", "--tls-key", "y"},
         "tls-cert: no listener speaks TLS; write listen as wss://");
    flag("transport", {"--transport", "udp"}, "--transport: \"udp\" is none of its values: auto, native, qt");
    flag("missing file", {"--config", "/nonexistent/x"}, "/nonexistent/x: cannot be read: No such file");

    const auto variable = [](const char *name, const char *key, const char *value, std::string error) {
        QTest::newRow(name) << Strings() << Variables{{key, value}} << std::string() << std::move(error);
    };
    variable("variable", "PARLOR_QUEUE_LIMIT", "64KB", "PARLOR_QUEUE_LIMIT: \"64KB\" is no size");
    variable("variable, list", "PARLOR_TRUSTED_PROXY", "10.0.0.0/8,x",
             "PARLOR_TRUSTED_PROXY: \"x\" has no valid");
    variable("variable, nothing left", "PARLOR_LISTEN", " , ", "PARLOR_LISTEN: the list is empty");
    variable("variable, file", "PARLOR_CONFIG", "/nonexistent/x", "/nonexistent/x: cannot be read");

    const auto file = [](const char *name, std::string text, std::string error, Strings flags = {}) {
        QTest::newRow(name) << flags << Variables() << std::move(text) << std::move(error);
    };
    file("unknown key", "rate = 1\n\nqueue_limit = 1\n", "FILE:3: unknown option \"queue_limit\"");
    file("key of a flag only", "check-config = true", "FILE:1: unknown option \"check-config\"");
    file("file in the file", "config = \"x\"", "FILE:1: unknown option \"config\"");
    file("table", "[server]\nrate = 1", "FILE:1: tables are not used");
    file("wrong value in file", "# x\nping = 5", "FILE:2: ping: \"5\" has no unit");
    file("overridden, but wrong", "rate = x", "FILE:1: rate: \"x\" is no number", {"--rate", "1"});
    file("array for one", "rate = [1]", "FILE:1: rate: takes one value, not an array");
    file("no addresses", "listen = []", "FILE:1: listen: the list is empty");
    file("empty value in file", "store = \"\"", "FILE:1: store: \"\" is no store");
}

void OptionMistakesTest::mistakes()
{
    QFETCH(const Strings, flags);
    QFETCH(const Variables, variables);
    QFETCH(const std::string, file);
    QFETCH(std::string, error);
    if (error.starts_with("FILE"))
        error.replace(0, 4, path());
    const EarlyExit exit = ended(flags, variables, file);
    QCOMPARE(exit.exitCode, 2);
    QVERIFY2(exit.text.find("secret@") == std::string::npos, exit.text.c_str());
    QVERIFY2(exit.text.find(error) != std::string::npos, exit.text.c_str());
    QVERIFY2(exit.text.starts_with("parlor-server: "), exit.text.c_str());
    QCOMPARE(std::ranges::count(exit.text, '\n'), 1);
    QVERIFY(exit.text.ends_with('\n'));

    Strings checking = flags;
    checking.push_back("--check-config");
    QCOMPARE(ended(checking, variables, file).exitCode, 2);
}

void OptionMistakesTest::unknownVariableWarns()
{
    const Options options =
        accepted({}, {{"PARLOR_PORT", "tcp://10.0.0.1:80"}, {"PARLOR_RAT", "1"}, {"PARLORX", "1"}});
    QCOMPARE(options.warnings.size(), std::size_t(2));
    QVERIFY(options.warnings[0].find("PARLOR_PORT") != std::string::npos);
    QVERIFY(options.warnings[1].find("PARLOR_RAT") != std::string::npos);
    QVERIFY(options.warnings[0].find("10.0.0.1") == std::string::npos); // a value may be a secret
    QCOMPARE(options.rate, 10.0);
}

void OptionMistakesTest::aDatabaseOptionWithoutOneWarns_data()
{
    QTest::addColumn<Strings>("flags");
    QTest::newRow("durability") << Strings{"--durability", "power"};
    QTest::newRow("age") << Strings{"--history-max-age", "30d"};
    QTest::newRow("count") << Strings{"--history-max-messages", "1000"};
}

void OptionMistakesTest::aDatabaseOptionWithoutOneWarns()
{
    QFETCH(Strings, flags);
    flags.insert(flags.end(), {"--store", "memory"});
    const Options options = accepted(flags, {});
    QCOMPARE(options.warnings.size(), std::size_t(1));
    QVERIFY2(options.warnings[0].find("they change nothing") != std::string::npos,
             options.warnings[0].c_str());
    flags.back() = "sqlite:parlor.db";
    QVERIFY(accepted(flags, {}).warnings.empty());
}

void OptionMistakesTest::aRedisOptionWithoutOneWarns_data()
{
    QTest::addColumn<Strings>("flags");
    QTest::newRow("prefix") << Strings{"--redis-prefix", "x:"};
    QTest::newRow("authority") << Strings{"--redis-ca-file", "/x"};
    QTest::newRow("password") << Strings{"--redis-password-file", "/x"};
    QTest::newRow("wait") << Strings{"--redis-wait", "1"};
}

void OptionMistakesTest::aRedisOptionWithoutOneWarns()
{
    QFETCH(const Strings, flags);
    const Options options = accepted(flags, {});
    QCOMPARE(options.warnings.size(), std::size_t(1));
    QVERIFY2(options.warnings[0].find("redis is not given: they change nothing") != std::string::npos,
             options.warnings[0].c_str());
}

PARLOR_TEST(OptionMistakesTest)
#include "tst_optionmistakes.moc"
