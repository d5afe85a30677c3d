// SPDX-License-Identifier: MIT
#include "client-cli/admin/admincommand.h"
#include "client-cli/chat/chatcommand.h"
#include "client-cli/exitcode.h"
#include "client-cli/load/options/comparecommand.h"
#include "client-cli/load/options/doctorcommand.h"
#include "client-cli/load/options/loadcommand.h"
#include "client-cli/load/options/maxcommand.h"
#include "client-cli/load/options/reportcommand.h"
#include "client-cli/probe/probecommand.h"
#include "client-cli/sink/sinkcommand.h"
#include "client-cli/subcommand.h"
#include "shared/client/arguments.h"
#include "shared/process/standardstreams.h"

#include <QCoreApplication>

#include <CLI/CLI.hpp>

#include <algorithm>
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

/// CLI11 first tells what is missing, although what it did not understand is more often the reason.
std::string describeMistake(const CLI::App &cli, const CLI::ParseError &error)
{
    const bool isChosen = !cli.get_subcommands().empty();
    const auto isOption = [](const std::string &text) { return text.size() > 1 && text.front() == '-'; };
    std::vector<std::string> strays = cli.remaining(true);
    std::erase(strays, "--"); // it is never a mistake by itself
    const auto option = std::ranges::find_if(strays, isOption);
    const auto word = std::ranges::find_if_not(strays, isOption);
    if (!isChosen && word != strays.end())
        return "there is no subcommand '" + *word + "'; there are " + subcommandNames(cli, " and ");
    if (option != strays.end())
        return "there is no option " + option->substr(0, option->find('='));
    if (!isChosen)
        return "a subcommand is missing: " + subcommandNames(cli, " or ");
    if (word != strays.end())
        return "'" + *word + "' is one argument too many";
    return error.what();
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
