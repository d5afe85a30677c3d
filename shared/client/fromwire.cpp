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
    };
}

ChatMessage event(const frame::Event &event)
{
    if (const auto *said = std::get_if<frame::Message>(&event))
        return message(*said);
    return std::visit(
        [](const auto &other) {
            ChatMessage unknown;
            unknown.room = text(other.room);
            unknown.seq = other.seq;
            unknown.id = text(other.id);
            unknown.isOfUnknownType = true;
            return unknown;
        },
        event);
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

} // namespace parlor::fromwire
