// SPDX-License-Identifier: MIT
#include "client-cli/chat/moderationlines.h"

#include "client-cli/timevalue.h"
#include "shared/client/personname.h"

#include <QHostAddress>
#include <QSet>

namespace parlor::cli {

namespace {

using Action = ModerationAct::Action;
using namespace std::chrono_literals;

/// Before the id of somebody whom nobody here knows by name.
constexpr QLatin1String kById("id:");

Error wrong(const QString &why)
{
    return {ErrorCode::BadRequest, why.toStdString()};
}

QString firstWord(const QString &text)
{
    return text.section(QLatin1Char(' '), 0, 0);
}

QString takeWord(QString &text)
{
    const QString word = firstWord(text);
    text = text.mid(word.size()).trimmed();
    return word;
}

bool isNetwork(const QString &word)
{
    return QHostAddress::parseSubnet(word).second >= 0 &&
           (word.contains(QLatin1Char('.')) || word.contains(QLatin1Char(':')));
}

QString wordFor(Action action)
{
    switch (action) {
    case Action::Kick:
        return QStringLiteral("kick");
    case Action::Ban:
        return QStringLiteral("ban");
    case Action::Unban:
        return QStringLiteral("unban");
    case Action::Mute:
        return QStringLiteral("mute");
    case Action::Unmute:
        return QStringLiteral("unmute");
    case Action::Slow:
        break;
    }
    return QStringLiteral("slow");
}

/// Whom or what it is for.
QString subjectOf(const ModerationAct &act, const QList<KnownPerson> &people)
{
    if (!act.network.isEmpty())
        return act.network;
    for (const KnownPerson &each : people) {
        if (each.user == act.user && each.username == act.user)
            return each.username;
        if (each.user == act.user)
            return QStringLiteral("%1 (%2)").arg(personName(each.username), each.user);
    }
    return QStringLiteral("the user id %1").arg(act.user);
}

QString placeOf(const ModerationAct &act)
{
    return act.room.isEmpty() ? QString() : QStringLiteral(" in #%1").arg(act.room);
}

} // namespace

Result<Addressed> readPerson(const QString &text, const QList<KnownPerson> &people)
{
    for (qsizetype end = text.size(); end > 0; end = text.lastIndexOf(QLatin1Char(' '), end - 1)) {
        const QString name = text.left(end).trimmed();
        QStringList users;
        for (const KnownPerson &each : people) {
            if (each.user == name)
                return Addressed{name, text.mid(end).trimmed()};
            if ((each.username == name || personName(each.username) == name) && !users.contains(each.user))
                users.append(each.user);
        }
        if (users.size() > 1)
            return wrong(QStringLiteral("several people are called %1; give the id: %2")
                             .arg(name, users.join(QStringLiteral(", "))));
        if (!users.isEmpty())
            return Addressed{users.first(), text.mid(end).trimmed()};
    }
    QString rest = text;
    const QString word = takeWord(rest);
    if (word.startsWith(kById) && word.size() > kById.size())
        return Addressed{word.mid(kById.size()), rest};
    return wrong(
        QStringLiteral("nobody here is called '%1'; /who lists the names, and %2%1 means whoever has "
                       "this user id")
            .arg(word, kById));
}

Result<ModerationAct> readModeration(Action action, const QString &text, const QString &room,
                                     const QList<KnownPerson> &people)
{
    ModerationAct act{.action = action};
    if (action == Action::Mute || action == Action::Unmute || action == Action::Slow) {
        act.room = room;
        if (room.isEmpty())
            return wrong(QStringLiteral("you are in no room; /join one"));
    }
    if (action == Action::Slow) {
        act.interval = parseSlow(text.toStdString());
        if (!act.interval)
            return wrong(
                QStringLiteral("'%1' is no time between two messages of one person; write 10s, 2m or off")
                    .arg(text));
        return act;
    }
    QString rest = text;
    const bool isOfNetworks = action == Action::Ban || action == Action::Unban;
    if (isOfNetworks && isNetwork(firstWord(text))) {
        act.network = takeWord(rest);
    } else {
        const auto person = readPerson(text, people);
        if (!person)
            return person.error();
        act.user = person->user;
        rest = person->rest;
    }
    if ((action == Action::Ban || action == Action::Mute) && !rest.isEmpty() && rest.front().isDigit()) {
        const QString time = takeWord(rest);
        act.duration = parseTime(time.toStdString());
        if (!act.duration || *act.duration <= 0ms)
            return wrong(
                QStringLiteral("'%1' is no time; write 90s, 10m, 2h or 7d, or leave it out for no end")
                    .arg(time));
    }
    act.reason = rest;
    return act;
}

QString doneLine(const ModerationAct &act, const QList<KnownPerson> &people)
{
    const QString whom = act.action == Action::Slow ? QString() : subjectOf(act, people);
    const QString howLong =
        act.duration ? QStringLiteral(" for ") + timeText(*act.duration) : QStringLiteral(", without an end");
    switch (act.action) {
    case Action::Kick:
        return QStringLiteral("kicked ") + whom;
    case Action::Ban:
        return QStringLiteral("banned ") + whom + howLong;
    case Action::Unban:
        return QStringLiteral("no longer banned: ") + whom;
    case Action::Mute:
        return QStringLiteral("muted ") + whom + placeOf(act) + howLong;
    case Action::Unmute:
        return QStringLiteral("no longer muted%1: %2").arg(placeOf(act), whom);
    case Action::Slow:
        break;
    }
    if (act.interval.value_or(0ms) == 0ms)
        return QStringLiteral("slow mode is off%1").arg(placeOf(act));
    return QStringLiteral("slow mode%1: each person may write once in %2")
        .arg(placeOf(act), timeText(*act.interval));
}

QString refusedLine(const ModerationAct &act, const QList<KnownPerson> &people, const Refusal &refusal)
{
    QString line = QStringLiteral("cannot ") + wordFor(act.action);
    if (act.action != Action::Slow)
        line += QLatin1Char(' ') + subjectOf(act, people);
    line += placeOf(act) + QStringLiteral(": ") + refusal.text;
    return refusal.code.isEmpty() ? line : line + QStringLiteral(" (%1)").arg(refusal.code);
}

} // namespace parlor::cli
