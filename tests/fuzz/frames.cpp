// SPDX-License-Identifier: MIT
// What a server says: a frame that was read is written so that it reads as the same frame.
#include "shared/protocol/decoder.h"
#include "shared/protocol/encoder.h"
#include "tests/fuzz/target.h"

#include <algorithm>

namespace parlor::fuzz {

namespace {

/// Nobody writes what this version does not know.
bool isUnknown(const frame::Any &any)
{
    const auto hasUnknown = [](const std::vector<frame::Event> &events) {
        return std::ranges::any_of(
            events, [](const auto &event) { return std::holds_alternative<frame::UnknownEvent>(event); });
    };
    if (const auto *sync = std::get_if<frame::Sync>(&any))
        return hasUnknown(sync->events);
    if (const auto *history = std::get_if<frame::History>(&any))
        return hasUnknown(history->events);
    return std::holds_alternative<frame::Unknown>(any);
}

void frames(std::string_view input)
{
    Decoder decoder(0);
    const auto read = decoder.frame(input);
    if (!read) {
        check(!read.error().text.empty(), "an error says what is wrong");
        return;
    }
    if (isUnknown(*read))
        return;
    std::string written;
    encode(written, *read);
    Decoder other(0);
    const auto again = other.frame(written);
    check(bool(again), "what was written can be read", written);
    check(*again == *read, "what was written reads as the same", written);
    std::string rewritten;
    encode(rewritten, *again);
    check(written == rewritten, "there is one way to write it", rewritten);
}

const Target kFrames("frames", &frames);

} // namespace

} // namespace parlor::fuzz
