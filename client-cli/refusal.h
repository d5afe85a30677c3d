// SPDX-License-Identifier: MIT
#pragma once

#include <QString>

#include <CLI/CLI.hpp>

#include <string>

namespace parlor::cli {

/// Ends the parsing of a command line with a mistake that CLI11 does not see; main.cpp tells it like CLI11's
/// own.
[[noreturn]] inline void refuse(const std::string &why)
{
    throw CLI::ValidationError(why);
}
[[noreturn]] inline void refuse(const QString &why)
{
    refuse(why.toStdString());
}

} // namespace parlor::cli
