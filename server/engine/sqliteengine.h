// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/localengine.h"
#include "server/engine/sqlite/readqueue.h"
#include "server/engine/sqlite/storefile.h"
#include "server/engine/sqlite/writer.h"

namespace parlor {

/// Rooms in memory, their messages in a database file. One thread commits whatever gathered during the last
/// commit, and only then the messages get into the rings and to the members: nobody sees what is not
/// committed. Another thread reads what is older than the rings; requests that need it wait for it,
/// everything else goes on.
class SqliteEngine final : public LocalEngine, private sqlite::CommitListener
{
public:
    struct Config
    {
        std::string path;
        sqlite::Durability durability = sqlite::Durability::Normal;
        sqlite::RetentionLimits retention{};
        RoomLimits rooms{};
        sqlite::Writer::Limits writing{};
        /// Until a page that could not be read is tried again, for somebody who catches up.
        std::chrono::milliseconds pageRetry{1000};
        /// Names this run of the machine; empty: as the kernel says.
        std::string bootId{};
        /// For the log, from any thread: what is wrong, and what is only good to know.
        std::function<void(const std::string &text)> warn = [](const std::string &) {};
        std::function<void(const std::string &text)> inform = [](const std::string &) {};
    };

    /// Null, and why, for people.
    [[nodiscard]] static std::unique_ptr<SqliteEngine> open(const Config &config, const WallClock &clock,
                                                            std::string &why);
    ~SqliteEngine() override;

    void catchUp(const Caller &caller, const RoomName &room, const SyncPage &last) override;
    void publish(const Caller &caller, PublishRequest request) override;
    void history(const Caller &caller, const std::string &room, RequestId rid, HistoryRange range) override;
    void rooms(const Caller &caller, RequestId rid, std::string prefix, std::string after,
               std::uint32_t limit) override;
    void flush() override { m_writer.flush(); }
    void stop() override;
    [[nodiscard]] std::optional<StoreFigures> storeFigures() const override;

    /// Until everything that was asked for has been answered.
    void waitUntilIdle();

private:
    SqliteEngine(const Config &config, const WallClock &clock, std::unique_ptr<sqlite::StoreFile> file);

    void admit(LockedRoom &room, const Caller &caller, EnterRequest request) override;
    void sendPage(LockedRoom &room, const Caller &caller, const SyncPage &last, std::uint64_t entry);
    void sendPageLater(const RoomPointer &room, const Caller &caller, const SyncPage &last,
                       std::uint64_t entry);
    [[nodiscard]] bool storedRooms(sqlite::StoreReader &store, const std::string &prefix,
                                   const std::string &after, std::size_t most,
                                   std::vector<delivery::RoomsListed::Entry> &found) const;
    void load(const RoomPointer &room);
    void readFor(LockedRoom &room, const Room::Missing &missing, LockedRoom::Reader reader);
    void endRead(LockedRoom &room, const Error *why);
    [[nodiscard]] bool isAbandoned(const RoomPointer &room);

    // CommitListener
    void onCommitted(std::span<sqlite::Post> posts) override;
    void onRefused(std::span<sqlite::Post> posts) override;
    void onDropped(const sqlite::Retention::Dropped &dropped) override;
    void onDroppedInAll(std::uint64_t messages) override;
    void onBehind(LockedRoom &locked, std::uint64_t top) override;
    void onStoreState(Activity activity, const sqlite::Problem &problem) override;
    void noteRead(const sqlite::Problem &problem);

    const std::function<void(const std::string &)> m_warn;
    const std::function<void(const std::string &)> m_inform;
    const sqlite::RetentionLimits m_retention;
    const std::chrono::milliseconds m_pageRetry;
    std::unique_ptr<sqlite::StoreFile> m_file; ///< behind both that use it
    sqlite::Writer m_writer;
    sqlite::ReadQueue m_reads;
    std::vector<DeliveryPort *> m_toNotify; ///< the writing thread's
    sqlite::Trouble m_unreadable;           ///< the reading thread's
};

} // namespace parlor
