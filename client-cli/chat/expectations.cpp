// SPDX-License-Identifier: MIT
#include "client-cli/chat/expectations.h"

#include <QStringList>

namespace parlor::cli {

Expectations::Expectations(QList<QRegularExpression> patterns, std::optional<int> count)
    : m_patterns(std::move(patterns))
    , m_total(m_patterns.size())
    , m_count(count)
{
}

bool Expectations::line(const QString &line)
{
    if (m_patterns.isEmpty() || !m_patterns.first().match(line).hasMatch())
        return false;
    m_patterns.removeFirst();
    return true;
}

bool Expectations::message()
{
    if (!m_count || m_counted >= *m_count)
        return false;
    ++m_counted;
    return true;
}

QString Expectations::missing() const
{
    QStringList parts;
    if (!m_patterns.isEmpty())
        parts.append(QStringLiteral("nothing matched '%1' (expectation %2 of %3)")
                         .arg(m_patterns.first().pattern())
                         .arg(m_total - m_patterns.size() + 1)
                         .arg(m_total));
    if (m_counted < m_count.value_or(0))
        parts.append(QStringLiteral("%1 of %2 messages came").arg(m_counted).arg(*m_count));
    return parts.join(QLatin1String("; "));
}

} // namespace parlor::cli
