// SPDX-License-Identifier: MIT
#include "client-cli/load/run/participation.h"

#include "client-cli/load/accounting/countedmembership.h"

#include <utility>

namespace parlor::cli::load {

void Participation::begin(Offset at, std::string server, bool settles)
{
    m_server = std::move(server);
    DeliveryCounts &counts = m_books.measurements().deliveries;
    m_isConfirmed = false;
    m_membership = m_hearing == Hearing::Verified ? m_speech.dialect().newMembership(ledger(), counts, at)
                                                  : std::make_unique<CountedMembership>(ledger(), counts);
    if (settles)
        m_membership->expectSettling();
}

void Participation::confirm(const Standing &standing)
{
    m_membership->confirm(standing);
    m_membership->attend(m_user, m_server);
    m_isConfirmed = true;
}

std::uint64_t Participation::restart(const Standing &standing, std::span<const Delivery> page, Offset at)
{
    const std::uint64_t lost = m_membership->wentBack(standing, page);
    m_membership->finish(Ending::Cut);
    begin(at, std::move(m_server), false);
    confirm(standing);
    return lost;
}

void Participation::end(Ending ending)
{
    const std::vector<PendingSend> pending = m_pending.takeAll(m_refused);
    countRefused();
    for (const PendingSend &send : pending) {
        PhaseMeasurements &phase = m_books.phaseOf(send.planned);
        ++(ending == Ending::Left ? phase.unanswered : phase.abandoned);
        ledger().settle(send.index, ending == Ending::Left ? Fate::Unanswered : Fate::Unknown);
    }
    if (m_membership) {
        m_membership->finish(ending);
        m_membership.reset();
    }
    m_isConfirmed = false;
}

bool Participation::speak(Offset planned, Offset allowed, std::size_t size, WebSocketClient &connection)
{
    PhaseMeasurements &phase = m_books.phaseOf(planned);
    const Offset now = m_timetable.now();
    const std::uint64_t index = ledger().end();
    const Marker marker{.room = m_room,
                        .index = static_cast<std::uint32_t>(index),
                        .sender = m_user,
                        .planned = planned,
                        .lag = now - planned};
    if (!connection.sendText(m_speech.message(marker, size))) {
        ++phase.dropped;
        return false;
    }
    ledger().send(m_user, now, m_membership->member(), planned);
    m_pending.add({index, planned});
    ++phase.sent;
    phase.sendLag.record(now - allowed);
    return true;
}

void Participation::receive(const Delivery &delivery, Offset at)
{
    if (!m_membership) {
        ++m_books.measurements().deliveries.unexpected;
        return;
    }
    if (m_membership->received(delivery) != Receipt::First)
        return;
    const Marker &marker = delivery.content.marker;
    const Offset latency = at - marker.planned;
    const Offset service = latency - marker.lag;
    if (service < Offset{}) {
        ++m_books.measurements().negativeTimes;
        return;
    }
    PhaseMeasurements &phase = m_books.phaseOf(marker.planned);
    ++phase.deliveries;
    phase.deliveryLatency.record(latency);
    phase.deliveryService.record(service);
    ledger().noteReceipt(marker.index, at);
}

void Participation::acknowledge(const event::Answered &answered, Offset at)
{
    if (const auto send = m_pending.answer(answered.index, m_refused)) {
        PhaseMeasurements &phase = m_books.phaseOf(send->planned);
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
        ++m_books.phaseOf(send.planned).rejected;
        ledger().settle(send.index, Fate::Refused);
    }
    m_refused.clear();
}

} // namespace parlor::cli::load
