// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>

namespace parlor::cli::load::compare {

/// What became of a figure, or of all.
enum class Change : std::uint8_t {
    None,
    Unclear, ///< it differs by more than the tolerance, and the runs scatter too much to say why
    Better,
    PerhapsBetter,
    PerhapsWorse,
    Worse,
    NotJudged,
};

/// For people: "no change", "unclear", "better", "perhaps worse", "WORSE".
[[nodiscard]] constexpr std::string_view toWords(Change change)
{
    switch (change) {
    case Change::None:
        return "no change";
    case Change::Unclear:
        return "unclear";
    case Change::Better:
        return "better";
    case Change::PerhapsBetter:
        return "perhaps better";
    case Change::PerhapsWorse:
        return "perhaps worse";
    case Change::Worse:
        return "WORSE";
    case Change::NotJudged:
        break;
    }
    return "not judged";
}

/// For scripts: "no_change", "perhaps_worse", "worse".
[[nodiscard]] constexpr std::string_view toKey(Change change)
{
    switch (change) {
    case Change::None:
        return "no_change";
    case Change::Unclear:
        return "unclear";
    case Change::Better:
        return "better";
    case Change::PerhapsBetter:
        return "perhaps_better";
    case Change::PerhapsWorse:
        return "perhaps_worse";
    case Change::Worse:
        return "worse";
    case Change::NotJudged:
        break;
    }
    return "not_judged";
}

} // namespace parlor::cli::load::compare
