// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/engine.h"

#include <QObject>

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

namespace parlor::admin {

/// Asks the engine on the server's own behalf, and hands its answers on. Main thread, but for the port. Must
/// be told to stop() before the engine goes, and outlive its stop().
class EngineCalls final : public QObject, private DeliveryPort
{
    Q_OBJECT
public:
    using Ask = std::function<void(Engine &engine, const Caller &caller, RequestId rid)>;
    /// nullopt: no answer came in time.
    using Then = std::function<void(std::optional<Delivery> answer)>;
    /// What an engine tells all ports.
    using Hear = std::function<void(const Delivery &event)>;

    EngineCalls(std::chrono::milliseconds patience, Hear hear);

    /// Null, until there is one: nothing is asked.
    void setEngine(Engine *engine);
    [[nodiscard]] bool hasEngine() const { return m_engine != nullptr; }
    /// Needs an engine.
    void call(const Ask &ask, Then then);

private:
    // DeliveryPort
    void deliver(Delivery delivery) override;

    void takeDelivered();
    void answer(std::uint32_t rid, std::optional<Delivery> delivery);

    const std::chrono::milliseconds m_patience;
    const Hear m_hear;
    const IdentityPtr m_identity;
    Engine *m_engine = nullptr;
    std::uint32_t m_lastRid = 0;
    std::map<std::uint32_t, Then> m_waiting;
    std::mutex m_mutex; ///< of what follows
    std::vector<Delivery> m_delivered;
};

} // namespace parlor::admin
