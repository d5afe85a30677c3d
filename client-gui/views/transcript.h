// SPDX-License-Identifier: MIT
#pragma once

#include <QModelIndexList>
#include <QString>

namespace parlor::gui {

/// Messages as text for the clipboard, in their order: `[10:42] alice: text`.
[[nodiscard]] QString transcript(QModelIndexList messages);

} // namespace parlor::gui
