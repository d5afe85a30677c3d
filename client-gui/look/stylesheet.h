// SPDX-License-Identifier: MIT
#pragma once

#include "client-gui/look/tokens.h"

#include <QString>

namespace parlor::gui {

/// What the palette cannot say: corners, spacing, hover and focus. Widgets are chosen by object name or by
/// the `look` property, which views set.
[[nodiscard]] QString styleSheet(const Tokens &tokens);

} // namespace parlor::gui
