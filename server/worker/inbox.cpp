// SPDX-License-Identifier: MIT
#include "server/worker/inbox.h"

#include <QtGlobal>

#include <sys/eventfd.h>
#include <unistd.h>

namespace parlor {

Inbox::Inbox()
    : m_eventfd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
{
    if (m_eventfd < 0)
        qFatal("cannot start a worker: no descriptor for its inbox (raise the limit of open files)");
}

Inbox::~Inbox()
{
    for (const InboxItem &item : m_items) {
        if (const auto *newcomer = std::get_if<Newcomer>(&item))
            ::close(newcomer->socket.descriptor);
    }
    ::close(m_eventfd);
}

void Inbox::put(InboxItem item)
{
    {
        const std::lock_guard lock(m_mutex);
        m_items.push_back(std::move(item));
    }
    notify();
}

void Inbox::queue(Delivery delivery)
{
    const std::lock_guard lock(m_mutex);
    m_items.push_back(std::move(delivery));
}

void Inbox::notify()
{
    if (!m_awake.exchange(true))
        ::eventfd_write(m_eventfd, 1);
}

void Inbox::wake()
{
    m_awake.store(true);
    eventfd_t count = 0;
    ::eventfd_read(m_eventfd, &count);
}

bool Inbox::take(std::vector<InboxItem> &items)
{
    const std::lock_guard lock(m_mutex);
    items.swap(m_items);
    return !items.empty();
}

bool Inbox::sleep()
{
    m_awake.store(false);
    const std::lock_guard lock(m_mutex);
    if (m_items.empty())
        return true;
    m_awake.store(true);
    return false;
}

void Inbox::kick()
{
    m_awake.store(true);
    ::eventfd_write(m_eventfd, 1);
}

} // namespace parlor
