// SPDX-License-Identifier: MIT
#include "server/chat/v1session.h"

#include "shared/protocol/encoder.h"
#include "shared/protocol/jsonwriter.h"
#include "shared/protocol/values.h"

#include <utility>

namespace parlor {

void V1Session::sendError(RequestId, const Error &error, std::string_view, std::string_view)
{
    if (error.code == ErrorCode::RateLimited)
        return sendErrorNow(error); // the connection may be closed with it
    inTurn([this, error] { sendErrorNow(error); });
}

void V1Session::sendErrorNow(const Error &error)
{
    std::string json;
    encodeV1(json, frame::Error{{}, toString(error.code), error.text});
    sendJson(json);
}

void V1Session::onText(std::string_view message)
{
    auto request = m_context.decoder.requestV1(message);
    const auto *known = std::get_if<v1::Request>(&request);
    if (!known) {
        if (charge(1, {}))
            sendError({}, std::get<Error>(request), {}, {});
        return;
    }
    std::visit([this](const auto &body) { handle(body); }, *known);
}

const Session::Membership *V1Session::current() const
{
    for (const auto &each : m_rooms) {
        if (each->entered)
            return each.get();
    }
    return nullptr;
}

EnterRequest V1Session::enterRequest(std::string room)
{
    EnterRequest request{std::move(room)};
    request.mayMake = !whyNot(RoomPolicies::Deed::Make, request.room);
    request.announceAgain = true;
    m_isEntering = true;
    m_peer.holdInput();
    return request;
}

void V1Session::handle(const v1::Join &join)
{
    if (!charge(1, {}))
        return;
    const auto room = values::roomName(join.room);
    if (!room)
        return sendError({}, room.error(), {}, {});
    if (const auto why = whyNot(RoomPolicies::Deed::Read, *room))
        return sendError({}, *why, {}, {});
    inTurn([this, name = *room] { enter(name); });
}

void V1Session::enter(std::string room)
{
    EnterRequest request = enterRequest(std::move(room));
    if (const Membership *from = current(); from && *from->name != request.room)
        request.leave = *from->name;
    m_context.engine.enter(m_caller, std::move(request));
}

/// At once, or when all messages before it are answered; until then nothing else is read.
void V1Session::inTurn(std::function<void()> action)
{
    if (m_unanswered == 0)
        return action();
    m_peer.holdInput();
    m_next = std::move(action);
}

void V1Session::onAnswered()
{
    if (m_unanswered == 0 || --m_unanswered != 0)
        return;
    if (const auto action = std::exchange(m_next, nullptr)) {
        m_peer.releaseInput();
        action();
    }
}

void V1Session::handle(const v1::Publish &publish)
{
    if (!charge(1, {}))
        return;
    PublishRequest request;
    if (publish.content.json.empty())
        JsonWriter(request.content).string(publish.content.text);
    else
        request.content = publish.content.json;
    // Plain text may grow sixfold as JSON: what is twice as long as a frame may be goes to nobody.
    if (const std::size_t most = 2 * m_context.limits.frameBytes;
        most != 0 && request.content.size() > most) {
        return sendError(
            {},
            {ErrorCode::TooLarge, "as JSON, the message has more than " + std::to_string(most) + " bytes"},
            {}, {});
    }
    const Membership *const room = current();
    const std::string name = room ? *room->name : "general";
    auto why = room ? std::nullopt : whyNot(RoomPolicies::Deed::Read, name); // it would be entered
    if (!why)
        why = whyNot(RoomPolicies::Deed::Write, name);
    if (why)
        return sendError({}, *why, {}, {});
    request.id = m_context.ids.next(m_context.wallClock());
    request.interval = intervalIn(name);
    if (room) {
        request.room = room->name;
        ++m_unanswered;
    } else { // the input waits until it is entered
        request.room = std::make_shared<const std::string>(name);
        request.enterFirst = std::make_shared<const EnterRequest>(enterRequest(name));
    }
    m_context.engine.publish(m_caller, std::move(request));
}

void V1Session::onEntered(delivery::Entered &entered)
{
    Membership *mine = membership(*entered.room);
    if (!mine)
        mine = &addMembership(entered.room);
    mine->entered = true;
    goLive(*mine);
    if (entered.announced && !m_context.hub.presenceChanged(
                                 {entered.room, m_caller.identity, *entered.announced, {}, entered.count})) {
        send(frame::UserJoined{m_caller.identity->clientId(), m_caller.identity->username()});
    }
    frame::RoomUserIds users;
    for (const IdentityPtr &each : entered.members)
        users.users.push_back(each->clientId());
    users.truncated = entered.count > users.users.size();
    send(std::move(users));
    m_isEntering = false;
    m_peer.releaseInput();
}

void V1Session::onRightsChanged()
{
    const Membership *const mine = current();
    const auto why = mine ? whyNot(RoomPolicies::Deed::Read, *mine->name) : std::nullopt;
    if (!why)
        return;
    sendErrorNow(*why);
    m_context.engine.leave(m_caller, *mine->name, {});
}

void V1Session::onLeft(const delivery::Left &left)
{
    if (Membership *mine = membership(*left.room)) {
        mine->entered = false;
        dropIfDone(*mine);
    }
}

void V1Session::onPublished(const delivery::PublishDone &done)
{
    const auto timestamp = values::timestamp(done.receipt.time);
    frame::Message echo{};
    echo.sender = "server";
    echo.content.json = done.content;
    echo.timestamp = timestamp;
    send(echo);
    onAnswered();
}

void V1Session::onRefused(const delivery::Refused &refused)
{
    sendErrorNow(refused.error);
    if (refused.entering) {
        m_isEntering = false;
        m_peer.releaseInput();
    } else {
        onAnswered();
    }
}

} // namespace parlor
