// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/moderation.h"

#include <functional>

class QMenu;

namespace parlor::gui {

/// Adds what a moderator may do to somebody who is in a room, or wrote there. `act` gets what was chosen.
void addModeration(QMenu &menu, const QString &user, const QString &room,
                   const std::function<void(const ModerationAct &)> &act);

} // namespace parlor::gui
