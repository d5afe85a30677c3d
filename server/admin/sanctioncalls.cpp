// SPDX-License-Identifier: MIT
#include "server/admin/adminapi.h"
#include "server/admin/engineanswer.h"
#include "server/moderation/sanctionbook.h"
#include "shared/protocol/jsonwriter.h"

#include <algorithm>

/// What the admin API does to people and rooms.
namespace parlor::admin {

namespace {

constexpr std::chrono::milliseconds kLongest = std::chrono::hours(24 * 366 * 100);
constexpr std::string_view kServer = "server";

std::string_view kindOf(Sanction::Kind kind)
{
    switch (kind) {
    case Sanction::Kind::UserBan:
    case Sanction::Kind::NetworkBan:
        return "ban";
    case Sanction::Kind::Mute:
        return "mute";
    case Sanction::Kind::Slow:
        break;
    }
    return "slow";
}

void writeSanction(JsonWriter &json, const Sanction &sanction)
{
    json.beginObject().field("kind", kindOf(sanction.kind));
    if (!sanction.user.empty())
        json.field("user", sanction.user);
    if (sanction.kind == Sanction::Kind::NetworkBan)
        json.field("network", sanction.network.text());
    if (!sanction.room.empty())
        json.field("room", sanction.room);
    if (sanction.kind == Sanction::Kind::Slow)
        json.field("interval_ms", sanction.interval);
    if (sanction.until)
        json.field("until", *sanction.until);
    if (!sanction.reason.empty())
        json.field("reason", sanction.reason);
    json.field("by", sanction.by).field("since", sanction.since).endObject();
}

} // namespace

void AdminApi::listSanctions(const ApiCallPtr &call)
{
    if (!call->isRight())
        return;
    const auto now = m_clock();
    std::vector<std::pair<std::string_view, const Sanction *>> inForce;
    for (const auto &[field, sanction] : m_sanctions->all()) {
        if (!sanction.isOver(now))
            inForce.emplace_back(field, &sanction);
    }
    std::ranges::sort(inForce);
    std::string text;
    JsonWriter json(text);
    json.beginObject().key("sanctions").beginArray();
    for (const auto &[field, sanction] : inForce)
        writeSanction(json, *sanction);
    json.endArray().endObject();
    call->answer(200, std::move(text));
}

void AdminApi::moderate(const ApiCallPtr &call)
{
    Fields &body = call->body();
    const std::string action = body.requiredText("action");
    const auto user = body.text("user");
    const auto network = body.text("network");
    const auto room = body.text("room");
    const auto reason = body.text("reason");
    const request::Moderate request{action,
                                    user,
                                    network,
                                    room,
                                    body.milliseconds("duration_ms", kLongest),
                                    body.milliseconds("interval_ms", kLongest),
                                    reason};
    if (!call->isRight())
        return;
    const auto act = readAct(request, {std::string(kServer), Rank::Server, m_clock()});
    if (!act)
        return call->fail(act.error());
    call->setAction(std::string(toString(act->action)));
    call->setSubject(subjectOf(*act));
    call->setReason(act->reason);
    std::string text;
    JsonWriter json(text);
    json.beginObject();
    if (call->isDryRun()) {
        if (const auto change = sanctionbook::apply(*act, *m_sanctions); !change)
            return call->fail(change.error());
        json.field("dry_run", true);
    }
    json.field("action", toString(act->action)).field("subject", subjectOf(*act));
    if (act->until)
        json.field("until", *act->until);
    json.endObject();
    if (call->isDryRun())
        return call->answer(200, std::move(text));
    ask<delivery::Moderated>(
        call,
        [&](Engine &engine, const Caller &caller, RequestId rid) { engine.moderate(caller, rid, *act); },
        [call, text](const delivery::Moderated &) { call->answer(200, text); });
}

} // namespace parlor::admin
