// SPDX-License-Identifier: MIT
#include "client-cli/load/run/participation.h"

#include <utility>

namespace parlor::cli::load {

void Participation::begin(Offset at, std::string server)
{
    m_server = std::move(server);
    m_membership = m_all.dialect.newMembership(ledger(), m_all.measurements.deliveries, at);
}

void Participation::confirm(const Standing &standing)
{
    m_membership->confirm(standing);
    m_membership->attend(m_user, m_server);
}

std::uint64_t Participation::restart(const Standing &standing, std::span<const Delivery> page, Offset at)
{
    const std::uint64_t lost = m_membership->wentBack(standing, page);
    m_membership->finish(Ending::Cut);
    begin(at, std::move(m_server));
    confirm(standing);
    return lost;
}

void Participation::end(Ending ending)
{
    const std::vector<PendingSend> pending = m_pending.takeAll(m_refused);
    countRefused();
    for (const PendingSend &send : pending) {
        PhaseMeasurements &phase = phaseOf(send.planned);
        ++(ending == Ending::Left ? phase.unanswered : phase.abandoned);
        ledger().settle(send.index, ending == Ending::Left ? Fate::Unanswered : Fate::Unknown);
    }
    if (m_membership) {
        m_membership->finish(ending);
        m_membership.reset();
    }
}

void Participation::missWord(Offset planned)
{
    static_cast<void>(m_sizes.next());
    PhaseMeasurements &phase = phaseOf(planned);
    ++phase.planned;
    ++phase.notMember;
}

void Participation::skipWord(Offset planned)
{
    static_cast<void>(m_sizes.next());
    ++phaseOf(planned).early;
}

void Participation::speak(Offset planned, WebSocketClient &connection)
{
    PhaseMeasurements &phase = phaseOf(planned);
    ++phase.planned;
    const std::size_t size = m_sizes.next();
    const Offset now = m_all.clock.now();
    const std::uint64_t index = ledger().end();
    m_all.content.clear();
    appendContent(m_all.content,
                  {.run = m_all.run,
                   .room = m_room,
                   .index = static_cast<std::uint32_t>(index),
                   .sender = m_user,
                   .planned = planned,
                   .lag = now - planned},
                  size);
    m_all.frame.clear();
    m_all.dialect.appendMessage(m_all.frame, m_all.settings.rooms[m_room], m_all.content, index);
    if (!connection.sendText(m_all.frame)) {
        ++phase.dropped;
        return;
    }
    ledger().send(m_user, now, m_membership->member());
    m_pending.add({index, planned});
    ++phase.sent;
    phase.sendLag.record(now - planned);
}

void Participation::receive(const Delivery &delivery, Offset at)
{
    if (!m_membership) {
        ++m_all.measurements.deliveries.unexpected;
        return;
    }
    if (m_membership->received(delivery) != Receipt::First)
        return;
    const Marker &marker = delivery.content.marker;
    const Offset latency = at - marker.planned;
    const Offset service = latency - marker.lag;
    if (service < Offset{}) {
        ++m_all.measurements.negativeTimes;
        return;
    }
    PhaseMeasurements &phase = phaseOf(marker.planned);
    ++phase.deliveries;
    phase.deliveryLatency.record(latency);
    phase.deliveryService.record(service);
    m_all.recentLatency.record(latency);
}

void Participation::acknowledge(const event::Answered &answered, Offset at)
{
    if (const auto send = m_pending.answer(answered.index, m_refused)) {
        PhaseMeasurements &phase = phaseOf(send->planned);
        ++phase.answered;
        phase.ackLatency.record(at - send->planned);
        ledger().publish(answered.index, answered.seq, m_membership ? m_membership->epoch() : 0);
    }
    countRefused();
}

void Participation::refuse(const event::Refused &refused)
{
    if (m_pending.refuse(refused.index, m_refused))
        countRefused();
}

void Participation::countRefused()
{
    for (const PendingSend &send : m_refused) {
        ++phaseOf(send.planned).rejected;
        ledger().settle(send.index, Fate::Refused);
    }
    m_refused.clear();
}

} // namespace parlor::cli::load
