// SPDX-License-Identifier: MIT
#include "shared/client/requests.h"

#include "shared/protocol/encoder.h"

#include <utility>

namespace parlor {

namespace {

/// docs/protocol.md section 9. A connection's first 32 joins are free, and a session has no more rooms.
struct Cost
{
    double operator()(const request::Auth &) const { return 0; }
    double operator()(const request::Join &) const { return 0; }
    double operator()(const request::History &) const { return Requests::kQuestionCost; }
    double operator()(const request::Rooms &) const { return Requests::kQuestionCost; }
    double operator()(const request::Who &) const { return Requests::kQuestionCost; }
    template <typename Other>
    double operator()(const Other &) const
    {
        return 1;
    }
};

std::optional<std::uint32_t> ridOf(const frame::Any &any)
{
    return std::visit(
        [](const auto &value) -> std::optional<std::uint32_t> {
            if constexpr (requires { value.rid; })
                return value.rid;
            else
                return std::nullopt;
        },
        any);
}

} // namespace

Requests::Requests(RatePacer &pacer, std::function<void(const std::string &)> write)
    : m_pacer(pacer)
    , m_write(std::move(write))
    , m_lastRid(kFirstRid)
{
}

void Requests::send(const request::Body &body, Handler handler)
{
    const std::uint32_t rid = ++m_lastRid == 0 ? m_lastRid = kFirstRid : m_lastRid;
    m_handlers.insert_or_assign(rid, std::move(handler));
    write(Request{rid, body});
}

void Requests::sendWithoutAnswer(const request::Body &body)
{
    write(Request{std::nullopt, body});
}

bool Requests::answer(const frame::Any &any)
{
    const auto rid = ridOf(any);
    if (!rid)
        return false;
    const auto it = m_handlers.find(*rid);
    if (it == m_handlers.end())
        return false;
    const Handler handler = std::move(it->second);
    m_handlers.erase(it);
    handler(&any);
    return true;
}

void Requests::close()
{
    m_open = false;
    const auto unanswered = std::exchange(m_handlers, {});
    for (const auto &[rid, handler] : unanswered)
        handler(nullptr);
}

void Requests::write(const Request &request)
{
    m_pacer.charge(std::visit(Cost{}, request.body));
    std::string json;
    encode(json, request);
    m_write(json);
}

} // namespace parlor
