// SPDX-License-Identifier: MIT
#pragma once

#include "tests/support/rawchat.h"

#include <QJsonObject>
#include <QList>

namespace parlor::test {

/// A room that no other test function uses.
[[nodiscard]] QString freshRoom();

// The frames of the tutorial server, field for field.

[[nodiscard]] QJsonObject object(const QByteArray &json);
[[nodiscard]] QJsonObject joinFrame(const QString &room);
[[nodiscard]] QJsonObject userJoined(const RawChat &who);
[[nodiscard]] QJsonObject userLeft(const RawChat &who);

/// The next frame is a room_users with these members, in any order, and nothing else in it.
[[nodiscard]] Problem expectRoomUsers(RawChat &client, const QList<const RawChat *> &members);
/// The next frame is a message from this sender with this content. Only here may fields be more than the
/// tutorial's.
[[nodiscard]] Problem expectMessage(RawChat &client, const QString &sender, const QJsonValue &content);
/// The echo, then the broadcast, to the one who said it.
[[nodiscard]] Problem expectOwnMessage(RawChat &client, const QJsonValue &content);

} // namespace parlor::test
