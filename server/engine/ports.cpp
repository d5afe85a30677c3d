// SPDX-License-Identifier: MIT
#include "server/engine/ports.h"

#include <utility>

namespace parlor {

void Ports::add(DeliveryPort &port)
{
    const std::lock_guard lock(m_mutex);
    m_ports.push_back(&port);
    port.deliver(delivery::SanctionsChanged{m_sanctions});
    if (!m_isReachable)
        port.deliver(delivery::ClusterState{false});
}

void Ports::tellReachable(bool isReachable)
{
    const std::lock_guard lock(m_mutex);
    m_isReachable = isReachable;
    tellAll(delivery::ClusterState{isReachable});
}

void Ports::tell(SanctionsPtr sanctions)
{
    const std::lock_guard lock(m_mutex);
    m_sanctions = std::move(sanctions);
    tellAll(delivery::SanctionsChanged{m_sanctions});
}

void Ports::tell(const delivery::Kicked &kicked)
{
    const std::lock_guard lock(m_mutex);
    tellAll(kicked);
}

SanctionsPtr Ports::sanctions() const
{
    const std::lock_guard lock(m_mutex);
    return m_sanctions;
}

/// Under the lock: all ports hear all in one order.
void Ports::tellAll(const Delivery &delivery)
{
    for (DeliveryPort *port : m_ports)
        port->deliver(delivery);
}

} // namespace parlor
