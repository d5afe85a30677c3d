// SPDX-License-Identifier: MIT
// The reader of WebSocket frames: it finds the same in any split, whether its sink stops it or not.
#include "shared/websocket/reader.h"

#include "tests/fuzz/target.h"

#include <functional>
#include <vector>

namespace parlor::fuzz {

namespace {

class Transcript final : public websocket::ReaderSink
{
public:
    explicit Transcript(websocket::Flow flow)
        : m_flow(flow)
    {
    }
    websocket::Flow onText(std::string_view message) override
    {
        check(websocket::isValidUtf8(message), "a text message is UTF-8", message);
        return note("text", message);
    }
    websocket::Flow onBinary(std::string_view message) override { return note("binary", message); }
    websocket::Flow onPing(std::string_view payload) override { return note("ping", payload); }
    websocket::Flow onPong(std::string_view payload) override { return note("pong", payload); }
    void onClose(std::optional<std::uint16_t> code, std::string_view reason) override
    {
        check(websocket::isValidUtf8(reason), "the reason of a Close is UTF-8", reason);
        note("close " + std::to_string(code.value_or(0)), reason);
    }
    std::vector<std::string> lines;

private:
    websocket::Flow note(std::string what, std::string_view text)
    {
        lines.push_back(std::move(what.append(1, ' ').append(text)));
        return m_flow;
    }
    websocket::Flow m_flow;
};

struct Findings
{
    std::vector<std::string> lines;
    std::size_t used = 0;
    bool isMidMessage = false;
    std::uint32_t completed = 0;
    std::optional<std::uint16_t> violation;
    bool operator==(const Findings &) const = default;
};

Findings readFrames(websocket::Role role, const websocket::ReaderLimits &limits, std::string bytes,
                    websocket::Flow flow, const std::function<std::size_t(std::size_t)> &piece)
{
    websocket::Reader reader(role, limits);
    Transcript transcript(flow);
    Findings findings;
    std::span<char> left(bytes);
    while (!left.empty()) {
        const auto now = left.first(piece(left.size()));
        const std::size_t before = transcript.lines.size();
        const std::size_t used = reader.feed(now, transcript);
        check(used <= now.size(), "no more is used than there is");
        findings.used += used;
        left = left.subspan(used);
        if (used < now.size() && (flow == websocket::Flow::Continue || transcript.lines.size() == before))
            break; // after a Close or a violation
    }
    findings.lines = std::move(transcript.lines);
    findings.completed = reader.completed();
    if (reader.violation()) {
        findings.violation = reader.violation()->closeCode;
        findings.used = 0; // nobody asks for the rest
    } else {
        findings.isMidMessage = reader.isMidMessage();
    }
    return findings;
}

/// The first byte chooses the role and the limits.
void websocketReader(std::string_view input)
{
    Choices choices(input);
    const std::uint8_t first = choices.byte();
    const websocket::Role role = (first & 1U) != 0 ? websocket::Role::Client : websocket::Role::Server;
    const websocket::ReaderLimits limits{.messageBytes = (first & 2U) != 0 ? 300U : 64U * 1024U,
                                         .fragments = (first & 4U) != 0 ? 3U : 0U};
    const std::string bytes(choices.rest());
    const auto all = [](std::size_t left) { return left; };
    const Findings whole = readFrames(role, limits, bytes, websocket::Flow::Continue, all);
    const auto same = [&](websocket::Flow flow, const std::function<std::size_t(std::size_t)> &piece) {
        const Findings other = readFrames(role, limits, bytes, flow, piece);
        check(other.lines == whole.lines, "a split changes no message");
        check(other == whole, "a split changes nothing");
    };
    Cuts cuts(input);
    same(websocket::Flow::Continue, [](std::size_t) { return std::size_t(1); });
    same(websocket::Flow::Continue, [&cuts](std::size_t left) { return cuts.next(left); });
    same(websocket::Flow::Stop, all);
    same(websocket::Flow::Stop, [&cuts](std::size_t left) { return cuts.next(left); });
    for (const std::string &line : whole.lines)
        check(line.size() <= limits.messageBytes + 16, "a message is within the limit");
}

const Target kWebSocketReader("websocketreader", &websocketReader);

} // namespace

} // namespace parlor::fuzz
