// SPDX-License-Identifier: MIT
#include "tests/integration/store/storecase.h"

#include "tests/support/httpexchange.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>

namespace parlor::test {

void StoreCase::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
}

void StoreCase::cleanup()
{
    m_server.reset();
    m_folder.reset();
}

ServerProcess::Settings StoreCase::settings(const QStringList &more) const
{
    return {.program = QStringLiteral("parlor-server"),
            .arguments = QStringList{QStringLiteral("--store"), QStringLiteral("sqlite:") + path(),
                                     QStringLiteral("--rate"), QStringLiteral("0")} +
                         more};
}

Problem StoreCase::start(const QStringList &more)
{
    m_server = std::make_unique<ServerProcess>(settings(more));
    return m_server->start();
}

StoreCase::Ended StoreCase::run(const QStringList &arguments)
{
    QProcess process;
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.start(QDir(qEnvironmentVariable("PARLOR_TEST_BIN")).filePath(QStringLiteral("parlor-server")),
                  arguments);
    if (!process.waitForFinished())
        return {-1, QStringLiteral("it does not end")};
    return {process.exitCode(), QString::fromUtf8(process.readAll())};
}

double StoreCase::metric(const QByteArray &name) const
{
    const QByteArray body = '\n' + exchange(m_server->port(), getRequest("/metrics")).body;
    const qsizetype at = body.indexOf(QByteArray('\n' + name + ' '));
    if (at < 0)
        return -1;
    const qsizetype begin = at + name.size() + 2;
    return body.mid(begin, body.indexOf('\n', begin) - begin).toDouble();
}

QByteArray StoreCase::contents(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

QJsonObject joinFrame(const QString &room)
{
    return {{QStringLiteral("type"), QStringLiteral("join")}, {QStringLiteral("room"), room}};
}

QJsonObject joinSince(const QString &room, const QString &epoch, qint64 seq, const QString &id)
{
    QJsonObject since{{QStringLiteral("epoch"), epoch}, {QStringLiteral("seq"), seq}};
    if (!id.isEmpty())
        since.insert(QStringLiteral("id"), id);
    QJsonObject join = joinFrame(room);
    join.insert(QStringLiteral("since"), since);
    return join;
}

QString idAt(RawChat &chat, const QString &room, qint64 seq)
{
    if (!chat.send({{QStringLiteral("type"), QStringLiteral("history")},
                    {QStringLiteral("room"), room},
                    {QStringLiteral("after"), seq - 1},
                    {QStringLiteral("limit"), 1}}))
        return {};
    const auto page = chat.nextOf(QStringLiteral("history"));
    return page ? page->value(QLatin1String("events"))[0].toObject().value(QLatin1String("id")).toString()
                : QString();
}

QJsonObject messageFrame(const QString &room, const QString &content, const QString &cid)
{
    return {{QStringLiteral("type"), QStringLiteral("message")},
            {QStringLiteral("room"), room},
            {QStringLiteral("content"), content},
            {QStringLiteral("cid"), cid}};
}

QStringList wholeHistory(RawChat &chat, const QString &room)
{
    QStringList cids;
    qint64 after = 0;
    for (bool more = true; more;) {
        if (!chat.send({{QStringLiteral("type"), QStringLiteral("history")},
                        {QStringLiteral("room"), room},
                        {QStringLiteral("after"), after}}))
            break;
        const auto page = chat.nextOf(QStringLiteral("history"));
        if (!page)
            break;
        const QJsonArray events = page->value(QLatin1String("events")).toArray();
        for (const auto &event : events) {
            const QJsonObject message = event.toObject();
            const qint64 seq = message.value(QLatin1String("seq")).toInteger();
            if (after != 0 && seq != after + 1)
                cids.append(QStringLiteral("a hole from %1 to %2").arg(after + 1).arg(seq - 1));
            cids.append(message.value(QLatin1String("cid")).toString());
            after = seq;
        }
        more = page->value(QLatin1String("more")).toBool();
    }
    return cids;
}

} // namespace parlor::test
