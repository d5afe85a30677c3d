// SPDX-License-Identifier: MIT
#include "server/engine/redis/sharedsanctions.h"

#include "server/engine/redis/entries.h"
#include "server/engine/redis/problem.h"
#include "server/moderation/sanctionbook.h"
#include "server/moderation/sanctiontext.h"
#include "shared/protocol/values.h"

#include <utility>

namespace parlor::redis {

namespace {

/// In the hash. No sanction's field is one word.
constexpr std::string_view kVersionField = "version";
/// On the channel for all servers: there is another version, and a kick. Between the parts of that one is
/// what no user and no reason has: control characters are refused there.
constexpr char kChanged = 's';
constexpr char kKick = 'k';
constexpr char kPart = '\x1e';

/// KEYS: the hash. ARGV: how many fields it may have, the channel, how many are erased, for each of these the
/// field and the value that it has (empty: any), then the field and the value to be put, if any.
constexpr std::string_view kImpose = R"lua(
local last = 3 + 2 * tonumber(ARGV[3])
local field, value = ARGV[last + 1], ARGV[last + 2]
if field and redis.call('HEXISTS', KEYS[1], field) == 0 and redis.call('HLEN', KEYS[1]) > tonumber(ARGV[1]) then
    return 'full'
end
for i = 4, last, 2 do
    if ARGV[i + 1] == '' or redis.call('HGET', KEYS[1], ARGV[i]) == ARGV[i + 1] then
        redis.call('HDEL', KEYS[1], ARGV[i])
    end
end
if field then redis.call('HSET', KEYS[1], field, value) end
local version = redis.call('HINCRBY', KEYS[1], 'version', 1)
redis.call('PUBLISH', ARGV[2], 's')
return version
)lua";

/// KEYS: the hash. ARGV: the channel, the version, then fields and values.
constexpr std::string_view kRestore = R"lua(
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[2])
for i = 3, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call('PUBLISH', ARGV[1], 's')
return 1
)lua";

Error notReached()
{
    return {ErrorCode::Unavailable,
            "the servers do not reach each other at present, and it is not known whether this is done; try "
            "again later",
            std::chrono::seconds(1)};
}

} // namespace

void SharedSanctions::start(MessageStore::Listener &listener)
{
    m_listener = &listener;
    listener.onSanctions(m_present); // it may have changed since it was first read
}

void SharedSanctions::moderate(const Act &act, std::function<void(Result<void> done)> then)
{
    if (!m_commands.isUp())
        return then(notReached());
    const auto change = sanctionbook::apply(act, *m_present);
    if (!change)
        return then(change.error());
    if (!change->after)
        return kick(act, then);
    std::vector<std::string> command{"EVAL",
                                     std::string(kImpose),
                                     "1",
                                     m_keys.sanctions(),
                                     std::to_string(Sanctions::kMost),
                                     m_keys.control(),
                                     std::to_string(change->erased.size())};
    for (const std::string &field : change->erased) {
        const Sanction *const old = m_present->find(field);
        command.push_back(field);
        command.push_back(old->isOver(act.at) ? sanctiontext::encode(*old) : std::string());
    }
    if (change->put) {
        command.push_back(fieldOf(*change->put));
        command.push_back(sanctiontext::encode(*change->put));
    }
    m_commands.send(command, [this, then = std::move(then)](const Reply &reply) {
        if (reply.integer()) // done; and in force here once it is read
            return read([then] { then({}); });
        if (reply.text() == "full")
            return then(sanctionbook::tooMany());
        if (reply.isError())
            m_log.warn("sanctions write", "Redis does not take bans and mutes: " + explain(reply.text()));
        then(notReached());
    });
}

void SharedSanctions::kick(const Act &act, const std::function<void(Result<void> done)> &then)
{
    const delivery::Kicked kicked{act.user, act.rank, act.reason};
    const auto rank = static_cast<char>('0' + static_cast<int>(act.rank));
    m_commands.send(
        {"PUBLISH", m_keys.control(), std::string{kKick, rank, kPart} + act.user + kPart + act.reason},
        [this, kicked, then](const Reply &reply) {
            if (!reply.integer())
                return then(notReached());
            if (*reply.integer() == 0) // we will not hear it ourselves
                m_listener->onKicked(kicked);
            then({});
        });
}

bool SharedSanctions::onControl(std::string_view text)
{
    if (text == std::string_view(&kChanged, 1)) {
        read();
        return true;
    }
    if (!text.starts_with(kKick))
        return false;
    text.remove_prefix(1);
    const std::string_view rank = takeUntil(text, kPart);
    const std::string_view user = takeUntil(text, kPart);
    const bool isOurs =
        rank.size() == 1 && rank[0] >= '0' && rank[0] <= '2' && values::isUtf8(user) && values::isUtf8(text);
    if (isOurs && m_listener)
        m_listener->onKicked({std::string(user), static_cast<Rank>(rank[0] - '0'), std::string(text)});
    return true;
}

void SharedSanctions::prove()
{
    m_commands.send({"HGET", m_keys.sanctions(), std::string(kVersionField)}, [this](const Reply &reply) {
        if (reply.isError())
            m_told.failed(std::string(reply.text()));
        else if (!m_present || reply.text() != m_version)
            read();
    });
}

/// Calls `then` once all that Redis had at this call is in force here, or could not be read.
void SharedSanctions::read(std::function<void()> then)
{
    if (then)
        m_whenRead.push_back(std::move(then));
    if (m_isReading) {
        m_isStale = true;
        return;
    }
    m_isReading = true;
    m_commands.send({"HGETALL", m_keys.sanctions()},
                    [this, waiting = std::exchange(m_whenRead, {})](const Reply &reply) {
                        m_isReading = false;
                        if (reply.isArray())
                            take(reply);
                        else if (reply.isError())
                            m_told.failed(std::string(reply.text()));
                        for (const auto &each : waiting)
                            each();
                        if (std::exchange(m_isStale, false))
                            read();
                    });
}

void SharedSanctions::take(const Reply &reply)
{
    auto found = std::make_shared<Sanctions>();
    std::string version;
    std::size_t wrong = 0;
    for (std::size_t i = 0; i + 1 < reply.size(); i += 2) {
        if (reply[i].text() == kVersionField) {
            version = reply[i + 1].text();
            continue;
        }
        auto sanction = sanctiontext::decode(reply[i].text(), reply[i + 1].text());
        if (sanction && found->all().size() < Sanctions::kMost)
            found->put(*std::move(sanction));
        else
            ++wrong;
    }
    if (wrong != 0)
        m_log.warn("sanctions wrong", std::to_string(wrong) + " fields of " + m_keys.sanctions() +
                                          " in Redis are no bans or mutes of Parlor's, or too many, and are "
                                          "left out; see who else writes there");
    const bool isFirst = !m_present;
    if (version.empty() && !isFirst && !m_present->all().empty())
        return restore();
    if (!isFirst && number(version) < number(m_version))
        m_log.warn("sanctions older",
                   "Redis has lost the newest bans and mutes, as by a failover: impose them "
                   "again where they are missing (parlor-cli admin sanctions lists them)");
    m_version = std::move(version);
    m_present = std::move(found);
    if (m_listener)
        m_listener->onSanctions(m_present);
    if (isFirst)
        m_told.read();
}

/// Redis has lost everything, and we have not: what is in force stays so.
void SharedSanctions::restore()
{
    std::vector<std::string> command{
        "EVAL", std::string(kRestore), "1", m_keys.sanctions(), m_keys.control(), m_version};
    for (const auto &[field, sanction] : m_present->all()) {
        if (sanction.isOver(m_clock()))
            continue;
        command.push_back(field);
        command.push_back(sanctiontext::encode(sanction));
    }
    m_commands.send(command, [this](const Reply &reply) {
        if (reply.isError())
            m_log.warn("sanctions write", "Redis does not take bans and mutes: " + explain(reply.text()));
    });
}

} // namespace parlor::redis
