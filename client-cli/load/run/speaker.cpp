// SPDX-License-Identifier: MIT
#include "client-cli/load/run/speaker.h"

#include <algorithm>

namespace parlor::cli::load {

Speaker::Speaker(std::uint32_t user, const Profile &profile, const UserContext &context,
                 std::span<Participation> parts, Connector &connector)
    : m_context(context)
    , m_parts(parts)
    , m_connector(connector)
    , m_words(user, profile, context.settings.seed, context.books)
    , m_user(user)
{
}

void Speaker::appoint(Offset at)
{
    m_context.timetable.add({at, Appointment::Kind::Speak, m_user, m_ticket});
}

void Speaker::beginSession(Offset at, std::uint32_t session)
{
    if (const auto first = m_words.begin(at, session))
        appoint(*first);
}

void Speaker::endSession()
{
    ++m_ticket;
    m_words.holdBack();
}

void Speaker::joinRooms(Offset at)
{
    const auto next = m_words.joined(at);
    if (!next)
        return;
    ++m_ticket;
    appoint(*next);
}

void Speaker::leaveRooms()
{
    m_words.holdBack();
    if (m_words.isClosed())
        ++m_ticket; // its next word is due once it has joined again
}

void Speaker::keepAppointment(const Appointment &appointment, Place place)
{
    if (appointment.ticket != m_ticket)
        return;
    const Offset now = m_context.timetable.now();
    if (m_words.isClosed()) {
        if (place == Place::InRooms) { // there is no time that was planned beforehand
            m_words.plan(now);
            say(now, now);
        }
        return;
    }
    const Offset planned = appointment.at;
    appoint(m_words.following());
    switch (place) {
    case Place::InRooms:
        m_words.plan(planned);
        if (m_words.turnstile().pass(planned, unanswered()))
            say(planned, planned);
        else
            speakOn(now); // not all that may be said was taken before
        break;
    case Place::Arriving:
        m_words.addEarly(planned);
        break;
    case Place::Outside:
        m_words.miss(planned);
        break;
    }
}

bool Speaker::say(Offset planned, Offset allowed)
{
    Participation &part = m_parts[m_turn++ % m_parts.size()];
    const bool isSent = part.speak(planned, allowed, m_words.size(), m_connector);
    if (!isSent && m_words.isClosed()) {
        ++m_ticket;
        appoint(m_words.afterDrop(m_context.timetable.now()));
    }
    return isSent;
}

void Speaker::speakOn(Offset now, Offset pause)
{
    if (m_words.isClosed()) {
        if (unanswered() > 0)
            return;
        ++m_ticket;
        appoint(std::max(m_words.afterAnswer(now), now + pause));
        return;
    }
    while (const auto planned = m_words.turnstile().next(unanswered())) {
        if (!say(*planned, now))
            return;
    }
}

std::uint64_t Speaker::unanswered() const
{
    std::uint64_t all = 0;
    for (const Participation &part : m_parts)
        all += part.unanswered();
    return all;
}

} // namespace parlor::cli::load
