// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <hiredis/hiredis.h>
#include <optional>
#include <string_view>

namespace parlor::redis {

/// A look at a reply of Redis (RESP2), which its reader owns. Asking for what it is not gives nothing.
class Reply
{
public:
    explicit Reply(const redisReply *reply)
        : m_reply(reply)
    {
    }

    [[nodiscard]] bool isError() const { return isA(REDIS_REPLY_ERROR); }
    [[nodiscard]] bool isNil() const { return m_reply == nullptr || isA(REDIS_REPLY_NIL); }
    [[nodiscard]] bool isArray() const { return isA(REDIS_REPLY_ARRAY); }
    /// Of a string, a status or an error; else empty.
    [[nodiscard]] std::string_view text() const
    {
        const bool hasText = isA(REDIS_REPLY_STRING) || isA(REDIS_REPLY_STATUS) || isError();
        return hasText ? std::string_view(m_reply->str, m_reply->len) : std::string_view();
    }
    [[nodiscard]] std::optional<std::int64_t> integer() const
    {
        return isA(REDIS_REPLY_INTEGER) ? std::optional<std::int64_t>(m_reply->integer) : std::nullopt;
    }
    /// Of an array; else 0.
    [[nodiscard]] std::size_t size() const { return isArray() ? m_reply->elements : 0; }
    /// An element of an array; where there is none, nil.
    [[nodiscard]] Reply operator[](std::size_t index) const
    {
        return Reply(index < size() ? m_reply->element[index] : nullptr);
    }

private:
    [[nodiscard]] bool isA(int type) const { return m_reply != nullptr && m_reply->type == type; }

    const redisReply *m_reply;
};

} // namespace parlor::redis
