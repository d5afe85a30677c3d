// SPDX-License-Identifier: MIT
#include "client-cli/load/run/user.h"

#include "client-cli/load/record/figures.h"
#include "shared/protocol/closecode.h"

#include <utility>

namespace parlor::cli::load {

using namespace std::chrono_literals;

namespace {

constexpr Backoff::Bounds kRetry{500ms, 10s};
constexpr Offset kCloseTime = 1s; ///< for the server to end a connection that was closed

} // namespace

User::User(std::uint32_t number, std::uint16_t room, Surroundings &surroundings)
    : m_number(number)
    , m_room(room)
    , m_all(surroundings)
    , m_backoff(kRetry, [&random = surroundings.random] { return random.fraction(); })
    , m_connection(surroundings.connectionParts, *this)
    , m_part(number, room, surroundings)
{
}

void User::enter(State state)
{
    const auto isPresent = [](State s) { return s != State::Away && s != State::GivenUp; };
    const auto isUnderWay = [](State s) { return s == State::Connecting; };
    const auto isMember = [](State s) { return s == State::Member || s == State::Settling; };
    const auto count = [&](std::size_t &counter, auto holds) {
        counter = counter + (holds(state) ? 1 : 0) - (holds(m_state) ? 1 : 0);
    };
    count(m_all.present, isPresent);
    count(m_all.connectQueue.underWay, isUnderWay);
    count(m_all.members, isMember);
    m_state = state;
    // Its deadlines end with a state; but that of an attempt holds until it has joined.
    if (state != State::Greeting && state != State::Joining)
        ++m_ticket;
}

void User::appoint(Appointment::Kind kind, Offset at)
{
    const std::uint32_t ticket = kind == Appointment::Kind::Speak ? m_visit : m_ticket;
    m_all.agenda.add({at, kind, m_number, ticket});
}

// ---- coming and going

void User::come(Offset now)
{
    m_isWanted = true;
    ++m_visit;
    m_words = 0;
    m_isArriving = true;
    m_earlyWords.clear();
    if (m_all.settings.profiles.front().rate > 0) {
        const std::uint64_t seed = m_all.settings.seed + m_visit - 1;
        m_times = SpeakingTimes(now, m_all.settings.profiles.front().rate, seed, m_number);
        appoint(Appointment::Kind::Speak, m_times.at(0));
    }
    if (m_state == State::Away) {
        enter(State::Queued);
        m_all.connectQueue.waiting.push_back(this);
    }
}

void User::go(Offset now)
{
    // One that was still on its way in by its first attempt did not fail: its time was too short.
    if (m_isWanted && m_state != State::Member && !m_isArriving)
        ++m_all.measurements.absent;
    m_isWanted = false;
    ++m_visit; // nothing more is said
    if (m_isArriving) {
        ++m_all.measurements.unarrived;
        endArrival(Arrival::Joined);
    }
    switch (m_state) {
    case State::Member:
        m_part.stop();
        enter(State::Settling);
        appoint(Appointment::Kind::DrainDeadline, now + m_all.settings.drain);
        leaveIfSettled();
        break;
    case State::Away:
    case State::Settling:
    case State::Closing:
    case State::GivenUp:
        break;
    default: // it never came to be a member: nobody failed
        m_connection.abort();
        m_part.discard();
        enter(State::Away);
    }
}

void User::leaveIfSettled()
{
    if (m_state == State::Settling && m_part.isSettled())
        leave();
}

void User::leave()
{
    m_part.end(Ending::Left);
    enter(State::Closing);
    appoint(Appointment::Kind::CloseDeadline, m_all.clock.now() + kCloseTime);
    m_connection.close(static_cast<std::uint16_t>(CloseCode::Normal));
}

void User::breakOff()
{
    m_isWanted = false;
    ++m_visit;
    m_connection.abort();
    m_part.end(Ending::Cut);
    enter(State::Away);
}

// ---- connecting

void User::connect()
{
    if (m_state != State::Queued)
        return;
    m_since = m_all.clock.now();
    m_advisedDelay.reset();
    enter(State::Connecting);
    appoint(Appointment::Kind::JoinDeadline, m_since + m_all.settings.connectTimeout);
    m_tried = 0;
    m_address = m_all.addresses.choose(m_number, m_since);
    openConnection();
}

void User::openConnection()
{
    const Address &address = m_all.addresses.at(m_address);
    const auto opened = m_connection.open(address, m_all.target, m_all.dialect.subprotocol());
    if (!opened)
        onEnded({ConnectionEnd::Stage::Connecting, 0, opened.error().text});
}

bool User::tryNextAddress()
{
    m_all.addresses.noteFailure(m_address, m_all.clock.now());
    if (++m_tried == m_all.addresses.size())
        return false;
    m_address = (m_address + 1) % m_all.addresses.size();
    openConnection();
    return true;
}

void User::onConnected()
{
    const Offset now = m_all.clock.now();
    ++m_all.measurements.connectAttempts;
    ++m_all.measurements.connected;
    m_all.addresses.noteSuccess(m_address);
    m_all.measurements.connectDuration.record(now - m_since);
    enter(State::Greeting);
}

void User::failAttempt(const std::string &error)
{
    Measurements &m = m_all.measurements;
    if (m_state == State::Connecting)
        ++m.connectAttempts;
    else
        ++m.joinAttempts;
    countError(figures::printable(error));
    endArrival(Arrival::Failed);
    m_connection.abort();
    m_part.discard();
    rest();
}

void User::rest()
{
    if (!m_isWanted) {
        enter(State::Away);
        return;
    }
    enter(State::Resting);
    const Offset delay = m_advisedDelay ? *m_advisedDelay : m_backoff.next();
    appoint(Appointment::Kind::Retry, m_all.clock.now() + delay);
}

void User::onEnded(const ConnectionEnd &end)
{
    Measurements &m = m_all.measurements;
    const std::string why = end.reason.empty() ? "" : " (" + end.reason + ")";
    switch (m_state) {
    case State::Connecting:
        if (end.stage == ConnectionEnd::Stage::Connecting && tryNextAddress())
            return;
        failAttempt((end.stage == ConnectionEnd::Stage::Connecting ? "connect: " : "upgrade: ") + end.reason);
        return;
    case State::Closing:
        enter(State::Away);
        if (m_isWanted) { // it was wanted again meanwhile
            enter(State::Queued);
            m_all.connectQueue.waiting.push_back(this);
        }
        return;
    default:
        break;
    }
    endArrival(Arrival::Failed);
    ++m.connectionsLost;
    ++m.closeCodes[end.closeCode];
    countError(figures::printable("connection lost: " + std::to_string(end.closeCode) + " " +
                                  std::string(describe(end.closeCode)) + why));
    if (m_state == State::Greeting || m_state == State::Joining)
        ++m.joinAttempts;
    else
        m_cameBack = true;
    m_part.end(Ending::Cut);
    const bool isUnwelcome = retryPolicy(end.closeCode) == RetryPolicy::Never &&
                             end.closeCode != static_cast<std::uint16_t>(CloseCode::Normal);
    if (isUnwelcome && m_isWanted)
        enter(State::GivenUp);
    else
        rest();
}

void User::keepAppointment(const Appointment &appointment)
{
    if (appointment.kind == Appointment::Kind::Speak) {
        if (appointment.ticket == m_visit && m_isWanted)
            speak(appointment.at);
        return;
    }
    if (appointment.ticket != m_ticket)
        return;
    switch (appointment.kind) {
    case Appointment::Kind::Retry:
        enter(State::Queued);
        m_all.connectQueue.waiting.push_back(this);
        break;
    case Appointment::Kind::JoinDeadline:
        if (m_state == State::Connecting) {
            m_all.addresses.noteFailure(m_address, m_all.clock.now());
            failAttempt("connect: no connection in time");
        } else if (m_state == State::Greeting)
            failAttempt("join: no greeting in time");
        else if (m_state == State::Joining)
            failAttempt("join: no answer in time");
        break;
    case Appointment::Kind::DrainDeadline:
        leave();
        break;
    case Appointment::Kind::CloseDeadline:
        m_connection.abort();
        onEnded({ConnectionEnd::Stage::Open, 1006, {}});
        break;
    default:
        break;
    }
}

// ---- speaking and hearing

void User::speak(Offset planned)
{
    appoint(Appointment::Kind::Speak, m_times.at(++m_words));
    if (m_state == State::Member)
        m_part.speak(planned, m_connection);
    else if (m_isArriving)
        m_earlyWords.push_back(planned);
    else
        m_part.missWord(planned);
}

void User::endArrival(Arrival arrival)
{
    m_isArriving = false;
    for (const Offset planned : std::exchange(m_earlyWords, {})) {
        if (arrival == Arrival::Joined)
            m_part.skipWord(planned);
        else
            m_part.missWord(planned);
    }
}

void User::onText(std::string_view text, Offset at)
{
    std::visit([this, at](const auto &event) { on(event, at); }, m_all.dialect.read(text));
}

void User::on(const event::Greeted &greeted, Offset)
{
    if (m_state != State::Greeting)
        return;
    if (greeted.needsToken)
        return failAttempt("join: the server asks for a token; give one with --token-file");
    ++m_all.measurements.hosts[figures::printable(greeted.host)];
    m_chat = greeted.chat;
    m_since = m_all.clock.now();
    m_part.begin(m_since,
                 figures::printable(m_all.addresses.size() > 1 ? std::string(greeted.host) + " at " +
                                                                     toString(m_all.addresses.at(m_address))
                                                               : std::string(greeted.host)));
    enter(State::Joining);
    m_all.frame.clear();
    m_all.dialect.appendJoin(m_all.frame, m_all.settings.rooms[m_room]);
    if (!m_connection.sendText(m_all.frame))
        failAttempt("join: the server takes nothing");
}

void User::on(const event::Joined &joined, Offset at)
{
    Measurements &m = m_all.measurements;
    if (m_state == State::Joining) {
        ++m.joinAttempts;
        ++m.joined;
        m.joinDuration.record(at - m_since);
        if (m_cameBack)
            ++m.reconnects;
        m_cameBack = false;
        m_backoff.reset();
        endArrival(Arrival::Joined);
        m_part.confirm(standing(joined.standing));
        enter(State::Member);
    } else if (m_state == State::Member && !joined.standing.epoch.empty()) {
        restart(joined, at);
    } else if (m_state == State::Settling && !joined.standing.epoch.empty()) {
        restart(joined, at);
        m_part.stop();
    }
}

void User::restart(const event::Joined &joined, Offset at)
{
    countError("the server's history of a room is another one");
    const std::uint64_t lost = m_part.restart(standing(joined.standing), joined.page, at);
    if (lost > 0)
        m_all.measurements.errors["messages that were delivered, and that the server then lost"] += lost;
}

/// A server's chat begins with the store's epoch. One that does not is of before the store was another.
Standing User::standing(const Standing &said) const
{
    return {m_chat.starts_with(said.epoch) ? std::string_view(m_chat) : said.epoch, said.seq};
}

void User::on(const event::JoinRefused &refused, Offset)
{
    if (m_state == State::Joining)
        failAttempt("join refused: " + std::string(refused.code));
}

void User::on(const Delivery &delivery, Offset at)
{
    m_part.receive(delivery, at);
    leaveIfSettled();
}

void User::on(const event::Answered &answered, Offset at)
{
    m_part.acknowledge(answered, at);
    leaveIfSettled();
}

void User::on(const event::Refused &refused, Offset)
{
    if (m_state == State::Joining && !refused.index) {
        failAttempt("join refused: " + std::string(refused.code));
        return;
    }
    const std::string code = figures::printable(refused.code);
    countError("message refused: " + code);
    ++m_all.measurements.refusals[code];
    m_part.refuse(refused);
    leaveIfSettled();
}

void User::on(const event::SentAway &sent, Offset)
{
    m_advisedDelay = sent.delay;
}

void User::on(const event::Malformed &, Offset)
{
    countError("the server sent a frame that is none of the protocol's");
}

} // namespace parlor::cli::load
