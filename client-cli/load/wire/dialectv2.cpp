// SPDX-License-Identifier: MIT
#include "client-cli/load/wire/dialectv2.h"

#include "client-cli/load/accounting/numberedmembership.h"
#include "client-cli/load/wire/quickmessage.h"
#include "shared/protocol/encoder.h"

namespace parlor::cli::load {

namespace {

constexpr std::uint32_t kJoinRid = 1;
constexpr std::uint32_t kFirstMessageRid = 2; ///< of the message with index 0
constexpr std::size_t kLongestName = 128;     ///< of a chat or an epoch, which are kept

} // namespace

void DialectV2::appendJoin(std::string &out, std::string_view room) const
{
    encode(out, Request{kJoinRid, request::Join{.room = room, .history = 0}});
}

void DialectV2::appendMessage(std::string &out, std::string_view room, std::string_view content,
                              std::uint64_t index) const
{
    std::string cid = std::to_string(run()); // short enough to need no allocation
    cid.append(1, '.').append(std::to_string(index));
    encode(out, Request{static_cast<std::uint32_t>(kFirstMessageRid + index),
                        request::Publish{.room = room, .content = {.text = content}, .cid = cid}});
}

/// What is no message has a place in the room as well, and is owed.
Delivery DialectV2::delivery(const frame::Event &event) const
{
    if (const auto *message = std::get_if<frame::Message>(&event))
        return {marked(message->content), message->seq, message->room};
    return std::visit([](const auto &other) { return Delivery{{}, other.seq, other.room}; }, event);
}

Event DialectV2::readWhole(std::string_view text)
{
    if (const auto quick = readQuickly(text)) // nearly all of a run's frames
        return Delivery{readContent(quick->content, run()), quick->seq, quick->room};
    const auto decoded = decode(text);
    if (!decoded)
        return event::Malformed{};
    if (const auto *message = std::get_if<frame::Message>(&*decoded))
        return delivery(*message);
    if (const auto *deleted = std::get_if<frame::Deleted>(&*decoded))
        return delivery(*deleted);
    if (const auto *ack = std::get_if<frame::Ack>(&*decoded)) {
        const auto *published = std::get_if<frame::PublishAck>(&ack->body);
        if (published && ack->rid && *ack->rid >= kFirstMessageRid)
            return event::Answered{*ack->rid - kFirstMessageRid, published->seq, published->room};
        return event::Nothing{};
    }
    if (const auto *error = std::get_if<frame::Error>(&*decoded)) {
        if (error->rid == kJoinRid)
            return event::JoinRefused{error->code};
        event::Refused refused{
            .code = error->code, .room = error->room.value_or(std::string_view{}), .retry = error->retry};
        if (error->rid && *error->rid >= kFirstMessageRid)
            refused.index = *error->rid - kFirstMessageRid;
        return refused;
    }
    if (const auto *sync = std::get_if<frame::Sync>(&*decoded)) {
        if (sync->epoch.size() > kLongestName)
            return event::Malformed{};
        if (sync->more)
            return event::Nothing{};
        event::Joined joined{.standing = {sync->epoch, sync->seq}, .room = sync->room};
        for (const frame::Event &each : sync->events)
            joined.page.push_back(delivery(each));
        return joined;
    }
    if (const auto *connection = std::get_if<frame::Connection>(&*decoded)) {
        const std::string_view chat = connection->terms ? connection->terms->chat : std::string_view{};
        if (chat.size() > kLongestName)
            return event::Malformed{};
        return event::Greeted{connection->hostname, chat, connection->terms && connection->terms->needsToken};
    }
    if (const auto *reconnect = std::get_if<frame::Reconnect>(&*decoded))
        return event::SentAway{reconnect->delay};
    return event::Nothing{};
}

/// As a server writes it that puts the type first, like parlor-server.
bool DialectV2::isRoomMessage(std::string_view text) const
{
    return text.starts_with(R"({"type":"message",)");
}

std::unique_ptr<Membership> DialectV2::newMembership(RoomLedger &ledger, DeliveryCounts &counts, Offset) const
{
    return std::make_unique<NumberedMembership>(ledger, counts);
}

} // namespace parlor::cli::load
