// SPDX-License-Identifier: MIT
#include "client-cli/load/options/loadarguments.h"

#include "client-cli/load/judgement/metrics.h"
#include "client-cli/load/options/optionvalues.h"
#include "client-cli/load/options/presets.h"
#include "client-cli/load/options/scenario.h"
#include "client-cli/load/runfile/secrets.h"
#include "client-cli/refusal.h"
#include "client-cli/tokenoptions.h"

#include <QCoreApplication>
#include <QFile>

#include <algorithm>
#include <thread>

namespace parlor::cli::load {

namespace {

constexpr const char *kShape = "What load";
constexpr const char *kOutput = "What comes out";
constexpr const char *kWatching = "While it runs";

const char *nameOf(LoadKey::Topic topic)
{
    switch (topic) {
    case LoadKey::Topic::Target:
        return "The server";
    case LoadKey::Topic::Users:
        return "Who comes";
    case LoadKey::Topic::Messages:
        return "What they say";
    case LoadKey::Topic::Rooms:
        return "Where";
    case LoadKey::Topic::Connections:
        return "Connections";
    case LoadKey::Topic::Checks:
        return "What is measured and checked";
    case LoadKey::Topic::Generator:
        break;
    }
    return "The generator";
}

std::string presetsHelp()
{
    std::string help = "A load that is built in; what else is said changes it:";
    for (const Preset &each : presets())
        help += "\n" + std::string(each.name) + ": " + std::string(each.about);
    return help;
}

const Preset &presetNamed(const std::string &name)
{
    const auto found =
        std::ranges::find_if(presets(), [&name](const Preset &each) { return each.name == name; });
    if (found != presets().end())
        return *found;
    std::string names;
    for (const Preset &each : presets())
        names += (names.empty() ? "" : ", ") + std::string(each.name);
    refuse("--preset: there is no '" + name + "'; there are " + names);
}

std::variant<Layer, Mistake> layerInFile(const std::string &path)
{
    QFile file(QString::fromStdString(path));
    const auto failed = [&] {
        return Mistake{"cannot read " + path + ": " + file.errorString().toStdString(), true};
    };
    if (!file.open(QIODevice::ReadOnly))
        return failed();
    const QByteArray bytes = file.read(static_cast<qint64>(kMaxScenarioBytes) + 1);
    if (file.error() != QFileDevice::NoError)
        return failed();
    return parseScenario({bytes.constData(), static_cast<std::size_t>(bytes.size())}, path);
}

std::string footer()
{
    return "A TIME is a number with its unit: 500ms, 5s, 2m. What is built in counts least, then the "
           "preset,\n"
           "the scenario, the command line.\n"
           "A threshold is METRIC FIGURE COMPARISON BOUND, as in 'delivery_latency p(99)<500ms',\n"
           "'connect_success rate>0.95', 'deliveries_lost count==0'. There are\n" +
           metricsHelp() +
           "Ctrl-C ends the run early, with its report; a second one does not wait for deliveries.\n"
           "A percentile counts where ten or more samples lie above it; with fewer its threshold is not "
           "met.\n"
           "Exit codes: 0 all that was planned was sent, answered and delivered; 2 usage;\n"
           "3 nobody ever joined; 4 all was well, but the report or a file could not be written;\n"
           "97 incomplete: not all that was planned was sent and answered, users were missing at the end, "
           "or\n"
           "no delivery came or could be checked;\n"
           "98 incorrect: deliveries lost, doubled, out of order, corrupt or unexpected, messages that were\n"
           "never answered, or servers behind the address that do not share the rooms; 99 a threshold not "
           "met;\n"
           "104 a mistake in the scenario; 105 interrupted.\n"
           "Of several, the one that comes first in 3, 98, 105, 97, 99.";
}

} // namespace

void LoadArguments::addTo(CLI::App &app)
{
    m_app = &app;
    app.footer(footer());
    app.add_option(
           "--scenario", m_scenario,
           "A file that says what load (TOML, docs/load-scenario.md); its keys are named as the flags")
        ->type_name("FILE")
        ->group(kShape);
    app.add_option("--preset", m_preset, presetsHelp())->type_name("NAME")->group(kShape);
    app.add_flag("--print-scenario", m_printsScenario,
                 "Only print the preset as it is, as a scenario to copy")
        ->group(kShape);
    app.add_flag("--dry-run", m_isDryRun,
                 "Connect to nothing; print what would be sent, and whether this machine can (exit 2: no)")
        ->group(kShape);
    addKeys(app);
    app.add_flag("--self-test", m_isSelfTest,
                 "No server, no URL: start a sink, and find how many verified deliveries a second (of\n"
                 "--threads) and how many connections this machine's generator can do")
        ->group(nameOf(LoadKey::Topic::Generator));
    app.add_option("--token-file", m_tokenFile,
                   "A file with a token for all users, for servers that ask for one. They are one person\n"
                   "then: the server's limits of a user (--user-rate) count for all of them together")
        ->type_name("FILE")
        ->envname("PARLOR_TOKEN_FILE")
        ->group(nameOf(LoadKey::Topic::Target));
    addOutputs(app);
    addWatchers(app);
}

void LoadArguments::addOutputs(CLI::App &app)
{
    app.add_option("--out", m_outputs.json, "Write all that was measured, as JSON")
        ->type_name("FILE")
        ->group(kOutput);
    app.add_option("--csv", m_outputs.csv, "Write a line for each second")->type_name("FILE")->group(kOutput);
    app.add_option("--junit", m_outputs.junit, "Write verdict and thresholds as test cases, for a CI")
        ->type_name("FILE")
        ->group(kOutput);
    app.add_option("--hgrm", m_outputs.hgrm, "Write latencies' percentiles for HdrHistogram's plotter")
        ->type_name("FILE")
        ->group(kOutput);
    app.add_option("--html", m_outputs.html, "Write a report for a browser: one page, which loads nothing")
        ->type_name("FILE")
        ->group(kOutput);
    app.add_option("--baseline", m_baseline, "The file (--out) of an earlier run; --html shows both")
        ->type_name("FILE")
        ->group(kOutput);
}

void LoadArguments::addWatchers(CLI::App &app)
{
    app.add_option("--watch-pid", m_watchedPid,
                   "A process of this machine, as the server: its CPU and memory are measured, too")
        ->type_name("PID")
        ->group(kWatching);
    app.add_option("--tui", m_tui, "on: a screen; off: a line a second; auto: a screen on a terminal [auto]")
        ->type_name("HOW")
        ->group(kWatching);
    app.add_flag("--quiet", m_isQuiet, "Neither, only the report")->group(kWatching);
    app.add_option("--prom-listen", m_prometheus.listen, "Metrics for Prometheus at http://HOST:PORT/metrics")
        ->type_name("HOST:PORT")
        ->group(kWatching);
    app.add_option("--prom-linger", m_linger,
                   "With it: how long to wait at the end until the last figures were scraped [15s]")
        ->type_name("TIME")
        ->group(kWatching);
    app.add_option("--prom-remote-write", m_prometheus.remoteWrite,
                   "Send them to a Prometheus once a second, as http://HOST:9090/api/v1/write")
        ->type_name("URL")
        ->group(kWatching);
    app.add_option("--prom-header", m_prometheus.headers, "For these requests; may be repeated")
        ->type_name("'NAME: VALUE'")
        ->allow_extra_args(false)
        ->group(kWatching);
    app.add_option("--prom-compat", m_compatible,
                   "k6: the names that dashboards of k6 read, too, with the label testid")
        ->type_name("k6")
        ->group(kWatching);
}

void LoadArguments::addKeys(CLI::App &app)
{
    for (const LoadKey &key : loadKeys()) {
        const std::string help(key.help);
        const std::string flag = key.name == "url" ? "URL" : "--" + std::string(key.name);
        Given &given = m_given[std::string(key.name)];
        switch (key.kind) {
        case LoadKey::Kind::YesOrNo:
            given.option = app.add_flag(flag, given.isOn, help);
            break;
        case LoadKey::Kind::List:
            given.option = app.add_option(flag, given.texts, help)->allow_extra_args(false);
            break;
        case LoadKey::Kind::Value:
            given.option = app.add_option(flag, given.text, help);
            break;
        }
        if (key.kind != LoadKey::Kind::YesOrNo)
            given.option->type_name(key.name == "url" ? "" : std::string(key.type));
        if (key.name != "url")
            given.option->group(nameOf(key.topic));
    }
}

Layer LoadArguments::flags() const
{
    Layer layer;
    for (const LoadKey &key : loadKeys()) {
        const auto found = m_given.find(key.name);
        if (found == m_given.end() || found->second.option->count() == 0)
            continue;
        const Given &given = found->second;
        Statement said{.key = std::string(key.name),
                       .place = key.name == "url" ? "URL" : "--" + std::string(key.name)};
        if (key.kind == LoadKey::Kind::YesOrNo)
            said.texts = {given.isOn ? "true" : "false"};
        else if (key.kind == LoadKey::Kind::List)
            said.texts = given.texts;
        else
            said.texts = {given.text};
        layer.statements.push_back(std::move(said));
    }
    return layer;
}

std::string_view LoadArguments::said(std::string_view key) const
{
    const auto found = m_given.find(key);
    return found == m_given.end() ? std::string_view() : found->second.text;
}

void LoadArguments::refuseOthers(std::initializer_list<std::string_view> used) const
{
    for (const CLI::Option *each : m_app->get_options()) {
        const std::string name = each->get_name();
        // A variable of the environment is there for other runs, too.
        if (each->count() > 0 && each->get_envname().empty() && std::ranges::find(used, name) == used.end())
            refuse(std::string(*used.begin()) + " has no use for " + name + "; leave it out");
    }
}

bool LoadArguments::wantsScenario() const
{
    if (m_printsScenario)
        refuseOthers({"--print-scenario", "--preset"});
    return m_printsScenario;
}

bool LoadArguments::wantsSelfTest() const
{
    if (m_isSelfTest)
        refuseOthers({"--self-test", "--threads"});
    return m_isSelfTest;
}

std::string_view LoadArguments::scenarioText() const
{
    if (m_preset.empty())
        refuse(std::string("--print-scenario prints a preset: name it with --preset"));
    return presetNamed(m_preset).text;
}

std::variant<LoadOptions, Mistake> LoadArguments::options() const
{
    SettingsMaker maker(std::max(1U, std::thread::hardware_concurrency()));
    std::optional<Mistake> mistake;
    if (!m_preset.empty()) {
        auto layer = parseScenario(presetNamed(m_preset).text, "preset " + m_preset);
        mistake = layer.index() == 0 ? maker.add(std::get<Layer>(layer)) : std::get<Mistake>(layer);
    }
    if (!mistake && !m_scenario.empty()) {
        auto layer = layerInFile(m_scenario);
        mistake = layer.index() == 0 ? maker.add(std::get<Layer>(layer)) : std::get<Mistake>(layer);
    }
    if (!mistake)
        mistake = maker.add(flags());
    LoadOptions options;
    if (!mistake) {
        auto made = maker.make();
        if (const auto *wrong = std::get_if<Mistake>(&made))
            mistake = *wrong;
        else
            options.load = std::get<MadeSettings>(std::move(made));
    }
    if (mistake && !mistake->isInFile)
        refuse(mistake->text);
    if (mistake)
        return *mistake;
    if (!m_tokenFile.empty()) {
        const auto &headers = options.load.target.headers;
        if (std::ranges::any_of(headers, [](const websocket::HeadField &each) {
                return QLatin1String("authorization")
                           .compare(QString::fromStdString(each.name), Qt::CaseInsensitive) == 0;
            }))
            refuse(std::string(
                "--token-file sets the header Authorization, and so does --header; leave one out"));
        options.load.target.token = tokenInFile(m_tokenFile).toStdString();
    }
    takeOutputs(options);
    takeWatchers(options);
    options.isQuiet = m_isQuiet;
    options.isDryRun = m_isDryRun;
    std::vector<std::string> arguments;
    const QStringList given = QCoreApplication::arguments();
    for (const QString &each : given)
        arguments.push_back(each.toStdString());
    options.arguments = argumentsWithoutSecrets(arguments);
    return options;
}

void LoadArguments::takeOutputs(LoadOptions &options) const
{
    options.outputs = m_outputs;
    if (!m_baseline.empty() && m_outputs.html.empty())
        refuse(std::string("--baseline is for the page that --html writes; say where it shall go"));
    options.baseline = m_baseline;
    options.inputs = {{"--baseline", m_baseline},
                      {"--scenario", m_scenario},
                      {"--token-file", m_tokenFile},
                      {"--ca-file", options.load.target.caFile}};
}

void LoadArguments::takeWatchers(LoadOptions &options) const
{
    if (!m_watchedPid.empty()) {
        constexpr std::uint64_t kMostPid = 4'194'304; // the kernel's, proc(5)
        const auto pid = parseWhole(m_watchedPid, 1, kMostPid, "a process");
        if (!pid)
            refuse("--watch-pid: " + pid.error().text);
        options.watchedPid = *pid;
    }
    if (m_tui != "auto" && m_tui != "on" && m_tui != "off")
        refuse("--tui: '" + m_tui + "' is none of the choices: auto, on or off");
    if (m_isQuiet && m_tui == "on")
        refuse(std::string("--tui on shows a screen, and --quiet shows none; leave one out"));
    options.tui = m_tui == "on" ? Tui::On : m_tui == "off" ? Tui::Off : Tui::Auto;
    options.prometheus = m_prometheus;
    if (!m_linger.empty()) {
        if (m_prometheus.listen.empty())
            refuse(std::string("--prom-linger is for --prom-listen, which is not there"));
        const auto linger = parseDuration(m_linger);
        if (!linger)
            refuse("--prom-linger: " + linger.error().text);
        options.linger = *linger;
    }
    if (!m_prometheus.headers.empty() && m_prometheus.remoteWrite.empty())
        refuse(std::string("--prom-header is for --prom-remote-write, which is not there"));
    if (!m_compatible.empty()) {
        if (m_compatible != "k6")
            refuse("--prom-compat: '" + m_compatible + "' is none of the choices: k6");
        if (m_prometheus.listen.empty() && m_prometheus.remoteWrite.empty())
            refuse(std::string(
                "--prom-compat is for --prom-listen and --prom-remote-write, and neither is there"));
        options.prometheus.names = MetricNames::AndK6;
    }
}

} // namespace parlor::cli::load
