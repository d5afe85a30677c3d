// SPDX-License-Identifier: MIT
#pragma once

#include <QStringList>

/// How a state file is laid out.
namespace parlor::schema {

constexpr qint64 kApplicationId = 0x50724C72; ///< tells our files from others'
constexpr qint64 kVersion = 4;

/// What makes an empty file a state file of this version.
[[nodiscard]] QStringList statements();
/// What makes a state file of an earlier version one of this version.
[[nodiscard]] QStringList upgrade(qint64 from);

} // namespace parlor::schema
