// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/moderation.h"

#include <QString>

#include <optional>
#include <variant>

namespace parlor::cli {

/// What a typed line asks for.
namespace command {
struct Nothing
{
    bool operator==(const Nothing &) const = default;
};
struct Say
{
    QString text;
    bool operator==(const Say &) const = default;
};
struct Join
{
    QString room;
    bool operator==(const Join &) const = default;
};
struct Leave ///< the room named, or the current one
{
    QString room;
    bool operator==(const Leave &) const = default;
};
struct Who
{
    QString room;
    bool operator==(const Who &) const = default;
};
struct Rooms
{
    QString prefix;
    bool operator==(const Rooms &) const = default;
};
struct Nick
{
    QString name;
    bool operator==(const Nick &) const = default;
};
struct Ping
{
    bool operator==(const Ping &) const = default;
};
struct Connect
{
    bool operator==(const Connect &) const = default;
};
struct Raw
{
    QString json;
    bool operator==(const Raw &) const = default;
};
struct ListOutbox
{
    bool operator==(const ListOutbox &) const = default;
};
struct Resend ///< the message with this number, or all
{
    std::optional<int> number;
    bool operator==(const Resend &) const = default;
};
struct Discard
{
    std::optional<int> number;
    bool operator==(const Discard &) const = default;
};
struct Delete ///< the last message of this person, or one's own
{
    QString person;
    bool operator==(const Delete &) const = default;
};
struct Moderate
{
    ModerationAct::Action action = ModerationAct::Action::Kick;
    QString argument;
    bool operator==(const Moderate &) const = default;
};
struct Help
{
    bool operator==(const Help &) const = default;
};
struct Quit
{
    bool operator==(const Quit &) const = default;
};
struct Wrong ///< and why
{
    QString problem;
    bool operator==(const Wrong &) const = default;
};
} // namespace command

using Command = std::variant<command::Nothing, command::Say, command::Join, command::Leave, command::Who,
                             command::Rooms, command::Nick, command::Ping, command::Connect, command::Raw,
                             command::ListOutbox, command::Resend, command::Discard, command::Delete,
                             command::Moderate, command::Help, command::Quit, command::Wrong>;

[[nodiscard]] Command parseCommand(const QString &line);
/// One line for each command.
[[nodiscard]] QStringList commandHelp();

} // namespace parlor::cli
