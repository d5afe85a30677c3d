// SPDX-License-Identifier: MIT
#include "server/engine/sqlite/tables.h"

#include "shared/protocol/values.h"

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <utility>

namespace parlor::sqlite {

namespace {

struct Text
{
    Statement *statement;
    const char *sql;
};

Problem prepareAll(Database &database, std::initializer_list<Text> texts)
{
    for (const Text &each : texts) {
        if (auto problem = each.statement->prepare(database, each.sql))
            return problem;
    }
    return {};
}

std::chrono::milliseconds milliseconds(std::int64_t count)
{
    return std::chrono::milliseconds(count);
}

} // namespace

Problem StoreWriter::prepare()
{
    return prepareAll(
        m_database,
        {{&m_begin, "BEGIN IMMEDIATE"},
         {&m_commit, "COMMIT"},
         {&m_rollback, "ROLLBACK"},
         {&m_findRoom, "SELECT id FROM rooms WHERE name = ?"},
         {&m_addRoom, "INSERT INTO rooms(name, seq) VALUES(?, 0)"},
         {&m_addMessage, "INSERT INTO messages(room, seq, time, id, frame) VALUES(?, ?, ?, ?, ?)"},
         {&m_findMessage, "SELECT time, id, frame FROM messages WHERE room = ? AND seq = ?"},
         {&m_replaceFrame, "UPDATE messages SET frame = ? WHERE room = ? AND seq = ?"},
         {&m_addResend, "INSERT INTO resends(room, user, cid, seq, message, time) VALUES(?, ?, ?, ?, ?, ?) "
                        "ON CONFLICT DO NOTHING"},
         {&m_findResend, "SELECT seq, message, time FROM resends WHERE room = ? AND user = ? AND cid = ?"},
         {&m_dropResends, "DELETE FROM resends WHERE (time < ? OR time > ?) AND id IN "
                          "(SELECT id FROM resends ORDER BY id LIMIT ?)"},
         {&m_rooms, "SELECT id, name, (SELECT min(seq) FROM messages WHERE room = rooms.id), "
                    "(SELECT max(seq) FROM messages WHERE room = rooms.id) "
                    "FROM rooms WHERE id > ? ORDER BY id LIMIT ?"},
         // Of a text length() counts characters. A frame that is not to go is not even read.
         {&m_oldest, "SELECT seq, CASE WHEN seq < ? OR time < ? THEN length(CAST(frame AS BLOB)) END "
                     "FROM messages WHERE room = ? ORDER BY seq"},
         {&m_findFloor, "SELECT seq, id FROM messages WHERE room = ? AND seq < ? ORDER BY seq DESC LIMIT 1"},
         // Before the newest message goes: else each that goes would do this, by the trigger.
         {&m_keepTop, "UPDATE rooms SET (seq, seq_id) = (SELECT seq, id FROM messages WHERE room = ?1 "
                      "ORDER BY seq DESC LIMIT 1) WHERE id = ?1 AND seq < ?2"},
         {&m_keepFloor, "UPDATE rooms SET floor = ?, floor_id = ? WHERE id = ?"},
         {&m_dropMessages, "DELETE FROM messages WHERE room = ? AND seq < ?"}});
}

void StoreWriter::rollback()
{
    (void)m_rollback.execute(); // fails where SQLite has rolled back by itself
}

/// The problem is taken where the call failed: the next one overwrites it.
Problem StoreWriter::run(Statement &statement) const
{
    return statement.execute() ? Problem() : m_database.failure();
}

/// A query that failed has the same end as one that has no more rows.
Problem StoreWriter::end(Statement &query) const
{
    Problem problem = query.failed() ? m_database.failure() : Problem();
    query.reset();
    return problem;
}

Problem StoreWriter::findRoom(std::string_view name, std::int64_t &row)
{
    row = m_findRoom.bind(1, name).step() ? m_findRoom.integer(0) : 0;
    return end(m_findRoom);
}

Problem StoreWriter::addRoom(std::string_view name, std::int64_t &row)
{
    Problem problem = run(m_addRoom.bind(1, name));
    if (!problem)
        row = m_database.lastRowId();
    return problem;
}

Problem StoreWriter::addMessage(std::int64_t room, const HistoryRing::Entry &entry)
{
    const auto id = entry.id.text();
    return run(m_addMessage.bind(1, room)
                   .bind(2, entry.seq)
                   .bind(3, static_cast<std::int64_t>(entry.time.count()))
                   .bind(4, id)
                   .bind(5, entry.frame.view()));
}

Problem StoreWriter::findMessage(std::int64_t room, std::uint64_t seq,
                                 std::optional<HistoryRing::Entry> &found)
{
    found.reset();
    if (m_findMessage.bind(1, room).bind(2, seq).step()) {
        found = {seq,
                 milliseconds(m_findMessage.integer(0)),
                 Ulid::parse(m_findMessage.text(1)).value_or(Ulid()),
                 {},
                 SharedBytes(m_findMessage.text(2))};
    }
    return end(m_findMessage);
}

Problem StoreWriter::replaceFrame(std::int64_t room, std::uint64_t seq, const SharedBytes &frame)
{
    return run(m_replaceFrame.bind(1, frame.view()).bind(2, room).bind(3, seq));
}

Problem StoreWriter::addResend(std::int64_t room, std::string_view user, std::string_view cid,
                               const HistoryRing::Entry &entry, std::optional<History::Receipt> &known)
{
    const auto id = entry.id.text();
    m_addResend.bind(1, room)
        .bind(2, user)
        .bind(3, cid)
        .bind(4, entry.seq)
        .bind(5, id)
        .bind(6, static_cast<std::int64_t>(entry.time.count()));
    Problem problem = run(m_addResend);
    if (problem || m_database.changes() == 1)
        return problem;
    if (m_findResend.bind(1, room).bind(2, user).bind(3, cid).step()) {
        known = History::Receipt{Ulid::parse(m_findResend.text(1)).value_or(Ulid()), m_findResend.count(0),
                                 milliseconds(m_findResend.integer(2)), true, true};
    } else {
        problem = m_database.failure();
    }
    m_findResend.reset();
    return problem;
}

Problem StoreWriter::dropResends(std::chrono::milliseconds from, std::chrono::milliseconds to,
                                 std::int64_t most, std::int64_t &dropped)
{
    m_dropResends.bind(1, static_cast<std::int64_t>(from.count()))
        .bind(2, static_cast<std::int64_t>(to.count()))
        .bind(3, most);
    Problem problem = run(m_dropResends);
    if (!problem)
        dropped = m_database.changes();
    return problem;
}

Problem StoreWriter::roomsAfter(std::int64_t row, std::int64_t most, std::vector<Kept> &found)
{
    m_rooms.bind(1, row).bind(2, most);
    while (m_rooms.step())
        found.push_back(
            {m_rooms.integer(0), std::string(m_rooms.text(1)), m_rooms.count(2), m_rooms.count(3)});
    return end(m_rooms);
}

Problem StoreWriter::firstToKeep(const Kept &kept, const Droppable &droppable, Budget &budget,
                                 std::uint64_t &first)
{
    first = kept.oldest;
    m_oldest.bind(1, droppable.before)
        .bind(2, static_cast<std::int64_t>(droppable.olderThan.count()))
        .bind(3, kept.row);
    while (!budget.isSpent() && m_oldest.step() && !m_oldest.isNull(1)) {
        first = m_oldest.count(0) + 1;
        --budget.rows;
        budget.bytes -= m_oldest.integer(1);
    }
    return end(m_oldest);
}

Problem StoreWriter::dropMessages(const Kept &kept, std::uint64_t before, MessagePlace &floor)
{
    if (m_findFloor.bind(1, kept.row).bind(2, before).step())
        floor = {m_findFloor.count(0), Ulid::parse(m_findFloor.text(1)).value_or(Ulid())};
    Problem problem = end(m_findFloor);
    if (!problem)
        problem = run(m_keepTop.bind(1, kept.row).bind(2, kept.newest));
    const auto id = floor.id.text();
    if (!problem)
        problem = run(m_keepFloor.bind(1, floor.seq).bind(2, id).bind(3, kept.row));
    if (!problem)
        problem = run(m_dropMessages.bind(1, kept.row).bind(2, before));
    return problem;
}

// ---- reading

Problem StoreReader::open(const std::string &path)
{
    if (auto problem = m_database.open(path, OpenMode::Existing))
        return problem;
    if (auto problem = m_database.run("PRAGMA query_only = ON"))
        return problem;
    return prepareAll(
        m_database,
        {{&m_room, "SELECT id, seq, seq_id, floor, floor_id FROM rooms WHERE name = ?"},
         {&m_from, "SELECT seq, time, id, frame FROM messages WHERE room = ? AND seq >= ? ORDER BY seq"},
         {&m_before,
          "SELECT seq, time, id, frame FROM messages WHERE room = ? AND seq < ? ORDER BY seq DESC"},
         // Of two bounds SQLite takes one for its search, and not the better one.
         {&m_listAfter, "SELECT name, max(seq, ifnull((SELECT max(seq) FROM messages WHERE room = rooms.id), "
                        "0)) FROM rooms WHERE name > ? ORDER BY name LIMIT ?"},
         {&m_listFrom, "SELECT name, max(seq, ifnull((SELECT max(seq) FROM messages WHERE room = rooms.id), "
                       "0)) FROM rooms WHERE name >= ? ORDER BY name LIMIT ?"}});
}

/// All of them see the same state of the store, whatever is committed meanwhile.
template <typename Queries>
bool StoreReader::inOneState(Queries &&queries)
{
    m_problem = m_database.run("BEGIN");
    if (m_problem)
        return false;
    queries();
    Problem problem = m_database.run("COMMIT");
    if (!m_problem)
        m_problem = std::move(problem);
    return !m_problem;
}

/// The room's row, and what it says; 0: nobody has written there yet.
std::int64_t StoreReader::findRoom(std::string_view name, StoredRoom &found)
{
    std::int64_t row = 0;
    if (m_room.bind(1, name).step()) {
        row = m_room.integer(0);
        found.top = {m_room.count(1), Ulid::parse(m_room.text(2)).value_or(Ulid())};
        found.newest.floor = {m_room.count(3), Ulid::parse(m_room.text(4)).value_or(Ulid())};
    }
    m_problem = m_room.failed() ? m_database.failure() : Problem();
    m_room.reset();
    return row;
}

bool StoreReader::room(std::string_view name, StoredRoom &found)
{
    return inOneState([&] {
        const std::int64_t row = findRoom(name, found);
        if (row == 0)
            return;
        constexpr std::uint64_t kBehindAll = std::numeric_limits<std::int64_t>::max();
        HistoryRing::Stretch &newest = found.newest.stretch;
        read(row, {{}, kBehindAll}, HistoryRing::kMaxMessages, HistoryRing::kMaxBytes, found.newest);
        if (!newest.entries.empty() && newest.entries.back().seq > found.top.seq)
            found.top = newest.entries.back().place();
        newest.end = found.top.seq + 1;
        newest.begin = std::min(newest.begin, newest.end);
    });
}

bool StoreReader::messages(std::string_view room, const MessageRange &range, std::size_t most,
                           std::size_t mostBytes, StoredMessages &found)
{
    return inOneState([&] {
        StoredRoom stored;
        const std::int64_t row = findRoom(room, stored);
        found.floor = stored.newest.floor;
        if (!m_problem)
            read(row, range, most, mostBytes, found);
    });
}

void StoreReader::read(std::int64_t room, const MessageRange &range, std::size_t most, std::size_t mostBytes,
                       StoredMessages &found)
{
    auto &entries = found.stretch.entries;
    Statement &query = range.before ? m_before : m_from;
    query.bind(1, room).bind(2, range.before ? *range.before : *range.from);
    std::size_t bytes = 0;
    bool isAll = false;
    while (entries.size() < most && bytes < mostBytes) {
        isAll = !query.step();
        if (isAll)
            break;
        const std::string_view frame = query.text(3);
        bytes += frame.size();
        entries.push_back({query.count(0),
                           milliseconds(query.integer(1)),
                           Ulid::parse(query.text(2)).value_or(Ulid()),
                           {},
                           SharedBytes(frame)});
    }
    m_problem = query.failed() ? m_database.failure() : Problem();
    query.reset();
    // What is not there between the floor and the top, somebody has deleted.
    const std::uint64_t oldest = found.floor.seq + 1;
    if (range.before) {
        std::ranges::reverse(entries);
        found.stretch.begin = isAll ? std::min(oldest, *range.before) : entries.front().seq;
        found.stretch.end = *range.before;
        return;
    }
    const std::uint64_t last = entries.empty() ? 0 : entries.back().seq;
    found.stretch.end = (isAll ? std::max(last, range.top) : last) + 1;
    found.stretch.begin = std::min(std::max(*range.from, oldest), found.stretch.end);
}

bool StoreReader::rooms(const std::string &prefix, const std::string &after, std::size_t most,
                        MessageStore::Listing &found)
{
    const bool isFrom = after < prefix;
    Statement &list = isFrom ? m_listFrom : m_listAfter;
    list.bind(1, isFrom ? prefix : after).bind(2, static_cast<std::int64_t>(most));
    while (list.step() && list.text(0).starts_with(prefix))
        found.push_back({std::string(list.text(0)), 0, list.count(1)});
    m_problem = list.failed() ? m_database.failure() : Problem();
    list.reset();
    return !m_problem;
}

} // namespace parlor::sqlite
