// SPDX-License-Identifier: MIT
#include "client-cli/load/options/stagetables.h"

#include "client-cli/load/options/optionvalues.h"

#include <algorithm>
#include <string_view>

namespace parlor::cli::load {

namespace {

/// What the two kinds of stages differ in.
struct UsersAmount
{
    static constexpr std::string_view kKey = "users";
    static constexpr std::string_view kExample = "{ for = \"30s\", users = 50 }";
    static constexpr std::string_view kNothing = "no stage has a user";
    static bool isNothing(const Stage &stage) { return stage.users == 0; }
    static Result<void> take(const std::string &text, Stage &stage)
    {
        const auto users = parseUsers(text);
        if (!users)
            return users.error();
        stage.users = *users;
        return {};
    }
};

struct RateAmount
{
    static constexpr std::string_view kKey = "rate";
    static constexpr std::string_view kExample = "{ for = \"30s\", rate = \"20/s\" }";
    static constexpr std::string_view kNothing = "nobody ever comes";
    static bool isNothing(const ArrivalStage &stage) { return stage.perSecond == 0; }
    static Result<void> take(const std::string &text, ArrivalStage &stage)
    {
        const auto rate = parseArrivalRate(text);
        if (!rate)
            return rate.error();
        stage.perSecond = *rate;
        return {};
    }
};

template <typename Amount, typename AnyStage>
Result<void> takeKey(const Statement &said, AnyStage &stage)
{
    constexpr std::size_t kMostNameBytes = 64;
    if (!said.tables.empty() || said.texts.size() != 1)
        return Error{.text = "one value must stand here, no list and no table"};
    const std::string &text = said.texts.front();
    if (said.key == "for") {
        const auto duration = parseDuration(text);
        if (!duration)
            return duration.error();
        stage.duration = *duration;
        return {};
    }
    if (said.key == Amount::kKey)
        return Amount::take(text, stage);
    if (said.key == "name") {
        if (text.empty() || text.size() > kMostNameBytes)
            return Error{.text = "a stage's name has 1 to 64 bytes"};
        stage.name = text;
        return {};
    }
    if (said.key == "measure") {
        const auto isMeasured = parseBoolean(text);
        if (!isMeasured)
            return isMeasured.error();
        stage.isMeasured = *isMeasured;
        return {};
    }
    return Error{.text = "a stage has no such key; it has for, " + std::string(Amount::kKey) +
                         ", name and measure"};
}

template <typename Amount, typename AnyStage>
std::optional<Fault> readAll(const Statement &said, std::vector<AnyStage> &stages)
{
    constexpr std::size_t kMostStages = 1000;
    constexpr Offset kLongest = std::chrono::hours(24 * 7);
    if (said.tables.size() > kMostStages)
        return Fault{&said, "there are more than 1000 stages"};
    Offset total{};
    for (const auto &table : said.tables) {
        AnyStage stage;
        for (const Statement &each : table) {
            if (const Result<void> taken = takeKey<Amount>(each, stage); !taken)
                return Fault{&each, taken.error().text};
        }
        for (const std::string_view needed : {std::string_view("for"), Amount::kKey}) {
            if (std::ranges::none_of(table, [&](const Statement &each) { return each.key == needed; })) {
                return Fault{table.empty() ? &said : &table.front(), "the stage lacks '" +
                                                                         std::string(needed) + "'; write " +
                                                                         std::string(Amount::kExample)};
            }
        }
        total += stage.duration;
        if (total > kLongest)
            return Fault{&table.front(), "with this stage they take more than a week"};
        stages.push_back(std::move(stage));
    }
    if (total == Offset{})
        return Fault{&said, "the stages take no time"};
    if (std::ranges::all_of(stages, &Amount::isNothing))
        return Fault{&said, std::string(Amount::kNothing)};
    return std::nullopt;
}

} // namespace

std::optional<Fault> readStages(const Statement &said, std::vector<Stage> &stages)
{
    return readAll<UsersAmount>(said, stages);
}

std::optional<Fault> readStages(const Statement &said, std::vector<ArrivalStage> &stages)
{
    return readAll<RateAmount>(said, stages);
}

} // namespace parlor::cli::load
