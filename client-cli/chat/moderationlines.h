// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/moderation.h"
#include "shared/protocol/result.h"

#include <QList>

namespace parlor::cli {

/// Somebody who is in the room, or has written there.
struct KnownPerson
{
    QString user;
    QString username;
    bool operator==(const KnownPerson &) const = default;
};

/// What begins with somebody's name or id, and the rest of it.
struct Addressed
{
    QString user;
    QString rest;
    bool operator==(const Addressed &) const = default;
};

/// A name may have blanks: the longest that somebody has counts. `id:ID` is somebody whom nobody here knows.
/// An error: nobody has the name, or several people.
[[nodiscard]] Result<Addressed> readPerson(const QString &text, const QList<KnownPerson> &people);

/// What follows /kick and the like: `USER [TIME] [REASON]`, or of `slow` a time or "off". Mutes and slow mode
/// are of the room. The error is for people.
[[nodiscard]] Result<ModerationAct> readModeration(ModerationAct::Action action, const QString &text,
                                                   const QString &room, const QList<KnownPerson> &people);

/// What a moderator has done, for that moderator.
[[nodiscard]] QString doneLine(const ModerationAct &act, const QList<KnownPerson> &people);
/// Why it was not done.
[[nodiscard]] QString refusedLine(const ModerationAct &act, const QList<KnownPerson> &people,
                                  const Refusal &refusal);

} // namespace parlor::cli
