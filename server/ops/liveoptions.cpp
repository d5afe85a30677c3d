// SPDX-License-Identifier: MIT
#include "server/ops/liveoptions.h"

#include "server/ops/declarations.h"

namespace parlor {

namespace {

std::string listed(const std::vector<std::string> &texts)
{
    std::string all;
    for (const std::string &text : texts)
        all += (all.empty() ? "" : ", ") + text;
    return all;
}

} // namespace

std::string OptionChange::text() const
{
    const auto shown = [](const std::string &value) { return value.empty() ? "none" : value; };
    if (isLive)
        return name + " is " + shown(to) + " now, and was " + shown(from);
    return name + " stays " + shown(from) + ": restart the server for " + shown(to);
}

std::vector<OptionChange> takeLive(Options &running, const Options &fresh)
{
    Options wanted = fresh;
    const std::vector<Declaration> present = declareOptions(running);
    const std::vector<Declaration> next = declareOptions(wanted);
    std::vector<OptionChange> changes;
    for (std::size_t i = 0; i < present.size(); ++i) {
        const auto from = present[i].texts();
        const auto to = next[i].texts();
        if (from == to)
            continue;
        // What an option's text says, it can read: nothing is refused here.
        const bool isTaken = present[i].isLive && bool(present[i].store(to));
        changes.push_back({present[i].name, listed(from), listed(to), isTaken});
    }
    return changes;
}

} // namespace parlor
