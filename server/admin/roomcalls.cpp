// SPDX-License-Identifier: MIT
#include "server/admin/adminapi.h"
#include "server/admin/engineanswer.h"

#include "shared/protocol/jsonwriter.h"
#include "shared/protocol/limits.h"
#include "shared/protocol/values.h"

#include <QJsonDocument>

#include <charconv>

/// What the admin API does with rooms and what is said there.
namespace parlor::admin {

namespace {

std::uint32_t pageLimit(Fields &query, std::uint32_t most)
{
    return static_cast<std::uint32_t>(query.count("limit", 1, most).value_or(most));
}

void writeReceipt(JsonWriter &json, const std::string &room, const delivery::PublishDone::Receipt &receipt)
{
    json.field("room", room).field("seq", receipt.seq).field("id", receipt.id.toString());
    const auto time = values::timestamp(receipt.time);
    json.field("timestamp", std::string_view(time));
    json.field("dup", receipt.duplicate).field("durable", receipt.durable);
}

} // namespace

void AdminApi::listRooms(const ApiCallPtr &call)
{
    const std::string prefix = call->query().text("prefix").value_or("");
    const std::string after = call->query().text("after").value_or("");
    const std::uint32_t limit = pageLimit(call->query(), limits::kRoomsPage);
    if (!call->isRight())
        return;
    ask<delivery::RoomsListed>(
        call,
        [&](Engine &engine, const Caller &caller, RequestId rid) {
            engine.rooms(caller, rid, prefix, after, limit);
        },
        [call](const delivery::RoomsListed &listed) {
            std::string text;
            JsonWriter json(text);
            json.beginObject().key("rooms").beginArray();
            for (const auto &room : listed.rooms) {
                json.beginObject().field("name", room.name).field("count", room.count);
                json.field("seq", room.seq).endObject();
            }
            json.endArray().field("more", listed.more).endObject();
            call->answer(200, std::move(text));
        });
}

void AdminApi::withRoom(const ApiCallPtr &call,
                        std::function<void(const delivery::RoomsListed::Entry &room)> then)
{
    const auto name = values::roomName(call->parameter(0));
    if (!name)
        return call->fail(name.error());
    ask<delivery::RoomsListed>(
        call,
        [&](Engine &engine, const Caller &caller, RequestId rid) { engine.rooms(caller, rid, *name, {}, 1); },
        [call, name = *name, then = std::move(then)](const delivery::RoomsListed &listed) {
            if (listed.rooms.empty() || listed.rooms.front().name != name)
                return call->fail(Error{ErrorCode::RoomUnknown,
                                        "there is no room \"" + name + "\"; who joins it first makes it"});
            then(listed.rooms.front());
        });
}

void AdminApi::listMembers(const ApiCallPtr &call)
{
    const std::string after = call->query().text("after").value_or("");
    const std::uint32_t limit = pageLimit(call->query(), limits::kMembersPage);
    if (!call->isRight())
        return;
    withRoom(call, [this, call, after, limit](const delivery::RoomsListed::Entry &room) {
        ask<delivery::MembersListed>(
            call,
            [&](Engine &engine, const Caller &caller, RequestId rid) {
                engine.members(caller, room.name, rid, after, limit);
            },
            [call](const delivery::MembersListed &listed) {
                std::string text;
                JsonWriter json(text);
                json.beginObject().field("room", *listed.room).key("members").beginArray();
                for (const IdentityPtr &each : listed.members) {
                    json.beginObject().field("id", each->clientId()).field("user", each->user());
                    json.field("username", each->username()).endObject();
                }
                json.endArray().field("count", listed.count).field("more", listed.truncated).endObject();
                call->answer(200, std::move(text));
            });
    });
}

void AdminApi::readMessages(const ApiCallPtr &call)
{
    constexpr std::uint64_t kMost = 1ULL << 53;
    Engine::HistoryRange range;
    range.before = call->query().count("before", 0, kMost);
    range.after = call->query().count("after", 0, kMost);
    range.limit = pageLimit(call->query(), limits::kHistoryPage);
    call->setSubject("room:" + call->parameter(0));
    if (!call->isRight())
        return;
    if (range.before && range.after)
        return call->fail(ApiError{400, "bad_request", "\"before\" and \"after\" exclude each other"});
    withRoom(call, [this, call, range](const delivery::RoomsListed::Entry &room) {
        ask<delivery::HistoryRead>(
            call,
            [&](Engine &engine, const Caller &caller, RequestId rid) {
                engine.history(caller, room.name, rid, range);
            },
            [call](const delivery::HistoryRead &read) {
                std::string text;
                JsonWriter json(text);
                json.beginObject().field("room", *read.room).field("epoch", read.page.epoch);
                json.key("events").beginArray();
                for (const SharedBytes &event : read.page.events)
                    json.raw(event.view());
                json.endArray().field("more", read.page.more).endObject();
                call->answer(200, std::move(text));
            });
    });
}

void AdminApi::publish(const ApiCallPtr &call)
{
    const std::string content = call->body().requiredText("content");
    const std::string cid = call->body().text("cid").value_or("");
    call->setSubject("room:" + call->parameter(0));
    if (!call->isRight())
        return;
    auto mistake = values::checkContent(content);
    if (!mistake && !cid.empty())
        mistake = values::checkCid(cid);
    if (mistake)
        return call->fail(*mistake);
    withRoom(call, [this, call, content, cid](const delivery::RoomsListed::Entry &room) {
        if (call->isDryRun()) {
            std::string text;
            JsonWriter json(text);
            json.beginObject().field("dry_run", true).field("room", room.name);
            json.field("receivers", room.count).endObject();
            return call->answer(200, std::move(text));
        }
        PublishRequest request{std::make_shared<const std::string>(room.name), {}, {}, {}, {}};
        request.id = m_ids.next(m_clock());
        request.cid = cid;
        JsonWriter(request.content).string(content);
        ask<delivery::PublishDone>(
            call,
            [&](Engine &engine, const Caller &caller, RequestId rid) {
                request.rid = rid;
                engine.publish(caller, std::move(request));
            },
            [call](const delivery::PublishDone &done) {
                std::string text;
                JsonWriter json(text);
                json.beginObject();
                writeReceipt(json, *done.room, done.receipt);
                json.endObject();
                call->answer(201, std::move(text));
            });
    });
}

void AdminApi::erase(const ApiCallPtr &call)
{
    const std::string &number = call->parameter(1);
    const std::string id = call->query().requiredText("id");
    call->setSubject("room:" + call->parameter(0) + " seq:" + number);
    if (!call->isRight())
        return;
    MessagePlace target;
    const auto parsed = std::from_chars(number.data(), number.data() + number.size(), target.seq);
    if (parsed.ec != std::errc() || parsed.ptr != number.data() + number.size() || target.seq == 0)
        return call->fail(ApiError{400, "bad_request", "the path ends in the message's seq, a number"});
    const auto parsedId = Ulid::parse(id);
    if (!parsedId)
        return call->fail(ApiError{400, "bad_request", "\"id\" is no id of a message"});
    target.id = *parsedId;
    withRoom(call, [this, call, target](const delivery::RoomsListed::Entry &room) {
        if (call->isDryRun())
            return wouldErase(call, room.name, target);
        EraseRequest request{room.name};
        request.id = m_ids.next(m_clock());
        request.erasure = {target, true};
        ask<delivery::EraseDone>(
            call,
            [&](Engine &engine, const Caller &caller, RequestId rid) {
                request.rid = rid;
                engine.erase(caller, std::move(request));
            },
            [call](const delivery::EraseDone &done) {
                std::string text;
                JsonWriter json(text);
                json.beginObject();
                writeReceipt(json, *done.room, done.receipt);
                json.field("target", done.target.toString()).endObject();
                call->answer(200, std::move(text));
            });
    });
}

void AdminApi::wouldErase(const ApiCallPtr &call, const std::string &room, const MessagePlace &target)
{
    ask<delivery::HistoryRead>(
        call,
        [&](Engine &engine, const Caller &caller, RequestId rid) {
            engine.history(caller, room, rid, {std::nullopt, target.seq - 1, 1});
        },
        [call, target](const delivery::HistoryRead &read) {
            const std::string_view frame =
                read.page.events.empty() ? std::string_view() : read.page.events.front().view();
            const QJsonObject event =
                QJsonDocument::fromJson(
                    QByteArray::fromRawData(frame.data(), static_cast<qsizetype>(frame.size())))
                    .object();
            const auto is = [&event](const char *name, const std::string &value) {
                return event.value(QLatin1String(name)).toString().toStdString() == value;
            };
            const bool isThere =
                is("type", "message") && is("id", target.id.toString()) &&
                event.value(QLatin1String("seq")).toDouble() == static_cast<double>(target.seq);
            if (!isThere)
                return call->fail(Error{ErrorCode::BadRequest, "there is no such message"});
            std::string text;
            JsonWriter json(text);
            json.beginObject().field("dry_run", true).field("room", *read.room).field("seq", target.seq);
            json.field("target", target.id.toString());
            json.field("dup", event.contains(QLatin1String("deleted"))).endObject();
            call->answer(200, std::move(text));
        });
}

} // namespace parlor::admin
