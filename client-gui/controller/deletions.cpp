// SPDX-License-Identifier: MIT
#include "client-gui/controller/deletions.h"

#include "client-gui/models/harmless.h"
#include "client-gui/models/sentence.h"

#include <QTimer>

#include <utility>

namespace parlor::gui {

namespace {

using namespace std::chrono_literals;

constexpr auto kUndoWithin = 5s;

} // namespace

Deletions::Deletions(ChatClient &client, Models messages, QObject *parent)
    : QObject(parent)
    , m_client(client)
    , m_messages(std::move(messages))
    , m_patience(kUndoWithin)
{
    connect(&client.moderation(), &Moderation::deleteRefused, this, &Deletions::onRefused);
}

void Deletions::begin(const QString &room, quint64 key)
{
    MessageModel *messages = m_messages(room);
    const auto place = messages ? messages->placeOf(key) : std::nullopt;
    if (!place || !messages->index(messages->rowOf(key)).data(MessageModel::DeletableRole).toBool())
        return;
    delete m_waiting.take(place->id).timer; // of a row that went meanwhile, and came again
    messages->setDeleting(place->id, true);
    auto *timer = new QTimer(this);
    timer->setSingleShot(true);
    connect(timer, &QTimer::timeout, this, [this, id = place->id] { send(id); });
    m_waiting.insert(place->id, {room, *place, timer});
    timer->start(m_patience);
}

void Deletions::undo(const QString &room, quint64 key)
{
    MessageModel *messages = m_messages(room);
    const auto place = messages ? messages->placeOf(key) : std::nullopt;
    if (!place)
        return;
    if (const Waiting waiting = m_waiting.take(place->id); waiting.timer) {
        delete waiting.timer;
        messages->setDeleting(place->id, false);
    } else {
        Q_EMIT refused(tr("It is too late: the server was asked to delete the message."));
    }
}

void Deletions::flush()
{
    for (const QString &id : m_waiting.keys())
        send(id);
}

void Deletions::send(const QString &id)
{
    const Waiting waiting = m_waiting.take(id);
    waiting.timer->deleteLater(); // it may be what calls
    m_client.moderation().deleteMessage(waiting.room, waiting.place.seq, id);
}

void Deletions::onRefused(const QString &room, const QString &id, const Refusal &refusal)
{
    if (MessageModel *messages = m_messages(room))
        messages->setDeleting(id, false);
    const bool isKnown = !refusal.code.isEmpty(); // the server said so
    Q_EMIT refused(
        (isKnown ? tr("The message was not deleted: %1") : tr("The message may still be there: %1"))
            .arg(sentence(oneLine(refusal.text))));
}

} // namespace parlor::gui
