// SPDX-License-Identifier: MIT
#include "server/engine/erasure.h"

#include "shared/protocol/decoder.h"
#include "shared/protocol/encoder.h"
#include "shared/protocol/values.h"

#include <variant>

namespace parlor::erasure {

namespace {

/// Valid as long as the decoder's buffer.
template <typename Frame>
std::optional<Frame> read(Decoder &decoder, const SharedBytes &bytes)
{
    const auto any = decoder.frame(bytes.view());
    const auto *const found = any ? std::get_if<Frame>(&*any) : nullptr;
    return found ? std::optional(*found) : std::nullopt;
}

} // namespace

HistoryRing::Entry compose(const std::string &room, const Caller &caller, const PublishRequest &request,
                           std::uint64_t seq)
{
    const MessagePlace &target = request.erasure->target;
    const auto now = request.id.time();
    const auto id = request.id.text();
    const auto targetId = target.id.text();
    const auto timestamp = values::timestamp(now);
    std::string json;
    encode(json, frame::Deleted{room, seq, id, target.seq, targetId, caller.identity->user(),
                                caller.identity->username(), timestamp});
    return {seq, now, request.id, {}, SharedBytes(json), target.seq};
}

Error noSuchMessage()
{
    return {ErrorCode::BadRequest, "there is no such message: \"seq\" and \"id\" are those of a message that "
                                   "the room still has"};
}

Verdict judge(const HistoryRing::Entry *target, const Caller &caller, const PublishRequest::Erasure &erasure)
{
    if (!target || target->place() != erasure.target)
        return {noSuchMessage()};
    Decoder decoder(0);
    const auto message = read<frame::Message>(decoder, target->frame);
    if (!message)
        return {noSuchMessage()};
    if (!erasure.mayEraseOthers && message->user != caller.identity->user())
        return {Error{ErrorCode::Forbidden, "only its author or a moderator may delete this message"}};
    if (!message->deleted)
        return {};
    const Ulid event = Ulid::parse(message->deleted->id).value_or(Ulid());
    return {std::nullopt, History::Receipt{event, message->deleted->seq, event.time(), true, true}};
}

std::optional<SharedBytes> tombstone(const SharedBytes &message, const SharedBytes &deletion)
{
    Decoder ofMessage(0);
    Decoder ofDeletion(0);
    auto left = read<frame::Message>(ofMessage, message);
    const auto event = read<frame::Deleted>(ofDeletion, deletion);
    if (!left || !event || left->deleted || left->id != event->target)
        return std::nullopt;
    left->content = {};
    left->deleted = {event->seq, event->id, event->user, event->username, event->timestamp};
    std::string json;
    encode(json, *left);
    return SharedBytes(json);
}

} // namespace parlor::erasure
