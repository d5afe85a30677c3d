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
    /// Who it is at first: whom the chat greeted.
    struct Newcomer
    {
        Peer &peer;
        SessionKey key;
        ClientRegistry::Place place;
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
    /// A newer connection took the session over.
    void onReplaced();
    /// Sends a frame to this client alone, behind everything that its rooms said before.
    void sendJson(std::string_view json);
    /// Closes the connection, behind everything that its rooms said before.
    void dismiss(CloseCode code, std::string_view reason);
    /// Whether the engine has yet to answer something that the client asked or said.
    [[nodiscard]] virtual bool hasUnanswered() const = 0;

    [[nodiscard]] const Caller &caller() const { return m_caller; }
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

    [[nodiscard]] Membership *membership(std::string_view room);
    Membership &addMembership(RoomName room);
    void dropIfDone(Membership &membership);
    /// The session gets the room's live messages from now on.
    void goLive(Membership &membership);
    /// The session gets no more live messages of the room.
    void endLive(Membership &membership);

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

    RateLimiter m_requests;
    const ClientRegistry::Place m_place;
};

} // namespace parlor
