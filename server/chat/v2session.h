// SPDX-License-Identifier: MIT
#pragma once

#include "server/chat/session.h"

namespace parlor {

/// The dialect of Parlor's own clients (docs/protocol.md sections 4 to 6): requests with answers, several
/// rooms, sessions that come back.
class V2Session final : public Session
{
public:
    V2Session(SessionContext &context, const Newcomer &newcomer);

    void onText(std::string_view message);
    void onDrained();

    void onEntered(delivery::Entered &entered) override;
    void onLeft(const delivery::Left &left) override;
    void onPublished(const delivery::PublishDone &done) override;
    void onRefused(const delivery::Refused &refused) override;
    // What only requests of this dialect lead to.
    /// The room begins anew, and all are live.
    void stopCatchingUp(const delivery::Diverged &event);
    void onCaughtUp(delivery::CaughtUp &page);
    void onPageDelayed(const delivery::PageDelayed &delayed);
    void onHistory(const delivery::HistoryRead &read);
    void onMembers(const delivery::MembersListed &listed);
    void onRooms(const delivery::RoomsListed &listed);

    [[nodiscard]] bool hasUnanswered() const override { return m_unanswered != 0; }
    [[nodiscard]] bool maySuspend(const Ending &ending) const override;
    [[nodiscard]] Dialect dialect() const override { return Dialect::V2; }

private:
    void sendError(RequestId rid, const Error &error, std::string_view room, std::string_view cid) override;
    void sendUsers(RequestId rid, const RoomName &room, const std::vector<IdentityPtr> &members,
                   std::uint64_t count, bool truncated);
    void sendSync(const RoomName &room, const SyncPage &page);

    /// What the request costs, and whether there is enough: see ChatLimits.
    [[nodiscard]] bool chargeFor(const Request &request);
    /// The room's name, if this session is there; otherwise the client was told.
    [[nodiscard]] Membership *memberOf(std::string_view room, RequestId rid, std::string_view cid = {});

    void handle(RequestId rid, const request::Auth &auth);
    void handle(RequestId rid, const request::Join &join);
    void handle(RequestId rid, const request::Leave &leave);
    void handle(RequestId rid, const request::Publish &publish);
    void handle(RequestId rid, const request::History &history);
    void handle(RequestId rid, const request::Typing &typing);
    void handle(RequestId rid, const request::Nick &nick);
    void handle(RequestId rid, const request::Rooms &rooms);
    void handle(RequestId rid, const request::Who &who);
    void handle(RequestId rid, const request::Ping &ping);
    void handle(RequestId rid, const request::Delete &request);
    void handle(RequestId rid, const request::Moderate &request);

    bool m_mayAuthenticate = true; ///< no answered auth and no other request yet
    bool m_authenticated = false;
    std::uint32_t m_joins = 0;
    std::uint32_t m_unanswered = 0; ///< requests that the engine has
};

} // namespace parlor
