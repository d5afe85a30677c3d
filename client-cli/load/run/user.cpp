// SPDX-License-Identifier: MIT
#include "client-cli/load/run/user.h"

#include "client-cli/load/record/figures.h"
#include "shared/protocol/closecode.h"

#include <algorithm>
#include <utility>

namespace parlor::cli::load {

using namespace std::chrono_literals;

namespace {

constexpr Backoff::Bounds kRetry{500ms, 10s};
constexpr Offset kCloseTime = 1s;                      ///< for the server to end a connection that was closed
constexpr Offset kShortestLife = 1ms;                  ///< of a session that is drawn
constexpr std::uint64_t kForLives = 0x6C6976657300ULL; ///< tells its random numbers apart from others

} // namespace

User::User(std::uint32_t number, const UserPlan &plan, const Settings &settings, Timetable &timetable,
           Door &door, Speech &speech, Books &books)
    : m_number(number)
    , m_plan(plan)
    , m_settings(settings)
    , m_profile(settings.profiles[plan.profile])
    , m_timetable(timetable)
    , m_door(door)
    , m_speech(speech)
    , m_books(books)
    , m_backoff(kRetry, [&random = door.parts().random] { return random.fraction(); })
    , m_lives(m_profile.life, settings.seed ^ kForLives, number)
    , m_words(number, m_profile, plan.speaks, settings.seed, books)
    , m_connection(door.parts(), *this)
{
    const auto hearing = plan.isVerified ? Participation::Hearing::Verified : Participation::Hearing::Counted;
    m_parts.reserve(plan.rooms.size());
    for (const std::uint16_t room : plan.rooms)
        m_parts.emplace_back(number, room, hearing, timetable, speech, books);
}

void User::enter(State state)
{
    const auto change = [this, state](auto holds) {
        return (holds(state) ? 1 : 0) - (holds(m_state) ? 1 : 0);
    };
    m_books.changePresent(change([](State s) { return s != State::Away && s != State::GivenUp; }));
    m_books.changeMembers(change([](State s) { return s == State::Member || s == State::Settling; }));
    m_books.changeSettling(change([](State s) { return s == State::Settling; }));
    m_door.changeUnderWay(change([](State s) { return s == State::Connecting; }));
    m_door.changeOpen(change([](State s) { return s >= State::Greeting && s <= State::Closing; }));
    m_state = state;
    // Its deadlines end with a state; but that of an attempt holds until it has joined.
    if (state != State::Greeting && state != State::Joining)
        ++m_deadlines;
}

void User::queue()
{
    enter(State::Queued);
    m_door.queue(*this);
}

void User::appoint(Appointment::Kind kind, Offset at, std::uint32_t ticket)
{
    m_timetable.add({at, kind, m_number, ticket});
}

void User::keepAppointment(const Appointment &appointment)
{
    const auto isKept = [&appointment](std::uint32_t ticket) { return appointment.ticket == ticket; };
    switch (appointment.kind) {
    case Appointment::Kind::Speak:
        if (isKept(m_speaking) && m_isWanted)
            speak(appointment.at);
        break;
    case Appointment::Kind::SessionEnd:
        if (isKept(m_session) && m_isWanted) {
            endSession(m_timetable.now());
            beginSession(appointment.at, m_lives.next());
        }
        break;
    case Appointment::Kind::Settled:
        if (isKept(m_deadlines))
            std::for_each(m_parts.begin(), m_parts.end(), [](Participation &part) { part.settleIn(); });
        break;
    case Appointment::Kind::Retry:
        if (isKept(m_deadlines))
            queue();
        break;
    case Appointment::Kind::JoinDeadline:
        if (isKept(m_deadlines))
            missDeadline();
        break;
    case Appointment::Kind::DrainDeadline:
        if (isKept(m_deadlines))
            leave();
        break;
    case Appointment::Kind::CloseDeadline:
        if (isKept(m_deadlines)) {
            m_connection.abort();
            onEnded({ConnectionEnd::Stage::Open, 1006, {}});
        }
        break;
    default:
        break;
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
    m_backoff.reset();
    ++m_session;
    // With arrivals the plan says when a session ends.
    if (m_profile.life.mean > Offset{} && m_settings.arrivals.empty())
        appoint(Appointment::Kind::SessionEnd, at + std::max(kShortestLife, life), m_session);
    if (const auto first = m_words.begin(at, m_session))
        appoint(Appointment::Kind::Speak, *first, m_speaking);
    if (m_state == State::Away)
        queue();
}

void User::go(Offset now)
{
    endSession(now);
}

void User::endSession(Offset now)
{
    // One that was still on its way in by its first attempt did not fail: its time was too short.
    if (m_isWanted && m_state != State::Member && !m_isArriving)
        ++m_books.measurements().absent;
    m_isWanted = false;
    ++m_speaking; // nothing more is said
    m_words.holdBack();
    if (m_isArriving) {
        ++m_books.measurements().unarrived;
        endArrival(Words::Arrival::Joined);
    }
    switch (m_state) {
    case State::Member:
        for (Participation &part : m_parts)
            part.stop();
        enter(State::Settling);
        appoint(Appointment::Kind::DrainDeadline, now + m_settings.drain, m_deadlines);
        leaveIfSettled();
        break;
    case State::Away:
    case State::Settling:
    case State::Closing:
        break;
    default: // it is no member: nobody failed
        m_connection.abort();
        endParts(Ending::Cut);
        enter(State::Away);
    }
}

void User::endArrival(Words::Arrival arrival)
{
    m_isArriving = false;
    m_words.endArrival(arrival);
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
    appoint(Appointment::Kind::CloseDeadline, m_timetable.now() + kCloseTime, m_deadlines);
    m_connection.close(static_cast<std::uint16_t>(CloseCode::Normal));
}

void User::breakOff()
{
    m_isWanted = false;
    ++m_speaking;
    m_words.holdBack();
    m_connection.abort();
    endParts(Ending::Cut);
    enter(State::Away);
}

// ---- connecting

bool User::connect()
{
    if (m_state != State::Queued)
        return false;
    m_since = m_timetable.now();
    m_advisedDelay.reset();
    enter(State::Connecting);
    appoint(Appointment::Kind::JoinDeadline, m_since + m_settings.connectTimeout, m_deadlines);
    m_tried = 0;
    m_address = m_door.addresses().choose(m_number, m_since);
    openConnection();
    return true;
}

void User::openConnection()
{
    const Address &address = m_door.addresses().at(m_address);
    const auto opened =
        m_connection.open(address, m_door.target(), m_speech.dialect().subprotocol(), m_number);
    if (!opened)
        onEnded({ConnectionEnd::Stage::Connecting, 0, opened.error().text});
}

bool User::tryNextAddress()
{
    m_door.addresses().noteFailure(m_address, m_timetable.now());
    if (++m_tried == m_door.addresses().size())
        return false;
    m_address = (m_address + 1) % m_door.addresses().size();
    openConnection();
    return true;
}

void User::onConnected()
{
    const Offset now = m_timetable.now();
    ++m_books.measurements().connectAttempts;
    ++m_books.measurements().connected;
    m_door.addresses().noteSuccess(m_address);
    m_books.measurements().connectDuration.record(now - m_since);
    enter(State::Greeting);
}

void User::missDeadline()
{
    if (m_state == State::Connecting) {
        m_door.addresses().noteFailure(m_address, m_timetable.now());
        failAttempt((m_connection.isConnected() ? "upgrade: " : "connect: ") +
                    std::string(m_connection.lateness()));
    } else if (m_state == State::Greeting) {
        failAttempt("join: no greeting in time");
    } else if (m_state == State::Joining) {
        failAttempt("join: no answer in time");
    }
}

void User::failAttempt(const std::string &error)
{
    Measurements &m = m_books.measurements();
    if (m_state == State::Connecting)
        ++m.connectAttempts;
    else
        ++m.joinAttempts;
    countError(figures::printable(error));
    endArrival(Words::Arrival::Failed);
    m_connection.abort();
    endParts(Ending::Cut);
    rest();
}

void User::rest()
{
    if (!m_isWanted || m_settings.reconnect == Reconnect::None) {
        enter(m_isWanted ? State::GivenUp : State::Away);
        return;
    }
    enter(State::Resting);
    const Offset delay = m_advisedDelay ? *m_advisedDelay : m_backoff.next();
    appoint(Appointment::Kind::Retry, m_timetable.now() + delay, m_deadlines);
}

void User::onEnded(const ConnectionEnd &end)
{
    if (m_state == State::Connecting) {
        const bool hadNone = end.stage == ConnectionEnd::Stage::Connecting;
        if (!hadNone || !tryNextAddress())
            failAttempt((hadNone ? "connect: " : "upgrade: ") + end.reason);
    } else if (m_state == State::Closing) {
        enter(State::Away);
        if (m_isWanted) // its next session has begun
            queue();
    } else {
        loseConnection(end);
    }
}

void User::loseConnection(const ConnectionEnd &end)
{
    Measurements &m = m_books.measurements();
    ++m.connectionsLost;
    ++m.closeCodes[end.closeCode];
    countError(figures::printable("connection lost: " + std::to_string(end.closeCode) + " " +
                                  std::string(describe(end.closeCode)) +
                                  (end.reason.empty() ? "" : " (" + end.reason + ")")));
    endParts(Ending::Cut);
    if (m_state == State::Settling) { // a session that was over
        enter(State::Away);
        if (m_isWanted)
            queue();
        return;
    }
    endArrival(Words::Arrival::Failed);
    m_words.holdBack();
    if (m_words.isClosed())
        ++m_speaking; // its next word is due once it has joined again
    if (m_state == State::Member)
        m_cameBack = true;
    else
        ++m.joinAttempts;
    const bool isUnwelcome = retryPolicy(end.closeCode) == RetryPolicy::Never &&
                             end.closeCode != static_cast<std::uint16_t>(CloseCode::Normal);
    if (isUnwelcome && m_isWanted)
        enter(State::GivenUp);
    else
        rest();
}

// ---- what the server says

void User::onText(std::string_view text, Offset at)
{
    std::visit([this, at](const auto &event) { on(event, at); }, m_speech.read(text, readMode()));
}

ReadMode User::readMode() const
{
    if (m_plan.isVerified || (m_state != State::Member && m_state != State::Settling))
        return ReadMode::Full;
    return m_settings.verify == Verify::Off && !m_plan.speaks ? ReadMode::Skip : ReadMode::Count;
}

Participation *User::partIn(std::string_view room)
{
    if (room.empty()) // v1 names none, and has one
        return m_parts.size() == 1 ? &m_parts.front() : nullptr;
    const auto found = std::find_if(m_parts.begin(), m_parts.end(), [this, room](const Participation &part) {
        return m_settings.rooms[part.room()] == room;
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
        return failAttempt("join: the server asks for a token; give one with --token-file");
    ++m_books.measurements().hosts[figures::printable(greeted.host)];
    m_chat = greeted.chat;
    m_since = m_timetable.now();
    std::string server(greeted.host);
    if (m_door.addresses().size() > 1)
        server += " at " + toString(m_door.addresses().at(m_address));
    enter(State::Joining);
    for (Participation &part : m_parts)
        part.begin(m_since, figures::printable(server), m_settings.settle > Offset{});
    for (const Participation &part : m_parts) {
        if (!m_connection.sendText(m_speech.join(part.room())))
            return failAttempt("join: the server takes nothing");
    }
}

void User::on(const event::Joined &joined, Offset at)
{
    Participation *part = partIn(joined.room);
    if (part == nullptr)
        return;
    if (m_state == State::Joining && !part->isConfirmed()) {
        part->confirm(standing(joined.standing));
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
    Measurements &m = m_books.measurements();
    ++m.joinAttempts;
    ++m.joined;
    m.joinDuration.record(at - m_since);
    if (std::exchange(m_cameBack, false))
        ++m.reconnects;
    m_backoff.reset();
    endArrival(Words::Arrival::Joined);
    enter(State::Member);
    if (m_settings.settle > Offset{})
        appoint(Appointment::Kind::Settled, at + m_settings.settle, m_deadlines);
    if (const auto next = m_words.joined(at))
        appoint(Appointment::Kind::Speak, *next, ++m_speaking);
}

void User::restart(Participation &part, const event::Joined &joined, Offset at)
{
    countError("the server's history of a room is another one");
    const std::uint64_t lost = part.restart(standing(joined.standing), joined.page, at);
    if (lost > 0)
        m_books.measurements().errors["messages that were delivered, and that the server then lost"] += lost;
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
    if (!m_plan.isVerified)
        return on(event::Counted{}, at);
    if (Participation *part = partIn(delivery.room))
        part->receive(delivery, at);
    else
        ++m_books.measurements().deliveries.unexpected;
    leaveIfSettled();
}

void User::on(const event::Counted &, Offset)
{
    if (m_settings.verify != Verify::Off)
        ++m_books.measurements().deliveries.counted;
}

void User::on(const event::Answered &answered, Offset at)
{
    const std::uint64_t before = unanswered();
    if (Participation *part = partIn(answered.room))
        part->acknowledge(answered, at);
    if (unanswered() < before)
        speakOn(at);
    leaveIfSettled();
}

void User::on(const event::Refused &refused, Offset at)
{
    if (m_state == State::Joining && !refused.index) {
        failAttempt("join refused: " + std::string(refused.code));
        return;
    }
    const std::string code = figures::printable(refused.code);
    countError("message refused: " + code);
    ++m_books.measurements().refusals[code];
    const std::uint64_t before = unanswered();
    if (Participation *part = partOf(refused))
        part->refuse(refused);
    if (unanswered() < before)
        speakOn(at);
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

// ---- speaking

std::uint64_t User::unanswered() const
{
    std::uint64_t all = 0;
    for (const Participation &part : m_parts)
        all += part.unanswered();
    return all;
}

void User::speak(Offset planned)
{
    if (m_words.isClosed()) {
        if (m_state == State::Member) { // there is no time that was planned beforehand
            const Offset now = m_timetable.now();
            m_words.plan(now);
            say(now, now);
        }
        return;
    }
    appoint(Appointment::Kind::Speak, m_words.following(), m_speaking);
    if (m_state == State::Member) {
        m_words.plan(planned);
        if (m_words.turnstile().pass(planned, unanswered()))
            say(planned, planned);
        else
            speakOn(m_timetable.now()); // not all that may be said was taken before
    } else if (m_isArriving) {
        m_words.addEarly(planned);
    } else {
        m_words.miss(planned);
    }
}

bool User::say(Offset planned, Offset allowed)
{
    const bool isSent =
        m_parts[m_turn++ % m_parts.size()].speak(planned, allowed, m_words.size(), m_connection);
    if (!isSent && m_words.isClosed())
        appoint(Appointment::Kind::Speak, m_words.afterDrop(m_timetable.now()), ++m_speaking);
    return isSent;
}

void User::speakOn(Offset now)
{
    if (m_state != State::Member)
        return;
    if (m_words.isClosed()) {
        if (unanswered() == 0)
            appoint(Appointment::Kind::Speak, m_words.afterAnswer(now), ++m_speaking);
        return;
    }
    while (const auto planned = m_words.turnstile().next(unanswered())) {
        if (!say(*planned, now))
            return;
    }
}

} // namespace parlor::cli::load
