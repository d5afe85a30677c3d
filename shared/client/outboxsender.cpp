// SPDX-License-Identifier: MIT
#include "shared/client/outboxsender.h"

#include "shared/client/fromwire.h"
#include "shared/protocol/encoder.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace parlor {

OutboxSender::OutboxSender(Outbox &outbox, const RoomBook &rooms, Requests &requests, RatePacer &pacer,
                           const ClientOptions &options, QObject *parent)
    : QObject(parent)
    , m_outbox(outbox)
    , m_rooms(rooms)
    , m_requests(requests)
    , m_pacer(pacer)
    , m_clock(options.clock)
    , m_resendWithin(options.resendWithin)
    , m_retryWait(options)
{
    m_wait.setSingleShot(true);
    connect(&m_wait, &QTimer::timeout, this, &OutboxSender::pump);
    // What an outbox on disk remembers as in flight was in flight when the last run ended.
    connectionLost();
}

QString OutboxSender::send(const QString &room, const QString &text)
{
    OutboxEntry entry;
    entry.cid = fromwire::text(m_cids.next(m_clock.wall()).toString());
    entry.room = room;
    entry.text = text;
    compose(entry);
    if (isIdle())
        m_unavailable = 0; // what is known of the server is old
    m_outbox.append(entry);
    Q_EMIT entryChanged(entry);
    pump();
    return entry.cid;
}

void OutboxSender::resend(const QString &cid)
{
    auto entry = m_outbox.find(cid);
    if (!entry || (entry->state != OutboxState::NeedsDecision && entry->state != OutboxState::Failed))
        return;
    compose(*entry);
    if (isIdle())
        m_unavailable = 0;
    if (entry->state == OutboxState::Failed)
        entry->sentBy.clear(); // it was refused; others may have one that waits for a decision
    change(*entry, OutboxState::Queued);
    pump();
}

void OutboxSender::discard(const QString &cid)
{
    const auto entry = m_outbox.find(cid);
    if (!entry || entry->state == OutboxState::InFlight)
        return;
    m_composed.remove(cid);
    m_outbox.remove(cid);
    Q_EMIT entryDiscarded(cid);
    endHeldUpIfIdle();
}

void OutboxSender::discardRoom(const QString &room)
{
    for (const OutboxEntry &each : m_outbox.entries()) {
        if (each.room != room)
            continue;
        m_composed.remove(each.cid);
        m_outbox.remove(each.cid);
        Q_EMIT entryDiscarded(each.cid);
    }
    endHeldUpIfIdle();
}

qsizetype OutboxSender::underWay() const
{
    const auto all = m_outbox.entries();
    return std::count_if(all.begin(), all.end(),
                         [](const OutboxEntry &each) { return isUnderWay(each.state); });
}

void OutboxSender::sessionStarted(const QString &clientId, quint64 frameLimit)
{
    m_frameLimit = frameLimit;
    m_clientId = clientId;
}

void OutboxSender::connectionLost()
{
    m_wait.stop();
    m_slowed.clear();
    ++m_connection;
    m_inFlight.clear();
    m_refusedHere.clear();
    endHeldUp(HeldUpEnd::Disconnected);
    for (const OutboxEntry &each : m_outbox.entries()) {
        // One that waited to be sent again is still one of which nobody knows.
        const bool wasSent = each.state == OutboxState::Queued && !each.sentBy.isEmpty();
        if (each.state == OutboxState::InFlight || wasSent)
            change(each, OutboxState::Unconfirmed);
        else if (each.state == OutboxState::Queued && !each.problem.isEmpty())
            change(each, OutboxState::Queued); // the problem was that server's
    }
}

void OutboxSender::setCluster(ClusterState cluster)
{
    m_cluster = cluster;
    if (cluster == ClusterState::Degraded || !m_wait.isActive())
        return;
    m_wait.stop();
    m_retryWait.reset();
    pump();
}

void OutboxSender::roomReady(const QString &room)
{
    for (const OutboxEntry &each : m_outbox.entries()) {
        if (each.room != room)
            continue;
        if (each.state == OutboxState::Unconfirmed && each.sentBy != m_clientId)
            change(each, OutboxState::NeedsDecision,
                   tr("it is not known whether it was delivered: it was sent, but not confirmed, and the "
                      "server no longer knows our session"));
        else if (each.state == OutboxState::Unconfirmed && isTooOld(each))
            change(each, OutboxState::NeedsDecision, unknownAfterSoLong());
        else if (each.state == OutboxState::Queued && isTooOld(each))
            change(each, OutboxState::NeedsDecision, tr("it could not be sent in time"));
        else if (each.state == OutboxState::Unconfirmed)
            change(each, OutboxState::Queued);
    }
    pump();
}

void OutboxSender::roomRefused(const QString &room, const Refusal &refusal)
{
    for (const OutboxEntry &each : m_outbox.entries()) {
        if (each.room != room)
            continue;
        if (each.state == OutboxState::Unconfirmed || each.state == OutboxState::Queued)
            giveUp(each, refusal.text);
    }
    pump();
}

void OutboxSender::published(const ChatMessage &message)
{
    if (message.cid.isEmpty() || message.cid == m_inFlight)
        return;
    const auto entry = m_outbox.find(message.cid);
    if (!entry || entry->room != message.room)
        return;
    settle(
        PublishReceipt{message.cid, message.room, message.id, message.seq, message.timestamp, true, false});
    endHeldUpIfIdle(); // it may be an old one, and says nothing of what the server takes now
}

void OutboxSender::pump()
{
    while (pumpOne()) {
    }
}

bool OutboxSender::pumpOne()
{
    if (!m_requests.isOpen() || !m_inFlight.isEmpty() || m_wait.isActive())
        return false;
    for (const OutboxEntry &each : m_outbox.entries()) {
        const RoomPhase phase = m_rooms.phase(each.room);
        const bool isOpen = each.state == OutboxState::Queued || each.state == OutboxState::Unconfirmed;
        if (!isOpen || phase == RoomPhase::Joining || m_slowed.contains(each.room))
            continue;
        if (phase == RoomPhase::NotJoined) {
            giveUp(each, tr("you are not in %1; join it first").arg(each.room));
            return true; // a slot may have changed everything
        }
        if (each.state != OutboxState::Queued)
            continue;
        if (isTooLong(each)) {
            // The server would not refuse it, but close the connection (1009).
            giveUp(each, tr("it is longer than the server takes"));
            return true;
        }
        if (!each.sentBy.isEmpty() && isTooOld(each)) { // it had to wait for others
            change(each, OutboxState::NeedsDecision, unknownAfterSoLong());
            return true;
        }
        const auto wait = m_pacer.waitFor(1);
        if (wait.count() > 0)
            m_wait.start(wait);
        else
            sendNow(each);
        return false;
    }
    return false;
}

void OutboxSender::sendNow(OutboxEntry entry)
{
    m_inFlight = entry.cid;
    m_isFirstTry = entry.sentBy.isEmpty();
    entry.sentBy = m_clientId;
    const std::string room = entry.room.toStdString();
    const std::string text = entry.text.toStdString();
    const std::string cid = entry.cid.toStdString();
    // On record before it leaves: an outbox on disk must never think that it did not.
    change(entry, OutboxState::InFlight);
    if (m_inFlight != entry.cid)
        return; // a slot ended the connection
    m_requests.send(request::Publish{room, Content{text}, cid},
                    [this, key = entry.cid](const frame::Any *any) { answered(key, any); });
}

void OutboxSender::answered(const QString &cid, const frame::Any *any)
{
    if (!any)
        return; // connectionLost() sees to it
    m_inFlight.clear();
    const bool isFirst = m_isFirstTry || m_refusedHere == cid;
    m_refusedHere = isFirst ? cid : QString(); // as far as it is refused
    auto entry = m_outbox.find(cid);
    if (const auto *error = std::get_if<frame::Error>(any)) {
        const Refusal refusal = fromwire::refusal(*error);
        if (fromwire::isWorthRepeating(refusal)) {
            refusedForNow(refusal, std::move(entry));
            return;
        }
        m_retryWait.reset();
        if (entry && isFirst)
            change(*entry, OutboxState::Failed, refusal.text);
        else if (entry)
            giveUp(*entry, refusal.text); // an earlier connection may have brought it
    } else if (const auto *ack = std::get_if<frame::Ack>(any)) {
        m_retryWait.reset();
        if (const auto *receipt = std::get_if<frame::PublishAck>(&ack->body); receipt && entry) {
            settle(PublishReceipt{cid, fromwire::text(receipt->room), fromwire::text(receipt->id),
                                  receipt->seq, fromwire::text(receipt->timestamp), receipt->dup,
                                  receipt->durable});
            endHeldUp(HeldUpEnd::Flows);
        }
    }
    pump();
}

void OutboxSender::refusedForNow(const Refusal &refusal, std::optional<OutboxEntry> entry)
{
    m_pacer.drain();
    const bool isUnavailable = fromwire::isUnavailable(refusal);
    const auto wait = m_retryWait.after(refusal);
    const bool isSlow = entry && !isUnavailable && refusal.retryAfter >= kSlow;
    if (!isSlow)
        m_wait.start(wait);
    if (isUnavailable && m_cluster == ClusterState::Whole)
        ++m_unavailable;
    // What the server could not store may be there if it crashes now (docs/protocol.md, section 6).
    if (entry && m_isFirstTry && !isUnavailable)
        entry->sentBy.clear(); // it was refused, and nobody has it
    if (entry)
        change(*entry, OutboxState::Queued, isUnavailable || isSlow ? refusal.text : QString());
    if (isSlow)
        slowDown(entry->room, wait, refusal.text);
    if (m_unavailable < kHeldUpFrom || m_isHeldUp || isIdle())
        return;
    m_isHeldUp = true;
    Q_EMIT heldUp(refusal);
}

void OutboxSender::slowDown(const QString &room, std::chrono::milliseconds wait, const QString &text)
{
    m_slowed.insert(room);
    QTimer::singleShot(wait, this, [this, room, connection = m_connection] {
        if (connection != m_connection)
            return;
        m_slowed.remove(room);
        pump();
    });
    Q_EMIT slowedDown(room, wait, text);
    pump();
}

void OutboxSender::endHeldUp(HeldUpEnd end)
{
    m_unavailable = 0;
    if (std::exchange(m_isHeldUp, false))
        Q_EMIT heldUpEnded(end);
}

void OutboxSender::endHeldUpIfIdle()
{
    if (m_isHeldUp && isIdle())
        endHeldUp(HeldUpEnd::NothingWaits);
}

void OutboxSender::settle(const PublishReceipt &receipt)
{
    m_composed.remove(receipt.cid);
    m_outbox.remove(receipt.cid);
    Q_EMIT messageAcknowledged(receipt);
}

void OutboxSender::change(OutboxEntry entry, OutboxState state, const QString &problem)
{
    entry.state = state;
    entry.problem = problem;
    m_outbox.update(entry);
    Q_EMIT entryChanged(entry);
    endHeldUpIfIdle();
}

void OutboxSender::giveUp(const OutboxEntry &entry, const QString &why)
{
    if (entry.sentBy.isEmpty())
        change(entry, OutboxState::Failed, why);
    else
        change(entry, OutboxState::NeedsDecision,
               tr("it is not known whether it was delivered: it was sent, but not confirmed; then: %1")
                   .arg(why));
}

void OutboxSender::compose(OutboxEntry &entry)
{
    entry.composedAt = m_clock.wall();
    m_composed.insert(entry.cid, m_clock.steady());
}

bool OutboxSender::isTooOld(const OutboxEntry &entry) const
{
    // A clock that was set back says too little, and the steady one stands still while a machine sleeps.
    if (const auto at = m_composed.constFind(entry.cid);
        at != m_composed.cend() && m_clock.steady() - *at > m_resendWithin)
        return true;
    const auto age = m_clock.wall() - entry.composedAt;
    return age > m_resendWithin || age < -m_resendWithin;
}

QString OutboxSender::unknownAfterSoLong()
{
    return tr("it is not known whether it was delivered: it was sent, but not confirmed in time");
}

bool OutboxSender::isTooLong(const OutboxEntry &entry) const
{
    constexpr std::uint32_t kLongestRid = std::numeric_limits<std::uint32_t>::max();
    const std::string room = entry.room.toStdString();
    const std::string text = entry.text.toStdString();
    const std::string cid = entry.cid.toStdString();
    std::string json;
    encode(json, Request{kLongestRid, request::Publish{room, Content{text}, cid}});
    return m_frameLimit > 0 && json.size() > m_frameLimit;
}

} // namespace parlor
