// SPDX-License-Identifier: MIT
#include "client-cli/load/judgement/thresholdparser.h"
#include "client-cli/load/options/presets.h"
#include "client-cli/load/options/scenario.h"
#include "client-cli/load/options/settingsmaker.h"
#include "client-cli/nearestname.h"
#include "tests/support/testclass.h"

#include <QFile>
#include <QRegularExpression>
#include <QSet>
#include <QTest>

using namespace parlor::cli::load;
using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t kCores = 4;

/// As `parlor-cli load localhost:8000 FLAGS` says it: "--rate 2/s" without the dashes.
Layer flags(std::vector<std::pair<std::string, std::string>> said)
{
    Layer layer;
    for (auto &[key, text] : said)
        layer.statements.push_back({.key = key, .texts = {text}, .place = "--" + key});
    return layer;
}

Layer scenario(std::string_view text)
{
    auto parsed = parseScenario(text, "s.toml");
    if (const auto *mistake = std::get_if<Mistake>(&parsed)) {
        qWarning("%s", mistake->text.c_str());
        return {};
    }
    return std::get<Layer>(std::move(parsed));
}

std::variant<MadeSettings, Mistake> made(const std::vector<Layer> &layers)
{
    SettingsMaker maker(kCores);
    for (const Layer &each : layers) {
        if (auto mistake = maker.add(each))
            return *mistake;
    }
    return maker.make();
}

/// What is wrong; empty: nothing.
QByteArray mistakeOf(const std::vector<Layer> &layers)
{
    const auto result = made(layers);
    const auto *mistake = std::get_if<Mistake>(&result);
    return mistake == nullptr ? QByteArray() : QByteArray::fromStdString(mistake->text);
}

Settings settingsOf(const std::vector<Layer> &layers)
{
    const auto result = made(layers);
    if (const auto *mistake = std::get_if<Mistake>(&result)) {
        qWarning("%s", mistake->text.c_str());
        return {};
    }
    return std::get<MadeSettings>(result).settings;
}

const Layer kUrl = flags({{"url", "localhost:8000"}});

} // namespace

class TestLoadScenario : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void builtIn();
    void everyKey();
    void profilesBeginWithWhatIsCommon();
    void laterLayersCountMore();
    void laterUsersReplaceEarlierOnes();
    void laterThresholdsReplaceThoseOnTheSame();
    void aLaterPaceForgetsTheRate();
    void aProfilesPaceForgetsTheCommonRate();
    void threads();
    void addresses();
    void presetsMakeSettings();
    void wrongFlags_data();
    void wrongFlags();
    void wrongScenarios_data();
    void wrongScenarios();
    void nearestNames();
    void documented();
};

void TestLoadScenario::builtIn()
{
    const Settings settings = settingsOf({kUrl});
    QCOMPARE(settings.url, std::string("ws://localhost:8000/ws"));
    QCOMPARE(settings.stages.size(), 5U);
    QCOMPARE(settings.rooms.size(), 3U);
    QVERIFY(settings.profiles == std::vector<Profile>{Profile{}});
    Settings rest = settings;
    rest.stages.clear();
    rest.rooms.clear();
    rest.url.clear();
    QVERIFY(rest == Settings{}); // all else is what is built in
}

void TestLoadScenario::everyKey()
{
    const Settings settings = settingsOf({scenario(R"(
url = "ws://127.0.0.1:8000/ws"
dialect = "v2"
stages = [{ for = "30s", users = 50, name = "up", measure = false }, { for = "1m", users = 50 }]
session-life = "exp:10m"
rate = "1/s"
pace = "poisson"
inflight = 4
size = "64-1024"
senders = "10%"
rooms = ["general", "support"]
rooms-per-user = 2
zipf = 1.5
connect-rate = "200/s"
connect-inflight = 64
connect-timeout = "3s"
reconnect = "none"
warmup = "5s"
settle = "500ms"
drain = "2s"
verify = "sample:10"
strict = true
seed = 7
threads = 2
processes = 1

[thresholds]
delivery_latency = ["p(95)<200ms", "p(99)<500ms"]
deliveries_lost = "count==0"

[tags]
branch = "main"
build = 12
)")});
    QVERIFY(settings.stages == std::vector<Stage>({{30s, 50, "up", false}, {60s, 50}}));
    const Profile &profile = settings.profiles.at(0);
    QVERIFY(profile.life == (Lasting{600s, true}));
    QCOMPARE(profile.rate, 1.0);
    QVERIFY(profile.pace == Pace::Poisson);
    QCOMPARE(profile.inflight, 4U);
    QVERIFY(profile.size == (SizeRange{64, 1024}));
    QVERIFY(profile.senders == (Senders{0, 0.1}));
    QCOMPARE(profile.roomsPerUser, 2U);
    QVERIFY(settings.rooms == std::vector<std::string>({"general", "support"}));
    QCOMPARE(settings.zipf, 1.5);
    QCOMPARE(settings.connectRate, 200.0);
    QCOMPARE(settings.connectInflight, 64U);
    QVERIFY(settings.connectTimeout == 3s);
    QVERIFY(settings.reconnect == Reconnect::None);
    QVERIFY(settings.warmUp == 5s);
    QVERIFY(settings.settle == 500ms);
    QVERIFY(settings.drain == 2s);
    QVERIFY(settings.verify == Verify::Sample);
    QCOMPARE(settings.verifySample, 10U);
    QVERIFY(settings.isStrict);
    QCOMPARE(settings.seed, 7U);
    QCOMPARE(settings.threads, 2U);
    QVERIFY(settings.thresholds ==
            std::vector<std::string>({"delivery_latency p(95)<200ms", "delivery_latency p(99)<500ms",
                                      "deliveries_lost count==0"}));
    QVERIFY((settings.tags == std::map<std::string, std::string>{{"branch", "main"}, {"build", "12"}}));

    const Settings arriving = settingsOf({kUrl, scenario(R"(
arrival = [{ for = "10s", rate = "5/s" }, { for = "1m", rate = "20/s", name = "many" }]
session-life = "30s"
pace = "closed"
think = "exp:2s"
)")});
    QVERIFY(arriving.stages.empty());
    QVERIFY(arriving.arrivals ==
            std::vector<ArrivalStage>({{.duration = 10s, .perSecond = 5}, {60s, 20, "many", true}}));
    QVERIFY(arriving.profiles.at(0).pace == Pace::Closed);
    QVERIFY(arriving.profiles.at(0).think == (Lasting{2s, true}));
}

void TestLoadScenario::profilesBeginWithWhatIsCommon()
{
    const Settings settings = settingsOf({kUrl, scenario(R"(
size = 64
[[profile]]
name = "talker"
weight = 1
rate = "2/s"
[[profile]]
name = "reader"
weight = 4.5
rate = "0/s"
size = 100
)")});
    QCOMPARE(settings.profiles.size(), 2U);
    QCOMPARE(settings.profiles[0].name, std::string("talker"));
    QCOMPARE(settings.profiles[0].rate, 2.0);
    QCOMPARE(settings.profiles[0].size.most, 64U);
    QCOMPARE(settings.profiles[1].weight, 4.5);
    QCOMPARE(settings.profiles[1].rate, 0.0);
    QCOMPARE(settings.profiles[1].size.most, 100U);
}

void TestLoadScenario::laterLayersCountMore()
{
    const Layer file = scenario(
        "rate = '3/s'\ndrain = '1s'\n[[profile]]\nname = 'a'\n[[profile]]\nname = 'b'\nrate = '4/s'\n");
    const Settings settings = settingsOf({file, flags({{"url", "localhost"}, {"rate", "9/s"}})});
    QVERIFY(settings.drain == 1s);
    QCOMPARE(settings.profiles[0].rate, 9.0); // of both: the command line says it of all
    QCOMPARE(settings.profiles[1].rate, 9.0);
}

void TestLoadScenario::laterUsersReplaceEarlierOnes()
{
    const Layer held = scenario("users = 5\nduration = '10s'\n");
    Settings settings = settingsOf({kUrl, held});
    QVERIFY(settings.stages == std::vector<Stage>({{0s, 5, "", false}, {10s, 5}}));
    settings = settingsOf({kUrl, held, flags({{"duration", "20s"}})});
    QVERIFY(settings.stages == std::vector<Stage>({{0s, 5, "", false}, {20s, 5}}));
    settings = settingsOf({kUrl, held, flags({{"stages", "3s:7"}})});
    QVERIFY(settings.stages == std::vector<Stage>({{3s, 7}}));
    settings = settingsOf({kUrl, held, flags({{"arrival", "5/s"}, {"session-life", "2s"}})});
    QVERIFY(settings.stages.empty());
    QVERIFY(settings.arrivals == std::vector<ArrivalStage>({{.duration = 10s, .perSecond = 5}}));
    settings = settingsOf({kUrl, scenario("stages = '3s:7'"), flags({{"users", "5"}})});
    QVERIFY(settings.stages == std::vector<Stage>({{0s, 5, "", false}, {30s, 5}}));
}

void TestLoadScenario::laterThresholdsReplaceThoseOnTheSame()
{
    const Layer file = scenario("[thresholds]\ndelivery_latency = ['p(95)<200ms', 'p(99)<500ms']\n");
    Layer said = flags({{"threshold", "delivery_latency p(99) < 2s"}});
    said.statements.front().texts.emplace_back("delivery_latency p(99) > 1ms");
    const Settings settings = settingsOf({kUrl, file, said});
    QVERIFY(settings.thresholds ==
            std::vector<std::string>({"delivery_latency p(95)<200ms", "delivery_latency p(99) < 2s",
                                      "delivery_latency p(99) > 1ms"}));
}

void TestLoadScenario::aLaterPaceForgetsTheRate()
{
    const Layer file = scenario("rate = '3/s'\ninflight = 2\n");
    QVERIFY(settingsOf({kUrl, file, flags({{"pace", "closed"}})}).profiles.at(0).pace == Pace::Closed);
    QVERIFY(mistakeOf({kUrl, file, flags({{"pace", "closed"}, {"rate", "1/s"}})})
                .startsWith("--rate: a closed pace"));
    QVERIFY(mistakeOf({kUrl, scenario("pace = 'closed'"), flags({{"rate", "1/s"}})}).startsWith("--rate: "));
}

void TestLoadScenario::aProfilesPaceForgetsTheCommonRate()
{
    const Settings settings =
        settingsOf({kUrl, scenario("rate = '3/s'\n[[profile]]\nname = 'a'\npace = 'closed'\n"
                                   "[[profile]]\nname = 'b'\n")});
    QVERIFY(settings.profiles.at(0).pace == Pace::Closed);
    QCOMPARE(settings.profiles.at(1).rate, 3.0);
}

void TestLoadScenario::threads()
{
    QCOMPARE(settingsOf({kUrl, flags({{"threads", "auto"}, {"rooms", "100"}})}).threads, kCores);
    QCOMPARE(settingsOf({kUrl, flags({{"threads", "auto"}, {"rooms", "2"}})}).threads, 2U);
    QCOMPARE(settingsOf({kUrl, flags({{"threads", "auto"}, {"rooms", "2"}, {"processes", "2"}})}).threads,
             1U);
    QCOMPARE(settingsOf({kUrl, flags({{"threads", "auto"}, {"rooms", "100"}, {"processes", "2"}})}).threads,
             kCores / 2);
    QCOMPARE(settingsOf({kUrl, flags({{"threads", "auto"}, {"rooms", "100"}, {"processes", "9"}})}).threads,
             1U);
    QCOMPARE(settingsOf({kUrl, flags({{"threads", "3"}})}).threads, 3U);
}

void TestLoadScenario::addresses()
{
    const auto target = [](const char *url) {
        const auto result = made({flags({{"url", url}, {"cookies", "true"}})});
        return std::get<MadeSettings>(result).target;
    };
    QVERIFY(!target("localhost").isTls && target("localhost").port == 80);
    QVERIFY(target("wss://chat.example").isTls && target("wss://chat.example").port == 443);
    QCOMPARE(target("ws://[::1]:8000").host, std::string("::1"));
    QCOMPARE(target("ws://[::1]:8000").authority, std::string("[::1]:8000"));
    QCOMPARE(target("ws://a:1/x?y=z").path, std::string("/x?y=z"));
    QVERIFY(target("a").keepsCookies);
    QCOMPARE(target("ws://a/x?token=s3cret").path, std::string("/x?token=s3cret"));
    QVERIFY(settingsOf({flags({{"url", "ws://a/x?token=s3cret"}})}).url.find("s3cret") == std::string::npos);
    const auto withHeader =
        made({kUrl, flags({{"header", "X-Key:  a b "}, {"source-ips", "127.0.0.2-127.0.0.4"}})});
    QVERIFY(std::get<MadeSettings>(withHeader).target.headers ==
            (std::vector<parlor::websocket::HeadField>{{"X-Key", "a b"}}));
    QCOMPARE(std::get<MadeSettings>(withHeader).target.sources.size(), 3U);
    QVERIFY(!std::get<MadeSettings>(withHeader).hasAutomaticSources);
}

void TestLoadScenario::presetsMakeSettings()
{
    QSet<QByteArray> names;
    for (const Preset &preset : presets()) {
        const std::string name(preset.name);
        auto parsed = parseScenario(preset.text, "preset " + name);
        QVERIFY2(parsed.index() == 0, name.c_str());
        const auto result = made({std::get<Layer>(parsed), kUrl});
        const auto *mistake = std::get_if<Mistake>(&result);
        QVERIFY2(mistake == nullptr, mistake == nullptr ? "" : mistake->text.c_str());
        QVERIFY2(!std::get<MadeSettings>(result).settings.thresholds.empty(), name.c_str());
        QVERIFY2(preset.text.starts_with("# " + name + ": "), name.c_str());
        names.insert(QByteArray::fromStdString(name));
    }
    QCOMPARE(names, QSet<QByteArray>({"seed", "seed-repo", "smoke", "soak", "fanout", "churn"}));
}

void TestLoadScenario::wrongFlags_data()
{
    using Flags = std::vector<std::pair<std::string, std::string>>;
    QTest::addColumn<Flags>("given");
    QTest::addColumn<QByteArray>("why");
    const auto row = [](const Flags &given, const char *why) {
        std::string name;
        for (const auto &[key, text] : given)
            name += "--" + key + " " + text + " ";
        QTest::addRow("%s", name.c_str()) << given << QByteArray(why);
    };
    row({{"arrival", "5/s"}, {"stages", "3s:7"}, {"session-life", "3s"}},
        "--arrival: users come at a rate, or as the stages");
    row({{"users", "5"}, {"stages", "3s:7"}}, "--users: the stages say");
    row({{"users", "5"}, {"arrival", "5/s"}}, "--users: users come at a rate");
    row({{"duration", "5s"}, {"stages", "3s:7"}}, "--duration: the stages say");
    row({{"duration", "5s"}, {"arrival", "3s:7/s"}, {"session-life", "3s"}},
        "--duration: the stages of --arrival say");
    row({{"duration", "5s"}},
        "--duration: it lacks how many users there are; say it with --users or --arrival, or");
    row({{"duration", "0s"}, {"users", "5"}}, "--duration: it must be longer than nothing");
    row({{"users", "0"}}, "--users: '0'");
    row({{"users", "-1"}}, "--users: '-1' is no number of users");
    row({{"arrival", "5/s"}}, "say with --session-life how long a user stays");
    row({{"arrival", "5"}}, "--arrival: '5' is no rate");
    row({{"arrival", "3s:0/s"}}, "--arrival: nobody ever comes");
    row({{"rate", "5/s"}, {"pace", "closed"}}, "--rate: a closed pace has no rate: a message follows the "
                                               "answer to the last one; say with --think how");
    row({{"inflight", "2"}, {"pace", "closed"}}, "--inflight: in a closed pace");
    row({{"think", "2s"}}, "--think: only a closed pace has time to think; elsewhere say with --rate when");
    row({{"think", "2"}}, "--think: '2' is no time");
    row({{"pace", "quick"}}, "--pace: 'quick' is none of the choices: fixed, poisson or closed");
    row({{"size", "35"}}, "--size: '35' is out of range");
    row({{"size", "4001"}}, "--size: '4001' is out of range");
    row({{"size", "100-50"}}, "--size: the range '100-50' is upside down");
    row({{"senders", "0"}}, "--senders: '0' says not who speaks");
    row({{"senders", "101%"}}, "--senders: '101%'");
    row({{"senders", "60"}, {"users", "50"}}, "--senders: 60 users cannot speak: there are 50 at most");
    row({{"rooms-per-user", "2"}, {"dialect", "v1"}}, "--rooms-per-user: in v1");
    row({{"rooms-per-user", "4"}}, "--rooms-per-user: a user cannot be in 4 rooms: there are 3");
    row({{"rooms-per-user", "0"}}, "--rooms-per-user: '0' is no number of rooms from 1");
    row({{"zipf", "1"}, {"rooms", "1"}}, "--zipf: there is one room");
    row({{"zipf", "-1"}}, "--zipf: '-1' is no exponent");
    row({{"connect-rate", "5"}}, "--connect-rate: '5' is no rate");
    row({{"connect-rate", "1/s"}, {"users", "31"}}, "--connect-rate: so slowly not all of 31 users come in");
    row({{"connect-inflight", "0"}}, "--connect-inflight: '0' is no number of connections");
    row({{"connect-inflight", "1"}, {"processes", "2"}},
        "--connect-inflight: it is dealt to the threads of all processes, and for 2 of them it is 1");
    row({{"connect-timeout", "0s"}}, "--connect-timeout: it must be longer");
    row({{"reconnect", "yes"}}, "--reconnect: 'yes' is none of the choices: backoff or none");
    row({{"warmup", "30s"}, {"users", "5"}}, "--warmup: nothing is left behind it");
    row({{"verify", "sample"}}, "--verify: 'sample' is none of the choices");
    row({{"verify", "sample:0"}}, "--verify: 'sample:0' is out of range");
    row({{"verify", "sample:N"}}, "--verify: 'sample:N' is out of range");
    row({{"users", "5"}, {"threshold", "delivery_latency{phase:hold 6} p(99)<1s"}},
        "--threshold: 'delivery_latency{phase:hold 6} p(99)<1s' is of a phase that this load does not have");
    row({{"threshold", "deliveries_lost rate<1"}}, "--threshold: 'deliveries_lost rate<1', column 17");
    row({{"threads", "4"}}, "there are 3 rooms; say more with --rooms");
    row({{"threads", "0"}}, "--threads: '0' is no number of threads");
    row({{"processes", "65"}}, "--processes: '65' is no number of processes");
    row({{"processes", "4"}}, "--processes: a room belongs to one thread");
    row({{"seed", "-1"}}, "--seed: '-1' is no number");
    row({{"tag", "branch"}}, "--tag: 'branch' lacks an equals sign");
    row({{"tag", "1x=y"}}, "--tag: '1x' is no name");
    row({{"header", "secret"}}, "--header: it lacks a name and a colon");
    row({{"header", "Upgrade: x"}}, "--header: 'Upgrade': the WebSocket handshake");
    row({{"header", "Sec-WebSocket-Key: x"}}, "--header: 'Sec-WebSocket-Key': the WebSocket");
    row({{"header", "a b: x"}}, "--header: 'a b' has characters that no header");
    row({{"header", "a: x\ny: z"}}, "--header: 'a' has characters that no header");
    row({{"source-ips", "chat.example"}}, "--source-ips: ");
    row({{"ca-file", "ca.pem"}}, "--ca-file: only wss:// has certificates");
    row({{"insecure", "true"}}, "--insecure: only wss:// has certificates");
    row({{"url", "wss://localhost"}, {"insecure", "true"}, {"ca-file", "ca.pem"}},
        "--insecure: it trusts any certificate, and so needs no --ca-file");
    row({{"url", "http://localhost"}}, "use ws:// instead");
    row({{"url", "smoke"}},
        "'smoke' is a preset; write --preset smoke, or ws://smoke for a host of this name");
    row({{"threshold", "delivery_latecy p(99)<1s"}},
        "no metric 'delivery_latecy'; the nearest is 'delivery_latency'");
    row({{"url", "8000"}}, "'8000' names no host; write ws://HOST:PORT");
}

void TestLoadScenario::wrongFlags()
{
    using Flags = std::vector<std::pair<std::string, std::string>>;
    QFETCH(Flags, given);
    QFETCH(QByteArray, why);
    const QByteArray said = mistakeOf({kUrl, flags(given)});
    QVERIFY2(said.contains(why), said.constData());
    QVERIFY(!said.contains("secret"));
}

void TestLoadScenario::wrongScenarios_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("why");
    const auto row = [](const char *name, const char *text, const char *why) {
        QTest::addRow("%s", name) << QByteArray(text) << QByteArray(why);
    };
    row("no TOML", "users = \n", "s.toml:1:9: ");
    row("not closed", "rooms = ['a'", "s.toml:1:");
    row("twice", "users = 1\nusers = 2\n", "s.toml:2:9: ");
    row("not UTF-8", "rate = \"\xff\"", "s.toml:1:");
    row("letters outside of quotes", "us\u00e9rs = 1\n", "s.toml:1:");
    row("unknown", "\nroms = 3\n", "s.toml:2:1: roms: there is no such key; the nearest is 'rooms'");
    row("unknown far", "zzzzzzzzzzz = 3\n",
        "s.toml:1:1: zzzzzzzzzzz: there is no such key; docs/load-scenario.md");
    row("underscore", "connect_rate = '5/s'\n", "the nearest is 'connect-rate'");
    row("flag alone", "out = 'x.json'\n", "s.toml:1:1: out: only the command line says this, with --out");
    row("bad value", "users = 5\n  rate = 2\n", "s.toml:2:3: rate: '2' is no rate");
    row("names keys", "duration = '5s'\n", "say it with users or arrival, or say both with stages");
    row("bad number", "users = 2.5\n", "s.toml:1:1: users: '2.5' is no number of users");
    row("negative", "users = -3\n", "s.toml:1:1: users: '-3' is no number");
    row("date", "users = 2020-01-01\n", "s.toml:1:9: users: a text, a number, true or false");
    row("list", "rate = ['1/s', '2/s']\n", "s.toml:1:1: rate: one value must stand here");
    row("empty list", "rooms = []\n", "s.toml:1:1: rooms: the list is empty");
    row("empty stages", "stages = []\n", "s.toml:1:1: stages: ");
    row("table", "[rate]\nx = 1\n", "rate: a value must stand here, and no table");
    row("deep table", "[[profile]]\nname = 'a'\n[profile.rate]\nx = 1\n", "rate: a value must stand here");
    row("deep list", "rooms = [['a']]\n", "s.toml:1:10: rooms: a text");
    row("mixed list", "stages = [{ for = '1s', users = 1 }, '1s:1']\n", "stages: the list has both");
    row("stage without for", "stages = [{ users = 1 }]\n", "s.toml:1:13: users: the stage lacks 'for'");
    row("stage without users", "stages = [{ for = '1s' }]\n", "the stage lacks 'users'");
    row("stage key", "stages = [\n { for = '1s', user = 1 }]\n",
        "s.toml:2:16: user: a stage has no such key");
    row("stage value", "stages = [{ for = 1, users = 1 }]\n", "s.toml:1:13: for: '1' is no time");
    row("stage measure", "stages = [{ for = '1s', users = 1, measure = 'no' }]\n",
        "'no' is none of the choices: true or false");
    row("no measured stage", "stages = [{ for = '1s', users = 1, measure = false }]\n",
        "stages: measure is false in all");
    row("stages of nobody", "stages = [{ for = '1s', users = 0 }]\n", "no stage has a user");
    row("arrival of nobody", "session-life='1s'\narrival = [{ for = '1s', rate = '0/s' }]\n",
        "nobody ever comes");
    row("two kinds", "stages = '1s:1'\narrival = '1/s'\n",
        "s.toml:2:1: arrival: users come at a rate, or as the stages");
    row("a number for an address", "url = 5\n", "s.toml:1:1: url: '5' names no host");
    row("tag twice", "tag = ['a=1', 'a=2']\n", "s.toml:1:1: tag: the tag 'a' is there twice");
    row("tag for tags", "[tag]\na = '1'\n", "s.toml:1:2: tag: such a table is called [tags]");
    row("threshold for thresholds", "[threshold]\nconnect_success = 'rate==1'\n",
        "threshold: such a table is called [thresholds]");
    row("one table of stages", "stages = { for = '1s', users = 1 }\n",
        "s.toml:1:1: stages: a list of tables must stand here: [{ for = \"30s\", users = 50 }]");
    row("profile as a table", "[profile]\nname = 'a'\n", "s.toml:1:2: profile: a profile is a table");
    row("rooms of a fraction", "rooms = 1.5\n", "s.toml:1:1: rooms: '1.5' is no number of rooms");
    row("profile no list", "profile = 'x'\n", "s.toml:1:1: profile: a profile is a table");
    row("profile without name", "[[profile]]\nrate = '1/s'\n", "s.toml:2:1: rate: the profile has no name");
    row("profile empty", "[[profile]]\n", "the profile has no name");
    row("profiles of one name", "[[profile]]\nname='a'\n[[profile]]\nname='a'\n",
        "s.toml:4:1: name: there is a profile of this name");
    row("profile weight", "[[profile]]\nname='a'\nweight=0\n", "s.toml:3:1: weight: '0' is no weight");
    row("profile key", "[[profile]]\nname='a'\nrooms=2\n",
        "s.toml:3:1: rooms: all profiles have this in common");
    row("profile unknown", "[[profile]]\nname='a'\nwieght=2\n", "the nearest is 'weight'");
    row("profile combination", "[[profile]]\nname='a'\npace='closed'\nrate='1/s'\n",
        "s.toml:4:1: rate: a closed pace");
    row("arrival without life",
        "arrival='1/s'\n[[profile]]\nname='a'\nsession-life='1s'\n[[profile]]\nname='b'\n", "(profile b)");
    row("threshold metric", "[thresholds]\nspeed = 'p(9)<1s'\n",
        "s.toml:2:1: speed: 'speed p(9)<1s', column 1: there is no metric");
    row("threshold figure", "[thresholds]\ndelivery_latency = 'rate<1'\n", "s.toml:2:1: delivery_latency: ");
    row("tag", "[tags]\n1a = 'x'\n", "s.toml:2:1: 1a: '1a' is no name of a tag");
    const QByteArray deepest = '[' + QByteArray("a.").repeated(kMaxScenarioBytes / 2 - 2) + "a]";
    row("deepest name", deepest.constData(), "s.toml:1:1: a: a value must stand here");
    row("too large", QByteArray(deepest + "\n\n").constData(), "s.toml: a scenario has 64 KiB at most");
    row("zero byte", "rooms = \"a\\u0000b\"\n", "zero byte");
    row("insecure without TLS", "insecure = true\n", "s.toml:1:1: insecure: only wss://");
}

void TestLoadScenario::wrongScenarios()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, why);
    const auto parsed = parseScenario({text.constData(), static_cast<std::size_t>(text.size())}, "s.toml");
    std::optional<Mistake> mistake;
    if (const auto *wrong = std::get_if<Mistake>(&parsed)) {
        mistake = *wrong;
    } else {
        const auto result = made({kUrl, std::get<Layer>(parsed)});
        if (const auto *refused = std::get_if<Mistake>(&result))
            mistake = *refused;
    }
    QVERIFY(mistake);
    QVERIFY2(QByteArray::fromStdString(mistake->text).contains(why), mistake->text.c_str());
    // The key that was not said has no place in the file.
    QVERIFY2(mistake->isInFile == (mistake->text.find("--session-life") == std::string::npos),
             mistake->text.c_str());
}

void TestLoadScenario::nearestNames()
{
    const std::vector<std::string_view> known{"rooms", "rate", "warmup"};
    QCOMPARE(parlor::cli::nearestOf("roms", known), std::string_view("rooms"));
    QCOMPARE(parlor::cli::nearestOf("warm-up", known), std::string_view("warmup"));
    QCOMPARE(parlor::cli::nearestOf("Rate", known), std::string_view("rate"));
    QCOMPARE(parlor::cli::nearestOf("something", known), std::string_view());
    QCOMPARE(parlor::cli::nearestOf(std::string(10'000, 'a'), known), std::string_view());
}

/// docs/load-scenario.md names each key in a table's first cell: | `rate` | …
void TestLoadScenario::documented()
{
    QFile file(qEnvironmentVariable("PARLOR_TEST_SOURCE") + QStringLiteral("/docs/load-scenario.md"));
    QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(file.fileName()));
    const QString text = QString::fromUtf8(file.readAll());
    QSet<QString> documented;
    static const QRegularExpression kRow(QStringLiteral("^\\| `([a-z-]+)` \\|"),
                                         QRegularExpression::MultilineOption);
    for (auto match = kRow.globalMatch(text); match.hasNext();)
        documented.insert(match.next().captured(1));
    QSet<QString> known{QStringLiteral("profile"), QStringLiteral("thresholds"), QStringLiteral("tags"),
                        QStringLiteral("name"),    QStringLiteral("weight"),     QStringLiteral("for"),
                        QStringLiteral("measure")};
    for (const LoadKey &each : loadKeys()) {
        if (each.name != "threshold" && each.name != "tag") // their tables
            known.insert(QString::fromUtf8(each.name.data(), static_cast<qsizetype>(each.name.size())));
    }
    for (const Preset &each : presets()) // they have a table, too
        known.insert(QString::fromUtf8(each.name.data(), static_cast<qsizetype>(each.name.size())));
    QCOMPARE(QStringList((known - documented).values()).join(u' '), QString());
    QCOMPARE(QStringList((documented - known).values()).join(u' '), QString());
}

PARLOR_TEST(TestLoadScenario)
#include "tst_load_scenario.moc"
