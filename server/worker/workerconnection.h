// SPDX-License-Identifier: MIT
#pragma once

#include "server/transport/transport.h"
#include "server/worker/timerwheel.h"

#include <cstddef>
#include <cstdint>
#include <memory>

namespace parlor {

/// One accepted socket in one of its two lives: a RequestConnection until its request is answered, a
/// WebSocketConnection after an upgrade. Owned by its Worker, which destroys it at the end of the turn in
/// which it asks for that.
class WorkerConnection : public TransportListener, public WheelEntry
{
public:
    explicit WorkerConnection(std::unique_ptr<Transport> transport)
        : m_transport(std::move(transport))
    {
        m_transport->setListener(*this);
    }

    /// For the worker's list.
    [[nodiscard]] std::uint32_t index() const { return m_index; }
    void setIndex(std::size_t index) { m_index = static_cast<std::uint32_t>(index); }

    /// The server stops now.
    virtual void abort() = 0;

private:
    std::uint32_t m_index = 0; // here, it fits in behind the bases

protected:
    std::unique_ptr<Transport> m_transport;
};

} // namespace parlor
