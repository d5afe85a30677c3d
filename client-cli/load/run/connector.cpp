// SPDX-License-Identifier: MIT
#include "client-cli/load/run/connector.h"

#include "client-cli/load/record/figures.h"
#include "shared/protocol/closecode.h"

#include <algorithm>
#include <utility>

namespace parlor::cli::load {

using namespace std::chrono_literals;

namespace {

constexpr Offset kCloseTime = 1s; ///< for the server to end a connection that was closed
/// An attempt that its user ends earlier says nothing of the server.
constexpr Offset kShortAttempt = 500ms;
constexpr Offset kFirstDelay = 500ms;
constexpr Offset kLongestDelay = 10s;
constexpr int kMostDoublings = 5; ///< of the delay: it is the longest by then
constexpr std::chrono::milliseconds kLongestAdvised = 60s;

} // namespace

Connector::Connector(std::uint32_t user, const UserContext &context, Listener &listener)
    : m_context(context)
    , m_listener(listener)
    , m_connection(context.door.parts(), *this)
    , m_user(user)
{
}

void Connector::enter(State state)
{
    const auto change = [this, state](auto holds) {
        return (holds(state) ? 1 : 0) - (holds(m_state) ? 1 : 0);
    };
    m_context.door.changeUnderWay(change([](State s) { return s == State::Opening; }));
    m_context.door.changeOpen(change([](State s) { return s == State::Open || s == State::Closing; }));
    m_state = state;
    if (state != State::Open) // the attempt's deadline holds on
        ++m_ticket;
}

void Connector::appoint(Appointment::Kind kind, Offset in)
{
    m_context.timetable.add({m_context.timetable.now() + in, kind, m_user, m_ticket});
}

void Connector::keepAppointment(const Appointment &appointment)
{
    if (appointment.ticket != m_ticket)
        return;
    switch (appointment.kind) {
    case Appointment::Kind::Retry:
        connect();
        break;
    case Appointment::Kind::AttemptDeadline:
        if (m_state == State::Opening) {
            m_context.door.addresses().noteFailure(m_address, m_context.timetable.now());
            fail(lateness());
        } else {
            m_listener.onLate();
        }
        break;
    case Appointment::Kind::CloseDeadline:
        m_connection.abort();
        onEnded({ConnectionEnd::Stage::Open, 1006, {}});
        break;
    default:
        break;
    }
}

void Connector::connect()
{
    enter(State::Queued);
    m_context.door.queue(*this);
}

bool Connector::onAdmitted()
{
    if (m_state != State::Queued)
        return false;
    m_since = m_context.timetable.now();
    m_advisedDelay = {};
    enter(State::Opening);
    appoint(Appointment::Kind::AttemptDeadline, m_context.settings.connectTimeout);
    m_tried = 0;
    m_address = static_cast<std::uint16_t>(m_context.door.addresses().choose(m_user, m_since));
    open();
    return true;
}

void Connector::open()
{
    m_stepSince = m_context.timetable.now();
    const auto opened = m_connection.open(address(), m_context.door.target(),
                                          m_context.speech.dialect().subprotocol(), m_user);
    if (!opened)
        onEnded({ConnectionEnd::Stage::Connecting, 0, opened.error().text});
}

bool Connector::tryNextAddress()
{
    AddressBook &addresses = m_context.door.addresses();
    addresses.noteFailure(m_address, m_context.timetable.now());
    if (++m_tried == addresses.size())
        return false;
    m_address = static_cast<std::uint16_t>((m_address + 1U) % addresses.size());
    open();
    return true;
}

void Connector::endStep(Histogram ConnectSteps::*step)
{
    const Offset now = m_context.timetable.now();
    (m_context.books.measurements().connectSteps.*step).record(now - std::exchange(m_stepSince, now));
}

void Connector::onTcpConnected()
{
    endStep(&ConnectSteps::tcp);
}

void Connector::onSecured()
{
    endStep(&ConnectSteps::tls);
}

void Connector::onConnected()
{
    endStep(&ConnectSteps::upgrade);
    Measurements &measurements = m_context.books.measurements();
    ++measurements.connectAttempts;
    ++measurements.connected;
    measurements.connectDuration.record(m_context.timetable.now() - m_since);
    m_context.door.addresses().noteSuccess(m_address);
    enter(State::Open);
    m_listener.onOpened();
}

void Connector::onEnded(const ConnectionEnd &end)
{
    if (m_state != State::Opening) {
        enter(State::Idle);
        m_listener.onEnded(end);
        return;
    }
    const bool hadNone = end.stage == ConnectionEnd::Stage::Connecting;
    if (!hadNone || !tryNextAddress())
        fail((hadNone ? "connect: " : "upgrade: ") + end.reason);
}

void Connector::fail(const std::string &why)
{
    countFailure(why);
    m_connection.abort();
    enter(State::Idle);
    m_listener.onNotOpened();
}

void Connector::countFailure(const std::string &why)
{
    ++m_context.books.measurements().connectAttempts;
    m_context.books.countError(figures::printable(why));
}

std::string Connector::lateness() const
{
    return (m_connection.isConnected() ? "upgrade: " : "connect: ") + std::string(m_connection.lateness());
}

void Connector::endAttempt()
{
    ++m_ticket;
    forgetFailures();
}

void Connector::retry()
{
    enter(State::Resting);
    const Offset longest = std::min(kFirstDelay * (1 << m_failures), kLongestDelay);
    m_failures = static_cast<std::uint8_t>(std::min(m_failures + 1, kMostDoublings));
    const double part = m_context.door.parts().random.fraction(); // so that not all come back together
    const Offset advised = std::min(m_advisedDelay, kLongestAdvised);
    appoint(Appointment::Kind::Retry, std::max(std::chrono::duration_cast<Offset>(longest * part), advised));
}

void Connector::close()
{
    enter(State::Closing);
    appoint(Appointment::Kind::CloseDeadline, kCloseTime);
    m_connection.close(static_cast<std::uint16_t>(CloseCode::Normal));
}

void Connector::abort()
{
    if (m_state == State::Opening && m_context.timetable.now() - m_since >= kShortAttempt)
        countFailure(lateness());
    m_connection.abort();
    enter(State::Idle);
}

} // namespace parlor::cli::load
