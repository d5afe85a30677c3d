// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/delivery.h"
#include "server/http/endpoints.h"
#include "server/peer/application.h"
#include "server/transport/acceptedsocket.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <variant>

#include <vector>

namespace parlor {

/// The server is about to stop.
struct DrainCommand
{
    std::chrono::milliseconds window{};
};

/// A part of the clients is to connect anew.
struct RebalanceCommand
{
    double fraction = 0; ///< 0 to 1
    std::chrono::milliseconds window{};
};

/// Keys of tokens have come, or did not.
struct KeysRefreshed
{
};

struct ConnectionLimits;

/// What SIGHUP changed. It holds for those who are connected, too.
struct NewLimits
{
    std::shared_ptr<const ConnectionLimits> connection;
    std::shared_ptr<const ChatLimits> chat;
    std::shared_ptr<const std::vector<std::string>> allowedOrigins;
};

/// A client came.
struct Newcomer
{
    AcceptedSocket socket;
    Door door = Door::Everything; ///< that it came through
};

using InboxItem = std::variant<Delivery, Newcomer, DrainCommand, RebalanceCommand, KeysRefreshed, NewLimits>;

/// Everything that comes to a worker from other threads, in order. Any thread puts; the worker takes. The
/// worker is woken by an eventfd, and only if it is not awake already.
class Inbox final : public DeliveryPort
{
public:
    Inbox();
    ~Inbox();
    Inbox(const Inbox &) = delete;
    Inbox &operator=(const Inbox &) = delete;

    void deliver(Delivery delivery) override { put(std::move(delivery)); }
    void queue(Delivery delivery) override;
    void notify() override;
    void put(InboxItem item);

    /// The worker says that it is awake: until sleep() nobody writes to the eventfd.
    void wake();
    /// Swaps all that is there into `items`, which must be empty. Returns whether there was anything.
    bool take(std::vector<InboxItem> &items);
    /// The worker says that it will wait for the eventfd. False: something came meanwhile, so it stays awake.
    [[nodiscard]] bool sleep();

    /// The worker wants another turn soon, after Qt's own events.
    void kick();

    /// Readable when the worker is to wake up.
    [[nodiscard]] int descriptor() const { return m_eventfd; }

private:
    int m_eventfd = -1;
    std::atomic<bool> m_awake{false};
    std::mutex m_mutex;
    std::vector<InboxItem> m_items;
};

} // namespace parlor
