// SPDX-License-Identifier: MIT
#include "client-cli/load/options/maxcommand.h"

#include "client-cli/exitcode.h"
#include "client-cli/load/ceiling/ceilingreport.h"
#include "client-cli/load/judgement/thresholdparser.h"
#include "client-cli/load/options/namedfiles.h"
#include "client-cli/load/options/optionvalues.h"
#include "client-cli/load/options/preparation.h"
#include "client-cli/load/options/settingsmaker.h"
#include "client-cli/load/options/stepprogresswatcher.h"
#include "client-cli/load/run/loadrun.h"
#include "client-cli/load/runfile/resultfile.h"
#include "client-cli/refusal.h"
#include "client-cli/tokenoptions.h"
#include "shared/process/signalwatcher.h"
#include "shared/process/standardstreams.h"

#include <CLI/CLI.hpp>

#include <array>
#include <charconv>
#include <csignal>
#include <iostream>
#include <map>
#include <thread>

namespace parlor::cli::load {

namespace {

/// Of `load`, those that make sense for a search.
constexpr std::array<std::string_view, 16> kKeysOfMax{
    "url",   "dialect",      "header",          "cookies",    "ca-file", "insecure", "size",    "senders",
    "rooms", "connect-rate", "connect-timeout", "source-ips", "drain",   "seed",     "threads", "processes"};

struct KeyGiven
{
    const LoadKey *key = nullptr;
    CLI::Option *option = nullptr;
    std::string text;
    std::vector<std::string> texts;
    bool isOn = false;
};

/// As typed; checked and turned into MaxOptions once all is parsed.
struct MaxArguments
{
    std::map<std::string_view, KeyGiven> keys;
    std::vector<std::string> goals;
    std::string users = "100";
    std::string from = "10/s";
    std::string to;
    std::string stepTime = "10s";
    std::string tolerance = "5%";
    std::string tokenFile;
    std::string resultFile;
    bool json = false;
};

struct MaxOptions
{
    CeilingPlan plan;
    MadeSettings made; ///< its target, above all
    std::string resultFile;
    bool isJson = false;
};

template <typename T>
T maxValue(const std::string &option, Result<T> result)
{
    if (!result)
        refuse(option + ": " + result.error().text);
    return *std::move(result);
}

double toleranceIn(const std::string &text)
{
    double percent = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), percent);
    if (error != std::errc() ||
        std::string_view(end, static_cast<std::size_t>(text.data() + text.size() - end)) != "%" ||
        !(percent >= 0.5 && percent <= 100))
        refuse("--tolerance: '" + text + "' is no part from 0.5% to 100%; write 5%");
    return percent / 100;
}

/// Of all users together, unlike `load`'s.
double totalRate(const std::string &option, const std::string &text)
{
    const std::size_t slash = text.find('/');
    double count = 0;
    const char *stop = text.data() + std::min(slash, text.size());
    const auto [end, error] = std::from_chars(text.data(), stop, count);
    const std::string_view unit =
        slash == std::string::npos ? std::string_view() : std::string_view(text).substr(slash);
    const double seconds = unit == "/s" ? 1 : unit == "/m" ? 60 : unit == "/h" ? 3600 : 0;
    if (error != std::errc() || end != stop || seconds == 0 || !(count > 0 && count / seconds <= 1e8))
        refuse(option + ": '" + text +
               "' is no rate; write how many messages all users send together: 100/s");
    return count / seconds;
}

Layer layerOf(const MaxArguments &given)
{
    Layer layer;
    for (const auto &[name, each] : given.keys) {
        if (each.option->count() == 0)
            continue;
        Statement said{.key = std::string(name), .place = name == "url" ? "URL" : "--" + std::string(name)};
        if (each.key->kind == LoadKey::Kind::YesOrNo)
            said.texts = {each.isOn ? "true" : "false"};
        else if (each.key->kind == LoadKey::Kind::List)
            said.texts = each.texts;
        else
            said.texts = {each.text};
        layer.statements.push_back(std::move(said));
    }
    layer.statements.push_back({.key = "users", .texts = {given.users}, .place = "--users"});
    layer.statements.push_back({.key = "threshold", .texts = given.goals, .place = "--goal"});
    return layer;
}

MaxOptions maxOptions(const MaxArguments &given)
{
    constexpr double kMostOfUser = 10'000; ///< messages a second
    constexpr double kLeast = 1;
    MaxOptions options;
    CeilingPlan &plan = options.plan;
    plan.users = maxValue("--users", parseUsers(given.users));
    for (const std::string &goal : given.goals) {
        if (const auto threshold = parseThreshold(goal); threshold && !threshold->phase.empty())
            refuse("--goal: '" + goal + "': a goal is of all that a step measures; leave {phase:...} out");
    }
    SettingsMaker maker(std::max(1U, std::thread::hardware_concurrency()));
    if (const auto mistake = maker.add(layerOf(given)))
        refuse(mistake->text);
    auto made = maker.make();
    if (const auto *mistake = std::get_if<Mistake>(&made))
        refuse(mistake->text);
    options.made = std::get<MadeSettings>(std::move(made));
    plan.settings = options.made.settings;
    if (!given.tokenFile.empty())
        options.made.target.token = tokenInFile(given.tokenFile).toStdString();

    const double most = kMostOfUser * speakersOf(plan.settings.profiles.front(), plan.users);
    plan.range.from = totalRate("--from", given.from);
    plan.range.to = given.to.empty() ? most : totalRate("--to", given.to);
    plan.range.least = std::min(kLeast, plan.range.from);
    plan.range.tolerance = toleranceIn(given.tolerance);
    if (plan.range.to < plan.range.from)
        refuse(std::string("--to is below --from"));
    if (plan.range.to > most)
        refuse(std::string("--to: a user sends 10,000 messages a second at most; ask for more --users"));
    plan.stepTime = maxValue("--step-time", parseDuration(given.stepTime));
    if (plan.stepTime < std::chrono::seconds(1))
        refuse(std::string("--step-time: a step is 1s at least"));
    plan.longestStep = std::max(plan.stepTime, Offset(std::chrono::minutes(5)));
    // So that connections are no burst that a server refuses.
    constexpr std::uint32_t kArrivalsPerSecond = 500;
    plan.arrival = std::chrono::seconds(1 + plan.users / kArrivalsPerSecond);
    options.resultFile = given.resultFile;
    if (const auto distinct =
            checkOutputs({{"--token-file", given.tokenFile}, {"--ca-file", options.made.target.caFile}},
                         {{"--out", given.resultFile}});
        !distinct)
        refuse(distinct.error().text);
    options.isJson = given.json;
    return options;
}

int maxFailure(int code, const std::string &why)
{
    std::cerr << "parlor-cli max: " << why << '\n';
    return code;
}

int exitCodeOf(const CeilingResult &result)
{
    if (result.isNeverReached)
        return exitcode::kNoConnection;
    if (result.isInterrupted)
        return exitcode::kInterrupted;
    if (result.isUnknown())
        return exitcode::kIncomplete;
    return result.passed ? exitcode::kOk : exitcode::kThreshold;
}

int runMax(const MaxOptions &options)
{
    auto prepared = prepare(options.made, options.plan.users);
    if (const auto *hindrance = std::get_if<Hindrance>(&prepared))
        return maxFailure(hindrance->exitCode, hindrance->why);
    const auto &to = std::get<PreparedTarget>(prepared);
    std::optional<ResultFile> file;
    if (!options.resultFile.empty()) {
        file.emplace(options.resultFile);
        if (const auto opened = file->open(); !opened)
            return maxFailure(exitcode::kUsage, opened.error().text);
    }
    const SignalWatcher interrupts({SIGINT, SIGTERM, SIGHUP});
    // The table comes as it grows; with --json stdout is for the object alone.
    bool isTold = true;
    const auto tell = [&](const std::string &text) {
        if (options.isJson)
            std::cerr << text << std::flush;
        else
            isTold = writeToStdout(text, "parlor-cli max") && isTold;
    };
    tell(stepHeading(options.plan));
    Ceiling ceiling(
        options.plan,
        [&](const Settings &settings) {
            StepProgressWatcher progress(settings);
            LoadRun run(settings, to.target, to.addresses, interrupts.descriptor(), {&progress});
            auto record = run.execute();
            if (record && run.wasInterrupted())
                record->isInterrupted = true; // nobody wants the next step
            return record;
        },
        [&](const Step &step) { tell(stepLines(step)); });
    const auto found = ceiling.find();
    if (!found)
        return maxFailure(exitcode::kFailed, found.error().text);
    const std::string json = ceilingJson(options.plan, *found);
    tell(ceilingText(options.plan, *found));
    if (options.isJson)
        isTold = writeToStdout(json, "parlor-cli max") && isTold;
    if (file) {
        if (const auto written = file->write(QByteArray::fromStdString(json)); !written) {
            std::cerr << "parlor-cli max: " << written.error().text << '\n';
            isTold = false;
        }
    }
    const int code = exitCodeOf(*found);
    return code == exitcode::kOk && !isTold ? exitcode::kNotWritten : code;
}

void addKeysOfMax(CLI::App &app, MaxArguments &given)
{
    for (const std::string_view name : kKeysOfMax) {
        const LoadKey *key = loadKey(name);
        KeyGiven &each = given.keys[name];
        each.key = key;
        const std::string help(key->help);
        const std::string flag = name == "url" ? "URL" : "--" + std::string(name);
        if (key->kind == LoadKey::Kind::YesOrNo)
            each.option = app.add_flag(flag, each.isOn, help);
        else if (key->kind == LoadKey::Kind::List)
            each.option = app.add_option(flag, each.texts, help)->allow_extra_args(false);
        else
            each.option = app.add_option(flag, each.text, help);
        if (key->kind != LoadKey::Kind::YesOrNo)
            each.option->type_name(name == "url" ? "" : std::string(key->type));
    }
    given.keys["url"].option->required();
}

} // namespace

void addMax(CLI::App &app, Runner &chosen)
{
    auto given = std::make_shared<MaxArguments>();
    CLI::App *max = app.add_subcommand("max", "Find the highest message rate at which a server meets a goal");
    max->footer(
        "It runs loads, one after the other: the rate doubles until a run fails, and then comes closer to "
        "the\n"
        "highest that passes. Where the first one fails, the rate is halved, below --from, down to 1/s.\n"
        "A run passes if its goals hold, all that was planned was sent and answered, every delivery came "
        "once,\n"
        "whole and in order, and the latency did not grow all the while. A run that brings too few "
        "deliveries\n"
        "for a percentile is measured again, and longer. Where a run fails while the generator itself does\n"
        "not keep up, that is said.\n"
        "A server's own limits count: parlor-server has --rate and --burst for a user's messages.\n"
        "A RATE is of all users together: 100/s, 600/m. A TIME is a number with its unit: 500ms, 5s, 2m.\n"
        "A goal is a threshold, see parlor-cli load --help. Ctrl-C tells what is known by then.\n"
        "Exit codes: 0 found; 2 usage; 3 the server was never reached; 4 what was found could not be "
        "written;\n"
        "97 nothing is known: no rate passed, for too few deliveries or as the generator did not keep up;\n"
        "99 not even the lowest rate passed; 105 interrupted.");
    max->add_option("--goal", given->goals, "What must hold: 'delivery_latency p(99)<50ms'; may be repeated")
        ->required()
        ->type_name("EXPR")
        ->allow_extra_args(false);
    max->add_option("--users", given->users, "How many users are there [100]")->type_name("N");
    max->add_option("--from", given->from, "The first rate to try [10/s]")->type_name("RATE");
    max->add_option("--to", given->to, "No more is tried [10,000/s for each user]")->type_name("RATE");
    max->add_option("--step-time", given->stepTime, "How long each rate is measured [10s]")
        ->type_name("TIME");
    max->add_option("--tolerance", given->tolerance,
                    "How far the highest that passed may be from the lowest that failed [5%]")
        ->type_name("PART");
    addKeysOfMax(*max, *given);
    max->add_option("--token-file", given->tokenFile, "A file with a token for all users")
        ->type_name("FILE")
        ->envname("PARLOR_TOKEN_FILE");
    max->add_option("--out", given->resultFile, "Write what was found, as JSON")->type_name("FILE");
    max->add_flag("--json", given->json, "Write it to stdout as JSON; the table goes to stderr");
    max->final_callback(
        [given, &chosen] { chosen = [options = maxOptions(*given)] { return runMax(options); }; });
}

} // namespace parlor::cli::load
