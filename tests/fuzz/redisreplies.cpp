// SPDX-License-Identifier: MIT
// What a server makes of a Redis, and of others who write there, that say anything.
#include "server/engine/redis/entries.h"
#include "server/engine/redis/keys.h"
#include "server/engine/redis/presence.h"
#include "server/engine/redis/replyreader.h"
#include "tests/fuzz/target.h"

namespace parlor::fuzz {

namespace {

const std::string kRedisRoom = "x";

/// Checks what an engine relies on.
class ClusterHearer final : public Cluster::Listener
{
public:
    void onAnnounced(const std::string &, HistoryRing::Entry) override {}
    void onDiverged(const std::string &, StoredRoom, frame::SyncReason) override {}
    void onRosterElsewhere(const std::string &, const std::vector<MemberElsewhere> &members,
                           const std::vector<Ulid> *) override
    {
        for (const MemberElsewhere &each : members)
            checkMember(each);
    }
    void onCameElsewhere(const std::string &, const MemberElsewhere &member) override { checkMember(member); }
    void onWentElsewhere(const std::string &, const Ulid &, const std::string &clientId, Departure) override
    {
        check(!clientId.empty(), "who went has a name");
    }
    void onServerLost(const std::string &, const Ulid &) override {}
    void onTypingElsewhere(const std::string &, const IdentityPtr &who, bool) override
    {
        check(who != nullptr, "somebody types");
    }
    void onTakenOver(const std::string &) override {}
    bool isHere(const std::string &) const override { return false; }
    void onReachable(bool) override {}
    void onTurnOver() override {}

private:
    static void checkMember(const MemberElsewhere &member)
    {
        check(member.who != nullptr, "a member is somebody");
        check(!member.who->clientId().empty() && !member.who->username().empty(), "a member has a name");
    }
};

void append(std::string &text, const redis::Reply &reply)
{
    text.append(1, reply.isError()   ? 'e'
                   : reply.isNil()   ? '0'
                   : reply.isArray() ? '['
                                     : 't')
        .append(reply.text());
    if (const auto integer = reply.integer())
        text += std::to_string(*integer);
    for (std::size_t i = 0; i < reply.size(); ++i)
        append(text, reply[i]);
}

/// All replies; each is given to `take`.
template <typename Take>
std::string readReplies(std::string_view bytes, Cuts *cuts, const Take &take)
{
    std::string all;
    redis::ReplyReader reader;
    while (!bytes.empty() && !reader.isBroken()) {
        const std::size_t size = cuts ? cuts->next(bytes.size()) : bytes.size();
        reader.feed(bytes.substr(0, size));
        bytes.remove_prefix(size);
        while (const auto owned = reader.next()) {
            const redis::Reply reply(owned.get());
            append(all.append(1, '\n'), reply);
            take(reply);
        }
    }
    return all.append(reader.isBroken() ? "\nbroken" : "");
}

void checkEntries(const redis::EntryReader::Entries &read, const redis::Reply &reply)
{
    check(read.entries.size() + read.wrong <= reply.size(), "an entry is read once");
    for (const HistoryRing::Entry &each : read.entries)
        check(each.seq != 0 && !each.id.isNull() && each.frame.size() != 0, "an entry is a message");
}

void hear(redis::Presence &presence, redis::EntryReader &entries, std::string_view text)
{
    if (const auto echo = entries.echo(kRedisRoom, text))
        check(echo->entry.seq != 0 && !echo->entry.id.isNull(), "an echo is a message", text);
    static_cast<void>(presence.onTold(kRedisRoom, text));
    presence.onControl(text);
    static_cast<void>(redis::place(text));
}

/// The bytes that a connection reads. Each reply is taken for everything that it could be an answer to.
void redisReplies(std::string_view input)
{
    needApplication();
    static redis::Commands commands({}); // was never opened: nothing is asked
    static const redis::Keys keys{"parlor:"};
    redis::TroubleLog log([](const std::string &) {});
    redis::Presence presence(commands, keys, Ulid(), {}, log);
    ClusterHearer hearer;
    presence.start(hearer);
    redis::EntryReader entries;
    const std::string whole = readReplies(input, nullptr, [&](const redis::Reply &reply) {
        using Order = redis::EntryReader::Order;
        checkEntries(entries.entries(kRedisRoom, reply, Order::OldestFirst), reply);
        checkEntries(entries.entries(kRedisRoom, reply, Order::NewestFirst), reply);
        checkEntries(entries.tombstones(kRedisRoom, reply, Order::OldestFirst), reply);
        presence.show(kRedisRoom, reply[0], reply[1]);
        presence.prove(kRedisRoom, reply[0]);
        hear(presence, entries, reply.text());
        hear(presence, entries, reply[2].text());
        static_cast<void>(keys.roomOf(reply[1].text()));
    });
    Cuts cuts(input);
    check(whole == readReplies(input, &cuts, [](const redis::Reply &) {}), "a split changes nothing");
}

const Target kRedisReplies("redisreplies", &redisReplies);

} // namespace

} // namespace parlor::fuzz
