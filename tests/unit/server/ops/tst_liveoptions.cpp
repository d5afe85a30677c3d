// SPDX-License-Identifier: MIT
#include "server/ops/declarations.h"
#include "server/ops/liveoptions.h"
#include "tests/support/testclass.h"
#include "tests/unit/server/ops/optionscase.h"

#include <QFile>

#include <algorithm>
#include <sys/stat.h>

using namespace parlor;
using namespace parlor::test;

/// What SIGHUP changes.
class LiveOptionsTest : public OptionsCase
{
    Q_OBJECT
private Q_SLOTS:
    void nothingDiffers();
    void liveOnesAreTaken();
    void othersStay();
    void pathsComeAndGo();
    void secretsAreNotSaid();
    void whatIsLive();
    void passwordInAFlag();
    void passwordInAnOpenFile();
};

void LiveOptionsTest::nothingDiffers()
{
    Options running = accepted({"--store", "memory"});
    QVERIFY(takeLive(running, accepted({"--store", "memory"})).empty());
}

void LiveOptionsTest::liveOnesAreTaken()
{
    Options running = accepted({"--queue-limit", "1MiB"});
    const Options fresh = accepted({"--queue-limit", "2MiB", "--allowed-origin", "https://a.example",
                                    "--trusted-proxy", "10.0.0.0/8", "--access-log", "--rate", "0"});
    std::vector<std::string> texts;
    for (const OptionChange &each : takeLive(running, fresh)) {
        QVERIFY2(each.isLive, each.name.c_str());
        texts.push_back(each.text());
    }
    const std::vector<std::string> expected{
        "rate is 0 now, and was 10",
        "queue-limit is 2MiB now, and was 1MiB",
        "trusted-proxy is 10.0.0.0/8 now, and was none",
        "allowed-origin is https://a.example now, and was none",
        "access-log is true now, and was false",
    };
    QCOMPARE(texts, expected);
    QCOMPARE(running.queueLimit, std::uint64_t(2) << 20);
    QCOMPARE(running.allowedOrigins, Strings{"https://a.example"});
    QCOMPARE(running.trustedProxies.size(), std::size_t(1));
    QVERIFY(running.accessLog);
    QVERIFY(takeLive(running, fresh).empty());
}

void LiveOptionsTest::othersStay()
{
    Options running = accepted({"--workers", "2"});
    const auto changes = takeLive(running, accepted({"--workers", "3"}));
    QCOMPARE(changes.size(), std::size_t(1));
    QVERIFY(!changes.front().isLive);
    QCOMPARE(changes.front().text(), std::string("workers stays 2: restart the server for 3"));
    QCOMPARE(running.workers, 2U);
}

void LiveOptionsTest::pathsComeAndGo()
{
    Options running = accepted({});
    Options fresh = running;
    fresh.tlsCertificate = "/chain.pem";
    QCOMPARE(takeLive(running, fresh).size(), std::size_t(1));
    QVERIFY(running.tlsCertificate == "/chain.pem");
    fresh.tlsCertificate.reset();
    QCOMPARE(takeLive(running, fresh).size(), std::size_t(1));
    QVERIFY(!running.tlsCertificate);
}

void LiveOptionsTest::secretsAreNotSaid()
{
    Options running = accepted({"--redis", "redis://u:do-not-log-one@h"});
    for (const OptionChange &each : takeLive(running, accepted({"--redis", "redis://v:do-not-log-two@h"})))
        QVERIFY2(each.text().find("do-not-log-") == std::string::npos, each.text().c_str());
}

/// What clients were told when they came, and what is built in where it is used, is not.
void LiveOptionsTest::whatIsLive()
{
    Options options;
    const auto declared = declareOptions(options);
    const auto isLive = [&](std::string_view name) {
        const auto found = std::ranges::find(declared, name, &Declaration::name);
        return found != declared.end() && found->isLive;
    };
    for (const char *const name : {"rate", "user-rate", "address-rate", "connect-rate", "max-connections",
                                   "allowed-origin", "log-level", "tls-cert", "trusted-proxy"})
        QVERIFY2(isLive(name), name);
    for (const char *const name : {"ping", "listen", "store", "workers", "redis", "hostname", "json-depth"})
        QVERIFY2(!isLive(name), name);
}

void LiveOptionsTest::passwordInAFlag()
{
    const auto warnings = accepted({"--redis", "redis://u:do-not-log-one@h"}).warnings;
    QCOMPARE(warnings.size(), std::size_t(1));
    QVERIFY(warnings[0].find("list of processes") != std::string::npos);
    QVERIFY(warnings[0].find("do-not-log-") == std::string::npos);
    QVERIFY(accepted({"--redis", "redis://u@h"}).warnings.empty());
}

void LiveOptionsTest::passwordInAnOpenFile()
{
    const std::string file = "redis = \"redis://u:do-not-log-one@h\"\n";
    const auto warned = [&] {
        const Options options = accepted({}, {}, file);
        for (const std::string &each : options.warnings)
            if (each.find("readable by all users") != std::string::npos)
                return each.find("do-not-log-") == std::string::npos;
        return false;
    };
    const auto before = ::umask(022);
    QVERIFY(warned());
    ::umask(077);
    QFile::remove(QString::fromStdString(path()));
    QVERIFY(!warned());
    ::umask(before);
}

PARLOR_TEST(LiveOptionsTest)
#include "tst_liveoptions.moc"
