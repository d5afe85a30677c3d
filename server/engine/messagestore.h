// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/cluster.h"
#include "server/ops/storefigures.h"

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace parlor {

struct LockedRoom;
using RoomPointer = std::shared_ptr<LockedRoom>;

/// A message on its way into a store, and what became of it.
struct Post
{
    RoomPointer room; ///< the engine's; pinned
    Caller caller;
    PublishRequest request;
    HistoryRing::Entry entry{};                    ///< once it has a number …
    std::optional<History::Receipt> duplicateOf{}; ///< … or what it was the first time
    std::optional<Error> refusal{};                ///< … or why it is none: only of a deletion
    bool isDurable = true;                         ///< as its sender is told
    bool isOutcomeKnown = true; ///< of a refused one; false: it may be kept after all, which a resend settles
};

/// Keeps the messages of rooms. Requests come from any thread and never wait; outcomes come on the store's
/// own threads. A StoredEngine owns it. The store logs its failures itself.
class MessageStore
{
public:
    /// Who hears what became of messages: the engine. On the store's thread.
    class Listener
    {
    public:
        /// The number of the newest message that was announced to the room.
        [[nodiscard]] virtual std::uint64_t announcedTop(const Post &post) const = 0;
        /// All of them are kept, as far as the store's durability goes, but for duplicates, and deletions
        /// that were refused. In the order of their numbers.
        virtual void onKept(std::span<Post> posts) = 0;
        /// None of them is; no number is used.
        virtual void onRefused(std::span<Post> posts) = 0;
        /// The room has dropped all messages up to this one.
        virtual void onDropped(const std::string &room, const MessagePlace &floor) = 0;
        /// This is in force from now on; also said at the start.
        virtual void onSanctions(SanctionsPtr sanctions) = 0;
        virtual void onKicked(const delivery::Kicked &kicked) = 0;

    protected:
        ~Listener() = default;
    };

    MessageStore() = default;
    MessageStore(const MessageStore &) = delete;
    MessageStore &operator=(const MessageStore &) = delete;
    virtual ~MessageStore() = default;

    /// Before all other requests. The listener outlives stop().
    virtual void start(Listener &listener) = 0;
    /// What was accepted is kept. Reads that have not begun are dropped without an outcome.
    virtual void stop() = 0;

    /// Names the store, for as long as it has its messages.
    [[nodiscard]] virtual std::string epoch() const = 0;
    /// Null: no other server uses the store.
    [[nodiscard]] virtual Cluster *cluster() { return nullptr; }

    enum class Accepted : std::uint8_t {
        Yes, ///< it is kept after flush()
        No,  ///< too many wait
        Stopping,
    };
    /// A post that is not accepted is left as it is.
    [[nodiscard]] virtual Accepted append(Post &&post) = 0;
    /// What was appended so far may be kept together.
    virtual void flush() = 0;

    /// What a read found, or why it failed.
    template <typename Found>
    using Then = std::function<void(Result<Found> found)>;
    /// Asked when the read's turn has come. True: nobody waits for it any more, and `then` is not called.
    using IsAbandoned = std::function<bool()>;
    /// The room is in memory from now on, until release().
    virtual void readRoom(const std::string &room, Then<StoredRoom> then) = 0;
    /// Called under the lock of the room; its next readRoom() is called later.
    virtual void release(const std::string & /*room*/) {}
    enum class Amount : std::uint8_t {
        Page, ///< limits::kHistoryPage
        Run,  ///< several pages: what a ring takes
    };
    virtual void readMessages(const std::string &room, const MessageRange &range, Amount amount,
                              Then<StoredMessages> then, IsAbandoned isAbandoned) = 0;
    using Listing = std::vector<delivery::RoomsListed::Entry>; ///< by name; nobody here is counted
    /// Those whose name begins with `prefix` and is greater than `after`.
    virtual void listRooms(const std::string &prefix, const std::string &after, std::size_t most,
                           Then<Listing> then, IsAbandoned isAbandoned) = 0;
    /// Calls it on the thread of the reads.
    virtual void callLater(std::chrono::milliseconds pause, std::function<void()> call,
                           IsAbandoned isAbandoned) = 0;

    /// Keeps what the act imposes or lifts, and tells all servers. `then` is called once it is in force here,
    /// or with why nothing has changed.
    virtual void moderate(Act act, std::function<void(Result<void> done)> then) = 0;

    [[nodiscard]] virtual StoreFigures figures() const = 0;
    /// Until everything that was asked for has its outcome, but for callLater(). For tests.
    virtual void waitUntilIdle() = 0;
};

} // namespace parlor
