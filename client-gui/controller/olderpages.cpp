// SPDX-License-Identifier: MIT
#include "client-gui/controller/olderpages.h"

#include "shared/client/fromwire.h"

#include <QTimer>

namespace parlor::gui {

namespace {

using namespace std::chrono_literals;

constexpr quint32 kPage = 100;
/// Before we ask again for what was refused, where the server names no time.
constexpr auto kPause = 2s;

/// Whether the same may be granted later.
bool isPassing(const Refusal &refusal)
{
    return refusal.retryAfter.has_value() || fromwire::isWorthRepeating(refusal);
}

} // namespace

OlderPages::OlderPages(ChatClient &client, Models messages, QObject *parent)
    : QObject(parent)
    , m_client(client)
    , m_messages(std::move(messages))
{
    connect(&client.directory(), &Directory::historyListed, this, &OlderPages::answered);
    connect(&client.directory(), &Directory::historyRefused, this, &OlderPages::refused);
}

void OlderPages::wantOlder(const QString &room)
{
    MessageModel *messages = m_messages(room);
    if (!messages || m_wants.value(room).asked || messages->isComplete() || messages->isFull())
        return;
    const auto first = messages->firstSeq();
    if (!first || messages->startsInLostHistory())
        return;
    if (*first <= 1) {
        messages->setComplete();
        return;
    }
    m_wants.insert(room, {});
    ask(room);
}

void OlderPages::wantGap(const QString &room, quint64 key)
{
    const MessageModel *messages = m_messages(room);
    if (!messages || m_wants.value(room).asked || messages->isFull() || !messages->gapAbove(key))
        return;
    m_wants.insert(room, {.gap = key});
    ask(room);
}

void OlderPages::ask(const QString &room)
{
    if (m_client.rooms().phase(room) != RoomPhase::Ready)
        return; // then, when it is
    const MessageModel *messages = m_messages(room);
    Want &want = m_wants[room];
    const auto before = want.gap ? messages->gapAbove(*want.gap) : messages->firstSeq();
    if (!before) {
        m_wants.remove(room);
        return;
    }
    want.asked = true;
    m_client.directory().requestHistory(room, *before, kPage);
}

void OlderPages::roomReady(const QString &room)
{
    if (m_wants.contains(room) && m_messages(room))
        ask(room);
}

void OlderPages::answered(const QString &room, const HistoryPage &page)
{
    m_wants.remove(room);
    MessageModel *messages = m_messages(room);
    const auto position = m_client.rooms().position(room);
    // It must adjoin what is there; meanwhile that may have been trimmed, or numbered anew.
    if (!messages || !page.before || (position && page.epoch != position->epoch))
        return;
    if (page.before != messages->firstSeq())
        messages->fillGap(page);
    else if (messages->startsInLostHistory())
        return;
    else
        messages->prepend(page);
    Q_EMIT brought(room, page);
    // Ours among them are settled: after they have their place, so that what waited goes rather than moves.
    for (const ChatMessage &each : page.messages)
        m_client.outgoing().published(each);
}

/// Comes just before the client's requestRefused.
void OlderPages::refused(const QString &room, const Refusal &refusal)
{
    const bool isLoss = refusal.code.isEmpty(); // asked again when the room is ready
    m_quietRefusal = isLoss || isPassing(refusal);
    if (isLoss)
        return;
    QTimer::singleShot(refusal.retryAfter.value_or(kPause), this, [this, room, refusal] {
        const Want want = m_wants.value(room);
        if (!want.asked)
            return;
        m_wants.remove(room);
        if (!isPassing(refusal) || room != m_open)
            return;
        if (want.gap)
            wantGap(room, *want.gap);
        else
            wantOlder(room);
    });
}

void OlderPages::connectionLost()
{
    for (Want &each : m_wants)
        each.asked = false;
}

} // namespace parlor::gui
