// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/clientstore.h"

#include <QString>

/// Whose things the tests of stores keep.
inline const parlor::Account kJun{QStringLiteral("ws://chat.example/ws"), QStringLiteral("Jun")};
