// SPDX-License-Identifier: MIT
#pragma once

#include "server/ops/options.h"

#include <string>
#include <vector>

namespace parlor {

/// An option that the configuration has another value for than the running server. Values are as
/// --print-config has them, without secrets; empty: none.
struct OptionChange
{
    std::string name;
    std::string from;
    std::string to;
    bool isLive = false; ///< it is in force now; else after a restart

    /// For the log.
    [[nodiscard]] std::string text() const;
};

/// Takes from `fresh` what may change while the server runs (Declaration::isLive), and says all that differs.
std::vector<OptionChange> takeLive(Options &running, const Options &fresh);

} // namespace parlor
