// SPDX-License-Identifier: MIT
#include "shared/protocol/decoder.h"

#include "shared/protocol/limits.h"

#include <simdjson.h>

#include <deque>

namespace parlor {

namespace dom = simdjson::dom;

namespace {

/// Why a field could not be read; thrown nowhere, carried by Fields until the end.
Error badField(std::string_view name, std::string_view what)
{
    std::string text = "\"";
    text.append(name).append("\" ").append(what);
    return Error{ErrorCode::BadRequest, std::move(text)};
}

/// An object's fields, read by name and type. The first mistake is kept and everything after it reads as
/// empty.
class Fields
{
public:
    /// `arena` holds what is no view into the parser's buffer.
    Fields(dom::object object, std::deque<std::string> &arena)
        : m_object(object)
        , m_arena(arena)
    {
    }

    [[nodiscard]] const std::optional<Error> &error() const { return m_error; }
    void fail(Error error)
    {
        if (!m_error)
            m_error = std::move(error);
    }

    [[nodiscard]] bool has(std::string_view name) const
    {
        return m_object.at_key(name).error() == simdjson::SUCCESS;
    }

    std::optional<std::string_view> optionalString(std::string_view name)
    {
        return optional<std::string_view>(name, "must be a string");
    }
    std::optional<std::uint64_t> optionalUnsigned(std::string_view name)
    {
        return optional<std::uint64_t>(name, "must be a whole number that is not negative");
    }
    std::optional<bool> optionalBool(std::string_view name)
    {
        return optional<bool>(name, "must be true or false");
    }
    std::optional<double> optionalNumber(std::string_view name)
    {
        return optional<double>(name, "must be a number");
    }
    std::optional<dom::object> optionalObject(std::string_view name)
    {
        return optional<dom::object>(name, "must be an object");
    }
    std::optional<dom::array> optionalArray(std::string_view name)
    {
        return optional<dom::array>(name, "must be an array");
    }

    std::string_view string(std::string_view name) { return require(optionalString(name), name); }
    std::uint64_t number(std::string_view name) { return require(optionalUnsigned(name), name); }
    bool boolean(std::string_view name) { return require(optionalBool(name), name); }
    std::chrono::milliseconds milliseconds(std::string_view name)
    {
        return std::chrono::milliseconds(static_cast<std::int64_t>(number(name)));
    }
    /// A page's size: clamped, since more than there can be is no mistake.
    std::optional<std::uint32_t> count(std::string_view name)
    {
        const auto value = optionalUnsigned(name);
        if (!value)
            return std::nullopt;
        return static_cast<std::uint32_t>(std::min<std::uint64_t>(*value, UINT32_MAX));
    }

    /// Any JSON value; nullopt if it is not there.
    std::optional<Content> content(std::string_view name)
    {
        const auto element = m_object.at_key(name);
        if (element.error())
            return std::nullopt;
        return toContent(element.value_unsafe());
    }

    Fields nested(dom::object object) { return Fields(object, m_arena); }

private:
    Content toContent(dom::element element)
    {
        Content content;
        if (std::string_view text; element.get(text) == simdjson::SUCCESS) {
            content.text = text;
            return content;
        }
        m_arena.push_back(simdjson::minify(element));
        content.text = content.json = m_arena.back();
        content.isString = false;
        return content;
    }

    template <typename T>
    std::optional<T> optional(std::string_view name, std::string_view mistake)
    {
        const auto element = m_object.at_key(name);
        if (m_error || element.error())
            return std::nullopt;
        T value{};
        if (element.get(value) == simdjson::SUCCESS)
            return value;
        fail(badField(name, mistake));
        return std::nullopt;
    }
    template <typename T>
    T require(std::optional<T> value, std::string_view name)
    {
        if (value)
            return *value;
        fail(badField(name, "is missing"));
        return T{};
    }

    dom::object m_object;
    std::deque<std::string> &m_arena;
    std::optional<Error> m_error;
};

// ---- requests

void read(Fields &in, request::Auth &out)
{
    out.token = in.optionalString("token");
    out.username = in.optionalString("username");
    out.resume = in.optionalString("resume");
}
void read(Fields &in, request::Join &out)
{
    out.room = in.string("room");
    out.history = in.count("history");
    if (const auto since = in.optionalObject("since")) {
        Fields position = in.nested(*since);
        out.since = Position{position.string("epoch"), position.number("seq"),
                             position.optionalString("id").value_or("")};
        if (position.error())
            in.fail(*position.error());
    }
}
void read(Fields &in, request::Leave &out)
{
    out.room = in.string("room");
}
void read(Fields &in, request::Publish &out)
{
    out.room = in.string("room");
    out.content.text = in.string("content");
    out.cid = in.string("cid");
}
void read(Fields &in, request::History &out)
{
    out.room = in.string("room");
    out.before = in.optionalUnsigned("before");
    out.after = in.optionalUnsigned("after");
    out.limit = in.count("limit");
    if (out.before && out.after)
        in.fail(Error{ErrorCode::BadRequest, "\"before\" and \"after\" exclude each other"});
}
void read(Fields &in, request::Typing &out)
{
    out.room = in.string("room");
    out.on = in.boolean("on");
}
void read(Fields &in, request::Nick &out)
{
    out.username = in.string("username");
}
void read(Fields &in, request::Rooms &out)
{
    out.prefix = in.optionalString("prefix").value_or("");
    out.limit = in.count("limit");
    out.after = in.optionalString("after").value_or("");
}
void read(Fields &in, request::Who &out)
{
    out.room = in.string("room");
    out.limit = in.count("limit");
    out.after = in.optionalString("after").value_or("");
}
void read(Fields &in, request::Ping &out)
{
    const auto t = in.optionalNumber("t");
    if (!t && !in.error())
        in.fail(badField("t", "is missing"));
    out.t = t.value_or(0);
}

/// Reads the alternative of `Variant` that has this type name; false if none has.
template <typename Variant, std::size_t I = 0, typename Read>
bool readByType(std::string_view type, Variant &out, const Read &readInto)
{
    if constexpr (I == std::variant_size_v<Variant>) {
        return false;
    } else {
        using Struct = std::variant_alternative_t<I, Variant>;
        if (type == Struct::kType) {
            readInto(out.template emplace<I>());
            return true;
        }
        return readByType<Variant, I + 1>(type, out, readInto);
    }
}

Error unknownType(std::string_view type)
{
    std::size_t shown = std::min<std::size_t>(type.size(), 40);
    while (shown > 0 && shown < type.size() && (static_cast<unsigned char>(type[shown]) & 0xC0) == 0x80)
        --shown; // never half a code point
    std::string text = "there is no request of type \"";
    text.append(type.substr(0, shown)).append("\"");
    return Error{ErrorCode::UnknownType, std::move(text)};
}

Error parseError(simdjson::error_code code)
{
    switch (code) {
    case simdjson::DEPTH_ERROR:
        return {ErrorCode::BadRequest, "the JSON is nested too deeply"};
    case simdjson::NUMBER_ERROR:
        return {ErrorCode::BadRequest, "the JSON has a number that is out of range or malformed"};
    case simdjson::CAPACITY:
    case simdjson::MEMALLOC:
        return {ErrorCode::TooLarge, "the JSON is too large"};
    default:
        return {ErrorCode::BadRequest, "the frame is not valid JSON"};
    }
}

// ---- server → client

Member readMember(Fields in, Fields &parent)
{
    Member member{in.string("id"), in.string("user"), in.string("username")};
    if (in.error())
        parent.fail(*in.error());
    return member;
}

void readObjects(Fields &in, std::string_view name, const auto &each)
{
    const auto array = in.optionalArray(name);
    if (!array) {
        if (!in.error())
            in.fail(badField(name, "is missing"));
        return;
    }
    for (dom::element element : *array) {
        dom::object object;
        if (element.get(object)) {
            in.fail(badField(name, "must hold objects"));
            return;
        }
        each(in.nested(object));
    }
}

std::optional<std::uint32_t> readRid(Fields &in)
{
    const auto rid = in.optionalUnsigned("rid");
    if (!rid)
        return std::nullopt;
    if (*rid == 0 || *rid > UINT32_MAX) {
        in.fail(badField("rid", "must be from 1 to 4294967295"));
        return std::nullopt;
    }
    return static_cast<std::uint32_t>(*rid);
}

void read(Fields &in, frame::Connection &out)
{
    out.clientId = in.string("client_id");
    out.hostname = in.string("hostname");
    if (!in.has("protocol"))
        return;
    frame::ServerTerms terms;
    terms.ping = in.milliseconds("ping_ms");
    terms.serverTime = in.milliseconds("server_time");
    if (const auto object = in.optionalObject("limits")) {
        Fields limits = in.nested(*object);
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
void read(Fields &in, frame::Ack &out)
{
    out.rid = readRid(in);
    if (in.has("client_id")) {
        out.body =
            frame::AuthAck{in.string("client_id"), in.string("user"),   in.string("username"),
                           in.boolean("resumed"),  in.string("resume"), in.milliseconds("resume_ttl_ms")};
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
void read(Fields &in, frame::Error &out)
{
    out.rid = readRid(in);
    out.code = in.string("code");
    out.message = in.string("message");
    out.retryable = in.optionalBool("retryable").value_or(false);
    if (const auto retry = in.optionalUnsigned("retry_ms"))
        out.retry = std::chrono::milliseconds(static_cast<std::int64_t>(*retry));
    out.room = in.optionalString("room");
    out.cid = in.optionalString("cid");
}
void read(Fields &in, frame::RoomUsers &out)
{
    out.rid = readRid(in);
    out.room = in.string("room");
    out.count = in.number("count");
    out.truncated = in.boolean("truncated");
    readObjects(in, "members", [&](Fields each) { out.members.push_back(readMember(each, in)); });
}
void read(Fields &in, frame::Presence &out)
{
    out.room = in.string("room");
    out.count = in.number("count");
    out.truncated = in.has("truncated") && in.boolean("truncated");
    readObjects(in, "joined", [&](Fields each) { out.joined.push_back(readMember(each, in)); });
    readObjects(in, "left", [&](Fields each) {
        out.left.push_back({each.string("id"), each.string("reason")});
        if (each.error())
            in.fail(*each.error());
    });
}
void read(Fields &in, frame::Message &out)
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
}
void readEvents(Fields &in, std::vector<frame::Message> &out)
{
    readObjects(in, "events", [&](Fields each) {
        frame::Message &event = out.emplace_back();
        event.isOfUnknownType = each.string("type") != frame::Message::kType;
        if (event.isOfUnknownType) {
            event.room = each.optionalString("room").value_or("");
            event.seq = each.number("seq");
            event.id = each.string("id");
        } else {
            read(each, event);
        }
        if (each.error())
            in.fail(*each.error());
    });
}
void read(Fields &in, frame::Sync &out)
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
void read(Fields &in, frame::History &out)
{
    out.rid = readRid(in);
    out.room = in.string("room");
    out.epoch = in.string("epoch");
    out.more = in.boolean("more");
    readEvents(in, out.events);
}
void read(Fields &in, frame::UserUpdated &out)
{
    out = {in.string("room"), in.string("id"), in.string("username")};
}
void read(Fields &in, frame::Typing &out)
{
    out = {in.string("room"), in.string("id"), in.string("username"), in.boolean("on")};
}
void read(Fields &in, frame::Rooms &out)
{
    out.rid = readRid(in);
    out.more = in.boolean("more");
    readObjects(in, "rooms", [&](Fields each) {
        out.rooms.push_back({each.string("name"), each.number("count"), each.number("seq")});
        if (each.error())
            in.fail(*each.error());
    });
}
void read(Fields &in, frame::Pong &out)
{
    out.rid = readRid(in);
    out.t = in.optionalNumber("t").value_or(0);
    out.serverTime = in.milliseconds("server_time");
}
void read(Fields &in, frame::Reconnect &out)
{
    out = {in.string("reason"), in.milliseconds("delay_ms")};
}
void read(Fields &in, frame::ServerState &out)
{
    out.cluster = in.string("cluster");
}
void read(Fields &in, frame::UserJoined &out)
{
    out = {in.string("userId"), in.string("username")};
}
void read(Fields &in, frame::UserLeft &out)
{
    out = {in.string("userId"), in.string("username")};
}
void read(Fields &in, frame::RoomUserIds &out)
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
                 frame::Pong, frame::Reconnect, frame::ServerState, frame::UserJoined, frame::UserLeft>;

} // namespace

struct Decoder::Private
{
    /// The parser counts the braces of the frame itself, and refuses the level that its limit names.
    explicit Private(int maxDepth)
        : depth(maxDepth > 0 ? static_cast<std::size_t>(maxDepth) + 2
                             : std::size_t{simdjson::DEFAULT_MAX_DEPTH})
    {
    }

    simdjson::simdjson_result<dom::element> parse(std::string_view text)
    {
        arena.clear();
        if (text.empty()) // it may have no address either, which simdjson would copy from
            return simdjson::EMPTY;
        if (text.size() > capacity) {
            const std::size_t wanted = std::max<std::size_t>(text.size(), 4096);
            if (const auto error = parser.allocate(wanted, depth))
                return error;
            capacity = wanted;
        }
        return parser.parse(text.data(), text.size());
    }

    const std::size_t depth;
    std::size_t capacity = 0;
    dom::parser parser;
    std::deque<std::string> arena;
};

Decoder::Decoder(int maxDepth)
    : d(std::make_unique<Private>(maxDepth))
{
}
Decoder::~Decoder() = default;

std::variant<Request, RequestError> Decoder::request(std::string_view text)
{
    const auto parsed = d->parse(text);
    if (parsed.error())
        return RequestError{{}, parseError(parsed.error())};
    dom::object object;
    if (parsed.get(object))
        return RequestError{{}, {ErrorCode::BadRequest, "the frame is not a JSON object"}};

    Fields in(object, d->arena);
    Request result;
    result.rid = readRid(in);
    const std::string_view type = in.string("type");
    if (in.error())
        return RequestError{result.rid, *in.error()};
    if (!readByType(type, result.body, [&in](auto &body) { read(in, body); }))
        return RequestError{result.rid, unknownType(type), type};
    if (in.error())
        return RequestError{result.rid, *in.error(), type};
    return result;
}

std::variant<v1::Request, Error> Decoder::requestV1(std::string_view text)
{
    const v1::Request wholeText = v1::Publish{{text}};
    const std::size_t start = text.find_first_not_of(" \t\r\n");
    if (start == std::string_view::npos || text[start] != '{')
        return wholeText;
    const auto parsed = d->parse(text);
    switch (parsed.error()) {
    case simdjson::SUCCESS:
        break;
    case simdjson::DEPTH_ERROR:
    case simdjson::NUMBER_ERROR:
        return parseError(parsed.error());
    default:
        return wholeText; // braces that are no JSON
    }
    dom::object object;
    if (parsed.get(object))
        return wholeText;

    Fields in(object, d->arena);
    const auto type = in.optionalString("type");
    if (in.error() || !type)
        return Error{ErrorCode::UnknownType, "\"type\" must be \"join\" or \"message\""};
    v1::Request result;
    if (*type == "join") {
        result = v1::Join{in.optionalString("room").value_or("general")};
    } else if (*type == "message") {
        result = v1::Publish{in.content("content").value_or(Content{})};
    } else {
        return unknownType(*type);
    }
    if (in.error())
        return *in.error();
    return result;
}

Result<frame::Any> Decoder::frame(std::string_view text)
{
    const auto parsed = d->parse(text);
    if (parsed.error())
        return parseError(parsed.error());
    dom::object object;
    if (parsed.get(object))
        return Error{ErrorCode::BadRequest, "the frame is not a JSON object"};
    Fields in(object, d->arena);
    const std::string_view type = in.string("type");
    if (in.error())
        return *in.error();

    frame::Any result = frame::Unknown{type};
    if (type == frame::RoomUserIds::kType && in.has("users")) {
        read(in, result.emplace<frame::RoomUserIds>());
    } else {
        KnownFrame known;
        if (readByType(type, known, [&in](auto &body) { read(in, body); }))
            std::visit([&result](auto &body) { result = std::move(body); }, known);
    }
    if (in.error())
        return *in.error();
    return result;
}

} // namespace parlor
