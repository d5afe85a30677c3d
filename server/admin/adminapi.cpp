// SPDX-License-Identifier: MIT
#include "server/admin/adminapi.h"

#include <algorithm>

namespace parlor::admin {

namespace {

constexpr std::string_view kVariable = "*";

/// nullopt: it is another path; else what stands in the places of the variables.
std::optional<std::vector<std::string>> match(const std::vector<std::string> &pattern,
                                              const std::vector<std::string> &path)
{
    if (pattern.size() != path.size())
        return std::nullopt;
    std::vector<std::string> parameters;
    for (std::size_t i = 0; i < path.size(); ++i) {
        if (pattern[i] == kVariable)
            parameters.push_back(path[i]);
        else if (pattern[i] != path[i])
            return std::nullopt;
    }
    return parameters;
}

} // namespace

struct AdminApi::Route
{
    std::string method;
    std::vector<std::string> path;
    Handler handler;
    std::string action{}; ///< in the audit log
    bool needsEngine = true;
};

const std::vector<AdminApi::Route> &AdminApi::routes()
{
    static const std::vector<Route> all{
        {"GET", {"v1", "rooms"}, &AdminApi::listRooms},
        {"GET", {"v1", "rooms", "*", "members"}, &AdminApi::listMembers},
        {"GET", {"v1", "rooms", "*", "messages"}, &AdminApi::readMessages, "read"},
        {"POST", {"v1", "rooms", "*", "messages"}, &AdminApi::publish, "say"},
        {"DELETE", {"v1", "rooms", "*", "messages", "*"}, &AdminApi::erase, "delete"},
        {"GET", {"v1", "sanctions"}, &AdminApi::listSanctions},
        {"POST", {"v1", "sanctions"}, &AdminApi::moderate, "moderate"},
        {"GET", {"v1", "status"}, &AdminApi::showStatus, {}, false},
        {"GET", {"v1", "config"}, &AdminApi::showConfiguration, {}, false},
        {"POST", {"v1", "drain"}, &AdminApi::drain, "drain", false},
        {"POST", {"v1", "rebalance"}, &AdminApi::rebalance, "rebalance"},
        {"POST", {"v1", "reload"}, &AdminApi::reload, "reload", false},
    };
    return all;
}

AdminApi::AdminApi(ServerControl &server, WallClock clock, std::chrono::milliseconds patience)
    : m_server(server)
    , m_clock(std::move(clock))
    , m_calls(patience, [this](const Delivery &event) { hear(event); })
{
}

void AdminApi::handle(const ApiRequest &request, Respond respond)
{
    std::string allowed;
    for (const Route &route : routes()) {
        auto parameters = match(route.path, request.path);
        if (!parameters)
            continue;
        allowed += (allowed.empty() ? "" : ", ") + route.method;
        if (route.method != request.method)
            continue;
        const auto call =
            std::make_shared<ApiCall>(request, *std::move(parameters), route.action, std::move(respond));
        if (route.needsEngine && !m_calls.hasEngine())
            return call->fail({503, "unavailable", "this server waits for Redis; ask again"});
        return (this->*route.handler)(call);
    }
    if (allowed.empty())
        respond(errorAnswer({404, "not_found", "there is nothing at this path; see docs/openapi.yaml"}));
    else
        respond(errorAnswer(
            {405, "method_not_allowed", "this path takes " + allowed + ", not " + request.method}));
}

void AdminApi::hear(const Delivery &event)
{
    if (const auto *changed = std::get_if<delivery::SanctionsChanged>(&event))
        m_sanctions = changed->sanctions;
    else if (const auto *state = std::get_if<delivery::ClusterState>(&event))
        m_isReachable = state->isReachable;
}

} // namespace parlor::admin
