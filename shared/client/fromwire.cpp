// SPDX-License-Identifier: MIT
#include "shared/client/fromwire.h"

#include <QCoreApplication>

namespace parlor::fromwire {

QString text(std::string_view utf8)
{
    return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
}

ChatMessage message(const frame::Message &message)
{
    return ChatMessage{
        .room = text(message.room),
        .seq = message.seq,
        .id = text(message.id),
        .cid = text(message.cid),
        .sender = text(message.sender),
        .user = text(message.user),
        .username = text(message.username),
        .text = text(message.content.text),
        .timestamp = text(message.timestamp),
        .deletedBy = message.deleted ? std::optional(DeletedBy{text(message.deleted->user),
                                                               text(message.deleted->username),
                                                               text(message.deleted->timestamp)})
                                     : std::nullopt,
    };
}

ChatMessage deletion(const frame::Deleted &deleted)
{
    ChatMessage event;
    event.room = text(deleted.room);
    event.seq = deleted.seq;
    event.id = text(deleted.id);
    event.user = text(deleted.user);
    event.username = text(deleted.username);
    event.timestamp = text(deleted.timestamp);
    event.deletes = text(deleted.target);
    return event;
}

ChatMessage event(const frame::Event &event)
{
    if (const auto *said = std::get_if<frame::Message>(&event))
        return message(*said);
    if (const auto *deleted = std::get_if<frame::Deleted>(&event))
        return deletion(*deleted);
    const auto &other = std::get<frame::UnknownEvent>(event);
    ChatMessage unknown;
    unknown.room = text(other.room);
    unknown.seq = other.seq;
    unknown.id = text(other.id);
    unknown.isOfUnknownType = true;
    return unknown;
}

std::vector<ChatMessage> events(const std::vector<frame::Event> &events)
{
    std::vector<ChatMessage> out;
    out.reserve(events.size());
    for (const frame::Event &each : events)
        out.push_back(event(each));
    return out;
}

RoomMember member(const Member &member)
{
    return RoomMember{text(member.id), text(member.user), text(member.username)};
}

QList<RoomMember> members(const std::vector<Member> &members)
{
    QList<RoomMember> out;
    out.reserve(static_cast<qsizetype>(members.size()));
    for (const Member &each : members)
        out.append(member(each));
    return out;
}

SessionRole role(std::string_view name)
{
    return name == "admin"       ? SessionRole::Admin
           : name == "moderator" ? SessionRole::Moderator
                                 : SessionRole::Member;
}

ModerationNotice notice(const frame::Moderated &moderated)
{
    return {text(moderated.action), text(moderated.room.value_or("")), moderated.until,
            text(moderated.reason.value_or(""))};
}

Refusal refusal(const frame::Error &error)
{
    return Refusal{text(error.code), text(error.message), error.retry};
}

Refusal connectionLost()
{
    return Refusal{
        {},
        QCoreApplication::translate("parlor::Requests", "the connection was lost before the answer came")};
}

bool isWorthRepeating(const Refusal &refusal)
{
    return refusal.code == text(toString(ErrorCode::RateLimited)) || isUnavailable(refusal);
}

bool isUnavailable(const Refusal &refusal)
{
    return refusal.code == text(toString(ErrorCode::Unavailable));
}

bool isTokenExpired(const Refusal &refusal)
{
    return refusal.code == text(toString(ErrorCode::TokenExpired));
}

bool isTokenRefused(const Refusal &refusal)
{
    return isTokenExpired(refusal) || refusal.code == text(toString(ErrorCode::AuthInvalid));
}

} // namespace parlor::fromwire
