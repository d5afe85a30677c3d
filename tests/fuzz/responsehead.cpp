// SPDX-License-Identifier: MIT
// The clients' reader of the answer to a handshake: it finds the same in any split.
#include "shared/websocket/handshake.h"

#include "tests/fuzz/target.h"

#include <functional>

namespace parlor::fuzz {

namespace {

struct Judgement
{
    websocket::ClientHandshake::State state{};
    std::size_t used = 0;
    std::optional<websocket::Refusal::Reason> reason;
    std::string subprotocol;
    int status = 0;
    std::vector<websocket::HeadField> fields;
    bool operator==(const Judgement &) const = default;
};

Judgement judge(std::string_view input, const std::function<std::size_t(std::size_t)> &piece)
{
    // The nonce of RFC 6455 §1.3, so that an accepted answer can be written down.
    websocket::ClientHandshake handshake(
        {.host = "example.org", .target = "/ws", .subprotocols = {"parlor.v2"}, .fields = {}},
        {'t', 'h', 'e', ' ', 's', 'a', 'm', 'p', 'l', 'e', ' ', 'n', 'o', 'n', 'c', 'e'});
    Judgement judgement;
    while (!input.empty() && handshake.state() == websocket::ClientHandshake::State::Waiting) {
        const std::size_t size = piece(input.size());
        const std::size_t used = handshake.feed(input.substr(0, size));
        check(used <= size, "no more is used than there is");
        judgement.used += used;
        input.remove_prefix(size);
    }
    judgement.state = handshake.state();
    if (judgement.state == websocket::ClientHandshake::State::Waiting)
        return judgement;
    if (judgement.state == websocket::ClientHandshake::State::Refused) {
        judgement.reason = handshake.refusal().reason;
        if (*judgement.reason < websocket::Refusal::Reason::Status) {
            judgement.used = 0; // of an answer that is none nothing belongs to the head
            return judgement;
        }
    }
    judgement.status = handshake.response().status;
    judgement.fields = handshake.response().fields;
    judgement.subprotocol = handshake.subprotocol();
    return judgement;
}

void responseHead(std::string_view input)
{
    const Judgement whole = judge(input, [](std::size_t left) { return left; });
    check(whole == judge(input, [](std::size_t) { return std::size_t(1); }),
          "bytes one by one change nothing");
    Cuts cuts(input);
    check(whole == judge(input, [&cuts](std::size_t left) { return cuts.next(left); }),
          "a split changes nothing");
    for (const websocket::HeadField &each : whole.fields)
        check(websocket::isValidField(each), "a field that was read is one", each.name);
}

const Target kResponseHead("responsehead", &responseHead);

} // namespace

} // namespace parlor::fuzz
