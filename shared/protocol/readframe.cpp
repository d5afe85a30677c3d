// SPDX-License-Identifier: MIT
#include "shared/protocol/readframe.h"

namespace parlor {

namespace dom = simdjson::dom;

namespace {

Member readMember(JsonFields in, JsonFields &parent)
{
    Member member{in.string("id"), in.string("user"), in.string("username")};
    if (in.error())
        parent.fail(*in.error());
    return member;
}

void read(JsonFields &in, frame::Connection &out)
{
    out.clientId = in.string("client_id");
    out.hostname = in.string("hostname");
    if (!in.has("protocol"))
        return;
    frame::ServerTerms terms;
    terms.ping = in.milliseconds("ping_ms");
    terms.serverTime = in.milliseconds("server_time");
    terms.chat = in.optionalString("chat").value_or("");
    terms.needsToken = in.optionalString("auth") == "token";
    if (const auto object = in.optionalObject("limits")) {
        JsonFields limits = in.nested(*object);
        terms.limits.frame = limits.number("frame");
        terms.limits.content = limits.number("content");
        terms.limits.rooms = limits.number("rooms");
        terms.limits.rate = limits.optionalNumber("rate").value_or(0);
        terms.limits.burst = limits.optionalNumber("burst").value_or(0);
        if (limits.error())
            in.fail(*limits.error());
    }
    out.terms = terms;
}
void read(JsonFields &in, frame::Ack &out)
{
    out.rid = readRid(in);
    if (in.has("client_id")) {
        out.body = frame::AuthAck{in.string("client_id"),
                                  in.string("user"),
                                  in.string("username"),
                                  in.boolean("resumed"),
                                  in.string("resume"),
                                  in.milliseconds("resume_ttl_ms"),
                                  in.optionalString("role").value_or(""),
                                  in.optionalMilliseconds("expires")};
    } else if (in.has("target")) {
        out.body = frame::DeleteAck{in.string("room"),      in.string("id"),     in.number("seq"),
                                    in.string("timestamp"), in.string("target"), in.boolean("dup"),
                                    in.boolean("durable")};
    } else if (in.has("action")) {
        out.body = frame::ModerateAck{in.string("action")};
    } else if (in.has("seq")) {
        out.body = frame::PublishAck{in.string("room"),      in.string("id"),  in.number("seq"),
                                     in.string("timestamp"), in.string("cid"), in.boolean("dup"),
                                     in.boolean("durable")};
    } else if (in.has("room")) {
        out.body = frame::RoomAck{in.string("room")};
    } else {
        out.body = frame::NickAck{in.string("username"), in.string("resume")};
    }
}
void read(JsonFields &in, frame::Error &out)
{
    out.rid = readRid(in);
    out.code = in.string("code");
    out.message = in.string("message");
    out.retryable = in.optionalBool("retryable").value_or(false);
    out.retry = in.optionalMilliseconds("retry_ms");
    out.room = in.optionalString("room");
    out.cid = in.optionalString("cid");
}
void read(JsonFields &in, frame::RoomUsers &out)
{
    out.rid = readRid(in);
    out.room = in.string("room");
    out.count = in.number("count");
    out.truncated = in.boolean("truncated");
    readObjects(in, "members", [&](JsonFields each) { out.members.push_back(readMember(each, in)); });
}
void read(JsonFields &in, frame::Presence &out)
{
    out.room = in.string("room");
    out.count = in.number("count");
    out.truncated = in.has("truncated") && in.boolean("truncated");
    readObjects(in, "joined", [&](JsonFields each) { out.joined.push_back(readMember(each, in)); });
    readObjects(in, "left", [&](JsonFields each) {
        out.left.push_back({each.string("id"), each.string("reason")});
        if (each.error())
            in.fail(*each.error());
    });
}
void read(JsonFields &in, frame::Message &out)
{
    out.sender = in.string("sender");
    out.timestamp = in.string("timestamp");
    if (auto content = in.content("content"))
        out.content = *content;
    else
        in.fail(badField("content", "is missing"));
    if (!in.has("seq"))
        return; // a v1 echo, or a server of the tutorial's kind
    out.room = in.string("room");
    out.seq = in.number("seq");
    out.id = in.string("id");
    out.cid = in.optionalString("cid").value_or("");
    out.user = in.string("user");
    out.username = in.string("username");
    if (const auto object = in.optionalObject("deleted")) {
        JsonFields deletion = in.nested(*object);
        out.deleted = frame::Deletion{deletion.number("seq"), deletion.string("id"), deletion.string("user"),
                                      deletion.string("username"), deletion.string("timestamp")};
        if (deletion.error())
            in.fail(*deletion.error());
    }
}
void read(JsonFields &in, frame::Deleted &out)
{
    out.room = in.string("room");
    out.seq = in.number("seq");
    out.id = in.string("id");
    if (const auto object = in.optionalObject("target")) {
        JsonFields target = in.nested(*object);
        out.targetSeq = target.number("seq");
        out.target = target.string("id");
        if (target.error())
            in.fail(*target.error());
    } else {
        in.fail(badField("target", "is missing"));
    }
    out.user = in.string("user");
    out.username = in.string("username");
    out.timestamp = in.string("timestamp");
}
void readEvents(JsonFields &in, std::vector<frame::Event> &out)
{
    readObjects(in, "events", [&](JsonFields each) {
        const std::string_view type = each.string("type");
        if (type == frame::Deleted::kType) {
            read(each, out.emplace_back().emplace<frame::Deleted>());
        } else if (type == frame::Message::kType) {
            read(each, out.emplace_back().emplace<frame::Message>());
        } else {
            out.emplace_back(frame::UnknownEvent{each.optionalString("room").value_or(""), each.number("seq"),
                                                 each.string("id")});
        }
        if (each.error())
            in.fail(*each.error());
    });
}
void read(JsonFields &in, frame::Sync &out)
{
    out.room = in.string("room");
    out.epoch = in.string("epoch");
    out.seq = in.number("seq");
    out.id = in.optionalString("id").value_or("");
    out.recovered = in.boolean("recovered");
    out.more = in.boolean("more");
    if (const auto reason = in.optionalString("reason")) {
        using enum frame::SyncReason;
        out.reason = Unknown;
        for (const auto known : {TooOld, Epoch, Ahead, TooMany, Diverged}) {
            if (*reason == toString(known))
                out.reason = known;
        }
    }
    readEvents(in, out.events);
}
void read(JsonFields &in, frame::History &out)
{
    out.rid = readRid(in);
    out.room = in.string("room");
    out.epoch = in.string("epoch");
    out.more = in.boolean("more");
    readEvents(in, out.events);
}
void read(JsonFields &in, frame::UserUpdated &out)
{
    out = {in.string("room"), in.string("id"), in.string("username")};
}
void read(JsonFields &in, frame::Typing &out)
{
    out = {in.string("room"), in.string("id"), in.string("username"), in.boolean("on")};
}
void read(JsonFields &in, frame::Rooms &out)
{
    out.rid = readRid(in);
    out.more = in.boolean("more");
    readObjects(in, "rooms", [&](JsonFields each) {
        out.rooms.push_back({each.string("name"), each.number("count"), each.number("seq")});
        if (each.error())
            in.fail(*each.error());
    });
}
void read(JsonFields &in, frame::Pong &out)
{
    out.rid = readRid(in);
    out.t = in.optionalNumber("t").value_or(0);
    out.serverTime = in.milliseconds("server_time");
}
void read(JsonFields &in, frame::Reconnect &out)
{
    out = {in.string("reason"), in.milliseconds("delay_ms")};
}
void read(JsonFields &in, frame::ServerState &out)
{
    out.cluster = in.string("cluster");
}
void read(JsonFields &in, frame::Moderated &out)
{
    out = {in.string("action"), in.optionalString("room"), in.optionalMilliseconds("until"),
           in.optionalString("reason")};
}
void read(JsonFields &in, frame::UserJoined &out)
{
    out = {in.string("userId"), in.string("username")};
}
void read(JsonFields &in, frame::UserLeft &out)
{
    out = {in.string("userId"), in.string("username")};
}
void read(JsonFields &in, frame::RoomUserIds &out)
{
    out.truncated = in.optionalBool("truncated").value_or(false);
    if (const auto array = in.optionalArray("users")) {
        for (dom::element element : *array) {
            std::string_view id;
            if (element.get(id))
                in.fail(badField("users", "must hold strings"));
            else
                out.users.push_back(id);
        }
    }
}

/// All that readByType may choose from: v1's room_users is told apart by its fields.
using KnownFrame =
    std::variant<frame::Connection, frame::Ack, frame::Error, frame::RoomUsers, frame::Presence,
                 frame::Message, frame::Sync, frame::History, frame::UserUpdated, frame::Typing, frame::Rooms,
                 frame::Pong, frame::Reconnect, frame::ServerState, frame::UserJoined, frame::UserLeft,
                 frame::Deleted, frame::Moderated>;

} // namespace

frame::Any readFrame(JsonFields &in, std::string_view type)
{
    frame::Any result = frame::Unknown{type};
    if (type == frame::RoomUserIds::kType && in.has("users")) {
        read(in, result.emplace<frame::RoomUserIds>());
    } else {
        KnownFrame known;
        if (readByType(type, known, [&in](auto &body) { read(in, body); }))
            std::visit([&result](auto &body) { result = std::move(body); }, known);
    }
    return result;
}

} // namespace parlor
