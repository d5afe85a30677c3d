// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/redis/commands.h"
#include "server/engine/redis/keys.h"
#include "server/engine/redis/reader.h"
#include "server/engine/redis/retention.h"
#include "server/engine/redis/told.h"
#include "server/engine/redis/troublelog.h"

#include <QTimer>

#include <deque>
#include <unordered_map>

namespace parlor::redis {

/// Messages and deletions of this server on their way through Redis. Redis numbers and keeps one, and its
/// room hears of it as of those of other servers; only then does its sender. The store's thread.
class Outgoing : public QObject
{
    Q_OBJECT
public:
    /// Who follows the rooms.
    class Rooms
    {
    public:
        /// Null: the room is not followed.
        [[nodiscard]] virtual const std::string *epochOf(const std::string &room) const = 0;
        /// One of its messages has to wait for replicas no longer.
        virtual void onSettled(const std::string &room) = 0;
        /// Redis keeps one of its messages, and has not told it within the time.
        virtual void onUnheard(const std::string &room) = 0;
        /// The room has another epoch in Redis.
        virtual void onOtherEpoch(const std::string &room) = 0;
        /// The listener has heard of a message.
        virtual void onOutcome() = 0;

    protected:
        ~Rooms() = default;
    };
    struct Parts ///< outlive it
    {
        Commands &commands;
        Reader &reader;
        Retention &retention;
        const Keys &keys;
        TroubleLog &log;
        Told &told;
        Rooms &rooms;
    };
    struct Config
    {
        unsigned wait = 0;                 ///< replicas that have to have a message
        std::chrono::milliseconds echo{0}; ///< after which a message that was kept, and not told, is unheard
    };

    Outgoing(const Parts &parts, const Config &config, WallClock clock);
    void start(MessageStore::Listener &listener) { m_listener = &listener; }
    void stop() { m_echo.stop(); }

    /// Of a room that is followed; else it is refused.
    void publish(Post post);
    /// What was published in this turn is complete.
    void flush();

    /// The room's next message is this one, which has to wait yet: for replicas.
    [[nodiscard]] bool isUnsettled(const std::string &room, const Ulid &id) const;
    /// The room hears of this message. False: it is none of these.
    [[nodiscard]] bool keep(const std::string &room, HistoryRing::Entry &entry);
    /// The room's history has gone another way, and this is in it. What Redis had kept before is in it, or
    /// lost.
    void answer(const std::string &room, const std::vector<HistoryRing::Entry> &entries);
    /// Of what Redis has kept nothing will be heard: a resend settles it.
    void refuseKept() { refuseKeptOf(nullptr); }

private:
    struct Sent
    {
        Post post;
        bool isKept = false;   ///< Redis said so
        bool isSettled = true; ///< replicas have it, or had the time for it
    };
    using SentOfRoom = std::unordered_map<Ulid, Sent, UlidHash>;
    struct Unheard
    {
        std::chrono::steady_clock::time_point since;
        std::string room;
        Ulid id;
    };

    [[nodiscard]] Sent *find(const std::string &room, const Ulid &id);
    [[nodiscard]] std::optional<Post> take(const std::string &room, const Ulid &id);
    void erase(Post post);
    void onTarget(Post post, const HistoryRing::Entry *target);
    void send(Post post, const Script &script, std::string key, std::vector<std::string> rest = {});
    void onPublished(const std::string &room, const Ulid &id, const Reply &reply);
    void lookForUnheard();
    void waitForReplicas();
    void noteReplicas(bool areThere, bool isPatient);
    void settle(const std::string &room, const Ulid &id, bool isDurable);
    void refuseKeptOf(const std::string *room);
    void tellKept(Post post);
    void tellRefused(Post post, bool isOutcomeKnown = true);

    Commands &m_commands;
    Reader &m_reader;
    Retention &m_retention;
    const Keys &m_keys;
    TroubleLog &m_log;
    Told &m_told;
    Rooms &m_rooms;
    const Config m_config;
    const WallClock m_clock;
    MessageStore::Listener *m_listener = nullptr;

    std::unordered_map<std::string, SentOfRoom> m_sent; ///< and not told yet; none is empty
    std::deque<Unheard> m_unheard;                      ///< kept, and not told when Redis said so
    QTimer m_echo;
    std::vector<std::pair<std::string, Ulid>> m_turn;         ///< sent, and no replica was waited for yet
    bool m_isWaiting = false;                                 ///< for replicas
    std::chrono::steady_clock::time_point m_impatientUntil{}; ///< replicas were missing
};

} // namespace parlor::redis
