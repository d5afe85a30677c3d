// SPDX-License-Identifier: MIT
#pragma once

#include <QString>

namespace parlor::gui {

/// Whether `@name` stands at `at`: in any case, and not as a part of a longer word.
[[nodiscard]] bool isMentionAt(QStringView text, qsizetype at, const QString &name);
/// Whether a text mentions somebody. An empty name is nobody's.
[[nodiscard]] bool mentions(QStringView text, const QString &name);

} // namespace parlor::gui
