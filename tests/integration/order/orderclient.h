// SPDX-License-Identifier: MIT
#pragma once

#include "shared/protocol/decoder.h"

#include <QUrl>
#include <QWebSocket>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace parlor {

/// What all clients of a test saw: which message has which place in its room.
struct SharedLog
{
    std::map<std::string, std::map<std::uint64_t, std::string>> ids; ///< room → seq → message id
    std::vector<std::string> mistakes;
    void mistake(const std::string &text)
    {
        if (mistakes.size() < 20)
            mistakes.push_back(text);
    }
};

/// A client of either dialect that comes, goes and talks as it is told, and checks all that it hears: every
/// room is one sequence, without a hole or a repeat, across its reconnects too.
class OrderClient : public QObject
{
    Q_OBJECT
public:
    OrderClient(std::string name, bool v2, const QUrl &url, SharedLog &log);
    ~OrderClient() override;

    void connectNow();
    /// Without a Close.
    void drop();
    void join(const std::string &room);
    void leave(const std::string &room);
    void say(const std::string &room);

    [[nodiscard]] bool isConnected() const { return m_connected; }
    [[nodiscard]] bool isConnecting() const { return m_socket && !m_connected; }
    [[nodiscard]] bool isV2() const { return m_v2; }
    [[nodiscard]] bool isIn(const std::string &room) const;
    /// The last place that was seen; 0: none.
    [[nodiscard]] std::uint64_t seen(const std::string &room) const;
    /// Whether every request is answered, and every room that it wants to be in has told it where it stands.
    [[nodiscard]] bool isSettled() const;
    [[nodiscard]] QString state() const;
    [[nodiscard]] std::size_t heard() const { return m_heard; }

private:
    struct Room
    {
        std::string epoch;
        std::uint64_t seq = 0;
        std::string id;      ///< of the message with this seq
        bool member = false; ///< live messages are allowed
        bool wanted = false;
        int joins = 0;      ///< of this connection: each later one may repeat what an earlier one brought
        bool known = false; ///< seq is a position
    };
    void hear(const QString &text);
    void hearMessage(const frame::Message &message);
    void hearSync(const frame::Sync &sync);
    void note(const std::string &room, const frame::Message &message);
    void send(const std::string &json);

    const std::string m_name;
    const bool m_v2;
    const QUrl m_url;
    SharedLog &m_log;
    Decoder m_decoder{0};
    std::unique_ptr<QWebSocket> m_socket;
    std::map<std::string, Room> m_rooms;
    std::string m_resume;
    std::size_t m_unanswered = 0; ///< requests
    std::size_t m_heard = 0;
    int m_said = 0;
    bool m_connected = false;
};

} // namespace parlor
