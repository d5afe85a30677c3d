// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/admin/adminoptions.h"

#include <QJsonObject>
#include <QString>

namespace parlor::cli::admin {

/// What an answer says to people: a table, or a sentence.
[[nodiscard]] QString toText(const AdminOptions &options, const QJsonObject &answer);

} // namespace parlor::cli::admin
