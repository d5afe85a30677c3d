// SPDX-License-Identifier: MIT
// The server's configuration file: what is read of it, an option takes or refuses, and what an option says of
// itself it takes again.
#include "server/ops/configfile.h"
#include "server/ops/declarations.h"
#include "tests/fuzz/target.h"

#include <algorithm>

namespace parlor::fuzz {

namespace {

void takeEntry(std::vector<Declaration> &declarations, const ConfigEntry &entry)
{
    const auto declaration = std::ranges::find(declarations, entry.name, &Declaration::name);
    if (declaration == declarations.end() || (entry.isArray && !declaration->isList))
        return;
    const auto stored = declaration->store(entry.values);
    if (!stored) {
        check(!stored.error().text.empty(), "an error says what is wrong");
        return;
    }
    const std::vector<std::string> texts = declaration->texts();
    if (texts.empty())
        return;
    const auto again = declaration->store(texts);
    check(bool(again), "an option takes what it says of itself", entry.name + " = " + texts.front());
    check(declaration->texts() == texts, "and is what it was", entry.name + " = " + texts.front());
}

void configuration(std::string_view input)
{
    const auto entries = parseConfig(input, "file");
    if (!entries) {
        check(entries.error().text.starts_with("file"), "an error names the file", entries.error().text);
        return;
    }
    Options options;
    auto declarations = declareOptions(options);
    for (const ConfigEntry &entry : *entries) {
        check(entry.isArray || entry.values.size() == 1, "one value, unless it is an array", entry.name);
        for (const std::string &value : entry.values) {
            const auto again = parseConfig("x = " + configValue(value), "again");
            check(again && again->size() == 1 && again->front().values == std::vector{value},
                  "a value is written as it is read", value);
        }
        takeEntry(declarations, entry);
    }
}

const Target kConfiguration("configuration", &configuration);

} // namespace

} // namespace parlor::fuzz
