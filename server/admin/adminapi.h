// SPDX-License-Identifier: MIT
#pragma once

#include "server/admin/apicall.h"
#include "server/admin/enginecalls.h"
#include "server/admin/servercontrol.h"
#include "shared/protocol/ulid.h"

namespace parlor::admin {

/// What the admin API answers (docs/openapi.yaml). Main thread, owned by the Server.
class AdminApi
{
public:
    /// `patience`: for an answer of the engine.
    AdminApi(ServerControl &server, WallClock clock,
             std::chrono::milliseconds patience = std::chrono::seconds(10));

    /// Once there is one. It must be stopped before this object goes.
    void setEngine(Engine &engine) { m_calls.setEngine(&engine); }
    void handle(const ApiRequest &request, Respond respond);

private:
    struct Route;
    using Handler = void (AdminApi::*)(const ApiCallPtr &call);
    [[nodiscard]] static const std::vector<Route> &routes();

    void listRooms(const ApiCallPtr &call);
    void listMembers(const ApiCallPtr &call);
    void readMessages(const ApiCallPtr &call);
    void publish(const ApiCallPtr &call);
    void erase(const ApiCallPtr &call);
    void wouldErase(const ApiCallPtr &call, const std::string &room, const MessagePlace &target);
    void listSanctions(const ApiCallPtr &call);
    void moderate(const ApiCallPtr &call);
    void showStatus(const ApiCallPtr &call);
    void showConfiguration(const ApiCallPtr &call);
    void drain(const ApiCallPtr &call);
    void rebalance(const ApiCallPtr &call);
    void reload(const ApiCallPtr &call);

    /// Calls `then` with what the engine answers; a refusal and a silence go to the call.
    template <typename Answer>
    void ask(const ApiCallPtr &call, const EngineCalls::Ask &question,
             std::function<void(const Answer &answer)> then);
    /// Calls `then` if the room of the call's first parameter exists.
    void withRoom(const ApiCallPtr &call, std::function<void(const delivery::RoomsListed::Entry &room)> then);
    void hear(const Delivery &event);

    ServerControl &m_server;
    const WallClock m_clock;
    EngineCalls m_calls;
    UlidSource m_ids;
    SanctionsPtr m_sanctions = std::make_shared<const Sanctions>();
    bool m_isReachable = true; ///< the servers of the chat reach each other
};

} // namespace parlor::admin
