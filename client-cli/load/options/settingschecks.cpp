// SPDX-License-Identifier: MIT
#include "client-cli/load/options/settingschecks.h"

#include "client-cli/load/judgement/thresholdparser.h"
#include "client-cli/load/options/optionvalues.h"

#include <algorithm>

namespace parlor::cli::load {

namespace {

constexpr Offset kUsualDuration = std::chrono::seconds(30);
constexpr std::string_view kUsualStages = "30s:50,1m:50,30s:100,1m:100,30s:0";

/// The layer that said a key last; 0: none did.
std::size_t layerOf(const Origins &origins, std::string_view key)
{
    const auto found = origins.find(key);
    return found == origins.end() ? 0 : found->second.layer;
}

/// What `key` is called where `mistaken` was said: users in a scenario, --users on a command line.
std::string named(const Origins &origins, std::string_view mistaken, std::string_view key)
{
    const auto found = origins.find(mistaken);
    const bool isInFile = found != origins.end() && found->second.isFile;
    return (isInFile ? "" : "--") + std::string(key);
}

std::optional<Mistake> makeUsers(SaidLoad &said)
{
    Settings &settings = said.draft.settings;
    if (said.draft.users) {
        settings.stages = {
            {.duration = Offset{}, .users = *said.draft.users},
            {.duration = said.draft.duration.value_or(kUsualDuration), .users = *said.draft.users}};
        // Everybody comes at once; the stage that says so takes no time and is no phase to be measured.
        settings.stages.front().isMeasured = false;
    } else if (said.draft.arrivals) {
        settings.arrivals = *said.draft.arrivals;
        ArrivalStage &first = settings.arrivals.front();
        const bool isBare = settings.arrivals.size() == 1 && first.duration == Offset{};
        if (isBare)
            first.duration = said.draft.duration.value_or(kUsualDuration);
        else if (said.draft.duration)
            return mistakeAt(said.origins, "duration",
                             "the stages of " + named(said.origins, "duration", "arrival") +
                                 " say how long they take; leave one out");
    } else if (said.draft.duration) {
        const auto key = [&said](std::string_view name) { return named(said.origins, "duration", name); };
        return mistakeAt(said.origins, "duration",
                         "it lacks how many users there are; say it with " + key("users") + " or " +
                             key("arrival") + ", or say both with " + key("stages"));
    } else {
        settings.stages = said.draft.stages ? *said.draft.stages : *parseStages(kUsualStages);
    }
    return std::nullopt;
}

std::optional<Mistake> makeProfile(const SaidLoad &said, ProfileDraft &draft)
{
    const Settings &settings = said.draft.settings;
    Profile &profile = draft.profile;
    std::uint32_t peakUsers = 0;
    for (const Stage &each : settings.stages)
        peakUsers = std::max(peakUsers, each.users);
    const auto about = [&](std::string_view key, const std::string &why) {
        return mistakeAt(draft.origins, key, why);
    };
    if (const auto fits = checkSize(profile.size, settings.dialect); !fits)
        return about("size", fits.error().text);
    if (profile.pace == Pace::Closed) {
        // What an earlier layer said for another pace has nothing to say any more.
        if (layerOf(draft.origins, "rate") >= layerOf(draft.origins, "pace"))
            return about(
                "rate", "a closed pace has no rate: a message follows the answer to the last one; say with " +
                            named(draft.origins, "rate", "think") + " how long after it");
        if (layerOf(draft.origins, "inflight") >= layerOf(draft.origins, "pace") && profile.inflight != 0)
            return about("inflight", "in a closed pace one message waits for its answer, and never more");
        profile.rate = Profile{}.rate;
        profile.inflight = 0;
    } else if (profile.think.mean != Offset{}) {
        if (layerOf(draft.origins, "think") >= layerOf(draft.origins, "pace"))
            return about("think", "only a closed pace has time to think; elsewhere say with " +
                                      named(draft.origins, "think", "rate") + " when messages are due");
        profile.think = {};
    }
    if (profile.roomsPerUser > 1 && settings.dialect == DialectName::V1)
        return about("rooms-per-user", "in v1 a connection is in one room");
    if (profile.roomsPerUser > settings.rooms.size())
        return about("rooms-per-user", "a user cannot be in " + std::to_string(profile.roomsPerUser) +
                                           " rooms: there are " + std::to_string(settings.rooms.size()));
    if (!settings.arrivals.empty() && profile.life.mean == Offset{}) {
        const std::string whose = said.profiles.size() == 1 ? "" : " (profile " + profile.name + ")";
        return about("session-life",
                     "who comes at a rate must go again, else there are more and more; say with " +
                         named(draft.origins, "session-life", "session-life") +
                         " how long a user stays, as 30s" + whose);
    }
    if (said.profiles.size() == 1 && peakUsers != 0 && profile.senders.count > peakUsers)
        return about("senders", std::to_string(profile.senders.count) + " users cannot speak: there are " +
                                    std::to_string(peakUsers) + " at most");
    return std::nullopt;
}

/// Why not everybody could ever come in.
std::optional<std::string> connectRateTooLow(const Settings &settings)
{
    std::uint32_t peak = 0;
    double seconds = 0;
    for (const Stage &each : settings.stages) {
        peak = std::max(peak, each.users);
        seconds += std::chrono::duration<double>(each.duration).count();
    }
    if (settings.connectRate == 0 || settings.connectRate * seconds >= peak)
        return std::nullopt;
    return "so slowly not all of " + std::to_string(peak) +
           " users come in before the last stage ends; say more, or longer stages";
}

std::optional<Mistake> checkConnections(const SaidLoad &said)
{
    const Settings &settings = said.draft.settings;
    const Target &target = said.draft.target;
    if (!target.isTls && !target.caFile.empty())
        return mistakeAt(said.origins, "ca-file",
                         "only wss:// has certificates, and the address is " + target.url);
    if (!target.isTls && target.isInsecure)
        return mistakeAt(said.origins, "insecure",
                         "only wss:// has certificates, and the address is " + target.url);
    if (target.isInsecure && !target.caFile.empty())
        return mistakeAt(said.origins, "insecure",
                         "it trusts any certificate, and so needs no " +
                             named(said.origins, "insecure", "ca-file") + "; leave one out");
    if (const auto slow = connectRateTooLow(settings))
        return mistakeAt(said.origins, "connect-rate", *slow);
    if (settings.zipf > 0 && settings.rooms.size() < 2)
        return mistakeAt(said.origins, "zipf", "there is one room, and so no first among them");
    return std::nullopt;
}

std::optional<Mistake> checkTimes(const SaidLoad &said)
{
    const Settings &settings = said.draft.settings;
    Offset total{};
    bool isMeasured = false;
    const auto add = [&](Offset duration, bool isOne) {
        total += duration;
        isMeasured = isMeasured || (isOne && total > settings.warmUp);
    };
    for (const Stage &each : settings.stages)
        add(each.duration, each.isMeasured);
    for (const ArrivalStage &each : settings.arrivals)
        add(each.duration, each.isMeasured);
    if (isMeasured)
        return std::nullopt;
    if (settings.warmUp != Offset{})
        return mistakeAt(said.origins, "warmup", "nothing is left behind it that is measured");
    return mistakeAt(said.origins, "stages", "measure is false in all of them");
}

std::optional<Mistake> checkThresholds(const SaidLoad &said)
{
    const Settings &settings = said.draft.settings;
    std::optional<Plan> plan; // made only where a threshold is of a phase
    for (const std::string &text : settings.thresholds) {
        const auto threshold = parseThreshold(text);
        if (!threshold || threshold->phase.empty())
            continue;
        if (!plan)
            plan.emplace(settings);
        if (hasPhase(*threshold, plan->phases()))
            continue;
        std::string names;
        for (const Phase &phase : plan->phases())
            names += (names.empty() ? "'" : ", '") + phase.name + "'";
        return mistakeAt(said.origins, "threshold",
                         "'" + text + "' is of a phase that this load does not have; it has " + names);
    }
    return std::nullopt;
}

std::optional<Mistake> makeThreads(SaidLoad &said, std::uint32_t cores)
{
    constexpr std::uint32_t kMostByItself = 8;
    Settings &settings = said.draft.settings;
    const auto rooms = static_cast<std::uint32_t>(settings.rooms.size());
    const std::uint64_t parts = std::uint64_t{settings.processes} * std::max(said.draft.threads, 1U);
    if (said.draft.threads == 0)
        settings.threads =
            std::max(1U, std::min({cores / settings.processes, kMostByItself, rooms / settings.processes,
                                   settings.connectInflight / settings.processes}));
    else
        settings.threads = said.draft.threads;
    if (parts > rooms) {
        const char *key = settings.processes > rooms ? "processes" : "threads";
        return mistakeAt(said.origins, key,
                         "a room belongs to one thread of one process, and for " + std::to_string(parts) +
                             " of them there are " + std::to_string(rooms) + " rooms; say more with " +
                             named(said.origins, key, "rooms"));
    }
    if (parts > settings.connectInflight)
        return mistakeAt(said.origins, "connect-inflight",
                         "it is dealt to the threads of all processes, and for " + std::to_string(parts) +
                             " of them it is " + std::to_string(settings.connectInflight) +
                             "; say as many at least");
    return std::nullopt;
}

} // namespace

Mistake mistakeAt(const Origins &origins, std::string_view key, const std::string &why)
{
    const auto found = origins.find(key);
    if (found == origins.end())
        return {"--" + std::string(key) + ": " + why, false};
    return {found->second.place + ": " + why, found->second.isFile};
}

std::optional<Mistake> finish(SaidLoad &said, std::uint32_t cores)
{
    Settings &settings = said.draft.settings;
    if (settings.url.empty())
        return Mistake{"URL is required: the server's address, as ws://localhost:8000", false};
    if (auto mistake = makeUsers(said))
        return mistake;
    settings.profiles.clear();
    for (ProfileDraft &each : said.profiles) {
        if (auto mistake = makeProfile(said, each))
            return mistake;
        settings.profiles.push_back(each.profile);
    }
    if (auto mistake = checkConnections(said))
        return mistake;
    if (auto mistake = checkTimes(said))
        return mistake;
    if (auto mistake = checkThresholds(said))
        return mistake;
    return makeThreads(said, cores);
}

} // namespace parlor::cli::load
