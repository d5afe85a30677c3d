// SPDX-License-Identifier: MIT
#include "client-cli/load/options/settingsmaker.h"

#include "client-cli/load/judgement/thresholdparser.h"
#include "client-cli/load/options/optionvalues.h"
#include "client-cli/load/options/stagetables.h"
#include "client-cli/nearestname.h"

#include <algorithm>
#include <array>
#include <set>

namespace parlor::cli::load {

namespace {

constexpr std::size_t kMaxProfiles = 32;
constexpr std::size_t kMaxProfileName = 64;
constexpr std::string_view kUsualRooms = "3";

/// Flags that say nothing of the load, and so are no keys of a scenario.
constexpr std::array<std::string_view, 21> kFlagsAlone{
    "out",    "csv",         "junit",       "hgrm",       "html",        "baseline",          "prom-listen",
    "tui",    "prom-linger", "prom-compat", "watch-pid",  "quiet",       "prom-remote-write", "scenario",
    "preset", "dry-run",     "self-test",   "token-file", "prom-header", "print-scenario",    "help"};

bool contains(const Layer &layer, std::string_view key)
{
    return std::ranges::any_of(layer.statements, [key](const Statement &each) { return each.key == key; });
}

/// Up to its comparison, without blanks: two thresholds that differ only in what follows are about the same.
std::string subjectOf(std::string_view threshold)
{
    std::string subject;
    for (const char c : threshold.substr(0, threshold.find_first_of("<>=!"))) {
        if (c != ' ')
            subject += c;
    }
    return subject;
}

} // namespace

SettingsMaker::SettingsMaker(std::uint32_t cores)
    : m_cores(cores)
{
    m_load.draft.settings.rooms = *parseRooms(kUsualRooms);
}

std::optional<Mistake> SettingsMaker::add(const Layer &layer)
{
    m_layer += 2; // what a profile says for itself lies between one layer and the next
    m_isFile = layer.isFile;
    if (auto mistake = forgetOtherUsers(layer))
        return mistake;
    for (const Statement &each : layer.statements) {
        if (each.key == "profile")
            continue;
        if (auto mistake = addStatement(each))
            return mistake;
    }
    // The last: they begin with what the others say for all of them.
    for (const Statement &each : layer.statements) {
        if (each.key != "profile")
            continue;
        if (auto mistake = addProfiles(each))
            return mistake;
    }
    return std::nullopt;
}

std::optional<Mistake> SettingsMaker::forgetOtherUsers(const Layer &layer)
{
    const auto at = [&layer](std::string_view key) -> const Statement & {
        return *std::ranges::find_if(layer.statements,
                                     [key](const Statement &each) { return each.key == key; });
    };
    const bool hasStages = contains(layer, "stages");
    const bool hasUsers = contains(layer, "users");
    const bool hasArrival = contains(layer, "arrival");
    if (hasStages && hasArrival)
        return mistakeOf(at("arrival"), "users come at a rate, or as the stages say; leave one of them out");
    if (hasStages && hasUsers)
        return mistakeOf(at("users"), "the stages say how many users there are; leave one of them out");
    if (hasArrival && hasUsers)
        return mistakeOf(at("users"),
                         "users come at a rate, or are so many all the time; leave one of them out");
    if (hasStages && contains(layer, "duration"))
        return mistakeOf(at("duration"), "the stages say how long they take; leave one of them out");
    if (hasStages || hasUsers || hasArrival) {
        m_load.draft.stages.reset();
        m_load.draft.arrivals.reset();
        m_load.draft.users.reset();
        for (const char *key : {"stages", "arrival", "users"})
            m_load.origins.erase(key);
    }
    if (hasStages)
        m_load.draft.duration.reset();
    return std::nullopt;
}

std::optional<Mistake> SettingsMaker::addStatement(const Statement &said)
{
    if ((said.key == "threshold" || said.key == "tag") && !said.tables.empty())
        return mistakeOf(said, "such a table is called [" + said.key + "s]");
    if (said.key == "threshold" || said.key == "thresholds")
        return addThresholds(said);
    if (said.key == "tag" || said.key == "tags")
        return addTags(said);
    const LoadKey *key = loadKey(said.key);
    if (key == nullptr)
        return unknown(said, false);
    const bool mayBeStages = said.key == "stages" || said.key == "arrival";
    if (!said.tables.empty() && !mayBeStages)
        return mistakeOf(said, "a value must stand here, and no table");
    if (said.tables.empty() && said.texts.size() != 1 && key->kind != LoadKey::Kind::List &&
        said.key != "rooms")
        return mistakeOf(said, "one value must stand here, and no list");
    if (said.tables.empty() && said.texts.empty())
        return mistakeOf(said, "the list is empty");
    const Origin here = origin(said.place);
    if (!said.tables.empty()) {
        if (!said.isList)
            return mistakeOf(said, "a list of tables must stand here: [{ for = \"30s\", " +
                                       std::string(said.key == "stages" ? "users = 50" : "rate = \"20/s\"") +
                                       " }]");
        m_load.origins.insert_or_assign(said.key, here);
        std::vector<Stage> stages;
        std::vector<ArrivalStage> arrivals;
        if (const auto fault = said.key == "stages" ? readStages(said, stages) : readStages(said, arrivals))
            return mistakeOf(*fault->said, fault->why);
        if (said.key == "stages")
            m_load.draft.stages = std::move(stages);
        else
            m_load.draft.arrivals = std::move(arrivals);
        return std::nullopt;
    }
    if (key->take != nullptr) {
        if (const auto taken = key->take(m_load.draft, said); !taken)
            return mistakeOf(said, taken.error().text);
        m_load.origins.insert_or_assign(said.key, here);
        return std::nullopt;
    }
    const auto takeFor = [&](ProfileDraft &draft) -> std::optional<Mistake> {
        if (const auto taken = key->takeForProfile(draft.profile, said); !taken)
            return mistakeOf(said, taken.error().text);
        draft.origins.insert_or_assign(said.key, here);
        return std::nullopt;
    };
    for (ProfileDraft &each : m_load.profiles) {
        if (auto mistake = takeFor(each))
            return mistake;
    }
    return takeFor(m_base);
}

std::optional<Mistake> SettingsMaker::addProfiles(const Statement &said)
{
    if (said.tables.empty() || !said.isList)
        return mistakeOf(said, "a profile is a table of its own; write [[profile]] and its keys below it");
    if (said.tables.size() > kMaxProfiles)
        return mistakeOf(said, "there are more than " + std::to_string(kMaxProfiles) + " profiles");
    std::vector<ProfileDraft> drafts;
    for (const auto &table : said.tables) {
        if (auto mistake = addProfile(table, said, drafts))
            return mistake;
    }
    m_load.profiles = std::move(drafts);
    return std::nullopt;
}

std::optional<Mistake> SettingsMaker::addProfile(const std::vector<Statement> &table, const Statement &said,
                                                 std::vector<ProfileDraft> &drafts)
{
    ProfileDraft draft = m_base;
    draft.profile.name.clear();
    for (const Statement &each : table) {
        if (!each.tables.empty() || each.texts.size() != 1)
            return mistakeOf(each, "one value must stand here, no list and no table");
        const std::string &text = each.texts.front();
        Result<void> taken;
        if (each.key == "name") {
            draft.profile.name = text;
            if (text.empty() || text.size() > kMaxProfileName)
                taken = Error{.text = "a profile's name has 1 to 64 bytes"};
        } else if (each.key == "weight") {
            const auto weight = parseWeight(text);
            if (weight)
                draft.profile.weight = *weight;
            else
                taken = weight.error();
        } else if (const LoadKey *key = loadKey(each.key); key != nullptr && key->takeForProfile != nullptr) {
            taken = key->takeForProfile(draft.profile, each);
        } else {
            return unknown(each, true);
        }
        if (!taken)
            return mistakeOf(each, taken.error().text);
        Origin here = origin(each.place);
        ++here.layer;
        draft.origins.insert_or_assign(each.key, std::move(here));
    }
    if (draft.profile.name.empty())
        return mistakeOf(table.empty() ? said : table.front(),
                         "the profile has no name; write name = \"talker\"");
    for (const ProfileDraft &other : drafts) {
        if (other.profile.name == draft.profile.name)
            return mistakeAt(draft.origins, "name", "there is a profile of this name already");
    }
    drafts.push_back(std::move(draft));
    return std::nullopt;
}

std::optional<Mistake> SettingsMaker::addThresholds(const Statement &said)
{
    std::vector<std::string> texts = said.texts;
    std::vector<const Statement *> places(texts.size(), &said);
    for (const auto &table : said.tables) {
        for (const Statement &each : table) {
            if (!each.tables.empty())
                return mistakeOf(each, "a figure, a comparison and a bound must stand here: \"p(99)<500ms\"");
            for (const std::string &text : each.texts) {
                texts.push_back(each.key + " " + text);
                places.push_back(&each);
            }
        }
    }
    std::vector<std::string> &all = m_load.draft.settings.thresholds;
    if (const auto before = m_load.origins.find("threshold");
        before == m_load.origins.end() || before->second.layer != m_layer) {
        // A later layer's condition replaces an earlier one's on the same figure.
        std::erase_if(all, [&texts](const std::string &old) {
            return std::ranges::any_of(
                texts, [&old](const std::string &text) { return subjectOf(text) == subjectOf(old); });
        });
    }
    for (std::size_t i = 0; i < texts.size(); ++i) {
        if (const auto threshold = parseThreshold(texts[i]); !threshold)
            return mistakeOf(*places[i], threshold.error().text);
        all.push_back(texts[i]);
    }
    m_load.origins.insert_or_assign("threshold", origin(said.place));
    return std::nullopt;
}

std::optional<Mistake> SettingsMaker::addTags(const Statement &said)
{
    constexpr std::size_t kMaxTags = 32;
    std::vector<std::pair<std::string, const Statement *>> texts;
    for (const std::string &text : said.texts)
        texts.emplace_back(text, &said);
    for (const auto &table : said.tables) {
        for (const Statement &each : table) {
            if (!each.tables.empty() || each.texts.size() != 1)
                return mistakeOf(each, "one value must stand here, no list and no table");
            texts.emplace_back(each.key + "=" + each.texts.front(), &each);
        }
    }
    std::set<std::string> names;
    for (const auto &[text, place] : texts) {
        auto tag = parseTag(text);
        if (!tag)
            return mistakeOf(*place, tag.error().text);
        if (!names.insert(tag->first).second)
            return mistakeOf(*place, "the tag '" + tag->first + "' is there twice");
        m_load.draft.settings.tags.insert_or_assign(tag->first, tag->second);
    }
    if (m_load.draft.settings.tags.size() > kMaxTags)
        return mistakeOf(said, "there are more than " + std::to_string(kMaxTags) + " tags");
    return std::nullopt;
}

std::variant<MadeSettings, Mistake> SettingsMaker::make()
{
    if (auto mistake = finish(m_load, m_cores))
        return *std::move(mistake);
    const Draft &draft = m_load.draft;
    return MadeSettings{draft.settings, draft.target, draft.hasAutomaticSources};
}

Origin SettingsMaker::origin(std::string_view place) const
{
    return {m_layer, std::string(place), m_isFile};
}

Mistake SettingsMaker::mistakeOf(const Statement &said, const std::string &why) const
{
    return {said.place + ": " + why, m_isFile};
}

Mistake SettingsMaker::unknown(const Statement &said, bool isInProfile) const
{
    if (std::ranges::find(kFlagsAlone, said.key) != kFlagsAlone.end())
        return mistakeOf(said, "only the command line says this, with --" + said.key);
    const LoadKey *known = loadKey(said.key);
    if (isInProfile && known != nullptr)
        return mistakeOf(said, "all profiles have this in common; it stands above the first [[profile]]");
    std::vector<std::string_view> names;
    if (isInProfile)
        names = {"name", "weight"};
    else
        names = {"profile", "thresholds", "tags"};
    for (const LoadKey &each : loadKeys()) {
        if (!isInProfile || each.takeForProfile != nullptr)
            names.push_back(each.name);
    }
    const std::string_view nearest = nearestOf(said.key, names);
    return mistakeOf(said, "there is no such key" +
                               (nearest.empty() ? "; docs/load-scenario.md lists them"
                                                : "; the nearest is '" + std::string(nearest) + "'"));
}

} // namespace parlor::cli::load
