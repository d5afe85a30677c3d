// SPDX-License-Identifier: MIT
// Whatever a scenario's file holds, it makes settings that hold together, or a mistake with its place.
#include "client-cli/load/options/scenario.h"
#include "client-cli/load/options/settingsmaker.h"
#include "tests/fuzz/target.h"

namespace parlor::fuzz {

namespace {

using cli::load::Layer;
using cli::load::MadeSettings;
using cli::load::Mistake;
using cli::load::Offset;
using cli::load::Profile;
using cli::load::Settings;
using cli::load::SettingsMaker;

void checkMistake(const Mistake &mistake)
{
    // What is missing has a flag's name in place of one.
    check(mistake.text.starts_with("f.toml:") || mistake.text.starts_with("--") ||
              mistake.text.starts_with("URL"),
          "a mistake has its place", mistake.text);
}

void checkSettings(const Settings &settings)
{
    check(settings.stages.empty() != settings.arrivals.empty(), "users come in one way");
    check(!settings.rooms.empty() && settings.rooms.size() <= 0xFFFF, "a marker can name each room");
    check(!settings.profiles.empty(), "users have a profile");
    check(settings.threads >= 1 && settings.processes >= 1, "somebody makes the load");
    check(std::uint64_t{settings.threads} * settings.processes <= settings.rooms.size(), "each has a room");
    for (const Profile &each : settings.profiles) {
        check(each.weight > 0 && each.rate >= 0, "users are some, and speak or do not");
        check(each.size.least <= each.size.most, "sizes are a range");
        check(each.roomsPerUser >= 1 && each.roomsPerUser <= settings.rooms.size(), "users have their rooms");
        check(settings.arrivals.empty() || each.life.mean > Offset{}, "who comes goes");
    }
}

void scenario(std::string_view input)
{
    const auto parsed = cli::load::parseScenario(input, "f.toml");
    if (const auto *mistake = std::get_if<Mistake>(&parsed))
        return checkMistake(*mistake);
    SettingsMaker maker(2);
    const Layer url{.statements = {{.key = "url", .texts = {"ws://localhost/ws"}, .place = "URL"}}};
    check(!maker.add(url), "the address is one");
    if (const auto mistake = maker.add(std::get<Layer>(parsed)))
        return checkMistake(*mistake);
    const auto made = maker.make();
    if (const auto *mistake = std::get_if<Mistake>(&made))
        return checkMistake(*mistake);
    checkSettings(std::get<MadeSettings>(made).settings);
}

const Target kScenario("scenario", &scenario);

} // namespace

} // namespace parlor::fuzz
