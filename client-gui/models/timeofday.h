// SPDX-License-Identifier: MIT
#pragma once

#include <QDateTime>
#include <QString>

namespace parlor::gui {

/// A time of day as the locale writes it, without seconds.
[[nodiscard]] QString timeOfDay(const QDateTime &time);

} // namespace parlor::gui
