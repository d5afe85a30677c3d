// SPDX-License-Identifier: MIT
#pragma once

#include <QList>
#include <QRegularExpression>

#include <optional>

namespace parlor::cli {

/// What a script waits for: lines that match, in order, and a number of messages.
class Expectations
{
public:
    Expectations(QList<QRegularExpression> patterns, std::optional<int> count);

    /// Whether the line was the next one waited for. A line meets one pattern at most.
    bool line(const QString &line);
    /// Whether the message counted.
    bool message();

    [[nodiscard]] bool isEmpty() const { return m_total == 0 && !m_count; }
    [[nodiscard]] bool isMet() const { return m_patterns.isEmpty() && m_counted >= m_count.value_or(0); }
    /// What is still waited for, for people.
    [[nodiscard]] QString missing() const;

private:
    QList<QRegularExpression> m_patterns; ///< those not met yet
    qsizetype m_total;
    std::optional<int> m_count;
    int m_counted = 0;
};

} // namespace parlor::cli
