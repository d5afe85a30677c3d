// SPDX-License-Identifier: MIT
#include "client-cli/load/options/doctorcommand.h"

#include "client-cli/exitcode.h"
#include "client-cli/load/options/optionvalues.h"
#include "client-cli/load/options/resourcelines.h"
#include "client-cli/load/record/figures.h"
#include "client-cli/load/wire/stream.h"
#include "client-cli/refusal.h"
#include "shared/process/standardstreams.h"

#include <CLI/CLI.hpp>

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>
#include <limits>

namespace parlor::cli::load {

namespace {

struct DoctorArguments
{
    std::string connections = "1000";
    std::string processes = "1";
    std::string sourceIps;
    bool isTls = false;
    bool isJson = false;
};

struct Examination
{
    Settings settings;
    Circumstances circumstances;
    bool isJson = false;
};

template <typename T>
T examined(const char *option, Result<T> result)
{
    if (!result)
        refuse(std::string(option) + ": " + result.error().text);
    return *std::move(result);
}

Examination examination(const DoctorArguments &given)
{
    Examination wanted;
    wanted.circumstances.peakUsers =
        examined("-c", parseWhole(given.connections, 1, 10'000'000, "connections"));
    wanted.settings.processes =
        static_cast<std::uint32_t>(examined("--processes", parseWhole(given.processes, 1, 64, "processes")));
    wanted.settings.rooms = {"load-1"};
    if (!given.sourceIps.empty()) {
        const auto sources = examined("--source-ips", SourceAddresses::parse(given.sourceIps));
        if (const auto possible = checkSources(sources); !possible)
            refuse(possible.error().text);
        wanted.circumstances.sources = sources.size();
    }
    wanted.circumstances.isTls = given.isTls;
    wanted.isJson = given.isJson;
    return wanted;
}

std::string asJson(const std::vector<Finding> &all, bool isEnough)
{
    QJsonArray checks;
    for (const Finding &each : all) {
        QJsonArray commands;
        for (const std::string &command : each.commands)
            commands.append(QString::fromStdString(command));
        checks.append(QJsonObject{
            {QStringLiteral("check"), QString::fromStdString(each.key)},
            {QStringLiteral("ok"), each.isEnough},
            {QStringLiteral("needed"), static_cast<qint64>(each.needed)},
            {QStringLiteral("available"), static_cast<qint64>(std::min<std::uint64_t>(
                                              each.available, std::numeric_limits<qint64>::max()))},
            {QStringLiteral("commands"), commands},
            {QStringLiteral("advice"), QString::fromStdString(each.advice)}});
    }
    return QJsonDocument(QJsonObject{{QStringLiteral("ok"), isEnough}, {QStringLiteral("checks"), checks}})
        .toJson()
        .toStdString();
}

int examine(const Examination &wanted)
{
    const auto all = findings(needs(wanted.settings, wanted.circumstances), readLimits());
    const bool isEnough = std::ranges::all_of(all, &Finding::isEnough);
    std::string text;
    if (wanted.isJson) {
        text = asJson(all, isEnough);
    } else {
        text = "This machine and " + figures::count(wanted.circumstances.peakUsers) +
               " connections: what they need, of what there is\n" + findingLines(all);
        text += isEnough ? "All of it is enough.\n" : "Not all of it is enough.\n";
    }
    if (!writeToStdout(text, "parlor-cli doctor"))
        return exitcode::kNotWritten;
    return isEnough ? exitcode::kOk : exitcode::kFailed;
}

} // namespace

void addDoctor(CLI::App &app, Runner &chosen)
{
    auto given = std::make_shared<DoctorArguments>();
    CLI::App *doctor =
        app.add_subcommand("doctor", "Tell whether this machine can hold so many connections under load");
    doctor->footer("Each line is OK or too low; then the commands follow that mend it.\n"
                   "To a server at 127.0.0.1 load connects from more addresses of 127.0.0.0/8 by itself.\n"
                   "Exit codes: 0 all is enough; 1 something is too low; 2 usage.");
    doctor->add_option("-c,--connections", given->connections, "At the same time [1000]")->type_name("N");
    doctor->add_option("--processes", given->processes, "As of load: they share the connections [1]")
        ->type_name("N");
    doctor
        ->add_option("--source-ips", given->sourceIps,
                     "As of load: addresses of this machine that connections come from")
        ->type_name("LIST");
    doctor->add_flag("--tls", given->isTls, "They are wss://");
    doctor->add_flag("--json", given->isJson, "As JSON");
    doctor->final_callback(
        [given, &chosen] { chosen = [wanted = examination(*given)] { return examine(wanted); }; });
}

} // namespace parlor::cli::load
