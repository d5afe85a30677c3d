// SPDX-License-Identifier: MIT
#include "client-cli/chat/chatlines.h"

#include <QDateTime>

#include <algorithm>

namespace parlor::cli {

namespace {

QString firstNames(const QList<RoomMember> &members)
{
    constexpr qsizetype kShown = 5;
    QStringList list;
    for (const RoomMember &each : members.first(std::min(members.size(), kShown)))
        list.append(each.username);
    if (members.size() > kShown)
        list.append(QStringLiteral("and %1 more").arg(members.size() - kShown));
    return list.join(QStringLiteral(", "));
}

} // namespace

QString messageLine(const ChatMessage &message, MessageSource source, Speaker speaker, const Palette &palette)
{
    const auto time = QDateTime::fromString(message.timestamp, Qt::ISODateWithMs).toLocalTime();
    const QString clock = time.isValid() ? time.toString(QStringLiteral("HH:mm")) : QStringLiteral("--:--");
    const QString head = palette.dim(QStringLiteral("%1 #%2").arg(clock, sanitised(message.room)));
    const QString name = sanitised(message.username);
    const QString text = sanitised(message.text, LineBreaks::Indent);
    return QStringLiteral("%1 %2: %3")
        .arg(head, speaker == Speaker::Self ? palette.bold(name) : palette.named(name, message.user),
             source == MessageSource::Backlog ? palette.dim(text) : text);
}

QStringList presenceLines(const QString &room, const PresenceChange &change)
{
    QStringList lines;
    if (!change.joined.isEmpty())
        lines.append(sanitised(QStringLiteral("%1 entered #%2").arg(firstNames(change.joined), room)));
    if (!change.left.isEmpty())
        lines.append(sanitised(QStringLiteral("%1 left #%2").arg(firstNames(change.left), room)));
    return lines;
}

QString membersLine(const QString &room, const QList<RoomMember> &members, quint64 count)
{
    QStringList names;
    for (const RoomMember &each : members)
        names.append(each.username);
    names.sort(Qt::CaseInsensitive);
    QString line =
        QStringLiteral("#%1 has %2: %3").arg(room).arg(count).arg(names.join(QStringLiteral(", ")));
    if (count > static_cast<quint64>(members.size()))
        line += QStringLiteral(", and %1 more").arg(count - static_cast<quint64>(members.size()));
    return sanitised(line);
}

QStringList roomLines(const QList<RoomSummary> &rooms, bool more)
{
    QStringList lines;
    for (const RoomSummary &each : rooms)
        lines.append(sanitised(
            QStringLiteral("#%1: %2 here, %3 messages").arg(each.name).arg(each.count).arg(each.seq)));
    if (rooms.isEmpty())
        lines.append(QStringLiteral("no room's name begins so"));
    if (more)
        lines.append(QStringLiteral("there are more; /rooms PREFIX narrows the list"));
    return lines;
}

} // namespace parlor::cli
