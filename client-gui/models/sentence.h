// SPDX-License-Identifier: MIT
#pragma once

#include <QString>

namespace parlor::gui {

/// A cause as the libraries below give it ("the room's name is empty") as a sentence: capital, full stop.
[[nodiscard]] QString sentence(const QString &cause);

} // namespace parlor::gui
