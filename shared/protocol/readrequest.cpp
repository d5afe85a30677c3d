// SPDX-License-Identifier: MIT
#include "shared/protocol/readrequest.h"

namespace parlor {

namespace {

void read(JsonFields &in, request::Auth &out)
{
    out.token = in.optionalString("token");
    out.username = in.optionalString("username");
    out.resume = in.optionalString("resume");
}
void read(JsonFields &in, request::Join &out)
{
    out.room = in.string("room");
    out.history = in.count("history");
    if (const auto since = in.optionalObject("since")) {
        JsonFields position = in.nested(*since);
        out.since = Position{position.string("epoch"), position.number("seq"),
                             position.optionalString("id").value_or("")};
        if (position.error())
            in.fail(*position.error());
    }
}
void read(JsonFields &in, request::Leave &out)
{
    out.room = in.string("room");
}
void read(JsonFields &in, request::Publish &out)
{
    out.room = in.string("room");
    out.content.text = in.string("content");
    out.cid = in.string("cid");
}
void read(JsonFields &in, request::History &out)
{
    out.room = in.string("room");
    out.before = in.optionalUnsigned("before");
    out.after = in.optionalUnsigned("after");
    out.limit = in.count("limit");
    if (out.before && out.after)
        in.fail(Error{ErrorCode::BadRequest, "\"before\" and \"after\" exclude each other"});
}
void read(JsonFields &in, request::Typing &out)
{
    out.room = in.string("room");
    out.on = in.boolean("on");
}
void read(JsonFields &in, request::Nick &out)
{
    out.username = in.string("username");
}
void read(JsonFields &in, request::Rooms &out)
{
    out.prefix = in.optionalString("prefix").value_or("");
    out.limit = in.count("limit");
    out.after = in.optionalString("after").value_or("");
}
void read(JsonFields &in, request::Who &out)
{
    out.room = in.string("room");
    out.limit = in.count("limit");
    out.after = in.optionalString("after").value_or("");
}
void read(JsonFields &in, request::Delete &out)
{
    out.room = in.string("room");
    out.seq = in.number("seq");
    out.id = in.string("id");
}
void read(JsonFields &in, request::Moderate &out)
{
    out.action = in.string("action");
    out.user = in.optionalString("user");
    out.network = in.optionalString("network");
    out.room = in.optionalString("room");
    out.duration = in.optionalMilliseconds("duration_ms");
    out.interval = in.optionalMilliseconds("interval_ms");
    out.reason = in.optionalString("reason");
}
void read(JsonFields &in, request::Ping &out)
{
    const auto t = in.optionalNumber("t");
    if (!t && !in.error())
        in.fail(badField("t", "is missing"));
    out.t = t.value_or(0);
}

} // namespace

bool readRequest(JsonFields &in, std::string_view type, Request &out)
{
    return readByType(type, out.body, [&in](auto &body) { read(in, body); });
}

} // namespace parlor
