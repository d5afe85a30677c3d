// SPDX-License-Identifier: MIT
#pragma once

#include <QByteArray>
#include <QList>

namespace parlor::test {

/// A v2 frame that is wrong in one way, from a client that is in the room `mine` alone.
struct BadRequest
{
    const char *name;
    QByteArray frame;
    const char *code; ///< of the error that answers it
};

[[nodiscard]] const QList<BadRequest> &badRequests();

} // namespace parlor::test
