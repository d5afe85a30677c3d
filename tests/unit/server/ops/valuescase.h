// SPDX-License-Identifier: MIT
#pragma once

#include "shared/protocol/result.h"

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
    if (!parsed) {
        const std::string &said = parsed.error().text;
        QVERIFY2(!error.empty(), said.c_str());
        QVERIFY2(said.find(error) != std::string::npos, said.c_str());
        QVERIFY2(text.empty() || said.find(text) != std::string::npos, said.c_str());
        return;
    }
    QVERIFY2(error.empty(), "it was read");
    QCOMPARE(toText(*parsed), canonical);
    const auto again = parse(canonical);
    QVERIFY(again);
    QCOMPARE(toText(*again), canonical);
}

} // namespace parlor::test
