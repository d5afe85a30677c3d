// SPDX-License-Identifier: MIT
#include "server/engine/redis/store.h"

#include "server/engine/redis/storeworker.h"

#include <QEventLoop>

#include <future>
#include <utility>

namespace parlor::redis {

Result<std::unique_ptr<Store>> Store::open(const Config &config, const WallClock &clock)
{
    std::unique_ptr<Store> store(new Store(config.waiting));
    std::promise<std::pair<StoreWorker *, QEventLoop *>> ready;
    std::promise<Result<StoreWorker::Chat>> opened;
    store->m_thread = std::thread([&, config, clock, told = &store->m_told] {
        StoreWorker worker(config, clock, *told);
        QEventLoop loop;
        ready.set_value({&worker, &loop});
        loop.exec();
    });
    std::tie(store->m_worker, store->m_loop) = ready.get_future().get();
    QMetaObject::invokeMethod(store->m_worker, [&opened, worker = store->m_worker] {
        worker->open([&opened](Result<StoreWorker::Chat> chat) { opened.set_value(std::move(chat)); });
    });
    auto chat = opened.get_future().get();
    if (!chat)
        return chat.error();
    store->m_secret = std::move(chat->secret);
    store->m_sanctions = std::move(chat->sanctions);
    return store;
}

Store::~Store()
{
    stop();
}

void Store::start(MessageStore::Listener &listener)
{
    listener.onSanctions(m_sanctions); // before anybody connects
    push([this, &listener](StoreWorker &worker) { worker.start(listener, *m_clusterListener); });
}

void Store::stop()
{
    {
        const std::lock_guard lock(m_mutex);
        if (std::exchange(m_isStopping, true))
            return;
    }
    waitUntilIdle(); // Redis answers, or the connection ends and all that waits is refused
    QMetaObject::invokeMethod(
        m_worker,
        [this] {
            m_worker->close();
            m_loop->quit();
        },
        Qt::BlockingQueuedConnection);
    m_thread.join();
    const std::lock_guard lock(m_mutex);
    m_worker = nullptr;
}

std::string Store::epoch() const
{
    const std::lock_guard lock(m_told.mutex);
    return m_told.epoch;
}

// ---- requests

void Store::push(std::function<void(StoreWorker &)> request)
{
    const std::lock_guard lock(m_mutex);
    m_queue.emplace_back(std::move(request));
    wake();
}

/// Under the lock.
void Store::wake()
{
    if (m_worker && !std::exchange(m_isAwake, true))
        QMetaObject::invokeMethod(
            m_worker, [this] { work(); }, Qt::QueuedConnection);
}

void Store::work()
{
    std::vector<Request> requests;
    {
        const std::lock_guard lock(m_mutex);
        m_isAwake = false;
        requests.swap(m_queue);
    }
    for (Request &each : requests) {
        if (auto *post = std::get_if<Post>(&each))
            m_worker->publish(std::move(*post));
        else
            std::get<1>(each)(*m_worker);
    }
    m_worker->flush();
}

MessageStore::Accepted Store::append(Post &&post)
{
    const std::lock_guard lock(m_mutex);
    if (m_isStopping)
        return Accepted::Stopping;
    if (m_told.waiting.load() >= m_mostWaiting) {
        const std::lock_guard told(m_told.mutex);
        ++m_told.figures.refused;
        return Accepted::No;
    }
    m_told.waiting.fetch_add(1);
    m_queue.emplace_back(std::move(post));
    return Accepted::Yes;
}

void Store::flush()
{
    const std::lock_guard lock(m_mutex);
    if (!m_queue.empty())
        wake();
}

void Store::readRoom(const std::string &room, Then<StoredRoom> then)
{
    push([room, then = std::move(then)](StoreWorker &worker) { worker.readRoom(room, then); });
}

void Store::release(const std::string &room)
{
    push([room](StoreWorker &worker) { worker.release(room); });
}

void Store::readMessages(const std::string &room, const MessageRange &range, Amount amount,
                         Then<StoredMessages> then, IsAbandoned isAbandoned)
{
    push([=, then = std::move(then), isAbandoned = std::move(isAbandoned)](StoreWorker &worker) {
        if (!isAbandoned || !isAbandoned())
            worker.reader().messages(room, range, amount, then);
    });
}

void Store::listRooms(const std::string &prefix, const std::string &after, std::size_t most,
                      Then<Listing> then, IsAbandoned isAbandoned)
{
    push([=, then = std::move(then), isAbandoned = std::move(isAbandoned)](StoreWorker &worker) {
        if (!isAbandoned || !isAbandoned())
            worker.reader().rooms(prefix, after, most, then);
    });
}

void Store::callLater(std::chrono::milliseconds pause, std::function<void()> call, IsAbandoned isAbandoned)
{
    push([=, call = std::move(call), isAbandoned = std::move(isAbandoned)](StoreWorker &worker) {
        QTimer::singleShot(pause, &worker, [call, isAbandoned] {
            if (!isAbandoned || !isAbandoned())
                call();
        });
    });
}

void Store::moderate(Act act, std::function<void(Result<void> done)> then)
{
    {
        const std::lock_guard lock(m_mutex);
        if (!m_isStopping) {
            m_queue.emplace_back([act = std::move(act), then](StoreWorker &worker) {
                worker.sanctions().moderate(act, then);
            });
            return wake();
        }
    }
    then(Error{ErrorCode::Unavailable, "the server is stopping; nothing has changed"});
}

// ---- the cluster

void Store::came(const RoomName &room, const IdentityPtr &who)
{
    const std::lock_guard lock(m_mutex);
    m_queue.emplace_back([room, who](StoreWorker &worker) { worker.presence().came(*room, who); });
}

void Store::went(const RoomName &room, const IdentityPtr &who, Departure reason)
{
    const std::lock_guard lock(m_mutex);
    m_queue.emplace_back(
        [room, who, reason](StoreWorker &worker) { worker.presence().went(*room, who, reason); });
}

void Store::typing(const RoomName &room, const IdentityPtr &who, bool on)
{
    const std::lock_guard lock(m_mutex);
    m_queue.emplace_back([room, who, on](StoreWorker &worker) { worker.presence().typing(*room, who, on); });
}

void Store::takeOver(const IdentityPtr &who)
{
    const std::lock_guard lock(m_mutex);
    m_worker->presence().announceTakeOver(who->clientId());
    m_queue.emplace_back([who](StoreWorker &worker) { worker.presence().takeOver(who->clientId()); });
}

void Store::bringUpToDate(const RoomName &room, std::function<void(bool isRead)> then)
{
    push([room, then = std::move(then)](StoreWorker &worker) { worker.bringUpToDate(*room, then); });
}

// ----

StoreFigures Store::figures() const
{
    const std::lock_guard lock(m_told.mutex);
    StoreFigures figures = m_told.figures;
    figures.isShared = true;
    figures.waiting = m_told.waiting.load();
    return figures;
}

void Store::waitUntilIdle()
{
    for (bool isIdle = false; !isIdle;) {
        flush();
        QMetaObject::invokeMethod(
            m_worker,
            [&] {
                const std::lock_guard lock(m_mutex);
                isIdle = m_queue.empty() && m_worker->isIdle() && m_told.waiting == 0;
            },
            Qt::BlockingQueuedConnection);
        if (!isIdle)
            std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
}

} // namespace parlor::redis
