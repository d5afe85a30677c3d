// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/redis/commands.h"
#include "server/engine/redis/entries.h"
#include "server/engine/redis/keys.h"
#include "server/engine/redis/presence.h"
#include "server/engine/redis/reader.h"
#include "server/engine/redis/retention.h"
#include "server/engine/redis/sharedsanctions.h"
#include "server/engine/redis/store.h"
#include "server/engine/redis/troublelog.h"

#include <QObject>
#include <QTimer>

#include <deque>
#include <mutex>
#include <unordered_map>

namespace parlor::redis {

/// What a Store does on its thread. It follows the rooms that are in memory: a message is delivered if it
/// follows the last one, by number and id. What is missing before it is read from the stream; where the last
/// one is not there any more, the room's history has gone another way, and begins anew here.
class StoreWorker : public QObject
{
    Q_OBJECT
public:
    /// `told`: outlives it.
    StoreWorker(const Store::Config &config, const WallClock &clock, Store::Told &told);

    struct Chat
    {
        std::string secret;
        SanctionsPtr sanctions;
    };
    /// Calls `then` once both connections are up, or with why one is not.
    void open(std::function<void(Result<Chat>)> then);
    void start(MessageStore::Listener &listener, Cluster::Listener &cluster);
    void close();

    void publish(Post post);
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
    /// A message on its way through Redis.
    struct Sent
    {
        Post post;
        bool isKept = false;   ///< Redis said so
        bool isSettled = true; ///< replicas have it, or had the time for it
    };
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
        std::unordered_map<Ulid, Sent, UlidHash> sent{};              ///< and not yet told
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
    void answerSent(Feed &feed, const std::vector<HistoryRing::Entry> &entries);
    void refuseKept(Feed &feed);

    // Messages come.
    void onPushed(const Reply &pushed);
    [[nodiscard]] bool take(Feed &feed, const std::string &room, const Echo &echo);
    void onNext(Feed &feed, const std::string &room, HistoryRing::Entry entry);
    void deliverHeld(const std::string &room);
    void repair(const std::string &room);
    void readFrom(const std::string &room, std::uint64_t number, std::uint64_t from, bool hasProof);
    void onRepaired(const std::string &room, std::uint64_t number, bool hasProof, Reader::Page *page);
    void repairUnheard();
    void noteReading(Feed &feed);
    void tellUpToDate(const std::string &room, bool isRead);
    void endTurn();

    // Messages go.
    void erase(Post post);
    void onTarget(Post post, const HistoryRing::Entry *target);
    void send(Post post, const Script &script, std::string key, std::vector<std::string> rest = {});
    void onPublished(const std::string &room, const Ulid &id, const Reply &reply);
    void waitForReplicas();
    void noteReplicas(bool areThere, bool isPatient);
    void settle(const std::string &room, const Ulid &id, bool isDurable);
    void keep(Post post);
    void refuse(Post post, bool isOutcomeKnown = true);

    [[nodiscard]] Feed *find(const std::string &room);
    [[nodiscard]] Feed *find(const std::string &room, std::uint64_t number);
    void count(std::uint64_t StoreFigures::*figure, std::uint64_t by = 1);

    const Store::Config m_config;
    const WallClock m_clock;
    const Keys m_keys;
    Store::Told &m_told;
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
    EntryReader m_entries;
    std::unordered_map<std::string, Feed> m_feeds; ///< by room
    std::uint64_t m_lastNumber = 0;
    std::vector<std::pair<std::string, Ulid>> m_turn; ///< sent, and no replica was waited for yet
    struct Unheard
    {
        std::chrono::steady_clock::time_point since;
        std::string room;
        Ulid id;
    };
    std::deque<Unheard> m_unheard; ///< kept, and not told when Redis said so
    bool m_hasTold = false;        ///< the cluster listener, in this turn
    QTimer m_echo;
    QTimer m_proof;
    QTimer m_patience;
    std::size_t m_loading = 0;
    bool m_wasDown = false;                                   ///< the log said so
    bool m_isReachable = true;                                ///< as clients know it
    bool m_isWaiting = false;                                 ///< for replicas
    std::chrono::steady_clock::time_point m_impatientUntil{}; ///< replicas were missing
    bool m_isListening = false;                               ///< Redis lets us hear
};

} // namespace parlor::redis
