// SPDX-License-Identifier: MIT
#include "shared/protocol/decoder.h"

#include "shared/protocol/jsonfields.h"
#include "shared/protocol/readframe.h"
#include "shared/protocol/readrequest.h"

#include <simdjson.h>

#include <deque>

namespace parlor {

namespace dom = simdjson::dom;

namespace {

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
        if (text.starts_with("\xEF\xBB\xBF")) // a byte order mark is no JSON, but simdjson 3.12 skips it
            return simdjson::TAPE_ERROR;
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

    JsonFields in(object, d->arena);
    Request result;
    result.rid = readRid(in);
    const std::string_view type = in.string("type");
    if (in.error())
        return RequestError{result.rid, *in.error()};
    if (!readRequest(in, type, result))
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

    JsonFields in(object, d->arena);
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
    JsonFields in(object, d->arena);
    const std::string_view type = in.string("type");
    if (in.error())
        return *in.error();

    frame::Any result = readFrame(in, type);
    if (in.error())
        return *in.error();
    return result;
}

} // namespace parlor
