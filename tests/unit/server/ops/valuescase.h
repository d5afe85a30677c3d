// SPDX-License-Identifier: MIT
#pragma once

#include "server/ops/outcome.h"

#include <QTest>

#include <string>

namespace parlor::test {

/// Each row is a text, and what it means in the shortest notation of the same value; or a text, and a part of
/// the error's.
inline void addColumns()
{
    QTest::addColumn<std::string>("text");
    QTest::addColumn<std::string>("canonical");
    QTest::addColumn<std::string>("error");
}

inline void good(const std::string &text, const std::string &canonical)
{
    QTest::addRow("good: %s", text.c_str()) << text << canonical << std::string();
}

inline void good(const std::string &text)
{
    good(text, text);
}

inline void bad(const std::string &text, const std::string &error)
{
    QTest::addRow("bad: %.40s", text.c_str()) << text << std::string() << error;
}

/// Whether `parse` reads `text` as `canonical`, and that as itself, or fails as told.
template <typename Parse, typename Text>
inline void check(Parse parse, Text toText)
{
    QFETCH(const std::string, text);
    QFETCH(const std::string, canonical);
    QFETCH(const std::string, error);
    const auto parsed = parse(text);
    if (const auto *failure = std::get_if<Failure>(&parsed)) {
        QVERIFY2(!error.empty(), failure->text.c_str());
        QVERIFY2(failure->text.find(error) != std::string::npos, failure->text.c_str());
        QVERIFY2(text.empty() || failure->text.find(text) != std::string::npos, failure->text.c_str());
        return;
    }
    QVERIFY2(error.empty(), "it was read");
    QCOMPARE(toText(std::get<0>(parsed)), canonical);
    const auto again = parse(canonical);
    QVERIFY(!std::holds_alternative<Failure>(again));
    QCOMPARE(toText(std::get<0>(again)), canonical);
}

} // namespace parlor::test
