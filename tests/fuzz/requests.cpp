// SPDX-License-Identifier: MIT
// What clients say, in both dialects: a request that was read is written so that it reads as the same
// request. What people typed is judged, too: a name that was taken is taken again, as it is.
#include "shared/protocol/decoder.h"
#include "shared/protocol/encoder.h"
#include "shared/protocol/limits.h"
#include "shared/protocol/ulid.h"
#include "shared/protocol/values.h"
#include "tests/fuzz/target.h"

namespace parlor::fuzz {

namespace {

void judgeText(std::string_view text)
{
    if (const auto room = values::roomName(text)) {
        const auto again = values::roomName(*room);
        check(again && *again == *room, "a room's name is taken as it is", *room);
        check(room->size() <= limits::kRoomNameBytes, "a room's name is within its limit", *room);
    }
    if (const auto name = values::username(text)) {
        const auto again = values::username(*name);
        check(again && *again == *name, "a username is taken as it is", *name);
        check(values::isUtf8(*name), "a username is UTF-8", *name);
    }
    static_cast<void>(values::checkContent(text));
    static_cast<void>(values::checkCid(text));
    if (const auto id = Ulid::parse(text))
        check(Ulid::parse(id->toString()) == id, "an id is written as it is read", text);
}

void judgeTexts(const request::Body &body)
{
    std::visit(
        [](const auto &request) {
            if constexpr (requires { request.room; })
                if constexpr (std::is_same_v<std::remove_cvref_t<decltype(request.room)>, std::string_view>)
                    judgeText(request.room);
            if constexpr (requires { request.username.value(); })
                judgeText(request.username.value_or(""));
            if constexpr (std::is_same_v<std::remove_cvref_t<decltype(request)>, request::Nick>)
                judgeText(request.username);
            if constexpr (requires { request.content; })
                judgeText(request.content.text);
            if constexpr (requires { request.id; })
                judgeText(request.id);
        },
        body);
}

void ofV2(std::string_view input)
{
    Decoder decoder(limits::kJsonDepth);
    const auto read = decoder.request(input);
    if (const auto *error = std::get_if<RequestError>(&read)) {
        check(!error->error.text.empty(), "an error says what is wrong");
        check(values::isUtf8(error->error.text), "an error is UTF-8", error->error.text);
        return;
    }
    const Request &request = std::get<Request>(read);
    std::string written;
    encode(written, request);
    Decoder other(limits::kJsonDepth);
    const auto again = other.request(written);
    check(std::holds_alternative<Request>(again), "what was written can be read", written);
    check(std::get<Request>(again) == request, "what was written reads as the same", written);
    judgeTexts(request.body);
}

void ofV1(std::string_view input)
{
    Decoder decoder(limits::kJsonDepth);
    const auto read = decoder.requestV1(input);
    const auto *request = std::get_if<v1::Request>(&read);
    if (!request)
        return;
    std::string written;
    encode(written, *request);
    Decoder other(limits::kJsonDepth);
    const auto again = other.requestV1(written);
    check(std::holds_alternative<v1::Request>(again), "what was written in v1 can be read", written);
    check(std::get<v1::Request>(again) == *request, "what was written in v1 reads as the same", written);
}

void requests(std::string_view input)
{
    Decoder decoder(limits::kJsonDepth);
    if (!values::isUtf8(input)) { // the reader of frames refuses it
        check(std::holds_alternative<RequestError>(decoder.request(input)), "a request is UTF-8", input);
        return;
    }
    ofV2(input);
    ofV1(input);
    judgeText(input);
}

const Target kRequests("requests", &requests);

} // namespace

} // namespace parlor::fuzz
