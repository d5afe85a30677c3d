// SPDX-License-Identifier: MIT
#include "client-cli/load/run/participation.h"

#include "client-cli/load/accounting/countedmembership.h"

namespace parlor::cli::load {

void Participation::begin(Offset at, bool settles)
{
    DeliveryCounts &counts = books().measurements().deliveries;
    m_isConfirmed = false;
    m_membership = m_hearing == Hearing::Verified
                       ? m_context.speech.dialect().newMembership(ledger(), counts, at)
                       : std::make_unique<CountedMembership>(ledger(), counts);
    if (settles)
        m_membership->expectSettling();
}

bool Participation::isPossible(const Standing &standing)
{
    return ledger().isPossible(standing.epoch, standing.seq);
}

void Participation::confirm(const Standing &standing, std::string_view server)
{
    m_membership->confirm(standing);
    m_membership->attend(m_user, server);
    m_isConfirmed = true;
}

std::uint64_t Participation::restart(const Standing &standing, std::span<const Delivery> page, Offset at,
                                     std::string_view server)
{
    const std::uint64_t lost = m_membership->wentBack(standing, page);
    m_membership->finish(Ending::Cut);
    begin(at, false);
    confirm(standing, server);
    return lost;
}

void Participation::end(Ending ending)
{
    std::vector<PendingSend> refused;
    const std::vector<PendingSend> pending = m_pending.takeAll(refused);
    countRefused(refused);
    for (const PendingSend &send : pending) {
        books().count(send.planned, m_user,
                      ending == Ending::Left ? &MessageCounts::unanswered : &MessageCounts::abandoned);
        ledger().settle(send.index, ending == Ending::Left ? Fate::Unanswered : Fate::Unknown);
    }
    if (m_membership) {
        m_membership->finish(ending);
        m_membership.reset();
    }
    m_isConfirmed = false;
}

bool Participation::speak(Offset planned, Offset allowed, std::size_t size, Connector &connector)
{
    const Offset now = m_context.timetable.now();
    const std::uint64_t index = ledger().end();
    const Marker marker{.room = m_room,
                        .index = static_cast<std::uint32_t>(index),
                        .sender = m_user,
                        .planned = planned,
                        .lag = now - planned};
    if (!connector.sendText(m_context.speech.message(marker, size))) {
        books().count(planned, m_user, &MessageCounts::dropped);
        return false;
    }
    ledger().send(m_user, now, m_membership->member(), planned);
    m_pending.add({index, planned});
    books().count(planned, m_user, &MessageCounts::sent);
    books().phaseOf(planned).sendLag.record(now - allowed);
    return true;
}

std::optional<Offset> Participation::receive(const Delivery &delivery, Offset at)
{
    if (!m_membership) {
        ++books().measurements().deliveries.unexpected;
        return std::nullopt;
    }
    const Receipt receipt = m_membership->received(delivery);
    if (receipt == Receipt::Malformed)
        books().countMalformed();
    if (receipt != Receipt::First)
        return std::nullopt;
    const Marker &marker = delivery.content.marker;
    const Offset latency = at - marker.planned;
    const Offset service = latency - marker.lag;
    if (service < Offset{}) {
        ++books().measurements().negativeTimes;
        return std::nullopt;
    }
    PhaseMeasurements &phase = books().phaseOf(marker.planned);
    ++phase.deliveries;
    phase.deliveryLatency.record(latency);
    phase.deliveryService.record(service);
    ledger().noteReceipt(marker.index, at);
    if (!phase.isMeasured)
        return std::nullopt;
    if (ProfileMeasurements *profile = books().profileOf(m_user))
        profile->deliveryLatency.record(latency);
    return latency;
}

bool Participation::acknowledge(const event::Answered &answered, Offset at)
{
    const std::uint32_t epoch = m_membership ? m_membership->epoch() : 0;
    if (epoch != 0 && !ledger().isPossible(epoch, answered.seq)) {
        books().countMalformed();
        return false;
    }
    std::vector<PendingSend> refused;
    const auto send = m_pending.answer(answered.index, refused);
    if (!send)
        return false;
    const Offset latency = at - send->planned;
    books().count(send->planned, m_user, &MessageCounts::answered);
    PhaseMeasurements &phase = books().phaseOf(send->planned);
    phase.ackLatency.record(latency);
    if (ProfileMeasurements *profile = books().profileOf(m_user); profile != nullptr && phase.isMeasured)
        profile->ackLatency.record(latency);
    ledger().publish(answered.index, answered.seq, epoch);
    countRefused(refused);
    return true;
}

bool Participation::refuse(const event::Refused &refusal)
{
    std::vector<PendingSend> refused;
    const bool isOurs = m_pending.refuse(refusal.index, refused);
    countRefused(refused);
    return isOurs;
}

void Participation::countRefused(const std::vector<PendingSend> &refused)
{
    for (const PendingSend &send : refused) {
        books().count(send.planned, m_user, &MessageCounts::rejected);
        ledger().settle(send.index, Fate::Refused);
    }
}

} // namespace parlor::cli::load
