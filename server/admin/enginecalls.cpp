// SPDX-License-Identifier: MIT
#include "server/admin/enginecalls.h"

#include <QTimer>

#include <utility>

namespace parlor::admin {

namespace {

/// Which request it answers; nullopt: none.
RequestId ridOf(const Delivery &delivery)
{
    return std::visit(
        [](const auto &each) -> RequestId {
            if constexpr (requires { each.rid; })
                return each.rid;
            else
                return std::nullopt;
        },
        delivery);
}

} // namespace

EngineCalls::EngineCalls(std::chrono::milliseconds patience, Hear hear)
    : m_patience(patience)
    , m_hear(std::move(hear))
    , m_identity(std::make_shared<const Identity>("server", "server", "Server"))
{
}

void EngineCalls::setEngine(Engine *engine)
{
    m_engine = engine;
    if (m_engine)
        m_engine->addPort(*this);
}

void EngineCalls::call(const Ask &ask, Then then)
{
    const std::uint32_t rid = ++m_lastRid;
    m_waiting.emplace(rid, std::move(then));
    QTimer::singleShot(m_patience, this, [this, rid] { answer(rid, std::nullopt); });
    const Caller caller{this, {}, m_identity, 0, Caller::Kind::Server};
    ask(*m_engine, caller, rid);
    m_engine->flush();
}

void EngineCalls::deliver(Delivery delivery)
{
    const std::lock_guard lock(m_mutex);
    m_delivered.push_back(std::move(delivery));
    if (m_delivered.size() == 1)
        QMetaObject::invokeMethod(this, &EngineCalls::takeDelivered, Qt::QueuedConnection);
}

void EngineCalls::takeDelivered()
{
    std::vector<Delivery> delivered;
    {
        const std::lock_guard lock(m_mutex);
        delivered.swap(m_delivered);
    }
    for (Delivery &each : delivered) {
        if (const RequestId rid = ridOf(each))
            answer(*rid, std::move(each));
        else
            m_hear(each);
    }
}

void EngineCalls::answer(std::uint32_t rid, std::optional<Delivery> delivery)
{
    if (auto waiting = m_waiting.extract(rid))
        waiting.mapped()(std::move(delivery));
}

} // namespace parlor::admin
