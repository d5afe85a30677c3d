// SPDX-License-Identifier: MIT
#pragma once

#include "tests/integration/model/facts.h"

#include <deque>

namespace parlor::test::model {

/// Reads one client's log from begin to end, with a place in each room for what has to come next. A part of
/// check().
class Replay
{
public:
    Replay(int client, const Record &record, Facts &facts, std::vector<Violation> &violations)
        : m_client(client)
        , m_record(record)
        , m_facts(facts)
        , m_violations(violations)
    {
    }

    void run();

private:
    enum class Stage : std::uint8_t { Outside, Awaiting, Paging, Live };
    struct Stream
    {
        Stage stage = Stage::Outside;
        std::deque<int> askedIn{};       ///< the era of the position of each join that is not answered
        std::optional<Position> since{}; ///< of the join that is being answered
        int sinceIn = 0;                 ///< its era
        int history = 0;                 ///< likewise
        bool recovered = false;          ///< says its first page, and so have all to say
        QString reason{};
        std::optional<Position> known{}; ///< what the client knows, and keeps when it leaves
        int knownIn = 0;                 ///< the era of `known`
        qint64 at = 0;
        QString id{}; ///< of the message there
    };

    void report(Violation::Kind kind, const QString &what);
    /// The next message of a stream; `at` moves on to it.
    void follow(Stream &stream, const Message &message, const QString &where);

    void handle(const entry::Opened &opened);
    void handle(const entry::Session &session);
    void handle(const entry::JoinAsked &asked);
    void handle(const entry::Joined &joined);
    void handle(const entry::Left &left) { m_streams[left.room].stage = Stage::Outside; }
    void handle(const entry::Sent &sent);
    void handle(const entry::Echoed &echo);
    void handle(const entry::Acked &ack);
    void handle(const entry::Synced &sync);
    void handle(const entry::Heard &heard);
    void handle(const entry::Paged &page);
    void handle(const entry::Refused &refused);
    void handle(const entry::Declined &declined);
    void handle(const entry::Unsure &unsure);
    void handle(const entry::Saved &) {}
    void handle(const entry::Lost &) {}
    void handle(const entry::Ended &ended);
    void handle(const entry::Cut &cut) { report(Violation::Kind::Cut, cut.why); }

    void judgeFirstPage(Stream &stream, const entry::Synced &sync);
    void judgeNewestPage(const Stream &stream, const entry::Synced &sync);
    void judgeLaterPage(const Stream &stream, const entry::Synced &sync);
    void judgeBound(const entry::Paged &page);
    void judgeMore(const entry::Paged &page);
    void judgeEnd();

    int m_client;
    const Record &m_record;
    Facts &m_facts;
    std::vector<Violation> &m_violations;
    bool m_isV2 = true;
    int m_era = 0;
    std::optional<entry::Session> m_session{};
    QString m_room{}; ///< v1's
    std::map<QString, Stream> m_streams{};
    std::map<std::pair<QString, QString>, int> m_sent{}; ///< how often, by room and cid, in this era
    std::deque<QString> m_unechoed{};                    ///< v1's, of this connection
};

} // namespace parlor::test::model
