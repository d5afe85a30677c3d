// SPDX-License-Identifier: MIT
#include "shared/protocol/encoder.h"

#include "shared/protocol/jsonwriter.h"

#include <array>

namespace parlor {

std::string_view toString(frame::SyncReason reason)
{
    static constexpr std::array<std::string_view, 6> kNames{"too_old",  "epoch",    "ahead",
                                                            "too_many", "diverged", "unknown"};
    return kNames[static_cast<std::size_t>(reason)];
}

namespace {

template <typename T>
void optionalField(JsonWriter &json, std::string_view name, const std::optional<T> &value)
{
    if (value)
        json.field(name, *value);
}

void nonEmptyField(JsonWriter &json, std::string_view name, std::string_view value)
{
    if (!value.empty())
        json.field(name, value);
}

void content(JsonWriter &json, const Content &value)
{
    json.key("content");
    if (value.json.empty())
        json.string(value.text);
    else
        json.raw(value.json);
}

void member(JsonWriter &json, const Member &value)
{
    json.beginObject();
    json.field("id", value.id).field("user", value.user).field("username", value.username);
    json.endObject();
}

// ---- requests

void fields(JsonWriter &json, const request::Auth &auth)
{
    optionalField(json, "token", auth.token);
    optionalField(json, "username", auth.username);
    optionalField(json, "resume", auth.resume);
}
void fields(JsonWriter &json, const request::Join &join)
{
    json.field("room", join.room);
    if (join.since) {
        json.key("since").beginObject();
        json.field("epoch", join.since->epoch).field("seq", join.since->seq);
        nonEmptyField(json, "id", join.since->id);
        json.endObject();
    }
    optionalField(json, "history", join.history);
}
void fields(JsonWriter &json, const request::Leave &leave)
{
    json.field("room", leave.room);
}
void fields(JsonWriter &json, const request::Publish &publish)
{
    json.field("room", publish.room);
    content(json, publish.content);
    json.field("cid", publish.cid);
}
void fields(JsonWriter &json, const request::History &history)
{
    json.field("room", history.room);
    optionalField(json, "before", history.before);
    optionalField(json, "after", history.after);
    optionalField(json, "limit", history.limit);
}
void fields(JsonWriter &json, const request::Typing &typing)
{
    json.field("room", typing.room).field("on", typing.on);
}
void fields(JsonWriter &json, const request::Nick &nick)
{
    json.field("username", nick.username);
}
void fields(JsonWriter &json, const request::Rooms &rooms)
{
    nonEmptyField(json, "prefix", rooms.prefix);
    optionalField(json, "limit", rooms.limit);
    nonEmptyField(json, "after", rooms.after);
}
void fields(JsonWriter &json, const request::Who &who)
{
    json.field("room", who.room);
    optionalField(json, "limit", who.limit);
    nonEmptyField(json, "after", who.after);
}
void fields(JsonWriter &json, const request::Delete &request)
{
    json.field("room", request.room).field("seq", request.seq).field("id", request.id);
}
void fields(JsonWriter &json, const request::Moderate &moderate)
{
    json.field("action", moderate.action);
    optionalField(json, "user", moderate.user);
    optionalField(json, "network", moderate.network);
    optionalField(json, "room", moderate.room);
    optionalField(json, "duration_ms", moderate.duration);
    optionalField(json, "interval_ms", moderate.interval);
    optionalField(json, "reason", moderate.reason);
}
void fields(JsonWriter &json, const request::Ping &ping)
{
    json.field("t", ping.t);
}

// ---- frames

void fields(JsonWriter &json, const frame::Connection &connection)
{
    json.field("status", "connected")
        .field("client_id", connection.clientId)
        .field("hostname", connection.hostname);
    if (!connection.terms)
        return;
    const frame::ServerTerms &terms = *connection.terms;
    json.field("protocol", "parlor.v2").field("ping_ms", terms.ping);
    json.key("limits").beginObject();
    json.field("frame", terms.limits.frame)
        .field("content", terms.limits.content)
        .field("rooms", terms.limits.rooms);
    json.field("rate", terms.limits.rate).field("burst", terms.limits.burst);
    json.endObject();
    json.field("server_time", terms.serverTime);
    nonEmptyField(json, "chat", terms.chat);
    if (terms.needsToken)
        json.field("auth", "token");
}

void ackFields(JsonWriter &json, const frame::AuthAck &ack)
{
    json.field("client_id", ack.clientId).field("user", ack.user).field("username", ack.username);
    json.field("resumed", ack.resumed).field("resume", ack.resume).field("resume_ttl_ms", ack.resumeTtl);
    nonEmptyField(json, "role", ack.role);
    optionalField(json, "expires", ack.expires);
}
void ackFields(JsonWriter &json, const frame::RoomAck &ack)
{
    json.field("room", ack.room);
}
void ackFields(JsonWriter &json, const frame::PublishAck &ack)
{
    json.field("room", ack.room).field("id", ack.id).field("seq", ack.seq).field("timestamp", ack.timestamp);
    json.field("cid", ack.cid).field("dup", ack.dup).field("durable", ack.durable);
}
void ackFields(JsonWriter &json, const frame::DeleteAck &ack)
{
    json.field("room", ack.room).field("id", ack.id).field("seq", ack.seq).field("timestamp", ack.timestamp);
    json.field("target", ack.target).field("dup", ack.dup).field("durable", ack.durable);
}
void ackFields(JsonWriter &json, const frame::ModerateAck &ack)
{
    json.field("action", ack.action);
}
void ackFields(JsonWriter &json, const frame::NickAck &ack)
{
    json.field("username", ack.username).field("resume", ack.resume);
}
void fields(JsonWriter &json, const frame::Ack &ack)
{
    optionalField(json, "rid", ack.rid);
    std::visit([&json](const auto &body) { ackFields(json, body); }, ack.body);
}

void fields(JsonWriter &json, const frame::Error &error)
{
    optionalField(json, "rid", error.rid);
    json.field("code", error.code).field("message", error.message).field("retryable", error.retryable);
    optionalField(json, "retry_ms", error.retry);
    optionalField(json, "room", error.room);
    optionalField(json, "cid", error.cid);
}
void fields(JsonWriter &json, const frame::RoomUsers &users)
{
    optionalField(json, "rid", users.rid);
    json.field("room", users.room).key("members").beginArray();
    for (const Member &each : users.members)
        member(json, each);
    json.endArray().field("count", users.count).field("truncated", users.truncated);
}
void fields(JsonWriter &json, const frame::Presence &presence)
{
    json.field("room", presence.room).key("joined").beginArray();
    for (const Member &each : presence.joined)
        member(json, each);
    json.endArray().key("left").beginArray();
    for (const frame::Departure &each : presence.left)
        json.beginObject().field("id", each.id).field("reason", each.reason).endObject();
    json.endArray().field("count", presence.count);
    if (presence.truncated)
        json.field("truncated", true);
}
void fields(JsonWriter &json, const frame::Message &message)
{
    if (message.seq != 0) {
        json.field("room", message.room).field("seq", message.seq).field("id", message.id);
        nonEmptyField(json, "cid", message.cid);
    }
    json.field("sender", message.sender);
    if (message.seq != 0)
        json.field("user", message.user).field("username", message.username);
    content(json, message.content);
    json.field("timestamp", message.timestamp);
    if (!message.deleted)
        return;
    json.key("deleted").beginObject();
    json.field("seq", message.deleted->seq).field("id", message.deleted->id);
    json.field("user", message.deleted->user).field("username", message.deleted->username);
    json.field("timestamp", message.deleted->timestamp);
    json.endObject();
}
void fields(JsonWriter &json, const frame::Deleted &deleted)
{
    json.field("room", deleted.room).field("seq", deleted.seq).field("id", deleted.id);
    json.key("target").beginObject();
    json.field("seq", deleted.targetSeq).field("id", deleted.target);
    json.endObject();
    json.field("user", deleted.user).field("username", deleted.username);
    json.field("timestamp", deleted.timestamp);
}

template <typename Page, typename Events>
void page(JsonWriter &json, const Page &head, const Events &events)
{
    json.key("events").beginArray();
    events(json);
    json.endArray().field("more", head.more);
}
void pageHead(JsonWriter &json, const frame::Sync &sync)
{
    json.field("room", sync.room).field("epoch", sync.epoch).field("seq", sync.seq);
    nonEmptyField(json, "id", sync.id);
    json.field("recovered", sync.recovered);
    if (sync.reason)
        json.field("reason", toString(*sync.reason));
}
void pageHead(JsonWriter &json, const frame::History &history)
{
    optionalField(json, "rid", history.rid);
    json.field("room", history.room).field("epoch", history.epoch);
}

void eventFrames(JsonWriter &json, const std::vector<frame::Event> &events)
{
    for (const frame::Event &event : events) {
        std::visit(
            [&json](const auto &body) {
                if constexpr (requires { body.kType; }) {
                    json.beginObject().field("type", body.kType);
                    fields(json, body);
                    json.endObject();
                }
            },
            event);
    }
}

void fields(JsonWriter &json, const frame::Sync &sync)
{
    pageHead(json, sync);
    page(json, sync, [&sync](JsonWriter &j) { eventFrames(j, sync.events); });
}
void fields(JsonWriter &json, const frame::History &history)
{
    pageHead(json, history);
    page(json, history, [&history](JsonWriter &j) { eventFrames(j, history.events); });
}
void fields(JsonWriter &json, const frame::UserUpdated &updated)
{
    json.field("room", updated.room).field("id", updated.id).field("username", updated.username);
}
void fields(JsonWriter &json, const frame::Typing &typing)
{
    json.field("room", typing.room)
        .field("id", typing.id)
        .field("username", typing.username)
        .field("on", typing.on);
}
void fields(JsonWriter &json, const frame::Rooms &rooms)
{
    optionalField(json, "rid", rooms.rid);
    json.key("rooms").beginArray();
    for (const frame::RoomInfo &room : rooms.rooms) {
        json.beginObject().field("name", room.name).field("count", room.count).field("seq", room.seq);
        json.endObject();
    }
    json.endArray().field("more", rooms.more);
}
void fields(JsonWriter &json, const frame::Pong &pong)
{
    optionalField(json, "rid", pong.rid);
    json.field("t", pong.t).field("server_time", pong.serverTime);
}
void fields(JsonWriter &json, const frame::Reconnect &reconnect)
{
    json.field("reason", reconnect.reason).field("delay_ms", reconnect.delay);
}
void fields(JsonWriter &json, const frame::ServerState &state)
{
    json.field("cluster", state.cluster);
}
void fields(JsonWriter &json, const frame::Moderated &moderated)
{
    json.field("action", moderated.action);
    optionalField(json, "room", moderated.room);
    optionalField(json, "until", moderated.until);
    optionalField(json, "reason", moderated.reason);
}
void fields(JsonWriter &json, const frame::UserJoined &joined)
{
    json.field("userId", joined.userId).field("username", joined.username);
}
void fields(JsonWriter &json, const frame::UserLeft &left)
{
    json.field("userId", left.userId).field("username", left.username);
}
void fields(JsonWriter &json, const frame::RoomUserIds &users)
{
    json.key("users").beginArray();
    for (std::string_view id : users.users)
        json.string(id);
    json.endArray();
    if (users.truncated)
        json.field("truncated", true);
}

template <typename Frame>
void object(std::string &out, const Frame &value)
{
    JsonWriter json(out);
    json.beginObject().field("type", Frame::kType);
    fields(json, value);
    json.endObject();
}

template <typename Page>
void encodePage(std::string &out, const Page &head, std::span<const SharedBytes> events)
{
    JsonWriter json(out);
    json.beginObject().field("type", Page::kType);
    pageHead(json, head);
    page(json, head, [events](JsonWriter &j) {
        for (const SharedBytes &event : events)
            j.raw(event.view());
    });
    json.endObject();
}

} // namespace

void encode(std::string &out, const Request &request)
{
    std::visit(
        [&](const auto &body) {
            JsonWriter json(out);
            json.beginObject().field("type", body.kType);
            optionalField(json, "rid", request.rid);
            fields(json, body);
            json.endObject();
        },
        request.body);
}

void encode(std::string &out, const v1::Request &request)
{
    JsonWriter json(out);
    json.beginObject();
    if (const auto *join = std::get_if<v1::Join>(&request)) {
        json.field("type", "join").field("room", join->room);
    } else {
        json.field("type", "message");
        content(json, std::get<v1::Publish>(request).content);
    }
    json.endObject();
}

void encode(std::string &out, const frame::Any &any)
{
    std::visit(
        [&out](const auto &value) {
            if constexpr (!std::is_same_v<std::decay_t<decltype(value)>, frame::Unknown>)
                object(out, value);
        },
        any);
}

void encode(std::string &out, const frame::Sync &sync, std::span<const SharedBytes> events)
{
    encodePage(out, sync, events);
}

void encode(std::string &out, const frame::History &history, std::span<const SharedBytes> events)
{
    encodePage(out, history, events);
}

void encodeV1(std::string &out, const frame::Error &error)
{
    JsonWriter json(out);
    json.beginObject().field("type", frame::Error::kType);
    json.field("code", error.code).field("message", error.message);
    json.endObject();
}

} // namespace parlor
