// SPDX-License-Identifier: MIT
#include "server/engine/sqlite/storefile.h"
#include "shared/protocol/encoder.h"
#include "shared/protocol/ulid.h"
#include "tests/bench/store/workload.h"

#include <ctime>
#include <sqlite3.h>
#include <vector>

namespace parlor::bench {

namespace {

using Clock = std::chrono::steady_clock;

/// Plain SQLite: four statements on one connection.
class Inserts
{
public:
    explicit Inserts(sqlite3 *database)
        : m_begin(prepare(database, "BEGIN IMMEDIATE"))
        , m_commit(prepare(database, "COMMIT"))
        , m_message(prepare(database,
                            "INSERT INTO messages(room, seq, time, id, frame) VALUES(?1, ?2, ?3, ?4, ?5)"))
        , m_resend(prepare(database, "INSERT INTO resends(room, user, cid, seq, message, time) "
                                     "VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING"))
    {
    }
    ~Inserts()
    {
        for (sqlite3_stmt *each : {m_begin, m_commit, m_message, m_resend})
            sqlite3_finalize(each);
    }
    Inserts(const Inserts &) = delete;
    Inserts &operator=(const Inserts &) = delete;

    bool begin() { return run(m_begin); }
    bool commit() { return run(m_commit); }
    bool add(std::int64_t room, std::int64_t seq, std::int64_t time, std::string_view user,
             std::string_view cid, std::string_view id, std::string_view frame)
    {
        sqlite3_bind_int64(m_resend, 1, room);
        text(m_resend, 2, user);
        text(m_resend, 3, cid);
        sqlite3_bind_int64(m_resend, 4, seq);
        text(m_resend, 5, id);
        sqlite3_bind_int64(m_resend, 6, time);
        sqlite3_bind_int64(m_message, 1, room);
        sqlite3_bind_int64(m_message, 2, seq);
        sqlite3_bind_int64(m_message, 3, time);
        text(m_message, 4, id);
        text(m_message, 5, frame);
        return run(m_resend) && run(m_message);
    }

private:
    static sqlite3_stmt *prepare(sqlite3 *database, const char *sql)
    {
        sqlite3_stmt *statement = nullptr;
        sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
        return statement;
    }
    static void text(sqlite3_stmt *statement, int parameter, std::string_view text)
    {
        sqlite3_bind_text(statement, parameter, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
    }
    static bool run(sqlite3_stmt *statement)
    {
        sqlite3_step(statement);
        return sqlite3_reset(statement) == SQLITE_OK;
    }

    sqlite3_stmt *m_begin;
    sqlite3_stmt *m_commit;
    sqlite3_stmt *m_message;
    sqlite3_stmt *m_resend;
};

/// As long as the engine's.
std::string frameOf(const Workload &workload, std::string_view user, std::string_view cid)
{
    const std::string content = '"' + std::string(workload.contentBytes, 'x') + '"';
    std::string json;
    encode(json, frame::Message{"room10",
                                10'000,
                                cid,
                                cid,
                                user,
                                user,
                                user,
                                Content{{}, content},
                                "2026-03-01T12:00:00.000Z",
                                {}});
    return json;
}

} // namespace

Outcome runBare(const Workload &workload)
{
    Outcome outcome;
    const auto opened =
        sqlite::StoreFile::open({.path = workload.path, .drawEpoch = [] { return std::string("an epoch"); }});
    if (!opened) {
        outcome.problem = opened.error().text;
        return outcome;
    }
    sqlite::StoreFile *const file = opened->get();
    const std::chrono::milliseconds time(1'700'000'000'000);
    UlidSource ids;
    std::vector<std::string> users;
    for (std::uint32_t i = 0; i < workload.rooms; ++i) {
        const auto id = ids.next(time).text();
        users.emplace_back(std::string_view(id));
    }
    const std::string frame = frameOf(workload, users.front(), users.front());
    Inserts inserts(file->database().handle());
    bool isWhole = true;
    const Clock::time_point begin = Clock::now();
    const std::clock_t cpu = std::clock();
    while (Clock::now() < begin + workload.duration && isWhole) {
        isWhole = inserts.begin();
        for (std::uint32_t i = 0; i < workload.group && isWhole; ++i, ++outcome.messages) {
            const std::size_t at = outcome.messages % workload.rooms;
            const auto cid = ids.next(time).text();
            const auto id = ids.next(time).text();
            isWhole = inserts.add(static_cast<std::int64_t>(at) + 1,
                                  static_cast<std::int64_t>(outcome.messages / workload.rooms) + 1,
                                  time.count(), users[at], cid, id, frame);
        }
        isWhole = isWhole && inserts.commit();
        ++outcome.commits;
    }
    outcome.took = Clock::now() - begin;
    outcome.cpu = std::chrono::microseconds(std::clock() - cpu);
    if (!isWhole)
        outcome.problem = file->database().problem().text;
    return outcome;
}

} // namespace parlor::bench
