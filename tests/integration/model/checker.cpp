// SPDX-License-Identifier: MIT
#include "tests/integration/model/checker.h"

#include "tests/integration/model/facts.h"
#include "tests/integration/model/replay.h"

#include <QStringList>

#include <array>

namespace parlor::test::model {

using namespace Qt::StringLiterals;

std::vector<Violation> check(const Record &record)
{
    std::vector<Violation> violations;
    Facts facts(record, violations);
    for (std::size_t client = 0; client < record.clients.size(); ++client)
        Replay(static_cast<int>(client), record, facts, violations).run();
    facts.judgeHistory();
    return violations;
}

QString nameOf(Violation::Kind kind)
{
    static constexpr std::array kNames{
        "hole",        "repeat",      "two orders",    "same id",     "lost",         "behind",
        "not durable", "not resumed", "not recovered", "wrong epoch", "wrong resend", "sender's order",
        "invented",    "stray",       "refused",       "declined",    "cut",          "wrong since"};
    return QString::fromLatin1(kNames.at(static_cast<std::size_t>(kind)));
}

QString describe(const std::vector<Violation> &violations)
{
    constexpr std::size_t kMost = 12;
    QStringList lines;
    for (std::size_t i = 0; i < violations.size() && i < kMost; ++i)
        lines += nameOf(violations[i].kind) + u": "_s + violations[i].what;
    if (violations.size() > kMost)
        lines += u"and %1 more"_s.arg(violations.size() - kMost);
    return lines.join(u'\n');
}

} // namespace parlor::test::model
