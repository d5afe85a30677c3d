// SPDX-License-Identifier: MIT
#include "client-cli/probe/probecommand.h"

#include "client-cli/chat/standardoutput.h"
#include "client-cli/exitcode.h"
#include "client-cli/networknotice.h"
#include "client-cli/probe/probe.h"
#include "client-cli/probe/reporttext.h"
#include "client-cli/refusal.h"
#include "client-cli/timeoption.h"
#include "client-cli/tokenoptions.h"
#include "shared/client/serverurl.h"
#include "shared/process/signalwatcher.h"

#include <QCoreApplication>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSocketNotifier>
#include <QSslCertificate>

#include <CLI/CLI.hpp>

#include <csignal>
#include <memory>

namespace parlor::cli {

namespace {

/// As typed; checked and turned into ProbeOptions once all is parsed.
struct ProbeArguments
{
    std::string url;
    std::string caFile;
    std::string expect;
    std::string tokenFile;
    std::int64_t timeout = 5000;
    int count = 20;
    int parallel = 1;
    bool cookies = false;
    bool json = false;
};

QSslConfiguration trusting(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        refuse(QStringLiteral("cannot read the certificate file %1: %2").arg(path, file.errorString()));
    const auto certificates = QSslCertificate::fromDevice(&file, QSsl::Pem);
    if (certificates.isEmpty())
        refuse(QStringLiteral("--ca-file %1: no PEM certificate is in it").arg(path));
    auto tls = QSslConfiguration::defaultConfiguration();
    tls.addCaCertificates(certificates);
    return tls;
}

ProbeOptions probeOptions(const ProbeArguments &given)
{
    ProbeOptions options;
    const auto url = parseServerUrl(QString::fromStdString(given.url));
    if (!url)
        refuse(QString::fromStdString(url.error().text));
    options.url = *url;
    if (!given.caFile.empty())
        options.tls = trusting(QString::fromStdString(given.caFile));
    if (!given.tokenFile.empty())
        options.token = tokenInFile(given.tokenFile);
    options.count = given.count;
    options.parallel = given.parallel;
    options.cookies = given.cookies ? Cookies::Carry : Cookies::Forget;
    if (!given.expect.empty()) {
        options.expectation = given.expect == "spread" ? Expectation::Spread : Expectation::Sticky;
        if (given.count < 2)
            refuse(QStringLiteral("--expect %1 compares connections; give it -n 2 or more")
                       .arg(QString::fromStdString(given.expect)));
    }
    options.timeout = std::chrono::milliseconds(given.timeout);
    options.format = given.json ? ReportFormat::Json : ReportFormat::Text;
    return options;
}

int exitCode(const ProbeReport &report, const ProbeOptions &options)
{
    if (report.connected() == 0)
        return exitcode::kNoConnection;
    const bool met = !options.expectation || judge(report, *options.expectation).met;
    const bool isOneChat = judgeChats(report).value_or(Verdict{true, {}}).met;
    return met && isOneChat && report.failed() == 0 ? exitcode::kOk : exitcode::kFailed;
}

int runProbe(const ProbeOptions &options)
{
    tellOfProxy(options.url);
    if (!options.token.isEmpty())
        warnOfReadableToken(options.url);
    Probe probe(options);
    SignalWatcher signals({SIGINT, SIGTERM, SIGHUP});
    QSocketNotifier signalled(signals.descriptor(), QSocketNotifier::Read);
    QObject::connect(&probe, &Probe::finished, &probe, &QCoreApplication::quit, Qt::QueuedConnection);
    QObject::connect(&signalled, &QSocketNotifier::activated, &probe, [&] {
        while (signals.next())
            probe.interrupt();
    });
    QMetaObject::invokeMethod(&probe, &Probe::start, Qt::QueuedConnection);
    QCoreApplication::exec();

    const ProbeReport &report = probe.report();
    const QString text = options.format == ReportFormat::Text
                             ? toText(report, options)
                             : QString::fromUtf8(QJsonDocument(toJson(report, options)).toJson().trimmed());
    if (!writeMessageLine(text))
        return exitcode::kNotWritten;
    return exitCode(report, options);
}

} // namespace

void addProbe(CLI::App &app, Runner &chosen)
{
    auto given = std::make_shared<ProbeArguments>();
    CLI::App *probe = app.add_subcommand("probe", "Find out which hosts serve behind an address");
    probe->footer(
        "Each connection is a new one; the server's first frame names the host that serves it. So "
        "one sees how\n"
        "a load balancer spreads connections, and with --cookies whether its cookie keeps a client "
        "on a host.\n"
        "Hosts that do not share one chat fail the probe.\n"
        "A TIME is a number with its unit: 500ms, 5s, 2m, 1h, 7d.\n"
        "Exit codes: 0 well; 1 the expectation was not met, the hosts have separate chats, or a connection "
        "failed;\n"
        "2 usage; 3 none came about; 4 the report could not be written.");
    probe
        ->add_option("URL", given->url,
                     "ws://HOST:PORT or wss://HOST; the path /ws and ws:// may be left out")
        ->required()
        ->type_name("");
    probe->add_option("-n,--count", given->count, "How many connections [20]")
        ->check(CLI::Range(1, 100'000).description(""))
        ->type_name("N");
    probe->add_option("--parallel", given->parallel, "How many of them at once [1]")
        ->check(CLI::Range(1, 1'000).description(""))
        ->type_name("N");
    probe->add_flag("--cookies", given->cookies,
                    "Carry cookies from one connection to the next, as a browser does");
    probe->add_option("--expect", given->expect, "Fail unless several hosts serve (spread), or one (sticky)")
        ->check(CLI::IsMember({"spread", "sticky"}).description(""))
        ->type_name("spread|sticky");
    probe->add_option("--timeout", given->timeout, "How long a connection may take [5s]")
        ->transform(timeInMilliseconds(std::chrono::hours(1)))
        ->type_name("TIME");
    probe
        ->add_option("--ca-file", given->caFile, "PEM certificates to trust for wss://, besides the system's")
        ->type_name("FILE");
    probe
        ->add_option("--token-file", given->tokenFile,
                     "A file with a token: whether each host takes it, where they ask for one")
        ->type_name("FILE")
        ->envname("PARLOR_TOKEN_FILE");
    probe->add_flag("--json", given->json, "Write the report as JSON");
    probe->final_callback(
        [given, &chosen] { chosen = [options = probeOptions(*given)] { return runProbe(options); }; });
}

} // namespace parlor::cli
