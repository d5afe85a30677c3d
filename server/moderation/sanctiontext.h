// SPDX-License-Identifier: MIT
#pragma once

#include "server/moderation/sanctions.h"

/// How stores keep sanctions: a field (fieldOf()) with a JSON text each.
namespace parlor::sanctiontext {

[[nodiscard]] std::string encode(const Sanction &sanction);
/// nullopt: it is not one of ours.
[[nodiscard]] std::optional<Sanction> decode(std::string_view field, std::string_view json);

} // namespace parlor::sanctiontext
