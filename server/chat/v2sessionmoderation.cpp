// SPDX-License-Identifier: MIT
// Moderation by a V2Session's client, and of it (docs/protocol.md sections 4 and 5).
#include "server/chat/v2session.h"

#include "server/ops/auditlog.h"
#include "shared/protocol/values.h"

#include <utility>

namespace parlor {

void V2Session::handle(RequestId rid, const request::Moderate &request)
{
    const std::string room(request.room.value_or(""));
    if (role() == Role::Member)
        return sendError(rid, {ErrorCode::Forbidden, "only moderators may do this"}, room, {});
    auto act = readAct(request, {m_caller.identity->user(), rankOf(role()), m_context.wallClock()});
    if (!act)
        return sendError(rid, act.error(), room, {});
    const auto refuse = [&](const Error &error) {
        auditlog::write({std::string(toString(act->action)), subjectOf(*act), act->by, auditlog::Way::Chat,
                         std::string(toString(error.code)), act->reason});
        sendError(rid, error, room, {});
    };
    if (const auto why = whyNotThere(act->room))
        return refuse(*why);
    if (act->action == Act::Action::Ban && act->network && act->network->contains(address())) {
        return refuse(
            {ErrorCode::BadRequest, "you are in " + act->network->text() +
                                        " yourself, and could not come back; behind a proxy the server needs "
                                        "--trusted-proxy to tell addresses apart"});
    }
    if (!act->user.empty() && m_context.authenticator &&
        !reaches(act->rank, m_context.authenticator->appointed(act->user))) {
        return refuse({ErrorCode::Forbidden, "\"" + act->user + "\" is as high as you, or higher: only " +
                                                 "somebody above them may do this"});
    }
    m_peer.holdInput();
    ++m_unanswered;
    m_context.engine.moderate(m_caller, rid, *std::move(act));
}

/// Whose token is for some rooms acts in those alone.
std::optional<Error> V2Session::whyNotThere(const std::string &room) const
{
    if (!grant() || grant()->rooms.empty())
        return std::nullopt;
    if (room.empty())
        return Error{ErrorCode::Forbidden,
                     "your token is for some rooms: you may act in one of them, and not "
                     "on the whole chat"};
    return whyNot(RoomPolicies::Deed::Read, room);
}

void V2Session::onModerated(const delivery::Moderated &done)
{
    --m_unanswered;
    m_peer.releaseInput();
    send(frame::Ack{done.rid, frame::ModerateAck{toString(done.act.action)}});
}

void V2Session::onMuteChanged(const Sanction &mute, bool isMuted)
{
    if (!reaches(mute.rank, role()))
        return;
    frame::Moderated notice{isMuted ? "mute" : "unmute"};
    if (!mute.room.empty())
        notice.room = mute.room;
    if (isMuted) {
        notice.until = mute.until;
        if (!mute.reason.empty())
            notice.reason = mute.reason;
    }
    send(notice);
}

} // namespace parlor
