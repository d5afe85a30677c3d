// SPDX-License-Identifier: MIT
#include "client-cli/chat/commandparser.h"

#include <QStringList>

#include <functional>
#include <vector>

namespace parlor::cli {

namespace {

constexpr int kUsageWidth = -23; ///< to the left

enum class Argument { None, Optional, Required };

struct Entry
{
    QString name;
    Argument argument = Argument::None;
    QString usage;
    QString purpose;
    std::function<Command(const QString &)> make;
};

template <typename T>
Command numbered(const QString &argument)
{
    if (argument.isEmpty() || argument == QLatin1String("all"))
        return T{};
    bool isNumber = false;
    const int number = argument.toInt(&isNumber);
    if (!isNumber || number < 1)
        return command::Wrong{
            QStringLiteral("'%1' is no message's number; /outbox shows them").arg(argument)};
    return T{number};
}

template <ModerationAct::Action action>
Command moderation(const QString &argument)
{
    return command::Moderate{action, argument};
}

const std::vector<Entry> &table()
{
    using namespace command;
    using enum ModerationAct::Action;
    const auto text = [](const char *s) { return QString::fromUtf8(s); };
    static const std::vector<Entry> entries{
        {text("join"), Argument::Required, text("/join ROOM"), text("enter a room, or go to one you are in"),
         [](const QString &a) { return Join{a}; }},
        {text("leave"), Argument::Optional, text("/leave [ROOM]"), text("leave a room"),
         [](const QString &a) { return Leave{a}; }},
        {text("who"), Argument::Optional, text("/who [ROOM]"), text("who is in a room"),
         [](const QString &a) { return Who{a}; }},
        {text("rooms"), Argument::Optional, text("/rooms [PREFIX]"), text("which rooms there are"),
         [](const QString &a) { return Rooms{a}; }},
        {text("nick"), Argument::Required, text("/nick NAME"), text("change your name"),
         [](const QString &a) { return Nick{a}; }},
        {text("ping"), Argument::None, text("/ping"), text("measure the way to the server and back"),
         [](const QString &) { return Ping{}; }},
        {text("connect"), Argument::None, text("/connect"), text("try to connect now"),
         [](const QString &) { return Connect{}; }},
        {text("outbox"), Argument::None, text("/outbox"), text("messages that are not sent yet, or failed"),
         [](const QString &) { return ListOutbox{}; }},
        {text("resend"), Argument::Optional, text("/resend [N]"),
         text("send failed or undecided messages again"), numbered<Resend>},
        {text("discard"), Argument::Optional, text("/discard [N]"),
         text("drop message N, or all that failed or are undecided"), numbered<Discard>},
        {text("delete"), Argument::Optional, text("/delete [USER]"),
         text("delete your last message here, or as a moderator USER's"),
         [](const QString &a) { return Delete{a}; }},
        {text("kick"), Argument::Required, text("/kick USER [WHY]"),
         text("moderators: put USER (a name, or id:ID) out, who may come back"), moderation<Kick>},
        {text("ban"), Argument::Required, text("/ban USER [TIME] [WHY]"),
         text("moderators: keep USER or a network out; TIME is 10m, 2h, 7d"), moderation<Ban>},
        {text("unban"), Argument::Required, text("/unban USER"), text("moderators: let USER in again"),
         moderation<Unban>},
        {text("mute"), Argument::Required, text("/mute USER [TIME] [WHY]"),
         text("moderators: USER may not write in this room"), moderation<Mute>},
        {text("unmute"), Argument::Required, text("/unmute USER"), text("moderators: USER may write again"),
         moderation<Unmute>},
        {text("slow"), Argument::Required, text("/slow TIME"),
         text("moderators: one message each in TIME in this room, or off"), moderation<Slow>},
        {text("raw"), Argument::Required, text("/raw JSON"),
         text("send a frame as it is and show the next one"), [](const QString &a) { return Raw{a}; }},
        {text("help"), Argument::None, text("/help"), text("this list"),
         [](const QString &) { return Help{}; }},
        {text("quit"), Argument::None, text("/quit"), text("leave; Ctrl-D does the same"),
         [](const QString &) { return Quit{}; }},
    };
    return entries;
}

} // namespace

Command parseCommand(const QString &line)
{
    if (line.trimmed().isEmpty())
        return command::Nothing{};
    if (!line.startsWith(QLatin1Char('/')))
        return command::Say{line};
    if (line.startsWith(QLatin1String("//")))
        return command::Say{line.mid(1)};

    const QString name = line.mid(1).section(QLatin1Char(' '), 0, 0);
    const QString argument = line.mid(1).section(QLatin1Char(' '), 1).trimmed();
    for (const Entry &each : table()) {
        if (each.name != name)
            continue;
        const bool wrong = (each.argument == Argument::Required && argument.isEmpty()) ||
                           (each.argument == Argument::None && !argument.isEmpty());
        if (wrong)
            return command::Wrong{QStringLiteral("/%1 is used as %2").arg(name, each.usage)};
        return each.make(argument);
    }
    return command::Wrong{
        QStringLiteral("there is no command /%1; /help lists them, and //%1 would send it as a message")
            .arg(name)};
}

QStringList commandHelp()
{
    QStringList lines;
    for (const Entry &each : table())
        lines.append(QStringLiteral("  %1 %2").arg(each.usage, kUsageWidth).arg(each.purpose));
    lines.append(QStringLiteral("  %1 %2")
                     .arg(QStringLiteral("//TEXT"), kUsageWidth)
                     .arg(QStringLiteral("send a message that begins with /")));
    return lines;
}

} // namespace parlor::cli
