// SPDX-License-Identifier: MIT
#include "tests/integration/model/frames.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QtEndian>

namespace parlor::test::model {

QByteArray toBytes(const QJsonObject &frame)
{
    return QJsonDocument(frame).toJson(QJsonDocument::Compact);
}

QJsonObject toObject(const QByteArray &json)
{
    return QJsonDocument::fromJson(json).object();
}

QString text(const QJsonObject &frame, const char *field)
{
    return frame.value(QLatin1String(field)).toString();
}

qint64 number(const QJsonObject &frame, const char *field)
{
    return frame.value(QLatin1String(field)).toInteger();
}

bool isTrue(const QJsonObject &frame, const char *field)
{
    return frame.value(QLatin1String(field)).toBool();
}

Message messageOf(const QJsonObject &frame)
{
    return {text(frame, "room"), number(frame, "seq"),  text(frame, "id"),
            text(frame, "cid"),  text(frame, "sender"), text(frame, "content")};
}

std::vector<Message> eventsOf(const QJsonObject &frame)
{
    std::vector<Message> events;
    const QJsonArray array = frame.value(QLatin1String("events")).toArray();
    for (const auto &each : array)
        events.push_back(messageOf(each.toObject()));
    return events;
}

qint64 eventBytesOf(const QJsonObject &frame)
{
    return QJsonDocument(frame.value(QLatin1String("events")).toArray())
        .toJson(QJsonDocument::Compact)
        .size();
}

entry::Synced syncOf(const QJsonObject &frame)
{
    return {text(frame, "room"),
            {text(frame, "epoch"), number(frame, "seq"), text(frame, "id")},
            isTrue(frame, "recovered"),
            text(frame, "reason"),
            eventsOf(frame),
            isTrue(frame, "more"),
            eventBytesOf(frame)};
}

int codeOf(const ServerFrame &close)
{
    return close.payload.size() < 2 ? kNoStatus : qFromBigEndian<std::uint16_t>(close.payload.data());
}

} // namespace parlor::test::model
