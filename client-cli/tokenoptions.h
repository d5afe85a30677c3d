// SPDX-License-Identifier: MIT
#pragma once

#include <QString>

#include <memory>
#include <string>

namespace CLI {
class App;
}

namespace parlor {
class TokenSource;
}

namespace parlor::cli {

/// Where the token is, as the command line says. Never the token itself: others see what a process was
/// started with.
struct TokenArguments
{
    std::string file;
    std::string command;

    /// Adds --token-file and --token-command.
    void addTo(CLI::App &app);
    /// Null: neither was given. Refuses the command line where the file has no token now.
    [[nodiscard]] std::shared_ptr<TokenSource> source() const;
};

/// The token that is in the file now. Refuses the command line where there is none.
[[nodiscard]] QString tokenInFile(const std::string &path);

} // namespace parlor::cli
