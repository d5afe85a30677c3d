// SPDX-License-Identifier: MIT
#include "client-cli/chat/chatcommand.h"
#include "client-cli/exitcode.h"
#include "client-cli/load/loadcommand.h"
#include "client-cli/probe/probecommand.h"
#include "client-cli/subcommand.h"
#include "shared/process/standardstreams.h"

#include <QCoreApplication>

#include <CLI/CLI.hpp>

#include <clocale>
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

/// The exit code.
int endEarly(const CLI::App &cli, const CLI::ParseError &error)
{
    using namespace parlor::cli;
    if (error.get_exit_code() == 0) { // --help, --version
        std::ostringstream text;
        cli.exit(error, text, text);
        return parlor::writeToStdout(text.str(), cli.get_name()) ? exitcode::kOk : exitcode::kFailed;
    }
    cli.exit(error, std::cout, std::cerr);
    return exitcode::kUsage;
}

} // namespace

int main(int argc, char **argv)
{
    using namespace parlor::cli;
    parlor::openMissingStandardStreams();
    useUtf8();
    QCoreApplication application(argc, argv);

    CLI::App cli{"Parlor on the command line", "parlor-cli"};
    cli.set_version_flag("--version", "parlor-cli " PARLOR_VERSION);
    cli.require_subcommand(1);
    cli.get_formatter()->column_width(34);
    Runner chosen;
    addChat(cli, chosen);
    load::addLoad(cli, chosen);
    addProbe(cli, chosen);

    try {
        cli.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        return endEarly(cli, error);
    }
    return chosen();
}
