// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/messagestore.h"
#include "server/engine/sqlite/readqueue.h"
#include "server/engine/sqlite/sanctionkeeper.h"
#include "server/engine/sqlite/storefile.h"
#include "server/engine/sqlite/storelog.h"
#include "server/engine/sqlite/writer.h"

namespace parlor::sqlite {

/// Messages in a database file. One thread commits whatever gathered during the last commit; another one
/// reads.
class Store final : public MessageStore
{
public:
    struct Config
    {
        std::string path;
        Durability durability = Durability::Normal;
        RetentionLimits retention{};
        Writer::Limits writing{};
        StoreLog::Sinks log{};
    };

    /// The error is for people.
    [[nodiscard]] static Result<std::unique_ptr<Store>> open(const Config &config, const WallClock &clock);
    ~Store() override;

    void start(Listener &listener) override;
    void stop() override;
    [[nodiscard]] std::string epoch() const override { return m_file->epoch(); }
    [[nodiscard]] Accepted append(Post &&post) override { return m_writer.push(std::move(post)); }
    void flush() override { m_writer.flush(); }
    void readRoom(const std::string &room, Then<StoredRoom> then) override;
    void readMessages(const std::string &room, const MessageRange &range, Amount amount,
                      Then<StoredMessages> then, IsAbandoned isAbandoned) override;
    void listRooms(const std::string &prefix, const std::string &after, std::size_t most, Then<Listing> then,
                   IsAbandoned isAbandoned) override;
    void callLater(std::chrono::milliseconds pause, std::function<void()> call,
                   IsAbandoned isAbandoned) override;
    void moderate(Act act, std::function<void(Result<void> done)> then) override;
    [[nodiscard]] StoreFigures figures() const override;
    void waitUntilIdle() override;

private:
    Store(const Config &config, const WallClock &clock, std::unique_ptr<StoreFile> file);

    template <typename Found, typename Read>
    void read(Read read, Then<Found> then, IsAbandoned isAbandoned);

    const WallClock m_clock;
    StoreLog m_log;
    std::unique_ptr<StoreFile> m_file; ///< behind all that use it
    SanctionKeeper m_sanctions;
    Writer m_writer;
    ReadQueue m_reads;
};

} // namespace parlor::sqlite
