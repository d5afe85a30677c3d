// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/messagestore.h"
#include "server/engine/sqlite/database.h"

#include <span>
#include <vector>

namespace parlor::sqlite {

/// Writes messages. Between begin() and commit() nobody sees them. The writing thread's.
class StoreWriter
{
public:
    explicit StoreWriter(Database &database)
        : m_database(database)
    {
    }
    [[nodiscard]] Problem prepare();

    [[nodiscard]] Problem begin() { return run(m_begin); }
    /// Fails, too, if SQLite has ended the transaction before.
    [[nodiscard]] Problem commit() { return run(m_commit); }
    void rollback();
    [[nodiscard]] bool isInTransaction() const { return m_database.isInTransaction(); }

    /// `row`: the room's; 0 if there is no such room.
    [[nodiscard]] Problem findRoom(std::string_view name, std::int64_t &row);
    /// `row`: the new room's.
    [[nodiscard]] Problem addRoom(std::string_view name, std::int64_t &row);
    /// Fails with SQLITE_CONSTRAINT if the room has a message with this number.
    [[nodiscard]] Problem addMessage(std::int64_t room, const HistoryRing::Entry &entry);
    /// What the room has under this number.
    [[nodiscard]] Problem findMessage(std::int64_t room, std::uint64_t seq,
                                      std::optional<HistoryRing::Entry> &found);
    [[nodiscard]] Problem replaceFrame(std::int64_t room, std::uint64_t seq, const SharedBytes &frame);
    /// Records who sent this message, unless somebody did before: then what was recorded is `known`.
    [[nodiscard]] Problem addResend(std::int64_t room, std::string_view user, std::string_view cid,
                                    const HistoryRing::Entry &entry, std::optional<History::Receipt> &known);

    /// Of the `most` oldest records drops those that were not made within this time.
    [[nodiscard]] Problem dropResends(std::chrono::milliseconds from, std::chrono::milliseconds to,
                                      std::int64_t most, std::int64_t &dropped);
    struct Kept
    {
        std::int64_t row = 0;
        std::string name;
        std::uint64_t oldest = 0; ///< 0: it has no messages
        std::uint64_t newest = 0;
    };
    /// The rooms after this row, `most` of them.
    [[nodiscard]] Problem roomsAfter(std::int64_t row, std::int64_t most, std::vector<Kept> &found);
    /// What may be dropped of a room: what has a smaller number, or is older.
    struct Droppable
    {
        std::uint64_t before = 0;
        std::chrono::milliseconds olderThan{};
    };
    /// How much may be dropped; firstToKeep() takes off what it lets go.
    struct Budget
    {
        std::int64_t rows = 0;
        std::int64_t bytes = 0; ///< of frames; the last one may be larger than what is left
        [[nodiscard]] bool isSpent() const { return rows <= 0 || bytes <= 0; }
    };
    /// The first of the room's messages that is to be kept, or that the budget does not reach.
    [[nodiscard]] Problem firstToKeep(const Kept &kept, const Droppable &droppable, Budget &budget,
                                      std::uint64_t &first);
    /// Of the room. `floor`: the last one that was dropped.
    [[nodiscard]] Problem dropMessages(const Kept &kept, std::uint64_t before, MessagePlace &floor);

private:
    [[nodiscard]] Problem run(Statement &statement) const;
    [[nodiscard]] Problem end(Statement &query) const;

    Database &m_database;
    Statement m_begin;
    Statement m_commit;
    Statement m_rollback;
    Statement m_findRoom;
    Statement m_addRoom;
    Statement m_addMessage;
    Statement m_findMessage;
    Statement m_replaceFrame;
    Statement m_addResend;
    Statement m_findResend;
    Statement m_dropResends;
    Statement m_rooms;
    Statement m_oldest;
    Statement m_findFloor;
    Statement m_keepTop;
    Statement m_keepFloor;
    Statement m_dropMessages;
};

/// Reads messages, over a connection of its own. The reading thread's.
class StoreReader
{
public:
    [[nodiscard]] Problem open(const std::string &path);

    /// False: it failed.
    [[nodiscard]] bool room(std::string_view name, StoredRoom &found);
    /// `most` messages, or as many as have `mostBytes` or more, so that whoever wants that much need not ask
    /// again. What begins later than it should was dropped before.
    [[nodiscard]] bool messages(std::string_view room, const MessageRange &range, std::size_t most,
                                std::size_t mostBytes, StoredMessages &found);
    /// Those whose name begins with `prefix` and is greater than `after`.
    [[nodiscard]] bool rooms(const std::string &prefix, const std::string &after, std::size_t most,
                             MessageStore::Listing &found);

    /// Of the last call; none if it succeeded.
    [[nodiscard]] const Problem &problem() const { return m_problem; }

private:
    [[nodiscard]] std::int64_t findRoom(std::string_view name, StoredRoom &found);
    void read(std::int64_t room, const MessageRange &range, std::size_t most, std::size_t mostBytes,
              StoredMessages &found);
    template <typename Queries>
    [[nodiscard]] bool inOneState(Queries &&queries);

    Problem m_problem{};
    Database m_database;
    Statement m_room;
    Statement m_from;
    Statement m_before;
    Statement m_listAfter;
    Statement m_listFrom;
};

} // namespace parlor::sqlite
