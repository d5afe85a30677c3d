// SPDX-License-Identifier: MIT
#include "tests/integration/v1/v1frames.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QRegularExpression>
#include <QSet>

namespace parlor::test {

QString freshRoom()
{
    static int number = 0;
    return QStringLiteral("room-%1").arg(++number);
}

QJsonObject object(const QByteArray &json)
{
    return QJsonDocument::fromJson(json).object();
}

QJsonObject joinFrame(const QString &room)
{
    return {{QStringLiteral("type"), QStringLiteral("join")}, {QStringLiteral("room"), room}};
}

QJsonObject userJoined(const RawChat &who)
{
    return {{QStringLiteral("type"), QStringLiteral("user_joined")},
            {QStringLiteral("userId"), who.clientId()},
            {QStringLiteral("username"), who.clientId()}};
}

QJsonObject userLeft(const RawChat &who)
{
    QJsonObject frame = userJoined(who);
    frame.insert(QStringLiteral("type"), QStringLiteral("user_left"));
    return frame;
}

Problem expectRoomUsers(RawChat &client, const QList<const RawChat *> &members)
{
    const auto frame = client.next();
    if (!frame)
        return client.why();
    QSet<QString> expected;
    for (const RawChat *member : members)
        expected.insert(member->clientId());
    QSet<QString> listed;
    const QJsonArray users = frame->value(QLatin1String("users")).toArray();
    for (const auto user : users)
        listed.insert(user.toString());
    const bool fits = frame->value(QLatin1String("type")) == QLatin1String("room_users") &&
                      frame->size() == 2 && listed == expected && users.size() == expected.size();
    return fits ? Problem() : toText(*frame);
}

Problem expectMessage(RawChat &client, const QString &sender, const QJsonValue &content)
{
    const auto frame = client.next();
    if (!frame)
        return client.why();
    static const QRegularExpression timestamp(
        QStringLiteral("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$"));
    const bool fits = frame->value(QLatin1String("type")) == QLatin1String("message") &&
                      frame->value(QLatin1String("sender")) == sender &&
                      frame->value(QLatin1String("content")) == content &&
                      timestamp.match(frame->value(QLatin1String("timestamp")).toString()).hasMatch();
    return fits ? Problem()
                : QStringLiteral("%1; expected a message from %2: %3")
                      .arg(toText(*frame), sender, toText({{QStringLiteral("content"), content}}));
}

Problem expectOwnMessage(RawChat &client, const QJsonValue &content)
{
    const Problem echo = expectMessage(client, QStringLiteral("server"), content);
    return echo.isEmpty() ? expectMessage(client, client.clientId(), content) : echo;
}

} // namespace parlor::test
