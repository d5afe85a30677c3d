// SPDX-License-Identifier: MIT
#pragma once

#include <QByteArray>
#include <QList>

namespace parlor::test {

/// A text and whether it is well-formed UTF-8 (RFC 3629).
struct Utf8Sequence
{
    QByteArray name; ///< with Autobahn's number
    QByteArray bytes;
    bool isValid = false;
};

/// Autobahn's groups 6.5 to 6.23, after Markus Kuhn's UTF-8 stress test.
[[nodiscard]] QList<Utf8Sequence> utf8Sequences();

} // namespace parlor::test
