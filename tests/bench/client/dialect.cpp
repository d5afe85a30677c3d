// SPDX-License-Identifier: MIT
#include "tests/bench/client/dialect.h"

namespace parlor::bench {

namespace {

constexpr std::string_view kRoomPrefix = "room-";

/// The text of a string field of a flat object, `quotedName` with its quotes; empty if there is none. Peers
/// differ in the blanks that they leave.
std::string_view field(std::string_view frame, std::string_view quotedName)
{
    const std::size_t name = frame.find(quotedName);
    if (name == std::string_view::npos)
        return {};
    const std::size_t begin = frame.find_first_not_of(": ", name + quotedName.size());
    if (begin == std::string_view::npos || frame[begin] != '"')
        return {};
    const std::size_t end = frame.find('"', begin + 1);
    return end == std::string_view::npos ? std::string_view{} : frame.substr(begin + 1, end - begin - 1);
}

Incoming understandV1(std::string_view frame)
{
    const std::string_view type = field(frame, "\"type\"");
    if (type == "message") {
        // Its sender's echo is not a delivery.
        if (field(frame, "\"sender\"") == "server")
            return {FrameKind::Other, frame};
        return {FrameKind::Message, field(frame, "\"content\"")};
    }
    if (type == "room_users")
        return {FrameKind::Joined};
    if (type == "connection")
        return {FrameKind::Greeting};
    return {FrameKind::Other, frame};
}

} // namespace

std::string_view path(Dialect dialect)
{
    return dialect == Dialect::V1 ? "/ws" : "/";
}

bool greets(Dialect dialect)
{
    return dialect == Dialect::V1;
}

std::string roomName(std::uint32_t room)
{
    std::string name(kRoomPrefix);
    const std::string digits = std::to_string(room);
    return name.append(6 - digits.size(), '0') + digits;
}

std::string joinRequest(Dialect dialect, std::uint32_t room)
{
    return dialect == Dialect::V1 ? R"({"type":"join","room":")" + roomName(room) + "\"}" : roomName(room);
}

std::string publishRequest(Dialect dialect, std::string_view content)
{
    if (dialect == Dialect::Rooms)
        return std::string(content);
    return std::string(R"({"type":"message","content":")").append(content).append("\"}");
}

Incoming understand(Dialect dialect, std::string_view frame)
{
    if (dialect == Dialect::V1)
        return understandV1(frame);
    if (frame.substr(0, kRoomPrefix.size()) == kRoomPrefix)
        return {FrameKind::Joined};
    return {FrameKind::Message, frame};
}

} // namespace parlor::bench
