// SPDX-License-Identifier: MIT
#include "shared/client/recorder.h"

#include <utility>

namespace parlor {

namespace {

using namespace std::chrono_literals;

/// A flood is written in few transactions, and a crash takes no more than this.
constexpr auto kFlushInterval = 200ms;

} // namespace

Recorder::Recorder(ChatClient &client, ClientStore &store, std::chrono::milliseconds retryAfter,
                   QObject *parent)
    : QObject(parent)
    , m_client(client)
    , m_store(store)
    , m_session(store.session())
{
    m_flush.setSingleShot(true);
    m_flush.setInterval(kFlushInterval);
    connect(&m_flush, &QTimer::timeout, this, &Recorder::flush);
    m_retry.setSingleShot(true);
    m_retry.setInterval(retryAfter);
    connect(&m_retry, &QTimer::timeout, this, &Recorder::writeAgain);
    connect(&store, &ClientStore::failed, &m_retry, qOverload<>(&QTimer::start));
    connect(&store, &ClientStore::failed, this, &Recorder::failed);
    connect(&client, &ChatClient::resumeTokenChanged, this, [this](const QString &token) {
        m_session.resumeToken = token;
        m_session.info = m_client.session();
        m_isSessionKept = m_store.keepSession(m_session);
    });
    connect(&client, &ChatClient::connectionEnded, this, &Recorder::flush); // the server may not come back
    RoomBook &rooms = client.rooms();
    connect(&rooms, &RoomBook::messageReceived, this, &Recorder::onMessage);
    connect(&rooms, &RoomBook::messageDeleted, this, &Recorder::onDeleted);
    connect(&rooms, &RoomBook::messagesMissing, this, &Recorder::onMissing);
    connect(&rooms, &RoomBook::positionChanged, this, &Recorder::onPosition);
}

Recorder::~Recorder()
{
    flush();
}

void Recorder::open(const Account &account)
{
    flush();
    if (!m_store.use(account))
        return; // only its name is another one
    m_heard.clear();
    m_missing.clear();
    m_broken.clear();
    m_read.clear();
    m_session = m_store.session();
    m_isSessionKept = true;
    for (const QString &room : m_client.rooms().rooms())
        m_broken.insert(room); // what this account has of it does not end where the client is
}

KeptRoom Recorder::recall(const QString &room)
{
    flush();
    KeptRoom kept = m_store.room(room);
    for (const KeptMessage &each : kept.messages)
        m_client.outgoing().published(each.message);
    if (kept.missingNext)
        m_missing.insert(room, *kept.missingNext);
    return kept;
}

QList<ShownMessage> Recorder::shown(const QString &room)
{
    flush();
    return m_store.room(room).shown();
}

void Recorder::forget(const QString &room)
{
    m_heard.remove(room);
    m_pending.remove(room);
    m_read.remove(room);
    m_missing.remove(room);
    m_broken.remove(room);
    m_store.forgetRoom(room);
}

void Recorder::flush()
{
    m_flush.stop();
    const auto pending = std::exchange(m_pending, {});
    for (const auto &[room, news] : pending.asKeyValueRange()) {
        const auto continuity =
            m_broken.contains(room) ? ClientStore::Continuity::StartsAnew : ClientStore::Continuity::GoesOn;
        if (m_store.keepRoom(room, news, continuity))
            m_broken.remove(room);
        else
            m_broken.insert(room); // what is kept would have a hole that nobody sees
    }
    const auto read = std::exchange(m_read, {});
    for (const auto &[room, seq] : read.asKeyValueRange()) {
        if (!m_store.keepRead(room, seq))
            m_read.insert(room, seq);
    }
}

void Recorder::setRead(const QString &room, quint64 seq)
{
    m_read.insert(room, seq);
    if (!m_flush.isActive())
        m_flush.start();
}

/// A room makes up for it with its next message.
void Recorder::writeAgain()
{
    const bool canWrite = m_store.writeAgain();
    if (canWrite && !m_isSessionKept)
        m_isSessionKept = m_store.keepSession(m_session);
    if (!canWrite || !m_isSessionKept)
        m_retry.start();
    else
        Q_EMIT mended();
}

void Recorder::onMessage(const ChatMessage &message)
{
    const bool own = !message.user.isEmpty() && message.user == m_client.session().user;
    KeptMessage heard{message, std::nullopt, own};
    if (const auto missing = m_missing.constFind(message.room); missing != m_missing.cend()) {
        heard.missingAbove = *missing;
        m_missing.erase(missing);
    }
    m_heard[message.room].append(heard);
}

void Recorder::onDeleted(const MessageDeletion &deletion)
{
    KeptRoom &pending = m_pending[deletion.room];
    for (QList<KeptMessage> *const list : {&pending.messages, &m_heard[deletion.room]}) {
        for (KeptMessage &each : *list) {
            if (each.message.id != deletion.id)
                continue;
            each.message.text.clear();
            each.message.deletedBy = deletion.by;
        }
    }
    pending.deleted.append(deletion);
    if (pending.position)
        return;
    // Where we are does not cover it yet: a crash before that brings it again.
    pending.position = m_client.rooms().position(deletion.room);
    const auto missing = m_missing.constFind(deletion.room);
    pending.missingNext = missing == m_missing.cend() ? std::nullopt : std::optional(*missing);
    if (!m_flush.isActive())
        m_flush.start();
}

/// Of several in a row the last one is kept, unless an earlier one says that the numbers began anew there.
void Recorder::onMissing(const QString &room, const MissingMessages &missing)
{
    MissingMessages &known = m_missing[room];
    if (!known.beginsAnew())
        known = missing;
}

/// Comes after each message, and also without one.
void Recorder::onPosition(const QString &room, const RoomPosition &position)
{
    KeptRoom &pending = m_pending[room];
    pending.messages += m_heard.take(room);
    pending.position = position;
    const auto missing = m_missing.constFind(room);
    pending.missingNext = missing == m_missing.cend() ? std::nullopt : std::optional(*missing);
    if (!m_flush.isActive())
        m_flush.start();
}

} // namespace parlor
