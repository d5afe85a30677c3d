// SPDX-License-Identifier: MIT
#include "server/engine/redis/replyreader.h"

namespace parlor::redis {

namespace {

/// Longer answers than we ask for: a page of the largest messages is 20 MiB.
constexpr std::size_t kKeptBuffer = 64 * 1024;
/// Of one answer, at all depths together. hiredis takes memory for as many as an answer announces, whether
/// they come or not.
constexpr std::size_t kMostElements = 1'000'000;

redisReplyObjectFunctions *replyFunctions()
{
    static const redisReplyObjectFunctions original =
        *std::unique_ptr<redisReader, void (*)(redisReader *)>(redisReaderCreate(), &redisReaderFree)->fn;
    static redisReplyObjectFunctions bounded = [] {
        redisReplyObjectFunctions functions = original;
        functions.createArray = [](const redisReadTask *task, auto elements) -> void * { // int, or size_t
            auto &announced = *static_cast<std::size_t *>(task->privdata);
            announced = (task->parent ? announced : 0) + static_cast<std::size_t>(elements);
            return announced > kMostElements ? nullptr : original.createArray(task, elements);
        };
        return functions;
    }();
    return &bounded;
}

} // namespace

ReplyReader::ReplyReader()
    : m_announced(std::make_unique<std::size_t>(0))
    , m_reader(redisReaderCreateWithFunctions(replyFunctions()), &redisReaderFree)
{
    m_reader->maxbuf = kKeptBuffer;
    m_reader->privdata = m_announced.get();
}

void ReplyReader::feed(std::string_view bytes)
{
    redisReaderFeed(m_reader.get(), bytes.data(), bytes.size());
}

ReplyReader::OwnedReply ReplyReader::next()
{
    void *reply = nullptr;
    if (redisReaderGetReply(m_reader.get(), &reply) != REDIS_OK)
        return nullptr;
    return OwnedReply(static_cast<redisReply *>(reply));
}

} // namespace parlor::redis
