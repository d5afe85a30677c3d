// SPDX-License-Identifier: MIT
// The `auth` of a V2Session: who it is, and who it was (docs/protocol.md sections 4 and 6).
#include "server/chat/v2session.h"

#include "shared/protocol/limits.h"
#include "shared/protocol/values.h"

#include <utility>

namespace parlor {

namespace {

/// So many tokens that are not valid end the connection.
constexpr int kMostRefusedTokens = 3;

std::string_view roleName(Role role)
{
    switch (role) {
    case Role::Member:
        break;
    case Role::Moderator:
        return "moderator";
    case Role::Admin:
        return "admin";
    }
    return {};
}

} // namespace

/// Owns what the decoder's buffer will not keep.
struct V2Session::AwaitedAuth
{
    RequestId rid;
    std::string token;
    std::optional<std::string> username;
    std::optional<std::string> resume;
};

V2Session::V2Session(SessionContext &context, const Newcomer &newcomer)
    : Session(context, newcomer)
{
    attach(); // a v1 client has nothing that another could resume
}

V2Session::~V2Session() = default;

void V2Session::handle(RequestId rid, const request::Auth &auth)
{
    const bool mayOpen = m_mayAuthenticate;
    if (!m_context.authenticator || !auth.token) {
        if (!mayOpen)
            return sendError(rid, {ErrorCode::BadRequest, "\"auth\" comes first, and once"}, {}, {});
        if (needsToken())
            return refuseToken(rid, ErrorCode::NotAuthenticated,
                               "this server needs a token: send it in \"auth\"");
        return open(rid, auth);
    }
    auto verdict = m_context.authenticator->check(*auth.token, m_context.wallClock());
    if (std::holds_alternative<Authenticator::KeyAwaited>(verdict))
        return awaitKey(rid, auth);
    if (auto *refused = std::get_if<Authenticator::Refused>(&verdict)) {
        if (refused->retryAfter)
            return putOff(rid, *refused);
        return refuseToken(rid, refused->isExpired ? ErrorCode::TokenExpired : ErrorCode::AuthInvalid,
                           std::move(refused->why));
    }
    auto granted = std::make_shared<const Grant>(std::get<Grant>(std::move(verdict)));
    if (grant() && grant()->user != granted->user)
        return refuseToken(rid, ErrorCode::AuthInvalid,
                           "the token is of somebody else: open another connection for them");
    if (!mayOpen)
        return renew(rid, std::move(granted));
    setGrant(std::move(granted));
    if (m_peer.isOpen()) // else its user has all the connections that it may have
        open(rid, auth);
}

/// Opens the session, or resumes one.
void V2Session::open(RequestId rid, const request::Auth &auth)
{
    std::optional<std::string> username;
    const bool isNamed = grant() && !grant()->username.empty();
    if (auth.username && !isNamed) {
        auto name = values::username(*auth.username);
        if (!name) {
            if (charge(1, rid))
                sendError(rid, name.error(), {}, {});
            return;
        }
        username = std::move(*name);
    }
    // Said on a connection that was given up since: a newer one may have the session, and would lose it.
    if (auth.resume && m_peer.isGone())
        return;
    std::optional<Identity> known = auth.resume ? comingBack(*auth.resume) : std::nullopt;
    const bool resumed = known.has_value();
    Identity identity = known ? std::move(*known) : Identity(m_caller.identity->clientId());
    if (grant())
        identity = identityOf(*grant(), identity.clientId(), resumed ? identity.username() : std::string());
    if (username)
        identity = identity.renamed(std::move(*username));
    if (const Sanction *const ban = banOf(identity.user())) {
        sendError(rid, {ErrorCode::Banned, wording(*ban)}, {}, {});
        return dismiss(CloseCode::Banned, wording(*ban));
    }
    m_mayAuthenticate = false;
    m_authenticated = true;
    auto shared = std::make_shared<const Identity>(std::move(identity));
    resumed ? resume(std::move(shared)) : assume(std::move(shared));
    const std::string token = m_context.tokens.issue(*m_caller.identity);
    send(frame::Ack{rid, authAck(resumed, token)});
}

/// Whose session it is, if it may be this client's.
std::optional<Identity> V2Session::comingBack(std::string_view token) const
{
    std::optional<Identity> known = m_context.tokens.verify(token);
    // Without tokens the session is its own user; one of a user belongs to whoever shows that user's token.
    if (known && known->user() != (grant() ? grant()->user : known->clientId()))
        return std::nullopt;
    return known;
}

/// The session goes on, with the new token's rights and name.
void V2Session::renew(RequestId rid, std::shared_ptr<const Grant> granted)
{
    // Told in every room, as by `nick`.
    if (!granted->username.empty() && granted->username != m_caller.identity->username() &&
        !charge(limits::kListCost, rid))
        return;
    setGrant(std::move(granted));
    if (!m_peer.isOpen())
        return;
    if (const Sanction *const ban = banOf(m_caller.identity->user()))
        return dismiss(CloseCode::Banned, wording(*ban));
    const bool isRenamed = !grant()->username.empty() && grant()->username != m_caller.identity->username();
    if (isRenamed)
        m_caller.identity = std::make_shared<const Identity>(m_caller.identity->renamed(grant()->username));
    const std::string token = m_context.tokens.issue(*m_caller.identity);
    send(frame::Ack{rid, authAck(true, token)});
    if (isRenamed)
        m_context.engine.rename(m_caller, roomNames());
    onRightsChanged();
}

void V2Session::refuseToken(RequestId rid, ErrorCode code, std::string why)
{
    if (!charge(1, rid))
        return;
    m_context.metrics.countAuth(AuthResult::Refused);
    sendError(rid, {code, std::move(why)}, {}, {});
    if (++m_refusedTokens >= kMostRefusedTokens)
        dismiss(CloseCode::AuthInvalid, "too many tokens that are not valid");
}

/// The token may be valid. Whoever needs one now comes again, as the time for it is short.
void V2Session::putOff(RequestId rid, const Authenticator::Refused &unchecked)
{
    if (!charge(1, rid))
        return;
    sendError(rid, {ErrorCode::Unavailable, unchecked.why, unchecked.retryAfter}, {}, {});
    if (needsToken())
        dismiss(CloseCode::InternalError, unchecked.why);
}

void V2Session::awaitKey(RequestId rid, const request::Auth &auth)
{
    m_awaited = std::make_unique<AwaitedAuth>();
    m_awaited->rid = rid;
    m_awaited->token = *auth.token;
    m_awaited->username = auth.username;
    m_awaited->resume = auth.resume;
    m_peer.holdInput();
    ++m_unanswered;
}

void V2Session::onKeysRefreshed()
{
    const auto awaited = std::exchange(m_awaited, nullptr);
    if (!awaited)
        return;
    --m_unanswered;
    m_peer.releaseInput();
    handle(awaited->rid, request::Auth{awaited->token, awaited->username, awaited->resume});
}

/// Views into the session and `token`.
frame::AuthAck V2Session::authAck(bool resumed, std::string_view token) const
{
    const Identity &who = *m_caller.identity;
    frame::AuthAck ack{who.clientId(), who.user(), who.username(),
                       resumed,        token,      limits::kResumeTokenLifetime};
    if (grant()) {
        ack.role = roleName(grant()->role);
        ack.expires = grant()->expires;
    }
    return ack;
}

} // namespace parlor
