// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/messagestore.h"
#include "server/engine/sqlite/database.h"
#include "server/engine/sqlite/storelog.h"
#include "server/moderation/sanctionbook.h"

namespace parlor::sqlite {

/// The bans, mutes and slow rooms of a store: what is in force, and its table. After start() the writing
/// thread's.
class SanctionKeeper
{
public:
    SanctionKeeper(Database &database, StoreLog &log, WallClock clock)
        : m_database(database)
        , m_log(log)
        , m_clock(std::move(clock))
    {
    }

    /// Reads what is in force.
    [[nodiscard]] Problem load();
    void start(MessageStore::Listener &listener);
    /// Keeps what the act changes, and tells the listener. `problem`: why nothing may be written; afterwards,
    /// why it was not.
    [[nodiscard]] Result<void> moderate(const Act &act, Problem &problem);

private:
    [[nodiscard]] Problem keep(const sanctionbook::Change &change);
    [[nodiscard]] Problem write(const sanctionbook::Change &change);

    Database &m_database;
    StoreLog &m_log;
    const WallClock m_clock;
    MessageStore::Listener *m_listener = nullptr; ///< from start() on
    SanctionsPtr m_present = std::make_shared<const Sanctions>();
};

} // namespace parlor::sqlite
