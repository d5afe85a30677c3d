// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/redis/commands.h"
#include "server/engine/redis/entries.h"
#include "server/engine/redis/keys.h"
#include "server/engine/redis/outgoing.h"
#include "server/engine/redis/presence.h"
#include "server/engine/redis/reader.h"
#include "server/engine/redis/retention.h"
#include "server/engine/redis/sharedsanctions.h"
#include "server/engine/redis/store.h"
#include "server/engine/redis/troublelog.h"

#include <QObject>
#include <QTimer>

#include <deque>
#include <unordered_map>

namespace parlor::redis {

/// What a Store does on its thread. It follows the rooms that are in memory: a message is delivered if it
/// follows the last one, by number and id. What is missing before it is read from the stream; where the last
/// one is not there any more, the room's history has gone another way, and begins anew here.
class StoreWorker : public QObject, private Outgoing::Rooms
{
    Q_OBJECT
public:
    /// `told`: outlives it.
    StoreWorker(const Store::Config &config, const WallClock &clock, Told &told);

    struct Chat
    {
        std::string secret;
        SanctionsPtr sanctions;
    };
    /// Calls `then` once both connections are up, or with why one is not.
    void open(std::function<void(Result<Chat>)> then);
    void start(MessageStore::Listener &listener, Cluster::Listener &cluster);
    void close();

    void publish(Post post) { m_outgoing.publish(std::move(post)); }
    /// What was asked for in this turn is complete.
    void flush();
    void readRoom(const std::string &room, MessageStore::Then<StoredRoom> then);
    void release(const std::string &room);
    void bringUpToDate(const std::string &room, std::function<void(bool isRead)> then);
    [[nodiscard]] Reader &reader() { return m_reader; }
    [[nodiscard]] Presence &presence() { return m_presence; }
    [[nodiscard]] SharedSanctions &sanctions() { return m_sanctions; }
    [[nodiscard]] bool isIdle() const { return m_commands.isIdle() && m_loading == 0; }

private:
    /// A room that is in memory.
    struct Feed
    {
        enum class State : std::uint8_t {
            Subscribing, ///< the channel is not confirmed: what is read now could miss a message
            Loading,
            Live,
            Repairing, ///< a hole is being read
        };
        State state = State::Subscribing;
        std::string epoch;
        MessagePlace last;        ///< was delivered
        std::uint64_t number = 0; ///< names this stay in memory
        Ulid missing{};           ///< a held message for which the stream was read
        bool isDoubted = false;   ///< its history may have gone another way: it is loaded to see that
        std::vector<MessageStore::Then<StoredRoom>> waiting{};        ///< for it to be loaded
        std::vector<std::function<void(bool isRead)>> whenUpToDate{}; ///< wait for the next reading
        std::vector<std::function<void(bool isRead)>> whenRead{};     ///< for the one that is under way
        std::deque<Echo> held{};                                      ///< to be delivered, in order
    };

    void onCommandsUp();
    void onSubscriberUp();
    void onDown(const QString &why, Connection::Outlook outlook);
    void noteState();
    [[nodiscard]] std::string epoch() const;
    void nameChat();
    void onUnusable(const std::string &problem);
    void tellOpened();
    void failOpening(const std::string &why, Connection::Outlook outlook);

    // Rooms.
    void subscribe(const std::string &channel);
    void load(const std::string &room);
    void onHead(const std::string &room, std::uint64_t number, const Reply &reply);
    void onLoaded(const std::string &room, std::uint64_t number, StoredRoom stored, Reader::Page page);
    void failLoad(const std::string &room, const Reply &reply = Reply(nullptr));
    void noteWrong(const std::string &room, std::size_t entries);
    void proveAll();
    void prove(const std::string &room, const Feed &feed);
    void onProof(const std::string &room, const MessagePlace &asked, const Reply &reply);
    void startAnew(const std::string &room);
    void compare(Feed &feed, const std::string &room, StoredRoom stored);

    // Messages come.
    void onPushed(const Reply &pushed);
    [[nodiscard]] bool take(Feed &feed, const std::string &room, const Echo &echo);
    void onNext(Feed &feed, const std::string &room, HistoryRing::Entry entry);
    void deliverHeld(const std::string &room);
    void repair(const std::string &room);
    void readFrom(const std::string &room, std::uint64_t number, std::uint64_t from, bool hasProof);
    void onRepaired(const std::string &room, std::uint64_t number, bool hasProof, Reader::Page *page);
    void noteReading(Feed &feed);
    void tellUpToDate(const std::string &room, bool isRead);
    void endTurn();

    // Outgoing::Rooms
    [[nodiscard]] const std::string *epochOf(const std::string &room) const override;
    void onSettled(const std::string &room) override;
    void onUnheard(const std::string &room) override;
    void onOtherEpoch(const std::string &room) override;
    void onOutcome() override { m_hasTold = true; }

    [[nodiscard]] Feed *find(const std::string &room);
    [[nodiscard]] Feed *find(const std::string &room, std::uint64_t number);

    const Store::Config m_config;
    const WallClock m_clock;
    const Keys m_keys;
    Told &m_told;
    MessageStore::Listener *m_listener = nullptr;
    Cluster::Listener *m_cluster = nullptr;
    std::function<void(Result<Chat>)> m_opening;
    std::string m_secret; ///< empty until the chat has its name
    TroubleLog m_log;

    Commands m_commands;
    Connection m_subscriber;
    Presence m_presence;
    SharedSanctions m_sanctions;
    Reader m_reader;
    Retention m_retention;
    Outgoing m_outgoing;
    EntryReader m_entries;
    std::unordered_map<std::string, Feed> m_feeds; ///< by room
    std::uint64_t m_lastNumber = 0;
    bool m_hasTold = false; ///< the cluster listener, in this turn
    QTimer m_proof;
    QTimer m_patience;
    std::size_t m_loading = 0;
    bool m_wasDown = false;     ///< the log said so
    bool m_isReachable = true;  ///< as clients know it
    bool m_isListening = false; ///< Redis lets us hear
};

} // namespace parlor::redis
