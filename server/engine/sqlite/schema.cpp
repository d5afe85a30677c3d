// SPDX-License-Identifier: MIT
#include "server/engine/sqlite/schema.h"

#include <sqlite3.h>

#include <array>

namespace parlor::sqlite {

namespace {

/// A room's top is the greater of rooms.seq and its newest message's seq. rooms.floor is the newest message
/// that was dropped.
constexpr std::array kSteps{
    R"(CREATE TABLE facts(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
       CREATE TABLE rooms(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, epoch TEXT NOT NULL,
                          seq INTEGER NOT NULL);
       CREATE TABLE messages(room INTEGER NOT NULL, seq INTEGER NOT NULL, time INTEGER NOT NULL,
                             id TEXT NOT NULL, frame TEXT NOT NULL, PRIMARY KEY(room, seq)) WITHOUT ROWID;
       CREATE TABLE resends(id INTEGER PRIMARY KEY, room INTEGER NOT NULL, user TEXT NOT NULL,
                            cid TEXT NOT NULL, seq INTEGER NOT NULL, message TEXT NOT NULL,
                            time INTEGER NOT NULL, UNIQUE(user, cid, room));)",
    // Whoever deletes the newest message: its number is not used again.
    R"(CREATE TRIGGER keep_top AFTER DELETE ON messages
       WHEN OLD.seq > (SELECT seq FROM rooms WHERE id = OLD.room)
       BEGIN UPDATE rooms SET seq = OLD.seq WHERE id = OLD.room; END;)",
    // Ids beside the numbers, which prove positions. Of what was dropped before they are not known.
    R"(DROP TRIGGER keep_top;
       ALTER TABLE rooms DROP COLUMN epoch;
       ALTER TABLE rooms ADD COLUMN seq_id TEXT NOT NULL DEFAULT '';
       ALTER TABLE rooms ADD COLUMN floor INTEGER NOT NULL DEFAULT 0;
       ALTER TABLE rooms ADD COLUMN floor_id TEXT NOT NULL DEFAULT '';
       UPDATE rooms SET floor = ifnull((SELECT min(seq) - 1 FROM messages WHERE room = rooms.id), seq),
           seq_id = ifnull((SELECT id FROM messages WHERE room = rooms.id AND seq = rooms.seq), '');
       CREATE TRIGGER keep_top AFTER DELETE ON messages
       WHEN OLD.seq > (SELECT seq FROM rooms WHERE id = OLD.room)
       BEGIN UPDATE rooms SET seq = OLD.seq, seq_id = OLD.id WHERE id = OLD.room; END;
       CREATE TRIGGER drop_room AFTER DELETE ON rooms
       BEGIN DELETE FROM messages WHERE room = OLD.id; DELETE FROM resends WHERE room = OLD.id; END;
       DELETE FROM facts WHERE name IN ('unclosed', 'token');)",
    // Bans, mutes and slow rooms: see sanctiontext.h.
    R"(CREATE TABLE sanctions(field TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;)",
};

/// A larger store is not read through at each start.
constexpr std::int64_t kMostCheckedBytes = 256LL << 20;

} // namespace

Problem readFact(Database &database, std::string_view name, std::string &value)
{
    Statement query;
    if (auto problem = query.prepare(database, "SELECT value FROM facts WHERE name = ?"))
        return problem;
    const bool isThere = query.bind(1, name).step();
    value = isThere ? std::string(query.text(0)) : std::string();
    return query.failed() ? database.failure() : Problem();
}

Problem writeFact(Database &database, std::string_view name, std::string_view value)
{
    Statement write;
    if (auto problem = write.prepare(database, "INSERT OR REPLACE INTO facts(name, value) VALUES(?, ?)"))
        return problem;
    return write.bind(1, name).bind(2, value).execute() ? Problem() : database.problem();
}

Problem eraseFact(Database &database, std::string_view name)
{
    Statement erase;
    if (auto problem = erase.prepare(database, "DELETE FROM facts WHERE name = ?"))
        return problem;
    return erase.bind(1, name).execute() ? Problem() : database.problem();
}

std::optional<std::string> whyNoStore(Database &database, Checking checking, Steps steps)
{
    const std::int64_t tables = database.number("SELECT count(*) FROM sqlite_schema");
    if (tables < 0) {
        const Problem problem = database.problem();
        return (problem.isDamage() ? "it is no SQLite database, or is damaged (" + problem.text + ')'
                                   : problem.text) +
               remedy(problem);
    }
    const std::int64_t application = database.number("PRAGMA application_id");
    const std::int64_t version = database.number("PRAGMA user_version");
    if (application != kApplicationId && (tables != 0 || application != 0 || version != 0))
        return "it is the database of another program; give another path";
    if (version < 0 || version > static_cast<std::int64_t>(steps.size()))
        return std::string("it is of ") + (version < 0 ? "another" : "a newer") +
               " version of parlor-server (schema " + std::to_string(version) + ", this one knows " +
               std::to_string(steps.size()) + "); run that version";
    const std::int64_t ours = database.number("SELECT count(*) FROM sqlite_schema WHERE name IN "
                                              "('facts', 'rooms', 'messages', 'resends')");
    if (version == 0 ? tables != 0 : ours != 4)
        return "it is damaged (its tables are not those of schema " + std::to_string(version) + ')' +
               remedy({SQLITE_CORRUPT, {}});
    if (checking == Checking::WhatIsSmall &&
        database.number("PRAGMA page_count") * database.number("PRAGMA page_size") > kMostCheckedBytes)
        return std::nullopt;
    Statement check;
    if (check.prepare(database, "PRAGMA quick_check(1)") || !check.step() || check.text(0) != "ok")
        return "it is damaged (" + (check.failed() ? database.problem().text : std::string(check.text(0))) +
               ")" + remedy({SQLITE_CORRUPT, {}});
    return std::nullopt;
}

Steps schemaSteps()
{
    return kSteps;
}

Problem bringUpToDate(Database &database, Steps steps)
{
    const std::int64_t from = database.number("PRAGMA user_version");
    const auto to = static_cast<std::int64_t>(steps.size());
    if (from < 0)
        return database.problem();
    if (from >= to)
        return {};
    Problem problem = database.run("BEGIN IMMEDIATE");
    for (std::int64_t i = from; i < to && !problem; ++i)
        problem = database.run(steps[static_cast<std::size_t>(i)]);
    const std::string stamp = "PRAGMA application_id = " + std::to_string(kApplicationId) +
                              "; PRAGMA user_version = " + std::to_string(to);
    if (!problem)
        problem = database.run(stamp.c_str());
    if (!problem)
        problem = database.run("COMMIT");
    if (problem)
        (void)database.run("ROLLBACK");
    return problem;
}

} // namespace parlor::sqlite
