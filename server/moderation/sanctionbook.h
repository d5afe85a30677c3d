// SPDX-License-Identifier: MIT
#pragma once

#include "server/moderation/sanctions.h"

#include <vector>

/// How an act changes what is in force. It looks at nothing else: so an act can be tried without being done.
namespace parlor::sanctionbook {

/// What of it is to be kept.
struct Change
{
    SanctionsPtr after;                ///< null: nothing changes, as by a kick
    std::optional<Sanction> put{};     ///< new, or in another one's place
    std::vector<std::string> erased{}; ///< fields: what the act lifts, and what is over
};

/// The error is for people: there is nothing to lift, somebody of a higher rank imposed it, or there are
/// Sanctions::kMost.
[[nodiscard]] Result<Change> apply(const Act &act, const Sanctions &before);
/// There are Sanctions::kMost.
[[nodiscard]] Error tooMany();

} // namespace parlor::sanctionbook
