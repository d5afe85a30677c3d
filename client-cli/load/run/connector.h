// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/run/usercontext.h"

namespace parlor::cli::load {

/// Gets one user its connection: it waits to be let in, tries the server's addresses one after the other, and
/// after a failure waits, longer each time, for the next attempt. It counts and measures attempts. Owned by a
/// user; one thread.
class Connector final : private ConnectionListener, private Door::Guest
{
public:
    class Listener
    {
    public:
        /// The WebSocket is open. endAttempt() is to follow before the attempt's time is over.
        virtual void onOpened() = 0;
        virtual void onText(std::string_view text, Offset at) = 0;
        /// An attempt has come to nothing: there is no connection.
        virtual void onNotOpened() = 0;
        /// The attempt's time is over, and endAttempt() was not called. The connection is still open.
        virtual void onLate() = 0;
        /// A connection that was open has ended; after close(), as was to be.
        virtual void onEnded(const ConnectionEnd &end) = 0;

    protected:
        ~Listener() = default;
    };

    /// `context` and `listener` outlive it.
    Connector(std::uint32_t user, const UserContext &context, Listener &listener);

    /// As soon as the door lets it in.
    void connect();
    /// The user is where it wanted to be: the attempt has no deadline any more.
    void endAttempt();
    /// The next one is the first again.
    void forgetFailures() { m_failures = 0; }
    /// connect(), after a delay.
    void retry();
    /// The server says how late to come back after this connection: the next retry() does not come earlier,
    /// but for more than a minute.
    void advise(std::chrono::milliseconds delay) { m_advisedDelay = delay; }
    /// False: the server takes nothing more, and this was not taken.
    [[nodiscard]] bool sendText(std::string_view text) { return m_connection.sendText(text); }
    /// The server's first frame has come.
    void noteGreeting() { endStep(&ConnectSteps::greeting); }
    /// Says goodbye; onEnded() follows, if the server does not end the connection, a second later.
    void close();
    /// Ends whatever is under way; nothing is reported.
    void abort();
    /// One of kind Retry, AttemptDeadline or CloseDeadline.
    void keepAppointment(const Appointment &appointment);

    /// Of the server's addresses, the one that it is connected to.
    [[nodiscard]] const Address &address() const { return m_context.door.addresses().at(m_address); }

private:
    enum class State : std::uint8_t {
        Idle,
        Queued, ///< waits to be let in
        Opening,
        Open,
        Closing,
        Resting, ///< until the next attempt
    };

    bool onAdmitted() override;
    void onTcpConnected() override;
    void onSecured() override;
    void onConnected() override;
    void onText(std::string_view text, Offset at) override { m_listener.onText(text, at); }
    void onEnded(const ConnectionEnd &end) override;
    void enter(State state);
    void appoint(Appointment::Kind kind, Offset in);
    void open();
    /// Another address, at once, within the same attempt. False: all have been tried.
    [[nodiscard]] bool tryNextAddress();
    void endStep(Histogram ConnectSteps::*step);
    void fail(const std::string &why);
    /// Counts one that was under way and has come to nothing.
    void countFailure(const std::string &why);
    [[nodiscard]] std::string lateness() const;

    const UserContext &m_context;
    Listener &m_listener;
    WebSocketClient m_connection;
    Offset m_since{};     ///< of the attempt's beginning
    Offset m_stepSince{}; ///< of its present step's
    std::chrono::milliseconds m_advisedDelay{};
    std::uint32_t m_user;
    std::uint32_t m_ticket = 0;  ///< of what is appointed
    std::uint16_t m_address = 0; ///< its place in the book
    std::uint16_t m_tried = 0;   ///< addresses, in this attempt
    std::uint8_t m_failures = 0; ///< attempts, in a row
    State m_state = State::Idle;
};

} // namespace parlor::cli::load
