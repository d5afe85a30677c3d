// SPDX-License-Identifier: MIT
#include "server/ops/roomrule.h"

#include <algorithm>
#include <array>
#include <utility>

namespace parlor {

namespace {

/// The first name of a role is the one that is printed.
constexpr std::array<std::pair<std::string_view, LeastRole>, 5> kLeastRoles{
    {{"all", LeastRole::Member},
     {"member", LeastRole::Member},
     {"moderator", LeastRole::Moderator},
     {"admin", LeastRole::Admin},
     {"nobody", LeastRole::Nobody}}};
constexpr std::array<std::pair<std::string_view, LeastRole RoomRule::*>, 3> kDeeds{
    {{"read", &RoomRule::read}, {"write", &RoomRule::write}, {"make", &RoomRule::make}}};

Error wrongRule(std::string_view text, const std::string &what)
{
    return {.text = '"' + std::string(text) + "\" " + what +
                    "; give a rule as \"news* read=all write=moderator make=admin\""};
}

bool isPattern(std::string_view text)
{
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-' ||
               c == '*';
    });
}

std::string_view takeWordOf(std::string_view &text)
{
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(word.size());
    return word;
}

} // namespace

Result<RoomRule> parseRoomRule(std::string_view text)
{
    std::string_view rest = text;
    RoomRule rule{std::string(takeWordOf(rest))};
    if (!isPattern(rule.pattern))
        return wrongRule(text, "begins with no pattern of rooms (a-z, 0-9, \".\", \"_\", \"-\" and \"*\")");
    std::array<bool, kDeeds.size()> given{};
    for (std::string_view word = takeWordOf(rest); !word.empty(); word = takeWordOf(rest)) {
        const std::string_view name = word.substr(0, word.find('='));
        const std::string_view value = word.substr(std::min(name.size() + 1, word.size()));
        const auto deed = std::ranges::find(kDeeds, name, [](const auto &each) { return each.first; });
        if (deed == kDeeds.end())
            return wrongRule(text,
                             "has \"" + std::string(word) + "\", and there are read=, write= and make=");
        if (std::exchange(given.at(static_cast<std::size_t>(deed - kDeeds.begin())), true))
            return wrongRule(text, "has " + std::string(name) + "= twice");
        const auto role = std::ranges::find(kLeastRoles, value, [](const auto &each) { return each.first; });
        if (role == kLeastRoles.end())
            return wrongRule(text, "has \"" + std::string(word) +
                                       "\", and the roles are all, member, moderator, admin and nobody");
        rule.*(deed->second) = role->second;
    }
    return rule;
}

std::string roomRuleText(const RoomRule &rule)
{
    std::string line = rule.pattern;
    for (const auto &[name, deed] : kDeeds) {
        const auto role =
            std::ranges::find(kLeastRoles, rule.*deed, [](const auto &each) { return each.second; });
        line.append(" ").append(name).append("=").append(role->first);
    }
    return line;
}

} // namespace parlor
