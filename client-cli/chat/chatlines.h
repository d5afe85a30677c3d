// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/chat/terminaltext.h"
#include "shared/client/chattypes.h"

#include <QSet>
#include <QStringList>

namespace parlor::cli {

enum class Speaker { Self, Other };

/// How things look at a terminal. All of it is harmless for one.
/// `namesakes`: names that several who are present have.
[[nodiscard]] QString messageLine(const ChatMessage &message, MessageSource source, Speaker speaker,
                                  const Palette &palette, const QSet<QString> &namesakes = {});
/// What becomes of a message that was shown. `author` and `timestamp` are its own.
[[nodiscard]] QString deletionLine(const MessageDeletion &deletion, const RoomMember &author,
                                   const QString &timestamp);
[[nodiscard]] QStringList presenceLines(const QString &room, const PresenceChange &change);
/// Members of the same name, but different users, get the end of their id.
[[nodiscard]] QString membersLine(const QString &room, const QList<RoomMember> &members, quint64 count);
[[nodiscard]] QStringList roomLines(const QList<RoomSummary> &rooms, bool more);

} // namespace parlor::cli
