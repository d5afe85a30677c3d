// SPDX-License-Identifier: MIT
#pragma once

#include "server/ops/options.h"
#include "shared/protocol/result.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace parlor {

/// One option, declared once for flag, variable and configuration file: `queue-limit` is --queue-limit,
/// PARLOR_QUEUE_LIMIT and `queue-limit = …`.
struct Declaration
{
    std::string name;
    std::string group; ///< in the help
    std::string form;  ///< of its value, in the help
    std::string help;  ///< one line
    bool isList = false;
    bool isSwitch = false; ///< true or false; as a flag it needs no value
    bool isLive = false;   ///< SIGHUP changes it while the server runs
    /// Reads and stores; a list is replaced as a whole. Not called with several values where it is no list,
    /// nor with none where it is neither a list nor a path.
    std::function<Result<void>(const std::vector<std::string> &values)> store;
    /// The present value, as store() reads it. Empty: none.
    std::function<std::vector<std::string>()> texts;

    [[nodiscard]] std::string variable() const;
};

/// All of them, in the order of the help. They read and write `options`, which must outlive them.
[[nodiscard]] std::vector<Declaration> declareOptions(Options &options);

} // namespace parlor
