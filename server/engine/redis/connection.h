// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/redis/reply.h"
#include "server/engine/redis/replyreader.h"
#include "server/ops/redisaddress.h"

#include <QHostAddress>
#include <QLocalSocket>
#include <QObject>
#include <QSslConfiguration>
#include <QSslSocket>
#include <QTimer>

#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>

namespace parlor::redis {

/// A connection to Redis that comes back after each end, with growing pauses. Commands are pipelined: all of
/// one turn of the event loop leave in one write, and answers come in their order. Nothing is kept over an
/// end: what had no answer gets LinkDown, and whether Redis did it is not known. The name is resolved anew
/// for each attempt. Lives in one thread, which runs an event loop.
class Connection : public QObject
{
    Q_OBJECT
public:
    struct Options
    {
        Address address;
        QSslConfiguration tls = QSslConfiguration::defaultConfiguration();
        std::chrono::milliseconds connectTimeout{2'000}; ///< until Redis has let us in
        /// A PING goes out after half of it without a byte; without one in all of it, the connection is over.
        std::chrono::milliseconds silence{4'000};
        std::chrono::milliseconds firstPause{100};
        std::chrono::milliseconds longestPause{2'000};
    };

    explicit Connection(Options options, QObject *parent = nullptr);
    ~Connection() override;

    void open();
    /// For good; all that has no answer gets LinkDown.
    void close();
    [[nodiscard]] bool isUp() const { return m_state == State::Up; }

    enum class Outcome : std::uint8_t {
        Answered,
        LinkDown, ///< it was not up, or ended before the answer
    };
    /// `reply` is valid during the call; nil with LinkDown. It may be an error of Redis.
    using Then = std::function<void(Outcome outcome, const Reply &reply)>;
    /// While it is not up, `then` is called at once.
    void send(std::span<const std::string_view> command, Then then);
    void send(std::initializer_list<std::string_view> command, Then then)
    {
        send(std::span(command.begin(), command.size()), std::move(then));
    }
    /// What was sent in this turn leaves now, and not at the turn's end.
    void flush();
    /// A (UN)SUBSCRIBE, whose answers come as pushed().
    void sendPush(std::span<const std::string_view> command);

    enum class Outlook : std::uint8_t {
        Passing, ///< nobody is there, or hangs up, or is not ready: a later attempt may succeed by itself
        Lasting, ///< whoever is there refused, or is no Redis that can be used
    };
    Q_ENUM(Outlook)

Q_SIGNALS:
    void up();
    /// It ended, or an attempt failed: `why` is for people, and says what to do.
    void down(const QString &why, parlor::redis::Connection::Outlook outlook);
    /// On a connection that subscribed: a message, or that a channel is (un)subscribed.
    void pushed(const parlor::redis::Reply &reply);
    /// All answers and messages that had come were given.
    void turnOver();

private:
    enum class State : std::uint8_t { Closed, Waiting, Connecting, Greeting, Up };

    void attempt();
    void tryAddress();
    template <typename Socket>
    void listen(Socket *socket);
    void onError();
    void onConnected();
    void greet();
    void checkServer(const Reply &info);
    void onGreeted(const Reply &info);
    void onBytes();
    void takeAll();
    void take(const Reply &reply);
    void append(std::span<const std::string_view> command);
    void onSilence();
    void end(const QString &why, Outlook outlook = Outlook::Lasting);
    void endRefused(std::string_view error);

    Options m_options;
    State m_state = State::Closed;
    std::unique_ptr<QIODevice> m_device; ///< a QSslSocket or a QLocalSocket, of one attempt
    ReplyReader m_reader;
    std::deque<Then> m_pending;
    std::string m_out; ///< of this turn
    QTimer m_deadline; ///< of an attempt
    QTimer m_quiet;    ///< half of the silence
    QTimer m_retry;
    std::chrono::milliseconds m_pause{};
    bool m_heard = false;   ///< in the present half of the silence
    bool m_isAsked = false; ///< by a PING
    bool m_isSubscriber = false;
    std::uint64_t m_answers = 0;       ///< since the connection is up
    std::uint64_t m_answersBefore = 0; ///< at the last look
    int m_looksWithout = 0;            ///< at which something waited, and nothing more had been answered
    QList<QHostAddress> m_addresses;   ///< of the name, which this attempt has not tried yet
    bool m_isConnected = false;        ///< in this attempt
    QString m_problem;                 ///< of an attempt, before it ends
};

} // namespace parlor::redis
