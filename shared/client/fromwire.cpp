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
        .isOfUnknownType = message.isOfUnknownType,
    };
}

std::vector<ChatMessage> messages(const std::vector<frame::Message> &messages)
{
    std::vector<ChatMessage> out;
    out.reserve(messages.size());
    for (const frame::Message &each : messages)
        out.push_back(message(each));
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
