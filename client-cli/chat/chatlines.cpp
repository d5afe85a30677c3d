// SPDX-License-Identifier: MIT
#include "client-cli/chat/chatlines.h"

#include "shared/client/personname.h"

#include <QDateTime>
#include <QHash>
#include <QSet>

#include <algorithm>

namespace parlor::cli {

namespace {

QString clockTime(const QString &timestamp)
{
    const auto time = QDateTime::fromString(timestamp, Qt::ISODateWithMs).toLocalTime();
    return time.isValid() ? time.toString(QStringLiteral("HH:mm")) : QStringLiteral("--:--");
}

QString deletionText(const DeletedBy &by, const QString &user, const QString &username)
{
    const QString deleter = personName(by.username);
    return by.user == user ? QStringLiteral("%1 deleted a message").arg(deleter)
                           : QStringLiteral("%1 deleted a message of %2").arg(deleter, personName(username));
}

QString firstNames(const QList<RoomMember> &members)
{
    constexpr qsizetype kShown = 5;
    QStringList list;
    for (const RoomMember &each : members.first(std::min(members.size(), kShown)))
        list.append(personName(each.username));
    if (members.size() > kShown)
        list.append(QStringLiteral("and %1 more").arg(members.size() - kShown));
    return list.join(QStringLiteral(", "));
}

const QString &personOf(const RoomMember &member)
{
    return member.user.isEmpty() ? member.id : member.user;
}

/// For each member the end of its id that tells it from those of the same name; empty where there are none.
/// Ids end in what was drawn, so a few characters do.
QStringList distinctions(const QList<RoomMember> &members)
{
    constexpr qsizetype kLeast = 4;
    QHash<QString, QList<qsizetype>> namesakes;
    for (qsizetype i = 0; i < members.size(); ++i)
        namesakes[personName(members.at(i).username)].append(i);
    QStringList ends(members.size());
    for (const QList<qsizetype> &each : std::as_const(namesakes)) {
        QSet<QString> ids;
        for (const qsizetype i : each)
            ids.insert(personOf(members.at(i)));
        if (ids.size() < 2) // one person, perhaps in several windows
            continue;
        const auto areDistinct = [&ids](qsizetype length) {
            QSet<QString> shortened;
            for (const QString &id : std::as_const(ids))
                shortened.insert(id.right(length));
            return shortened.size() == ids.size();
        };
        qsizetype length = kLeast;
        while (!areDistinct(length))
            ++length;
        for (const qsizetype i : each)
            ends[i] = personOf(members.at(i)).right(length);
    }
    return ends;
}

} // namespace

QString messageLine(const ChatMessage &message, MessageSource source, Speaker speaker, const Palette &palette,
                    const QSet<QString> &namesakes)
{
    const QString head =
        palette.dim(QStringLiteral("%1 #%2").arg(clockTime(message.timestamp), sanitised(message.room)));
    if (message.deletedBy)
        return head +
               palette.dim(QStringLiteral(" * ") +
                           sanitised(deletionText(*message.deletedBy, message.user, message.username)));
    const QString name = sanitised(personName(message.username));
    const QString text = sanitised(message.text, LineBreaks::Indent);
    return QStringLiteral("%1 %2: %3")
        .arg(head,
             speaker == Speaker::Self
                 ? palette.bold(name)
                 : palette.named(name, hueKey(message.sender, message.user, message.username, namesakes)),
             source == MessageSource::Backlog ? palette.dim(text) : text);
}

QString deletionLine(const MessageDeletion &deletion, const RoomMember &author, const QString &timestamp)
{
    return sanitised(QStringLiteral("%1 in #%2 (%3)")
                         .arg(deletionText(deletion.by, author.user, author.username), deletion.room,
                              clockTime(timestamp)));
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
    const QStringList ends = distinctions(members);
    for (qsizetype i = 0; i < members.size(); ++i) {
        const QString name = personName(members.at(i).username);
        names.append(ends.at(i).isEmpty() ? name : QStringLiteral("%1 (…%2)").arg(name, ends.at(i)));
    }
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
