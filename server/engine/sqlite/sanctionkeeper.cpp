// SPDX-License-Identifier: MIT
#include "server/engine/sqlite/sanctionkeeper.h"

#include "server/moderation/sanctiontext.h"

#include <utility>

namespace parlor::sqlite {

Problem SanctionKeeper::load()
{
    Statement query;
    if (auto problem = query.prepare(m_database, "SELECT field, value FROM sanctions"))
        return problem;
    Sanctions found;
    while (query.step()) {
        auto sanction = sanctiontext::decode(query.text(0), query.text(1));
        if (sanction && !sanction->isOver(m_clock()))
            found.put(*std::move(sanction));
    }
    if (query.failed())
        return m_database.failure();
    m_present = std::make_shared<const Sanctions>(std::move(found));
    return {};
}

void SanctionKeeper::start(MessageStore::Listener &listener)
{
    m_listener = &listener;
    listener.onSanctions(m_present);
}

Result<void> SanctionKeeper::moderate(const Act &act, Problem &problem)
{
    auto change = sanctionbook::apply(act, *m_present);
    if (!change)
        return change.error();
    if (!change->after) {
        m_listener->onKicked({act.user, act.rank, act.reason});
        return {};
    }
    if (!problem)
        problem = keep(*change);
    m_log.note(StoreLog::Activity::Writing, problem, m_clock());
    if (problem)
        return Error{ErrorCode::Unavailable,
                     "the server cannot store anything at present; nothing has changed",
                     std::chrono::seconds(1)};
    m_present = std::move(change->after);
    m_listener->onSanctions(m_present);
    return {};
}

/// All of it, or nothing.
Problem SanctionKeeper::keep(const sanctionbook::Change &change)
{
    Problem problem = m_database.run("BEGIN IMMEDIATE");
    if (!problem)
        problem = write(change);
    if (!problem)
        problem = m_database.run("COMMIT");
    if (problem && m_database.isInTransaction())
        (void)m_database.run("ROLLBACK");
    return problem;
}

Problem SanctionKeeper::write(const sanctionbook::Change &change)
{
    Statement erase;
    Statement put;
    if (auto problem = erase.prepare(m_database, "DELETE FROM sanctions WHERE field = ?"))
        return problem;
    if (auto problem = put.prepare(m_database, "INSERT OR REPLACE INTO sanctions(field, value) VALUES(?, ?)"))
        return problem;
    for (const std::string &field : change.erased) {
        if (!erase.bind(1, field).execute())
            return m_database.failure();
    }
    if (!change.put)
        return {};
    const std::string field = fieldOf(*change.put);
    const std::string value = sanctiontext::encode(*change.put);
    return put.bind(1, field).bind(2, value).execute() ? Problem() : m_database.failure();
}

} // namespace parlor::sqlite
