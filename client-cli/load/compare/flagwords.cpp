// SPDX-License-Identifier: MIT
#include "client-cli/load/compare/flagwords.h"

#include "client-cli/load/plan/ownrooms.h"
#include "client-cli/load/record/figures.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

namespace parlor::cli::load::compare {

namespace {

std::string numberWord(double value)
{
    std::array<char, 32> out{};
    std::snprintf(out.data(), out.size(), "%g", value);
    return out.data();
}

std::string timeWord(Offset value)
{
    return numberWord(std::chrono::duration<double>(value).count()) + "s";
}

std::string rateWord(double perSecond)
{
    return numberWord(perSecond) + "/s";
}

std::string lastingWord(const Lasting &lasting)
{
    return (lasting.isExponential ? "exp:" : "") + timeWord(lasting.mean);
}

/// As --users makes them, or as --stages does.
std::string stagesWords(const Settings &settings)
{
    const std::vector<Stage> &stages = settings.stages;
    if (stages.empty())
        return "none";
    if (stages.size() == 2 && stages[0].duration == Offset{} && stages[0].users == stages[1].users)
        return "--users " + std::to_string(stages[1].users) + " --duration " + timeWord(stages[1].duration);
    std::string words = "--stages ";
    for (const Stage &each : stages)
        words +=
            (&each == stages.data() ? "" : ",") + timeWord(each.duration) + ":" + std::to_string(each.users);
    return words;
}

std::string arrivalWords(const Settings &settings)
{
    std::string words;
    for (const ArrivalStage &each : settings.arrivals)
        words += (words.empty() ? "" : ",") + timeWord(each.duration) + ":" + rateWord(each.perSecond);
    return words.empty() ? "none" : words;
}

std::string roomsWords(const Settings &settings)
{
    const std::vector<std::string> &rooms = settings.rooms;
    if (!rooms.empty() && rooms.back() == ownRoom(rooms.size()) && foreignRooms(rooms).empty())
        return std::to_string(rooms.size());
    std::string words;
    for (const std::string &each : rooms)
        words += (words.empty() ? "" : ",") + each;
    return words;
}

std::string sizeWords(const Settings &settings)
{
    const SizeRange &size = settings.profiles.front().size;
    return std::to_string(size.least) + (size.most == size.least ? "" : "-" + std::to_string(size.most));
}

std::string sendersWords(const Settings &settings)
{
    const Senders &senders = settings.profiles.front().senders;
    if (senders.count > 0)
        return std::to_string(senders.count);
    return senders.share < 1 ? numberWord(senders.share * 100) + "%" : "all";
}

struct FlagOfKey
{
    std::string_view key;
    std::string_view flag;
    /// Of the key and all below it; null: the value of the key itself.
    std::string (*words)(const Settings &);
};

constexpr std::array kFlags{
    FlagOfKey{"parameters.dialect", "--dialect ", nullptr},
    FlagOfKey{"parameters.stages", "", stagesWords},
    FlagOfKey{"parameters.arrivals", "--arrival ", arrivalWords},
    FlagOfKey{"parameters.profiles[0].rate_per_user", "--rate ",
              [](const Settings &settings) { return rateWord(settings.profiles.front().rate); }},
    FlagOfKey{"parameters.profiles[0].pace", "--pace ", nullptr},
    FlagOfKey{"parameters.profiles[0].think", "--think ",
              [](const Settings &settings) { return lastingWord(settings.profiles.front().think); }},
    FlagOfKey{"parameters.profiles[0].inflight", "--inflight ", nullptr},
    FlagOfKey{"parameters.profiles[0].size", "--size ", sizeWords},
    FlagOfKey{"parameters.profiles[0].senders", "--senders ", sendersWords},
    FlagOfKey{"parameters.profiles[0].rooms_per_user", "--rooms-per-user ", nullptr},
    FlagOfKey{"parameters.profiles[0].life", "--session-life ",
              [](const Settings &settings) { return lastingWord(settings.profiles.front().life); }},
    FlagOfKey{"parameters.rooms", "--rooms ", roomsWords},
    FlagOfKey{"parameters.zipf", "--zipf ", nullptr},
    FlagOfKey{"parameters.connect_rate", "--connect-rate ",
              [](const Settings &settings) { return rateWord(settings.connectRate); }},
    FlagOfKey{"parameters.connect_inflight", "--connect-inflight ", nullptr},
    FlagOfKey{"parameters.connect_timeout_us", "--connect-timeout ",
              [](const Settings &settings) { return timeWord(settings.connectTimeout); }},
    FlagOfKey{"parameters.reconnect", "--reconnect ", nullptr},
    FlagOfKey{"parameters.warm_up_us", "--warmup ",
              [](const Settings &settings) { return timeWord(settings.warmUp); }},
    FlagOfKey{"parameters.settle_us", "--settle ",
              [](const Settings &settings) { return timeWord(settings.settle); }},
    FlagOfKey{"parameters.drain_us", "--drain ",
              [](const Settings &settings) { return timeWord(settings.drain); }},
    FlagOfKey{"parameters.verify", "--verify ", nullptr},
};

std::string bothWords(std::string_view flag, const std::string &left, const std::string &right)
{
    return std::string(flag) + figures::printable(left) + " and " + figures::printable(right);
}

std::string unquoted(std::string json)
{
    std::erase(json, '"');
    return json;
}

std::string clauseOfDifference(const SettingsDifference &difference, const Settings &left,
                               const Settings &right)
{
    const bool hasFlags = left.profiles.size() == 1 && right.profiles.size() == 1;
    for (const FlagOfKey &each : kFlags) {
        if (!hasFlags && each.key.starts_with("parameters.profiles"))
            continue;
        if (each.words == nullptr && difference.key == each.key)
            return bothWords(each.flag, unquoted(difference.left), unquoted(difference.right));
        if (each.words == nullptr || !difference.key.starts_with(each.key))
            continue;
        // A stage's name, for one, is no word of the flag.
        if (each.words(left) != each.words(right))
            return bothWords(each.flag, each.words(left), each.words(right));
    }
    return figures::printable(difference.key) + " is " + bothWords("", difference.left, difference.right);
}

} // namespace

std::vector<std::string> inFlags(const std::vector<SettingsDifference> &differences, const Settings &left,
                                 const Settings &right)
{
    std::vector<std::string> clauses;
    for (const SettingsDifference &each : differences) {
        std::string clause = clauseOfDifference(each, left, right);
        if (std::find(clauses.begin(), clauses.end(), clause) == clauses.end())
            clauses.push_back(std::move(clause));
    }
    return clauses;
}

} // namespace parlor::cli::load::compare
