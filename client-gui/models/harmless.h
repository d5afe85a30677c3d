// SPDX-License-Identifier: MIT
#pragma once

#include <QString>

namespace parlor::gui {

/// Text from elsewhere that cannot rearrange or hide what stands around it: control characters and overrides
/// of direction become U+FFFD, invisible marks vanish, every kind of line end becomes '\n'.
[[nodiscard]] QString harmless(QStringView text, qsizetype maxCodePoints = -1);

/// The same for a place that has one line: white space becomes single blanks.
[[nodiscard]] QString oneLine(QStringView text, qsizetype maxCodePoints = 1000);

/// A name as it is shown: personName() in one line, and the id where nothing of the name can be seen.
[[nodiscard]] QString shownName(QStringView name, QStringView id);

} // namespace parlor::gui
