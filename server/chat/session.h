// SPDX-License-Identifier: MIT
#pragma once

#include "server/chat/ratelimiter.h"
#include "server/chat/sessioncontext.h"
#include "server/ops/accesslog.h"
#include "server/peer/peer.h"

#include <vector>

namespace parlor {

/// One client: who it is, where it is, what it may do. What is the same in both dialects; how requests are
/// read and frames worded is up to V1Session and V2Session, which hear what the client says. Owned by its
/// connection; worker's thread.
class Session : public Subscriber
{
public:
    static constexpr std::string_view kTooLate = "no token came in time: send \"auth\" with one";
    static constexpr std::string_view kTooManyOfUser =
        "you have all the connections that you may have: close another one";
    static constexpr std::string_view kExpired = "the token has expired: sign in again";

    /// Who it is at first: whom the chat greeted.
    struct Newcomer
    {
        Peer &peer;
        SessionKey key;
        ClientRegistry::Place place;
        IpAddress address;
        std::shared_ptr<const Grant> grant{}; ///< what the upgrade said; null: nothing
        SharedBucket *addressRequests = nullptr;
        UserQuotas::Place *user = nullptr; ///< among the grant's user's connections, to be taken; null: none
    };

    Session(const Session &) = delete;
    Session &operator=(const Session &) = delete;

    void onBinary();
    void take(const Slice &slice, Route route) final;
    void onMoved(Fanout &fanout, std::uint32_t index) final;

    virtual void onEntered(delivery::Entered &entered) = 0;
    virtual void onLeft(const delivery::Left &left) = 0;
    virtual void onPublished(const delivery::PublishDone &done) = 0;
    virtual void onRefused(const delivery::Refused &refused) = 0;
    /// Keys of tokens have come, or did not.
    virtual void onKeysRefreshed() {}
    /// By its token, or by the operator: rooms that it may not read any more are left.
    virtual void onRightsChanged() = 0;
    /// It is to be looked at again: see Appointments.
    void onDue();
    /// A newer connection took the session over.
    void onReplaced();
    /// Sends a frame to this client alone, behind everything that its rooms said before.
    void sendJson(std::string_view json);
    /// Closes the connection, behind everything that its rooms said before.
    void dismiss(CloseCode code, std::string_view reason);
    /// Whether the engine has yet to answer something that the client asked or said.
    [[nodiscard]] virtual bool hasUnanswered() const = 0;

    [[nodiscard]] const Caller &caller() const { return m_caller; }
    /// Whether the client has to say first who it is.
    [[nodiscard]] bool needsToken() const { return m_context.authenticator && !m_grant; }
    /// What the client's token says; null: nobody needs one, or none has come yet.
    [[nodiscard]] const Grant *grant() const { return m_grant.get(); }
    [[nodiscard]] Role role() const { return m_grant ? m_grant->role : Role::Member; }
    [[nodiscard]] const IpAddress &address() const { return m_address; }
    [[nodiscard]] std::vector<RoomName> roomNames() const;
    /// For the access log.
    [[nodiscard]] accesslog::Visitor visitor() const;
    /// Whether the session stays in its rooms for the grace, after its connection ended in this way.
    [[nodiscard]] virtual bool maySuspend(const Ending &ending) const = 0;
    [[nodiscard]] virtual Dialect dialect() const = 0;

protected:
    /// A room that this session is in, is entering, or is leaving.
    struct Membership
    {
        explicit Membership(RoomName roomName)
            : name(std::move(roomName))
        {
        }
        RoomName name;
        HubRoom *room = nullptr;    ///< set while live messages come
        std::uint32_t index = 0;    ///< in the room's fan-out
        std::uint16_t entering = 0; ///< Entered, or Refused, still to come
        std::uint16_t leaving = 0;  ///< Left still to come
        bool present = false;       ///< it asked for this room, and has not asked to leave since
        bool entered = false;       ///< the engine said so
        bool typing = false;
        SteadyTime lastTyping{};
        std::unique_ptr<SyncPage> catchingUp; ///< the page that is on its way
    };

    Session(SessionContext &context, const Newcomer &newcomer);
    ~Session();

    virtual void sendError(RequestId rid, const Error &error, std::string_view room = {},
                           std::string_view cid = {}) = 0;

    void send(const frame::Any &any);
    /// Whether the request may go on; if not, the client was told.
    [[nodiscard]] bool charge(double cost, RequestId rid, std::string_view room = {},
                              std::string_view cid = {});
    /// The same for what is free for this session, but not for its user and its address.
    [[nodiscard]] bool chargeShared(double cost, RequestId rid, std::string_view room,
                                    std::string_view cid = {});
    /// Whether a page of sync may be made now. Nobody is told: it can come later.
    [[nodiscard]] bool chargePage();

    /// nullopt: the client may do this in the room. Else why not.
    [[nodiscard]] std::optional<Error> whyNot(RoomPolicies::Deed deed, const std::string &room) const;
    /// The least time between two of its messages there; 0: any.
    [[nodiscard]] std::chrono::milliseconds intervalIn(const std::string &room) const;
    /// What keeps this user out, with the role that this client has; null: nothing.
    [[nodiscard]] const Sanction *banOf(const std::string &user) const;
    /// What forbids it to speak there (empty: in any room); null: nothing.
    [[nodiscard]] const Sanction *muteOf(const std::string &room) const;

    [[nodiscard]] Membership *membership(std::string_view room);
    Membership &addMembership(RoomName room);
    void dropIfDone(Membership &membership);
    /// The session gets the room's live messages from now on.
    void goLive(Membership &membership);
    /// The session gets no more live messages of the room.
    void endLive(Membership &membership);

    /// The client has shown who it is, or that it still is.
    void setGrant(std::shared_ptr<const Grant> grant);
    /// `chosen`: its name, where the token has none.
    [[nodiscard]] static Identity identityOf(const Grant &grant, std::string clientId, std::string chosen);
    /// Registers this connection: another one may come with the same client id from now on.
    void attach();
    /// Takes this identity: the engine knows the connection by it from now on.
    void assume(IdentityPtr identity);
    /// Takes that of an earlier connection, which is over, wherever it is.
    void resume(IdentityPtr identity);

    SessionContext &m_context;
    Peer &m_peer;
    std::vector<std::unique_ptr<Membership>> m_rooms;
    Caller m_caller;

private:
    void pinRooms();
    void enterAsUser();
    [[nodiscard]] std::optional<std::chrono::milliseconds> takeShared(double cost, Counter *&by);

    const IpAddress m_address;
    std::shared_ptr<const Grant> m_grant;
    RateLimiter m_requests;
    SharedBucket *const m_addressRequests;   ///< null: nobody counts them
    std::optional<UserQuotas::Place> m_user; ///< once it has shown a token
    const ClientRegistry::Place m_place;
};

} // namespace parlor
