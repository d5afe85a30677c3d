// SPDX-License-Identifier: MIT
#pragma once

#include "tests/integration/model/log.h"
#include "tests/support/rawwebsocket.h"

#include <QJsonObject>

#include <deque>
#include <memory>
#include <set>

namespace parlor::test::model {

/// A client that keeps the protocol's rules for clients, and a log for the checker: outbox, resume token and
/// positions outlive its connections. Blocking, each wait bounded; what cannot be is in the log.
class ModelClient
{
public:
    /// What a server may answer while nothing is said to be wrong.
    enum class Trust : std::uint8_t {
        Full,
        Patient, ///< `unavailable`, too: then it asks again
    };
    ModelClient(int number, bool isV2, Trust trust)
        : m_number(number)
        , m_isV2(isV2)
        , m_isPatient(trust == Trust::Patient)
    {
    }

    void connect(std::uint16_t port, int run);
    /// v2: a second connection takes the session over; then all that the first one still gets is read.
    void replace(std::uint16_t port, int run);
    void disconnect();
    void vanish();
    void reset();

    void join(const QString &room);
    void joinAnew(const QString &room, int history);
    void leave(const QString &room);
    void send(const QString &room, int count, int padding);
    /// Where the server cannot store; v2 has it in its outbox then, to send it again.
    void sayInVain(const QString &room, int count);
    void resendAcked(int which);
    void resendOpen();
    enum class Way : std::uint8_t { Before, After };
    void page(const QString &room, Way way, int limit);

    /// v2: what the server has told other servers of this client has been told.
    void fence();
    /// What the server has sent when this reaches it.
    void read();
    /// What is unacknowledged goes again first, if the connection that it went by is gone.
    void settle();
    void readAcks(int count);
    /// The server ends, or was killed and says nothing more.
    enum class Death : std::uint8_t { Terminated, Killed };
    void readToEnd(Death death);
    void readUpTo(const QString &room, const Position &position);
    void note(const Entry &what) { m_log.push_back(what); }

    [[nodiscard]] bool isConnected() const { return m_connection != nullptr; }
    /// Whether something was sent that no ack has come for.
    [[nodiscard]] bool isOwed() const { return !m_outbox.empty(); }
    [[nodiscard]] const std::set<QString> &rooms() const { return m_rooms; }
    [[nodiscard]] qint64 seq(const QString &room) const;
    /// The place of its newest acknowledged message, without an epoch; seq 0: it has none.
    [[nodiscard]] Position lastAck(const QString &room) const;
    [[nodiscard]] const Log &log() const { return m_log; }

private:
    struct Asked
    {
        QString type;
        QString room{};
        QString cid{};
        std::optional<Position> since{};
        std::optional<qint64> before{};
        std::optional<qint64> after{};
        int limit = 0; ///< of `history`; of a join, its messages of the past
    };
    struct Outgoing
    {
        QString room;
        QString cid;
        QString content;
    };
    struct Connection
    {
        RawWebSocket socket{};
        Log greeting{};                  ///< belongs into the log when the connection is used
        std::map<qint64, Asked> asked{}; ///< by rid
        std::deque<QString> entering{};  ///< v1's joins
        std::deque<Outgoing> echoes{};   ///< v1's, that are to come
        std::set<QString> awaitingSync{};
        QByteArray lastPong{};
        std::optional<int> closeCode{};
        bool ended = false;
        bool replaced = false;
    };

    [[nodiscard]] std::unique_ptr<Connection> open(std::uint16_t port, int run);
    void use(std::unique_ptr<Connection> connection);
    void end();
    /// Handles frames until this holds; false, and a Cut in the log, if the connection ends before.
    template <typename Condition>
    bool pumpUntil(Connection &connection, Condition holds);
    /// Handles frames until the end, before which this Close has to come, or none.
    void drain(Connection &connection, std::optional<int> code);
    bool pump(Connection &connection);
    void handle(Connection &connection, const QJsonObject &frame);
    void onAck(Connection &connection, const QJsonObject &frame);
    void onSync(Connection &connection, const QJsonObject &frame);
    void onHistory(Connection &connection, const QJsonObject &frame);
    void onError(Connection &connection, const QJsonObject &frame);

    [[nodiscard]] std::optional<Position> known(const QString &room) const;
    qint64 ask(Connection &connection, QJsonObject frame, Asked asked);
    void askToJoin(const QString &room, const std::optional<Position> &since, int history);
    qint64 publish(const Outgoing &message);
    void flushOutbox();
    void rejoin();
    void onUnavailable(const Asked &asked);

    int m_number;
    bool m_isV2;
    bool m_isPatient;
    std::unique_ptr<Connection> m_connection;
    QString m_token;
    std::set<QString> m_rooms;
    std::map<QString, Position> m_positions;
    std::deque<Outgoing> m_outbox; ///< sent, and not acknowledged
    bool m_mustFlush = false;
    bool m_saysInVain = false;
    std::set<QString> m_refusedRooms; ///< that it has to join again
    std::vector<Outgoing> m_acked;
    qint64 m_rid = 0;
    int m_said = 0;
    int m_pings = 0;
    int m_acks = 0;
    std::map<QString, Position> m_lastAck;
    Log m_log;
};

} // namespace parlor::test::model
