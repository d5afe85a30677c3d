// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <variant>
#include <vector>

namespace parlor::cli::load {

/// Something that a command line, a scenario or a preset says of a load: `rate` is `0.5/s`. Each key is said
/// at most once by each of them.
struct Statement
{
    std::string key;
    std::vector<std::string> texts{};             ///< its value, or the values of its list
    std::vector<std::vector<Statement>> tables{}; ///< where the value is a table, or a list of tables
    bool isList = false;                          ///< of values or tables; flags do not say
    /// For people, in front of what is wrong with it: "--rate", "load.toml:3:8: rate".
    std::string place;
};

/// All that one of them says. What a later one says counts more.
struct Layer
{
    std::vector<Statement> statements;
    bool isFile = false; ///< a mistake in it is one of the scenario, not of the command line
};

/// Why something that was said cannot be done.
struct Mistake
{
    std::string text; ///< with its place
    bool isInFile = false;
};

} // namespace parlor::cli::load
