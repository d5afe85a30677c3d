// SPDX-License-Identifier: MIT
#include "client-cli/load/options/presets.h"

#include <array>

namespace parlor {

// Generated of presets/*.toml.
extern const std::string_view kPresetSeed;
extern const std::string_view kPresetSeedRepo;
extern const std::string_view kPresetSmoke;
extern const std::string_view kPresetSoak;
extern const std::string_view kPresetFanout;
extern const std::string_view kPresetChurn;

} // namespace parlor

namespace parlor::cli::load {

std::span<const Preset> presets()
{
    static const std::array<Preset, 6> kPresets{
        {{"seed", "the tutorial's load test: 50, then 100 users", kPresetSeed},
         {"seed-repo", "the same with its repository's stages, 9 minutes", kPresetSeedRepo},
         {"smoke", "6 users for 10 s: does it work at all", kPresetSmoke},
         {"soak", "200 users for 4 hours", kPresetSoak},
         {"fanout", "10 speak to 1000 in one room", kPresetFanout},
         {"churn", "20 users come and go every second", kPresetChurn}}};
    return kPresets;
}

} // namespace parlor::cli::load
