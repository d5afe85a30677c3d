// SPDX-License-Identifier: MIT
#pragma once

class QKeyEvent;

namespace parlor::gui {

/// Whether a key types something that can begin a message: a printable character without modifiers but Shift
/// and AltGr. Not the space bar, which presses and selects.
[[nodiscard]] bool isTyped(const QKeyEvent &event);

} // namespace parlor::gui
