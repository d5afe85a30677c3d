// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/cluster.h"
#include "server/engine/redis/commands.h"
#include "server/engine/redis/keys.h"
#include "server/engine/redis/troublelog.h"

#include <QTimer>

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace parlor::redis {

/// Who is in which room on which server. Each server says who is there, and, every few seconds, that it is
/// still alive; it is believed in for a while after that, and whoever notices that this time is over tells
/// all. Each change has a number, so that one that was not heard is noticed. The store's thread.
class Presence : public QObject
{
    Q_OBJECT
public:
    struct Times
    {
        std::chrono::milliseconds refresh{5'000};
        std::chrono::seconds belief{20};
    };

    /// `self`: names this run of this server.
    Presence(Commands &commands, const Keys &keys, const Ulid &self, const Times &times, TroubleLog &log);
    void start(Cluster::Listener &listener);
    void stop()
    {
        m_refresh.stop();
        m_untilJudge.stop();
    }

    // ---- here

    void came(const std::string &room, const IdentityPtr &who);
    void went(const std::string &room, const IdentityPtr &who, Departure reason);
    void typing(const std::string &room, const IdentityPtr &who, bool on);
    /// takeOver() follows. From now on what other servers said of the session is older. Any thread.
    void announceTakeOver(const std::string &clientId);
    void takeOver(const std::string &clientId);
    /// Tells the others what changed.
    void flush();
    /// Says that this server lives, and again who is here, where that may have been forgotten.
    void refresh();
    /// What this server said last was perhaps not heard: it says all of it again.
    void restate();
    /// What is told is heard from now on; of what was told before, nothing.
    void onListening();

    // ---- elsewhere

    /// The room is in memory: what its load() or roster() answered of who is where.
    void show(const std::string &room, const Reply &version, const Reply &roster);
    /// The room is not in memory any more, and whoever was yet in it here is gone.
    void forget(const std::string &room);
    /// What was published on a room's channel; false: it is not about who is there.
    bool onTold(const std::string &room, std::string_view text);
    void onControl(std::string_view text);
    /// The room's version, as it is now: a change may have passed by.
    void prove(const std::string &room, const Reply &version);

private:
    struct Change
    {
        IdentityPtr who; ///< null: went
        Departure reason{};
    };

    void send(const std::string &room, const std::vector<std::pair<std::string, Change>> &changes);
    void restate(const std::string &room);
    [[nodiscard]] bool isJudge() const;
    [[nodiscard]] bool isAnnounced(const std::string &clientId);
    void noteSaid(const std::string &room, const Reply &reply);
    void read(const std::string &room);
    [[nodiscard]] bool isNext(const std::string &room, std::uint64_t version);

    Commands &m_commands;
    TroubleLog &m_log;
    const Keys &m_keys;
    const Ulid m_self;
    const Times m_times;
    Cluster::Listener *m_listener = nullptr;
    QTimer m_refresh;
    std::unordered_map<std::string, std::map<std::string, IdentityPtr>> m_here; ///< by room, by client id
    std::unordered_map<std::string, std::map<std::string, Change>> m_changes;   ///< the same, since flush()
    /// While it runs, a server that is not believed in is not taken for lost: all may be about to say that
    /// they live.
    QTimer m_untilJudge;
    std::set<std::string> m_reading; ///< rooms whose roster is being read
    std::set<std::string> m_unsaid;  ///< rooms of which Redis did not take what was said
    std::unordered_map<std::string, std::uint64_t> m_versions; ///< by room, of what the listener was told
    std::set<std::string> m_unclaimed; ///< client ids that were taken over while nobody could hear it
    std::unordered_map<std::string, int> m_takenOver; ///< by client id: said, and not heard yet
    std::mutex m_announcedMutex;
    std::multiset<std::string> m_announced; ///< client ids whose takeOver() is on its way
};

} // namespace parlor::redis
