// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/messagestore.h"
#include "server/engine/redis/connection.h"
#include "server/engine/redis/presence.h"
#include "server/engine/redis/told.h"

#include <memory>
#include <mutex>
#include <thread>
#include <variant>
#include <vector>

class QEventLoop;

namespace parlor::redis {

class StoreWorker;

/// Messages in a Redis that several servers share: one chat. Redis numbers a message, and tells all servers
/// that have its room, this one too. One thread has the two connections, of commands and of what is told.
class Store final : public MessageStore, private Cluster
{
public:
    struct Config
    {
        Connection::Options connection{};
        std::string prefix = "parlor:";          ///< of all keys and channels: names the chat within a Redis
        std::uint64_t historyMessages = 10'000;  ///< of a room that are kept; 0: any number
        std::chrono::milliseconds historyAge{0}; ///< of messages that are kept; 0: any
        /// Replicas that have a message before its sender is told that it is durable.
        unsigned wait = 0;

        std::size_t waiting = 10'000; ///< messages without an answer; more are refused
        /// Between two looks whether a room's newest message is what is known here.
        std::chrono::milliseconds proof{2'000};
        /// After which a message that Redis has taken, and that was not told, is read.
        std::chrono::milliseconds echo{250};
        /// Without Redis, until clients are told.
        std::chrono::milliseconds patience{3'000};
        Presence::Times presence{};
        /// For the log, on the store's thread: what goes wrong, once a minute at most for each kind, and what
        /// is well again.
        std::function<void(const std::string &text)> warn = [](const std::string &) {};
        std::function<void(const std::string &text)> inform = [](const std::string &) {};
    };

    /// Waits until Redis has answered, as long as one attempt to connect takes. The error is for people; it
    /// has a retryAfter where Redis may be there later. Any thread.
    [[nodiscard]] static Result<std::unique_ptr<Store>> open(const Config &config, const WallClock &clock);
    ~Store() override;

    /// Shared by the servers of the chat: the first one drew it.
    [[nodiscard]] const std::string &secret() const { return m_secret; }

    void start(MessageStore::Listener &listener) override;
    void stop() override;
    [[nodiscard]] std::string epoch() const override;
    [[nodiscard]] Cluster *cluster() override { return this; }
    [[nodiscard]] Accepted append(Post &&post) override;
    void flush() override;
    void readRoom(const std::string &room, Then<StoredRoom> then) override;
    void release(const std::string &room) override;
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
    explicit Store(std::size_t mostWaiting)
        : m_mostWaiting(mostWaiting)
    {
    }

    // Cluster
    void listen(Cluster::Listener &listener) override { m_clusterListener = &listener; }
    void came(const RoomName &room, const IdentityPtr &who) override;
    void went(const RoomName &room, const IdentityPtr &who, Departure reason) override;
    void typing(const RoomName &room, const IdentityPtr &who, bool on) override;
    void takeOver(const IdentityPtr &who) override;
    void bringUpToDate(const RoomName &room, std::function<void(bool isRead)> then) override;

    using Request = std::variant<Post, std::function<void(StoreWorker &)>>;
    void push(std::function<void(StoreWorker &)> request);
    void wake();
    void work();

    const std::size_t m_mostWaiting;
    std::string m_secret;
    SanctionsPtr m_sanctions; ///< when it was opened
    Cluster::Listener *m_clusterListener = nullptr;

    mutable Told m_told;

    std::thread m_thread;
    StoreWorker *m_worker = nullptr; ///< on its thread's stack; null after stop()
    QEventLoop *m_loop = nullptr;    ///< the same

    mutable std::mutex m_mutex;
    std::vector<Request> m_queue; ///< in order
    bool m_isAwake = false;       ///< the worker will look into the queue
    bool m_isStopping = false;
};

} // namespace parlor::redis
