// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/options/loadkeys.h"
#include "client-cli/load/options/statement.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parlor::cli::load {

/// Who said something last.
struct Origin
{
    std::size_t layer = 0; ///< more: it counts more; 0: nobody did
    std::string place;
    bool isFile = false;
};
using Origins = std::map<std::string, Origin, std::less<>>; ///< by key

struct ProfileDraft
{
    Profile profile;
    Origins origins;
};

/// All that was said of a load, by all layers.
struct SaidLoad
{
    Draft draft;
    Origins origins;
    std::vector<ProfileDraft> profiles{ProfileDraft{}};
};

/// About a key, at the place where it was said last; its flag's name where nobody said it.
[[nodiscard]] Mistake mistakeAt(const Origins &origins, std::string_view key, const std::string &why);

/// Makes the draft's settings whole, and refuses what makes no sense together. nullopt: it does. Pure.
[[nodiscard]] std::optional<Mistake> finish(SaidLoad &said, std::uint32_t cores);

} // namespace parlor::cli::load
