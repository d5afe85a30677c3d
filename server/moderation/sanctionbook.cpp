// SPDX-License-Identifier: MIT
#include "server/moderation/sanctionbook.h"

#include <utility>

namespace parlor::sanctionbook {

namespace {

/// What the act imposes, or lifts.
Sanction sanctionOf(const Act &act)
{
    using enum Act::Action;
    Sanction sanction;
    if (act.action == Slow)
        sanction.kind = Sanction::Kind::Slow;
    else if (act.action == Mute || act.action == Unmute)
        sanction.kind = Sanction::Kind::Mute;
    else
        sanction.kind = act.network ? Sanction::Kind::NetworkBan : Sanction::Kind::UserBan;
    sanction.user = act.user;
    sanction.network = act.network.value_or(Network());
    sanction.room = act.room;
    sanction.interval = act.interval;
    sanction.until = act.until;
    sanction.reason = act.reason;
    sanction.by = act.by;
    sanction.rank = act.rank;
    sanction.since = act.at;
    return sanction;
}

std::string rankName(Rank rank)
{
    return rank == Rank::Server ? "the server's operator" : "an admin";
}

} // namespace

Error tooMany()
{
    return {ErrorCode::BadRequest,
            "there are " + std::to_string(Sanctions::kMost) +
                " bans, mutes and slow rooms, and there can be no more: lift some first"};
}

Result<Change> apply(const Act &act, const Sanctions &before)
{
    using enum Act::Action;
    if (act.action == Kick)
        return Change{};
    const bool isLifting =
        act.action == Unban || act.action == Unmute || (act.action == Slow && act.interval.count() == 0);
    Sanction sanction = sanctionOf(act);
    const std::string field = fieldOf(sanction);
    const Sanction *old = before.find(field);
    if (old && old->isOver(act.at))
        old = nullptr;
    if (isLifting && !old)
        return Error{ErrorCode::BadRequest, "there is nothing to lift: no \"" + field + "\" is in force"};
    if (old && old->rank > act.rank)
        return Error{ErrorCode::Forbidden, "\"" + field + "\" is in force by " + rankName(old->rank) +
                                               ", and only they can change it"};

    Change change;
    auto after = std::make_shared<Sanctions>(before);
    for (const auto &[each, present] : before.all()) {
        if (present.isOver(act.at) || (isLifting && each == field))
            change.erased.push_back(each);
    }
    for (const std::string &each : change.erased)
        after->erase(each);
    if (!isLifting) {
        const std::size_t kept = act.rank == Rank::Moderator ? Sanctions::kMost / 10 : 0; // for those above
        if (!old && after->all().size() >= Sanctions::kMost - kept)
            return tooMany();
        std::erase(change.erased, field); // it is over, and comes anew
        after->put(sanction);
        change.put = std::move(sanction);
    }
    change.after = std::move(after);
    return change;
}

} // namespace parlor::sanctionbook
