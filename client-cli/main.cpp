// SPDX-License-Identifier: MIT
#include "client-cli/admin/admincommand.h"
#include "client-cli/chat/chatcommand.h"
#include "client-cli/exitcode.h"
#include "client-cli/load/options/comparecommand.h"
#include "client-cli/load/options/doctorcommand.h"
#include "client-cli/load/options/loadcommand.h"
#include "client-cli/load/options/maxcommand.h"
#include "client-cli/load/options/reportcommand.h"
#include "client-cli/nearestname.h"
#include "client-cli/probe/probecommand.h"
#include "client-cli/sink/sinkcommand.h"
#include "client-cli/subcommand.h"
#include "shared/client/arguments.h"
#include "shared/process/standardstreams.h"

#include <QCoreApplication>
#include <QRegularExpression>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <clocale>
#include <csignal>
#include <cstring>
#include <iostream>
#include <langinfo.h>
#include <sstream>

namespace {

/// Parlor's text is UTF-8 everywhere; Qt would switch too, but not without a warning on every run.
void useUtf8()
{
    std::setlocale(LC_ALL, "");
    if (std::strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        qputenv("LC_ALL", "C.UTF-8");
}

/// `chat, load and probe`.
std::string subcommandNames(const CLI::App &cli, const std::string &lastJoint)
{
    const auto all = cli.get_subcommands([](const CLI::App *) { return true; });
    std::string names;
    for (std::size_t i = 0; i < all.size(); ++i)
        names += (i == 0 ? "" : i + 1 == all.size() ? lastJoint : ", ") + all[i]->get_name();
    return names;
}

/// An empty value is often a script's variable that is not set; it asks for nothing. Empty may be a frame and
/// an expression, of `chat`.
void refuseEmptyValues(CLI::App &subcommand)
{
    static constexpr std::array<std::string_view, 6> kOutputs{"--out",  "--csv",  "--junit",
                                                              "--hgrm", "--html", "--log"};
    for (CLI::Option *option : subcommand.get_options()) {
        const std::string name = option->get_name();
        if (option->get_positional() || name == "--send-raw" || name == "--expect")
            continue;
        const bool isFile = option->get_type_name() == "FILE";
        const bool isOutput = std::ranges::find(kOutputs, name) != kOutputs.end();
        option->check(CLI::Validator(
            [isFile, isOutput](const std::string &value) -> std::string {
                if (value.empty())
                    return "the value is empty; give one, or leave the option out";
                if (isFile && value == "-")
                    return std::string("'-' is no file; write ") + (isOutput ? "/dev/stdout" : "/dev/stdin");
                return {};
            },
            std::string(), "value"));
    }
}

/// CLI11's own sentences in the words of ours.
std::string describeValue(const CLI::ParseError &error)
{
    std::string text = error.what();
    const std::string name = text.substr(0, text.find(':'));
    if (error.get_name() == "ArgumentMismatch" && text.ends_with(" missing"))
        return name + " lacks its value";
    if (error.get_name() == "ArgumentMismatch" && text.find("At Most 1 ") != std::string::npos)
        return name + " is there more than once; leave one out";
    constexpr std::string_view kNotIn = " not in {";
    if (const std::size_t at = text.find(kNotIn); at != std::string::npos && at > name.size() + 2)
        return name + ": '" + text.substr(name.size() + 2, at - name.size() - 2) +
               "' is none of the choices: " +
               text.substr(at + kNotIn.size(), text.size() - at - kNotIn.size() - 1);
    constexpr std::string_view kNotConverted = "Could not convert: ";
    if (const std::size_t sign = text.find(" = ");
        text.starts_with(kNotConverted) && sign != std::string::npos)
        return text.substr(kNotConverted.size(), sign - kNotConverted.size()) + ": '" +
               text.substr(sign + 3) + "' is no value of it";
    return text;
}

/// The option of these that was meant, as "; the nearest is --users"; empty: it is like none.
std::string nearestOption(const CLI::App &app, std::string_view mistyped)
{
    std::vector<std::string_view> names;
    for (const CLI::Option *each : app.get_options())
        names.insert(names.end(), each->get_lnames().begin(), each->get_lnames().end());
    mistyped.remove_prefix(std::min(mistyped.find_first_not_of('-'), mistyped.size()));
    const std::string_view nearest = parlor::cli::nearestOf(mistyped, names);
    return nearest.empty() ? std::string() : "; the nearest is --" + std::string(nearest);
}

/// An option as text programs and web pages show it; empty: there is none.
std::string describeLongDash()
{
    static const QRegularExpression longDash(QStringLiteral("^[\\x{2010}-\\x{2015}\\x{2212}]+([a-z].*)$"));
    const QStringList arguments = QCoreApplication::arguments();
    for (const QString &each : arguments) {
        if (const auto match = longDash.match(each); match.hasMatch())
            return QStringLiteral("'%1' begins with a long dash; write %2%3")
                .arg(each, match.captured(1).size() == 1 ? u"-" : u"--", match.captured(1))
                .toStdString();
    }
    return {};
}

/// CLI11 first tells what is missing, although what it did not understand is more often the reason.
std::string describeMistake(const CLI::App &cli, const CLI::ParseError &error)
{
    const bool isChosen = !cli.get_subcommands().empty();
    const auto isOption = [](const std::string &text) { return text.size() > 1 && text.front() == '-'; };
    std::vector<std::string> strays = cli.remaining(true);
    std::erase(strays, "--"); // it is never a mistake by itself
    const auto option = std::ranges::find_if(strays, isOption);
    const auto word = std::ranges::find_if_not(strays, isOption);
    if (std::string mistake = describeLongDash(); !mistake.empty())
        return mistake;
    if (!isChosen && word != strays.end())
        return "there is no subcommand '" + *word + "'; there are " + subcommandNames(cli, " and ");
    if (option != strays.end()) {
        const std::string name = option->substr(0, option->find('='));
        return "there is no option " + name +
               nearestOption(isChosen ? *cli.get_subcommands().front() : cli, name);
    }
    if (!isChosen)
        return "a subcommand is missing: " + subcommandNames(cli, " or ");
    if (word != strays.end())
        return "'" + *word + "' is one argument too many";
    return describeValue(error);
}

/// The exit code.
int endEarly(const CLI::App &cli, const CLI::ParseError &error)
{
    using namespace parlor::cli;
    if (error.get_exit_code() == 0) { // --help, --version
        std::ostringstream text;
        cli.exit(error, text, text);
        return parlor::writeToStdout(text.str(), cli.get_name()) ? exitcode::kOk : exitcode::kFailed;
    }
    const auto chosen = cli.get_subcommands();
    const std::string name = cli.get_name() + (chosen.empty() ? "" : ' ' + chosen.front()->get_name());
    std::cerr << name << ": " << describeMistake(cli, error) << "; see " << name << " --help\n";
    return exitcode::kUsage;
}

} // namespace

int main(int argc, char **argv)
{
    using namespace parlor::cli;
    parlor::openMissingStandardStreams();
    std::signal(SIGXFSZ, SIG_IGN); // a file that may not grow is its writer's error, not our end
    useUtf8();
    QCoreApplication application(argc, argv);

    CLI::App cli{"Parlor on the command line", "parlor-cli"};
    cli.set_version_flag("--version", "parlor-cli " PARLOR_VERSION);
    cli.require_subcommand(1);
    cli.get_formatter()->column_width(34);
    Runner chosen;
    addChat(cli, chosen);
    load::addLoad(cli, chosen);
    load::addReport(cli, chosen);
    load::addCompare(cli, chosen);
    load::addDoctor(cli, chosen);
    load::addMax(cli, chosen);
    addProbe(cli, chosen);
    sink::addSink(cli, chosen);
    admin::addAdmin(cli, chosen);
    for (CLI::App *each : cli.get_subcommands({}))
        refuseEmptyValues(*each);

    if (const auto wrong = parlor::argumentThatIsNoText(argc, argv)) {
        std::cerr << "parlor-cli: " << *wrong << '\n';
        return exitcode::kUsage;
    }
    try {
        cli.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        return endEarly(cli, error);
    }
    std::signal(SIGPIPE, SIG_IGN); // a pipe that nobody reads, too
    return chosen();
}
