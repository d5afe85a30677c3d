// SPDX-License-Identifier: MIT
#include "client-cli/load/run/user.h"

#include "client-cli/load/record/figures.h"
#include "shared/protocol/closecode.h"

#include <algorithm>
#include <utility>

namespace parlor::cli::load {

using namespace std::chrono_literals;

namespace {

constexpr Offset kShortestLife = 1ms;                      ///< of a session that is drawn
constexpr std::chrono::milliseconds kAfterRefusal = 1s;    ///< where the server does not say how long to wait
constexpr std::chrono::milliseconds kShortestWait = 100ms; ///< where it does
constexpr std::chrono::milliseconds kLongestWait = 5min;
constexpr std::uint64_t kForLives = 0x6C6976657300ULL; ///< tells its random numbers apart from others

} // namespace

User::User(std::uint32_t number, const UserPlan &plan, const UserContext &context)
    : m_context(context)
    , m_plan(plan)
    , m_number(number)
    , m_connector(number, context, *this)
    , m_lives(profile().life, settings().seed ^ kForLives, number)
{
    const auto hearing = plan.isVerified ? Participation::Hearing::Verified : Participation::Hearing::Counted;
    m_parts.reserve(plan.rooms.size());
    for (const std::uint16_t room : plan.rooms)
        m_parts.emplace_back(number, room, hearing, context);
    if (plan.speaks)
        m_speaker = std::make_unique<Speaker>(number, profile(), context, m_parts, m_connector);
}

void User::enter(State state)
{
    const auto change = [this, state](auto holds) {
        return (holds(state) ? 1 : 0) - (holds(m_state) ? 1 : 0);
    };
    books().changePresent(change([](State s) { return s != State::Away && s != State::GivenUp; }));
    books().changeMembers(change([](State s) { return s == State::Member || s == State::Settling; }));
    books().changeSettling(change([](State s) { return s == State::Settling; }));
    m_state = state;
    ++m_deadlines;
}

void User::appoint(Appointment::Kind kind, Offset at, std::uint32_t ticket)
{
    m_context.timetable.add({at, kind, m_number, ticket});
}

void User::keepAppointment(const Appointment &appointment)
{
    const auto isKept = [&appointment](std::uint32_t ticket) { return appointment.ticket == ticket; };
    switch (appointment.kind) {
    case Appointment::Kind::Speak:
        m_speaker->keepAppointment(appointment, place());
        break;
    case Appointment::Kind::SessionEnd:
        if (isKept(m_session) && m_isWanted) {
            endSession(now());
            beginSession(appointment.at, m_lives.next());
        }
        break;
    case Appointment::Kind::Settled:
        if (isKept(m_deadlines))
            std::for_each(m_parts.begin(), m_parts.end(), [](Participation &part) { part.settleIn(); });
        break;
    case Appointment::Kind::DrainDeadline:
        if (isKept(m_deadlines))
            leave();
        break;
    default:
        m_connector.keepAppointment(appointment);
    }
}

// ---- sessions

void User::come(Offset at)
{
    beginSession(at, m_lives.rest());
}

void User::beginSession(Offset at, Offset life)
{
    m_isWanted = true;
    m_isArriving = true;
    m_cameBack = false;
    m_connector.forgetFailures();
    ++m_session;
    // With arrivals the plan says when a session ends.
    if (profile().life.mean > Offset{} && settings().arrivals.empty())
        appoint(Appointment::Kind::SessionEnd, at + std::max(kShortestLife, life), m_session);
    if (m_speaker)
        m_speaker->beginSession(at, m_session);
    if (m_state == State::Away)
        connect();
}

void User::go(Offset now)
{
    endSession(now);
}

void User::endSession(Offset now)
{
    // One that was still on its way in by its first attempt did not fail: its time was too short.
    if (m_isWanted && m_state != State::Member && !m_isArriving)
        ++books().measurements().absent;
    m_isWanted = false;
    if (m_speaker)
        m_speaker->endSession();
    if (m_isArriving) {
        ++books().measurements().unarrived;
        endArrival(Words::Arrival::Joined);
    }
    switch (m_state) {
    case State::Member:
        for (Participation &part : m_parts)
            part.stop();
        enter(State::Settling);
        appoint(Appointment::Kind::DrainDeadline, now + settings().drain, m_deadlines);
        leaveIfSettled();
        break;
    case State::Away:
    case State::Settling:
    case State::Closing:
        break;
    default: // it is no member: nobody failed
        m_connector.abort();
        endParts(Ending::Cut);
        enter(State::Away);
    }
}

void User::endArrival(Words::Arrival arrival)
{
    m_isArriving = false;
    if (m_speaker)
        m_speaker->endArrival(arrival);
}

Speaker::Place User::place() const
{
    if (m_state == State::Member)
        return Speaker::Place::InRooms;
    return m_isArriving ? Speaker::Place::Arriving : Speaker::Place::Outside;
}

void User::endParts(Ending ending)
{
    for (Participation &part : m_parts)
        part.end(ending);
}

void User::leaveIfSettled()
{
    if (m_state == State::Settling &&
        std::all_of(m_parts.begin(), m_parts.end(), [](Participation &part) { return part.isSettled(); }))
        leave();
}

void User::leave()
{
    endParts(Ending::Left);
    enter(State::Closing);
    m_connector.close();
}

void User::breakOff()
{
    m_isWanted = false;
    if (m_speaker)
        m_speaker->endSession();
    m_connector.abort();
    endParts(Ending::Cut);
    enter(State::Away);
}

// ---- its connection

void User::connect()
{
    enter(State::Connecting);
    m_connector.connect();
}

void User::retry()
{
    if (!m_isWanted || settings().reconnect == Reconnect::None) {
        enter(m_isWanted ? State::GivenUp : State::Away);
        return;
    }
    enter(State::Connecting);
    m_connector.retry();
}

void User::onNotOpened()
{
    endArrival(Words::Arrival::Failed);
    retry();
}

void User::onLate()
{
    failJoin(m_state == State::Greeting ? "join: no greeting in time" : "join: no answer in time");
}

void User::failJoin(const std::string &why)
{
    ++books().measurements().joinAttempts;
    books().countError(figures::printable(why));
    endArrival(Words::Arrival::Failed);
    m_connector.abort();
    endParts(Ending::Cut);
    retry();
}

void User::onEnded(const ConnectionEnd &end)
{
    if (m_state != State::Closing) {
        loseConnection(end);
        return;
    }
    enter(State::Away);
    if (m_isWanted) // its next session has begun
        connect();
}

void User::loseConnection(const ConnectionEnd &end)
{
    Measurements &m = books().measurements();
    ++m.connectionsLost;
    ++m.closeCodes[end.closeCode];
    books().countError(figures::printable("connection lost: " + std::to_string(end.closeCode) + " " +
                                          std::string(describe(end.closeCode)) +
                                          (end.reason.empty() ? "" : " (" + end.reason + ")")));
    endParts(Ending::Cut);
    if (m_state == State::Settling) { // a session that was over
        enter(State::Away);
        if (m_isWanted)
            connect();
        return;
    }
    endArrival(Words::Arrival::Failed);
    if (m_speaker)
        m_speaker->leaveRooms();
    if (m_state == State::Member)
        m_cameBack = true;
    else
        ++m.joinAttempts;
    const bool isUnwelcome = retryPolicy(end.closeCode) == RetryPolicy::Never &&
                             end.closeCode != static_cast<std::uint16_t>(CloseCode::Normal);
    if (isUnwelcome && m_isWanted)
        enter(State::GivenUp);
    else
        retry();
}

// ---- what the server says

void User::onText(std::string_view text, Offset at)
{
    std::visit([this, at](const auto &event) { on(event, at); }, m_context.speech.read(text, readMode()));
}

ReadMode User::readMode() const
{
    if (m_plan.isVerified || (m_state != State::Member && m_state != State::Settling))
        return ReadMode::Full;
    return settings().verify == Verify::Off && !m_plan.speaks ? ReadMode::Skip : ReadMode::Count;
}

Participation *User::partIn(std::string_view room)
{
    if (room.empty()) // v1 names none, and has one
        return m_parts.size() == 1 ? &m_parts.front() : nullptr;
    const auto found = std::find_if(m_parts.begin(), m_parts.end(), [this, room](const Participation &part) {
        return settings().rooms[part.room()] == room;
    });
    return found == m_parts.end() ? nullptr : &*found;
}

Participation *User::partOf(const event::Refused &refused)
{
    if (!refused.room.empty() || !refused.index)
        return partIn(refused.room);
    Participation *oldest = nullptr;
    std::optional<Offset> since;
    for (Participation &part : m_parts) {
        const auto planned = part.plannedOf(*refused.index);
        if (planned && (!since || *planned < *since)) {
            oldest = &part;
            since = planned;
        }
    }
    return oldest;
}

void User::on(const event::Greeted &greeted, Offset)
{
    if (m_state != State::Greeting)
        return;
    if (greeted.needsToken)
        return failJoin("join: the server asks for a token; give one with --token-file");
    m_connector.noteGreeting();
    std::string server = figures::printable(greeted.host);
    ++books().measurements().hosts[server];
    m_hostLatency = &books().latencyAt(server);
    m_chat = books().kept(std::string(greeted.chat));
    if (m_context.door.addresses().size() > 1)
        server += " at " + toString(m_connector.address());
    m_server = books().kept(std::move(server));
    m_joinSent = now();
    enter(State::Joining);
    for (Participation &part : m_parts)
        part.begin(m_joinSent, settings().settle > Offset{});
    for (const Participation &part : m_parts) {
        if (!m_connector.sendText(m_context.speech.join(part.room())))
            return failJoin("join: the server takes nothing");
    }
}

void User::on(const event::Joined &joined, Offset at)
{
    Participation *part = partIn(joined.room);
    if (part == nullptr)
        return;
    if (!part->isPossible(standing(joined.standing)))
        return books().countMalformed();
    if (m_state == State::Joining && !part->isConfirmed()) {
        part->confirm(standing(joined.standing), m_server);
        if (std::all_of(m_parts.begin(), m_parts.end(),
                        [](const Participation &p) { return p.isConfirmed(); }))
            becomeMember(at);
    } else if (part->isConfirmed() && !joined.standing.epoch.empty()) {
        restart(*part, joined, at);
        if (m_state == State::Settling)
            part->stop();
    }
}

void User::becomeMember(Offset at)
{
    Measurements &m = books().measurements();
    ++m.joinAttempts;
    ++m.joined;
    m.joinDuration.record(at - m_joinSent);
    if (std::exchange(m_cameBack, false))
        ++m.reconnects;
    m_connector.endAttempt();
    endArrival(Words::Arrival::Joined);
    enter(State::Member);
    if (settings().settle > Offset{})
        appoint(Appointment::Kind::Settled, at + settings().settle, m_deadlines);
    if (m_speaker)
        m_speaker->joinRooms(at);
}

void User::restart(Participation &part, const event::Joined &joined, Offset at)
{
    books().countError("the server's history of a room is another one");
    const std::uint64_t lost = part.restart(standing(joined.standing), joined.page, at, m_server);
    if (lost > 0)
        books().measurements().errors["messages that were delivered, and that the server then lost"] += lost;
}

/// A server's chat begins with the store's epoch. One that does not is of before the store was another.
Standing User::standing(const Standing &said) const
{
    return {m_chat.starts_with(said.epoch) ? m_chat : said.epoch, said.seq};
}

void User::on(const event::JoinRefused &refused, Offset)
{
    if (m_state == State::Joining)
        failJoin("join refused: " + std::string(refused.code));
}

void User::on(const Delivery &delivery, Offset at)
{
    if (!m_plan.isVerified)
        return on(event::Counted{}, at);
    if (Participation *part = partIn(delivery.room)) {
        if (const auto latency = part->receive(delivery, at))
            m_hostLatency->record(*latency);
    } else {
        ++books().measurements().deliveries.unexpected;
    }
    leaveIfSettled();
}

void User::on(const event::Counted &, Offset)
{
    if (settings().verify != Verify::Off)
        ++books().measurements().deliveries.counted;
}

void User::on(const event::Answered &answered, Offset at)
{
    Participation *part = partIn(answered.room);
    if (part != nullptr && part->acknowledge(answered, at) && m_state == State::Member)
        m_speaker->speakOn(at);
    leaveIfSettled();
}

void User::on(const event::Refused &refused, Offset at)
{
    if (m_state == State::Joining && !refused.index) {
        failJoin("join refused: " + std::string(refused.code));
        return;
    }
    const std::string code = figures::printable(refused.code);
    books().countError("message refused: " + code);
    ++books().measurements().refusals[code];
    Participation *part = partOf(refused);
    if (part != nullptr && part->refuse(refused) && m_state == State::Member)
        m_speaker->speakOn(at,
                           std::clamp(refused.retry.value_or(kAfterRefusal), kShortestWait, kLongestWait));
    leaveIfSettled();
}

void User::on(const event::SentAway &sent, Offset)
{
    m_connector.advise(sent.delay);
}

void User::on(const event::Malformed &, Offset)
{
    books().countMalformed();
}

} // namespace parlor::cli::load
