// SPDX-License-Identifier: MIT
#pragma once

#include <QString>
#include <QTest>

namespace parlor::test {

/// What went wrong, for people; empty if nothing did. Helpers return it, so that the test function itself
/// fails.
using Problem = QString;

} // namespace parlor::test

/// Fails the test function with the text of a Problem that is not empty.
#define PARLOR_EXPECT(expression)                                                                \
    do {                                                                                         \
        const parlor::test::Problem parlorProblem = (expression);                                \
        QVERIFY2(parlorProblem.isEmpty(),                                                        \
                 qPrintable(QStringLiteral(#expression) % QLatin1String(": ") % parlorProblem)); \
    } while (false)
