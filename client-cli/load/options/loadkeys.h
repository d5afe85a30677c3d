// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/options/statement.h"
#include "client-cli/load/plan/settings.h"
#include "client-cli/load/wire/target.h"
#include "shared/protocol/result.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace parlor::cli::load {

/// What the keys that were said so far make of a load. Not yet checked as a whole.
struct Draft
{
    Settings settings; ///< without profiles and who is there when
    Target target;
    std::optional<std::vector<Stage>> stages;
    std::optional<std::vector<ArrivalStage>> arrivals;
    std::optional<std::uint32_t> users;
    std::optional<Offset> duration;
    std::uint32_t threads = 1; ///< 0: as many as is good
    bool hasAutomaticSources = true;
};

/// Something that can be said of a load: each is a flag of the command line and a key of scenarios.
struct LoadKey
{
    enum class Topic : std::uint8_t { Target, Users, Messages, Rooms, Connections, Checks, Generator };
    enum class Kind : std::uint8_t { Value, List, YesOrNo };

    std::string_view name;
    Topic topic;
    Kind kind;
    std::string_view type; ///< for the help: "TIME"
    std::string_view help;
    /// Takes what was said. The error is without the place.
    Result<void> (*take)(Draft &, const Statement &) = nullptr;
    /// Instead of it where each profile has a value of its own.
    Result<void> (*takeForProfile)(Profile &, const Statement &) = nullptr;
};

[[nodiscard]] std::span<const LoadKey> loadKeys();
/// Null: there is none of this name.
[[nodiscard]] const LoadKey *loadKey(std::string_view name);

} // namespace parlor::cli::load
