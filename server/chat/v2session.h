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
    ~V2Session();

    void onText(std::string_view message);
    void onDrained();
    void onKeysRefreshed() override;
    void onRightsChanged() override;
    /// A page that waited for a budget may be made, perhaps.
    void onBudget();

    void onEntered(delivery::Entered &entered) override;
    void onLeft(const delivery::Left &left) override;
    void onPublished(const delivery::PublishDone &done) override;
    void onRefused(const delivery::Refused &refused) override;
    // What only requests of this dialect lead to.
    /// The room begins anew, and all are live.
    void stopCatchingUp(const delivery::Diverged &event);
    void onCaughtUp(delivery::CaughtUp &page);
    void onPageDelayed(const delivery::PageDelayed &delayed);
    void onErased(const delivery::EraseDone &done);
    void onModerated(const delivery::Moderated &done);
    /// It may not write any more, or may again.
    void onMuteChanged(const Sanction &mute, bool isMuted);
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
    void leave(Membership &mine, RequestId rid);

    /// A list of rooms that is on its way: those that the client may read.
    struct Listing
    {
        std::string prefix;
        std::string after; ///< as asked for
        std::uint32_t limit = 0;
        std::uint32_t pages = 0; ///< that the engine was asked for, the first as long as the answer may be
        std::vector<delivery::RoomsListed::Entry> rooms{};
    };
    /// Rooms that the client may not read, and that a list has passed: they lie behind `after`, up to `last`.
    struct Passed
    {
        std::string prefix; ///< of the list
        std::string after;  ///< with which the client goes on
        std::string last;
    };
    void list(RequestId rid, std::string after);

    // v2sessionauth.cpp
    void handle(RequestId rid, const request::Auth &auth);
    void open(RequestId rid, const request::Auth &auth);
    void renew(RequestId rid, std::shared_ptr<const Grant> grant);
    void refuseToken(RequestId rid, ErrorCode code, std::string why);
    [[nodiscard]] std::optional<Error> whyNotThere(const std::string &room) const;
    void putOff(RequestId rid, const Authenticator::Refused &unchecked);
    void awaitKey(RequestId rid, const request::Auth &auth);
    [[nodiscard]] std::optional<Identity> comingBack(std::string_view token) const;
    [[nodiscard]] frame::AuthAck authAck(bool resumed, std::string_view token) const;

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

    bool m_mayAuthenticate = true; ///< no answered auth yet, and no other request but those before a token
    void awaitBudget();

    bool m_awaitsBudget = false;
    bool m_authenticated = false;
    std::uint8_t m_refusedTokens = 0;
    struct AwaitedAuth;
    std::unique_ptr<AwaitedAuth> m_awaited; ///< an auth whose key is being fetched
    std::uint32_t m_joins = 0;
    std::uint32_t m_unanswered = 0;       ///< requests that the engine has
    std::unique_ptr<Listing> m_listing{}; ///< while the input is held for it
    std::unique_ptr<Passed> m_passed{};   ///< by the list before; null: there were none
};

} // namespace parlor
