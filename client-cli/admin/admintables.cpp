// SPDX-License-Identifier: MIT
#include "client-cli/admin/admintables.h"

#include "client-cli/chat/terminaltext.h"
#include "client-cli/timevalue.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QJsonArray>
#include <QStringList>

#include <algorithm>
#include <vector>

namespace parlor::cli::admin {

namespace {

class AdminText
{
    Q_DECLARE_TR_FUNCTIONS(parlor::cli::AdminText)
};

using Row = QStringList;

QString text(const QJsonValue &value)
{
    if (value.isDouble())
        return QString::number(value.toDouble(), 'f', value.toDouble() == value.toInteger() ? 0 : 3);
    if (value.isBool())
        return value.toBool() ? QStringLiteral("true") : QStringLiteral("false");
    if (value.isArray()) {
        QStringList parts;
        for (const QJsonValue each : value.toArray())
            parts.append(text(each));
        return parts.join(QLatin1String(", "));
    }
    return sanitised(value.toString());
}

QString field(const QJsonObject &object, const char *name)
{
    return text(object.value(QLatin1String(name)));
}

QString time(const QJsonObject &object, const char *name)
{
    const QJsonValue value = object.value(QLatin1String(name));
    if (!value.isDouble())
        return QStringLiteral("-");
    return QDateTime::fromMSecsSinceEpoch(value.toInteger(), Qt::UTC).toString(Qt::ISODate);
}

/// Columns as wide as their widest cell, but for the last.
QString table(const std::vector<Row> &rows)
{
    std::vector<qsizetype> widths(static_cast<std::size_t>(rows.front().size()));
    for (const Row &row : rows) {
        for (qsizetype i = 0; i + 1 < row.size(); ++i)
            widths[std::size_t(i)] = std::max(widths[std::size_t(i)], row[i].size());
    }
    QStringList lines;
    for (const Row &row : rows) {
        QString line;
        for (qsizetype i = 0; i < row.size(); ++i)
            line += i + 1 < row.size() ? row[i].leftJustified(widths[std::size_t(i)] + 2) : row[i];
        lines.append(line);
    }
    return lines.join(QLatin1Char('\n'));
}

template <typename ToRow>
QString list(const QJsonObject &answer, const char *name, Row head, ToRow toRow)
{
    std::vector<Row> rows{std::move(head)};
    for (const QJsonValue each : answer.value(QLatin1String(name)).toArray())
        rows.push_back(toRow(each.toObject()));
    return table(rows);
}

QString rooms(const QJsonObject &answer)
{
    return list(answer, "rooms", {AdminText::tr("ROOM"), AdminText::tr("MEMBERS"), AdminText::tr("NEWEST")},
                [](const QJsonObject &room) {
                    return Row{field(room, "name"), field(room, "count"), field(room, "seq")};
                });
}

QString members(const QJsonObject &answer)
{
    return list(answer, "members", {AdminText::tr("USER"), AdminText::tr("ID"), AdminText::tr("NAME")},
                [](const QJsonObject &member) {
                    return Row{field(member, "user"), field(member, "id"), field(member, "username")};
                });
}

QString event(const QJsonObject &event)
{
    if (field(event, "type") == QLatin1String("deleted"))
        return AdminText::tr("deleted %1").arg(field(event.value(QLatin1String("target")).toObject(), "seq"));
    if (event.contains(QLatin1String("deleted")))
        return AdminText::tr("(deleted by %1)")
            .arg(field(event.value(QLatin1String("deleted")).toObject(), "username"));
    return field(event, "content");
}

QString history(const QJsonObject &answer)
{
    return list(answer, "events",
                {AdminText::tr("SEQ"), AdminText::tr("ID"), AdminText::tr("TIME"), AdminText::tr("USER"),
                 AdminText::tr("CONTENT")},
                [](const QJsonObject &each) {
                    return Row{field(each, "seq"), field(each, "id"), field(each, "timestamp"),
                               field(each, "user"), event(each)};
                });
}

QString subject(const QJsonObject &sanction)
{
    QStringList parts;
    for (const char *name : {"user", "network", "room"}) {
        if (sanction.contains(QLatin1String(name)))
            parts.append(QLatin1String(name) + QLatin1Char(':') + field(sanction, name));
    }
    return parts.join(QLatin1Char(' '));
}

QString sanctions(const QJsonObject &answer)
{
    return list(answer, "sanctions",
                {AdminText::tr("KIND"), AdminText::tr("WHOM"), AdminText::tr("UNTIL"), AdminText::tr("BY"),
                 AdminText::tr("REASON")},
                [](const QJsonObject &each) {
                    return Row{field(each, "kind"), subject(each), time(each, "until"), field(each, "by"),
                               field(each, "reason")};
                });
}

QString status(const QJsonObject &answer)
{
    std::vector<Row> rows;
    for (auto it = answer.begin(); it != answer.end(); ++it) {
        QString value = text(it.value());
        if (it.key() == QLatin1String("workers")) {
            QStringList counts;
            for (const QJsonValue each : it.value().toArray())
                counts.append(field(each.toObject(), "connections"));
            value = counts.join(QLatin1String(", "));
        }
        rows.push_back({it.key(), value});
    }
    return table(rows);
}

QString config(const QJsonObject &answer)
{
    std::vector<Row> rows;
    const QJsonObject options = answer.value(QLatin1String("options")).toObject();
    for (auto it = options.begin(); it != options.end(); ++it)
        rows.push_back({it.key(), it.value().isNull() ? QStringLiteral("-") : text(it.value())});
    return rows.empty() ? QString() : table(rows);
}

QString receipt(const AdminOptions &options, const QJsonObject &answer)
{
    const bool isDup = answer.value(QLatin1String("dup")).toBool();
    if (options.command == "delete")
        return isDup ? AdminText::tr("it was deleted before, by the event %1").arg(field(answer, "seq"))
                     : AdminText::tr("deleted, by the event %1").arg(field(answer, "seq"));
    return isDup ? AdminText::tr("it was said before, as %1").arg(field(answer, "seq"))
                 : AdminText::tr("said, as %1").arg(field(answer, "seq"));
}

QString done(const AdminOptions &options, const QJsonObject &answer)
{
    if (options.command == "say" || options.command == "delete")
        return receipt(options, answer);
    if (options.command == "reload") {
        QStringList lines;
        for (const QJsonValue each : answer.value(QLatin1String("changes")).toArray())
            lines.append(text(each));
        return lines.join(QLatin1Char('\n'));
    }
    if (options.command == "drain")
        return AdminText::tr("the server is %1, with %2 connections")
            .arg(field(answer, "state"), field(answer, "connections"));
    if (options.command == "rebalance")
        return AdminText::tr("at most %1 of %2 connections move within %3")
            .arg(field(answer, "at_most"), field(answer, "connections"),
                 timeText(std::chrono::milliseconds(answer.value(QLatin1String("within_ms")).toInteger())));
    QString line = AdminText::tr("%1: %2").arg(field(answer, "action"), field(answer, "subject"));
    if (answer.contains(QLatin1String("until")))
        line += AdminText::tr(", until %1").arg(time(answer, "until"));
    return line;
}

QString dryRun(const AdminOptions &options, const QJsonObject &answer)
{
    if (options.command == "say")
        return AdminText::tr("nothing was said; %1 members of %2 would hear it")
            .arg(field(answer, "receivers"), field(answer, "room"));
    if (options.command == "delete")
        return answer.value(QLatin1String("dup")).toBool()
                   ? AdminText::tr("nothing was done; the message is deleted already")
                   : AdminText::tr("nothing was done; the message would be deleted");
    return AdminText::tr("nothing was done; it would be: %1").arg(done(options, answer));
}

} // namespace

QString toText(const AdminOptions &options, const QJsonObject &answer)
{
    if (options.dryRun)
        return dryRun(options, answer);
    if (options.command == "rooms")
        return rooms(answer);
    if (options.command == "members")
        return members(answer);
    if (options.command == "history")
        return history(answer);
    if (options.command == "sanctions")
        return sanctions(answer);
    if (options.command == "status")
        return status(answer);
    if (options.command == "config")
        return config(answer);
    return done(options, answer);
}

} // namespace parlor::cli::admin
