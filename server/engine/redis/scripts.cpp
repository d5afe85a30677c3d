// SPDX-License-Identifier: MIT
#include "server/engine/redis/scripts.h"

#include <QCryptographicHash>

#include <array>

namespace parlor::redis {

Script::Script(std::string_view source)
    : text(source)
    , sha(QCryptographicHash::hash(QByteArrayView(text.data(), static_cast<qsizetype>(text.size())),
                                   QCryptographicHash::Sha1)
              .toHex()
              .toStdString())
{
}

namespace {

/// Gives an event the next number, keeps it and tells everybody.
constexpr std::string_view kAppendFunction = R"lua(
local function idOf(entry)
    for i = 1, #entry[2], 2 do
        if entry[2][i] == 'i' then return entry[2][i + 1] end
    end
end
local function append()
    local top = redis.call('HMGET', KEYS[2], 'epoch', 'seq', 'id')
    if top[1] and top[1] ~= ARGV[7] then return {'epoch', top[1]} end
    local before, previous = tonumber(top[2] or '0'), top[3] or ''
    local seq
    local function add()
        seq = string.format('%.0f', before + 1)
        return redis.pcall('XADD', KEYS[1], seq .. '-0', 'i', ARGV[1], 'k', ARGV[4], 't', ARGV[5],
            'f', ARGV[2] .. seq .. ARGV[3])
    end
    local added = add()
    if type(added) == 'table' and added.err then
        -- The stream is ahead of the top if only the top was lost.
        local last = redis.pcall('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
        if last.err or not last[1] then return added end
        local number, rest = string.match(last[1][1], '^(%d+)-(%d+)$')
        local id = idOf(last[1])
        if rest ~= '0' or not id or tonumber(number) <= before then return added end
        before, previous = tonumber(number), id
        added = add()
        if type(added) == 'table' and added.err then return added end
    end
    redis.call('HSET', KEYS[2], 'epoch', ARGV[7], 'seq', seq, 'id', ARGV[1])
    -- Whoever does not hear it reads it.
    redis.pcall('PUBLISH', ARGV[6], 'm' .. previous .. ' ' .. seq .. ' ' .. ARGV[1] .. ' ' .. ARGV[5] .. ' ' ..
        #ARGV[4] .. '\n' .. ARGV[4] .. ARGV[2] .. seq .. ARGV[3])
    return {'kept', seq}
end
)lua";

/// The servers that are still believed in, with their members.
constexpr std::string_view kRosterFunction = R"lua(
local function roster(servers)
    local now = redis.call('TIME')[1]
    local all = {}
    for _, server in ipairs(redis.call('ZRANGEBYSCORE', servers, '(' .. now, '+inf')) do
        all[#all + 1] = server
        all[#all + 1] = redis.call('HGETALL', servers .. ':' .. server)
    end
    return all
end
)lua";

/// A server that has members is believed in for a while, and what changed gets a number and is told.
constexpr std::string_view kTellFunction = R"lua(
local function tell(kind, what)
    if redis.call('EXISTS', KEYS[2]) == 1 then
        redis.call('ZADD', KEYS[1], redis.call('TIME')[1] + ARGV[3], ARGV[2])
        redis.call('EXPIRE', KEYS[1], 3600)
        redis.call('EXPIRE', KEYS[2], 60)
    else
        redis.call('ZREM', KEYS[1], ARGV[2])
    end
    local version = redis.call('INCR', KEYS[3])
    redis.call('EXPIRE', KEYS[3], 3600)
    redis.call('PUBLISH', ARGV[1], kind .. string.format('%.0f', version) .. ' ' .. ARGV[2] .. what)
    return version
end
)lua";

Script withAppend(std::string_view source)
{
    return Script(std::string(kAppendFunction) + std::string(source));
}

Script withRoster(std::string_view source)
{
    return Script(std::string(kRosterFunction) + std::string(source));
}

Script withBelief(std::string_view source)
{
    return Script(std::string(kTellFunction) + std::string(source));
}

} // namespace

namespace scripts {

const Script publish = withAppend(R"lua(
local record = KEYS[3]
local first = record and redis.call('GET', record)
if first then return {'dup', first} end
local done = append()
if record and done[1] == 'kept' then
    redis.call('SET', record, done[2] .. ' ' .. ARGV[1] .. ' ' .. ARGV[5], 'EX', 600)
end
return done
)lua");

const Script erase = withAppend(R"lua(
local left = redis.call('ZRANGEBYSCORE', KEYS[3], ARGV[8], ARGV[8])[1]
if left then return {'dup', string.match(left, '^[^\n]*')} end
local target = ARGV[8] .. '-0'
local entry = redis.call('XRANGE', KEYS[1], target, target)[1]
if not entry or idOf(entry) ~= ARGV[9] then return {'gone'} end
local done = append()
if done[1] == 'kept' then
    redis.call('XDEL', KEYS[1], target)
    redis.call('ZADD', KEYS[3], ARGV[8], done[2] .. ' ' .. ARGV[1] .. ' ' .. ARGV[5] .. '\n' ..
        ARGV[10] .. done[2] .. ARGV[11])
end
return done
)lua");

const Script load = withRoster(R"lua(
local top = redis.call('HMGET', KEYS[1], 'epoch', 'seq', 'id', 'floor')
return {top[1], top[2], top[3], top[4], redis.call('GET', KEYS[3]), roster(KEYS[2])}
)lua");

const Script roster = withRoster(R"lua(
return {redis.call('GET', KEYS[2]), roster(KEYS[1])}
)lua");

const Script prove(R"lua(
local top = redis.call('HMGET', KEYS[1], 'epoch', 'seq', 'id')
return {top[1], top[2], top[3], redis.call('GET', KEYS[2])}
)lua");

const Script trim(R"lua(
local newest, most, before = nil, tonumber(ARGV[1]), tonumber(ARGV[2])
local function field(entry, name)
    for i = 1, #entry[2], 2 do
        if entry[2][i] == name then return entry[2][i + 1] end
    end
end
if most > 0 then newest = redis.call('XREVRANGE', KEYS[1], ARGV[1], '-', 'COUNT', 1)[1] end
if before > 0 then
    local from = '-'
    for _ = 1, 20 do -- two thousand at once; the next time goes on
        local entries = redis.call('XRANGE', KEYS[1], from, '+', 'COUNT', 100)
        local old = 0
        for i, entry in ipairs(entries) do
            if tonumber(field(entry, 't') or '0') >= before then break end
            old = i
        end
        if old > 0 and (not newest or tonumber(string.match(entries[old][1], '^%d+')) >
                tonumber(string.match(newest[1], '^%d+'))) then newest = entries[old] end
        if old < 100 then break end
        from = '(' .. entries[old][1]
    end
end
if not newest then return 0 end
local seq = string.match(newest[1], '^%d+')
local floor = seq .. ' ' .. (field(newest, 'i') or '')
local dropped = redis.call('XTRIM', KEYS[1], 'MINID', string.format('%.0f', tonumber(seq) + 1))
dropped = dropped + redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', seq)
redis.call('HSET', KEYS[2], 'floor', floor)
redis.call('PUBLISH', ARGV[3], 'f' .. floor)
return dropped
)lua");

const Script presence = withBelief(R"lua(
for i = 4, #ARGV, 3 do
    if ARGV[i] == '+' then
        redis.call('HSET', KEYS[2], ARGV[i + 1], ARGV[i + 2])
    else
        redis.call('HDEL', KEYS[2], ARGV[i + 1])
    end
end
return tell('p', '\30' .. table.concat(ARGV, '\30', 4))
)lua");

const Script restate = withBelief(R"lua(
redis.call('DEL', KEYS[2])
for i = 4, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
return tell('r', '')
)lua");

const Script refresh(R"lua(
local now = redis.call('TIME')[1]
for _, server in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now)) do
    if server ~= ARGV[2] and ARGV[4] == '1' then
        redis.call('ZREM', KEYS[1], server)
        redis.call('DEL', KEYS[1] .. ':' .. server)
        redis.call('PUBLISH', ARGV[1], 'n' .. string.format('%.0f', redis.call('INCR', KEYS[3])) .. ' ' .. server)
    end
end
redis.call('EXPIRE', KEYS[3], 3600)
if redis.call('EXPIRE', KEYS[2], 60) == 0 or not redis.call('ZSCORE', KEYS[1], ARGV[2]) then return 0 end
redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[2])
redis.call('EXPIRE', KEYS[1], 3600)
return 1
)lua");

const Script glance(R"lua(
local now = redis.call('TIME')[1]
local members = 0
for _, server in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '(' .. now, '+inf')) do
    members = members + redis.call('HLEN', KEYS[2] .. ':' .. server)
end
return {redis.call('HGET', KEYS[1], 'seq'), members}
)lua");

} // namespace scripts

std::span<const Script *const> allScripts()
{
    using namespace scripts;
    static constexpr std::array kAll{&publish, &erase,    &load,    &roster,  &prove,
                                     &trim,    &presence, &restate, &refresh, &glance};
    return kAll;
}

} // namespace parlor::redis
