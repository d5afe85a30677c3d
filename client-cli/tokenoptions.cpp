// SPDX-License-Identifier: MIT
#include "client-cli/tokenoptions.h"

#include "client-cli/refusal.h"
#include "shared/client/tokensource.h"

#include <CLI/CLI.hpp>

namespace parlor::cli {

void TokenArguments::addTo(CLI::App &app)
{
    auto *fromFile = app.add_option("--token-file", file,
                                    "A file with the token, for servers that ask for one; read anew for each "
                                    "connection, and before the token expires")
                         ->type_name("FILE")
                         ->envname("PARLOR_TOKEN_FILE");
    app.add_option("--token-command", command,
                   "A command (of /bin/sh) that prints the token in its first line; run when a file would be "
                   "read")
        ->type_name("CMD")
        ->envname("PARLOR_TOKEN_COMMAND")
        ->excludes(fromFile);
}

std::shared_ptr<TokenSource> TokenArguments::source() const
{
    if (!file.empty()) {
        (void)tokenInFile(file); // a wrong name is a mistake of the command line
        return std::make_shared<TokenFile>(QString::fromStdString(file));
    }
    if (!command.empty())
        return std::make_shared<TokenCommand>(QString::fromStdString(command));
    return {};
}

QString tokenInFile(const std::string &path)
{
    QString found;
    TokenFile(QString::fromStdString(path)).read([&found](const Result<QString> &token) {
        if (!token)
            refuse(token.error().text);
        found = *token;
    });
    return found;
}

} // namespace parlor::cli
