// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/delivery.h"

#include <mutex>
#include <vector>

namespace parlor {

/// The ports of all workers. What concerns all sessions is told to each of them, and what holds at present to
/// one that comes. Any thread; owned by an engine.
class Ports
{
public:
    void add(DeliveryPort &port);
    void tellReachable(bool isReachable);
    void tell(SanctionsPtr sanctions);
    void tell(const delivery::Kicked &kicked);

    /// What was told last; never null.
    [[nodiscard]] SanctionsPtr sanctions() const;

private:
    void tellAll(const Delivery &delivery);

    mutable std::mutex m_mutex;
    std::vector<DeliveryPort *> m_ports;
    bool m_isReachable = true;
    SanctionsPtr m_sanctions = std::make_shared<const Sanctions>();
};

} // namespace parlor
