// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/messagestore.h"
#include "server/engine/roomengine.h"

#include <memory>

namespace parlor {

/// Rooms in memory, their messages in a store. A message gets into its room's ring and to the members only
/// once the store has kept it. Requests that need what only the store has wait for one read a room, and
/// everything else goes on.
class StoredEngine final : public RoomEngine, private MessageStore::Listener, private Cluster::Listener
{
public:
    struct Config
    {
        RoomLimits rooms{};
        /// Until a page that could not be read is tried again, for somebody who catches up.
        std::chrono::milliseconds pageRetry{1000};
    };

    StoredEngine(std::unique_ptr<MessageStore> store, const Config &config, const WallClock &clock);
    ~StoredEngine() override;

    void takeOver(const IdentityPtr &who) override;
    void rooms(const Caller &caller, RequestId rid, std::string prefix, std::string after,
               std::uint32_t limit) override;
    void moderate(const Caller &caller, RequestId rid, Act act) override;
    void flush() override { m_store->flush(); }
    void stop() override { m_store->stop(); }
    [[nodiscard]] std::string chat() const override;
    [[nodiscard]] std::optional<StoreFigures> storeFigures() const override { return m_store->figures(); }

    /// Until everything that was asked for has been answered. For tests.
    void waitUntilIdle() { m_store->waitUntilIdle(); }

private:
    void admit(LockedRoom &room, const Caller &caller, EnterRequest request) override;
    void admitKnowing(LockedRoom &room, const Caller &caller, EnterRequest request, bool isUpToDate);
    void sendPage(LockedRoom &room, const Caller &caller, const SyncPage &last, std::uint64_t entry) override;
    void sendPageLater(const RoomPointer &room, const Caller &caller, const SyncPage &last,
                       std::uint64_t entry);
    void keep(LockedRoom &room, const Caller &caller, PublishRequest request) override;
    void readHistory(LockedRoom &room, const Caller &caller, RequestId rid,
                     const HistoryRange &range) override;

    void load(const RoomPointer &room);
    void readFor(LockedRoom &room, const MessageRange &range, LockedRoom::Reader reader);
    void endRead(LockedRoom &room, const Error *why);
    [[nodiscard]] bool isAbandoned(const RoomPointer &room);
    [[nodiscard]] MessageStore::IsAbandoned whenGone(const Caller &caller) const;
    void listStored(const std::string &prefix, const std::string &after, std::size_t most,
                    MessageStore::Then<MessageStore::Listing> then, MessageStore::IsAbandoned isAbandoned);

    // MessageStore::Listener
    [[nodiscard]] std::uint64_t announcedTop(const Post &post) const override;
    void onKept(std::span<Post> posts) override;
    void onRefused(std::span<Post> posts) override;
    void onDropped(const std::string &room, const MessagePlace &floor) override;
    void onSanctions(SanctionsPtr sanctions) override { m_ports.tell(std::move(sanctions)); }
    void onKicked(const delivery::Kicked &kicked) override { m_ports.tell(kicked); }

    // Cluster::Listener
    void onAnnounced(const std::string &room, HistoryRing::Entry entry) override;
    void onDiverged(const std::string &room, StoredRoom now, frame::SyncReason reason) override;
    void onRosterElsewhere(const std::string &room, const std::vector<MemberElsewhere> &members,
                           const std::vector<Ulid> *servers) override;
    void onCameElsewhere(const std::string &room, const MemberElsewhere &member) override;
    void onWentElsewhere(const std::string &room, const Ulid &server, const std::string &clientId,
                         Departure reason) override;
    void onServerLost(const std::string &room, const Ulid &server) override;
    void onTypingElsewhere(const std::string &room, const IdentityPtr &who, bool on) override;
    void onTakenOver(const std::string &clientId) override { m_directory.replaceByOther(clientId); }
    [[nodiscard]] bool isHere(const std::string &clientId) const override
    {
        return m_directory.hasConnection(clientId);
    }
    void onReachable(bool isReachable) override { m_ports.tellReachable(isReachable); }
    void onTurnOver() override { notifyPorts(); }

    template <typename Use>
    void withRoom(const std::string &name, Use use);
    void note(DeliveryPort *port);
    void notifyPorts();

    const std::chrono::milliseconds m_pageRetry;
    std::unique_ptr<MessageStore> m_store;
    Cluster *const m_cluster;               ///< null: no other server uses the store
    std::vector<DeliveryPort *> m_toNotify; ///< the thread's on which the store keeps messages
};

} // namespace parlor
