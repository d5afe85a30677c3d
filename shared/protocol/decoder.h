// SPDX-License-Identifier: MIT
#pragma once

#include "shared/protocol/messages.h"
#include "shared/protocol/result.h"

#include <memory>
#include <string>
#include <string_view>

namespace parlor {

/// A request that was refused before anybody looked at it. What could be read of it is set.
struct RequestError
{
    std::optional<std::uint32_t> rid{};
    Error error;
    std::string_view type{};
};

/// JSON to structs. One a thread; it keeps its buffers from call to call. What it returns refers to them and
/// is valid until the next call. Input must be valid UTF-8 (the WebSocket reader has checked it).
class Decoder
{
public:
    /// `maxDepth`: nesting of a client's frame, its own braces not counted; 0 means no limit of ours (1024
    /// remain).
    explicit Decoder(int maxDepth);
    ~Decoder();
    Decoder(const Decoder &) = delete;
    Decoder &operator=(const Decoder &) = delete;

    [[nodiscard]] std::variant<Request, RequestError> request(std::string_view text);
    /// In v1 any text that is no JSON object is the content of a message.
    [[nodiscard]] std::variant<v1::Request, Error> requestV1(std::string_view text);
    /// A server's frame, of either dialect. Error: it is no JSON object, or a field that must be there is
    /// not.
    [[nodiscard]] Result<frame::Any> frame(std::string_view text);

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace parlor
