// SPDX-License-Identifier: MIT
#include "shared/client/requests.h"

#include "shared/protocol/encoder.h"
#include "shared/protocol/limits.h"

#include <utility>

namespace parlor {

namespace {

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

std::chrono::milliseconds Requests::waitFor(const request::Body &body) const
{
    const double cost = costOf(body);
    return cost > 0 ? m_pacer.waitFor(cost) : std::chrono::milliseconds(0);
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
    m_joins = 0;
    const auto unanswered = std::exchange(m_handlers, {});
    for (const auto &[rid, handler] : unanswered)
        handler(nullptr);
}

/// docs/protocol.md section 9.
double Requests::costOf(const request::Body &body) const
{
    using namespace request;
    if (std::holds_alternative<Auth>(body))
        return 0;
    if (std::holds_alternative<Join>(body))
        return m_joins < limits::kFreeJoins ? 0 : limits::kListCost;
    const bool isLarge = std::holds_alternative<History>(body) || std::holds_alternative<Rooms>(body) ||
                         std::holds_alternative<Who>(body) || std::holds_alternative<Nick>(body);
    return isLarge ? limits::kListCost : 1;
}

void Requests::write(const Request &request)
{
    m_pacer.charge(costOf(request.body));
    if (std::holds_alternative<request::Join>(request.body))
        ++m_joins;
    std::string json;
    encode(json, request);
    m_write(json);
}

} // namespace parlor
