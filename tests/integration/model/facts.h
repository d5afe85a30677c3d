// SPDX-License-Identifier: MIT
#pragma once

#include "tests/integration/model/checker.h"

#include <map>
#include <set>
#include <tuple>

namespace parlor::test::model {

/// What all clients together know: which message has which place. A part of check(), fed by the replay of
/// each client's log.
class Facts
{
public:
    Facts(const Record &record, std::vector<Violation> &violations);

    /// Where in time a numbering belongs: all runs of a durable store are one, until a backup is put back.
    [[nodiscard]] int era(int run) const;
    /// The era in which this number was given to the message that has it in `era`.
    [[nodiscard]] int eraOf(const QString &room, int era, qint64 seq) const;
    /// Whether the message with this id is there in `era`, as far as anybody saw it.
    [[nodiscard]] bool isThere(const QString &id, int era) const;

    void sawEpoch(const QString &room, int era, const QString &epoch);
    void saw(const Message &message, int era, const QString &by);
    void sawAck(const entry::Acked &ack, int era, int client);
    void sawEcho(const QString &content, int era) { m_echoes.emplace(content, era); }

    /// After all logs: the history against them.
    void judgeHistory();

private:
    struct Place
    {
        QString room;
        int era = 0; ///< in which the number was given
        qint64 seq = 0;
        bool operator<(const Place &other) const
        {
            return std::tie(room, era, seq) < std::tie(other.room, other.era, other.seq);
        }
        bool operator==(const Place &) const = default;
    };
    struct Origin
    {
        int client = 0;
        int number = 0; ///< the how manieth message of that client
        QString room;
        QString cid;
    };

    [[nodiscard]] bool isIn(const Place &place, int era) const
    {
        return eraOf(place.room, era, place.seq) == place.era;
    }
    void report(Violation::Kind kind, const QString &what) { m_violations.push_back({kind, what}); }
    void learnOrigins();
    void learnSent(const entry::Sent &sent, int client, int number);
    void learnSession(const entry::Session &session, int client);
    void judgeId(const QString &id, const Place &place, const QString &by);
    void judgeOrigin(const Message &message, const QString &by);
    void judgeRoom(const QString &room, const RoomHistory &history);
    void judgeAcks(const QString &room, const RoomHistory &history);
    void judgeEchoes();

    const Record &m_record;
    std::vector<Violation> &m_violations;
    int m_lastEra = 0;
    std::map<std::pair<QString, int>, QString> m_epochs;
    std::map<QString, Origin> m_origins;  ///< by content, which no two messages share
    std::vector<std::set<QString>> m_ids; ///< that each client had
    std::set<QString> m_sessions;         ///< ids that were given to new ones
    std::map<Place, Message> m_places;
    std::multimap<QString, Place> m_placesOf; ///< by content
    std::map<QString, Place> m_placeOfId;
    std::set<QString> m_declined;               ///< contents that were not sent again
    std::set<QString> m_unsure;                 ///< contents whose place is the first try's or a later one's
    std::set<std::pair<QString, int>> m_echoes; ///< content and era
    struct Answer
    {
        entry::Acked ack;
        Place place;
    };
    std::multimap<std::pair<QString, QString>, Answer> m_answers; ///< by room and cid
};

} // namespace parlor::test::model
