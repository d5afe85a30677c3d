// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/moderation.h"

namespace parlor::gui {

/// What a moderator has done, for this moderator. `name`: of whom, as it is shown.
[[nodiscard]] QString doneText(const ModerationAct &act, const QString &name);
/// Why it was not done.
[[nodiscard]] QString refusedText(const ModerationAct &act, const QString &name, const Refusal &refusal);

} // namespace parlor::gui
