// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <hiredis/hiredis.h>
#include <memory>
#include <string_view>

namespace parlor::redis {

/// Bytes of Redis to replies (RESP2), by hiredis, in bounded memory. One for each connection.
class ReplyReader
{
public:
    struct Free
    {
        void operator()(redisReply *reply) const { freeReplyObject(reply); }
    };
    using OwnedReply = std::unique_ptr<redisReply, Free>;

    ReplyReader();

    void feed(std::string_view bytes);
    /// The next reply; null: the rest of it has not come yet, or isBroken().
    [[nodiscard]] OwnedReply next();
    /// What came is no reply, or announces more than anybody asked for. Nothing follows.
    [[nodiscard]] bool isBroken() const { return m_reader->err != 0; }

private:
    std::unique_ptr<std::size_t> m_announced; ///< elements of the reply that is read
    std::unique_ptr<redisReader, void (*)(redisReader *)> m_reader;
};

} // namespace parlor::redis
