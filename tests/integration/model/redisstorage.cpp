// SPDX-License-Identifier: MIT
#include "tests/integration/model/redisstorage.h"

#include <QFile>
#include <QTest>

#include <csignal>

namespace parlor::test::model {

using namespace Qt::StringLiterals;

Problem RedisStorage::start()
{
    m_redis = std::make_unique<RedisProcess>(QStringList(), true);
    return m_redis->start() ? link(*m_redis) : u"redis-server does not start"_s;
}

QStringList RedisStorage::arguments(int run) const
{
    return {u"--redis"_s, u"unix:"_s + m_folder.filePath(u"socket"_s), u"--history-memory"_s,
            run % 2 == 0 ? u"16KiB"_s : u"256MiB"_s};
}

Problem RedisStorage::link(const RedisProcess &to)
{
    const QString address = m_folder.filePath(u"socket"_s);
    QFile::remove(address);
    return QFile::link(to.folder() + u"/socket"_s, address) ? Problem() : u"no link to Redis' socket"_s;
}

Problem RedisStorage::say(const QStringList &command, const QString &expected)
{
    const QString answer = m_redis->command(command);
    return expected.isEmpty() || answer == expected ? Problem()
                                                    : u"redis-cli %1: %2"_s.arg(command.join(u' '), answer);
}

Problem RedisStorage::limitMemory(QStringView bytes)
{
    return say({u"CONFIG"_s, u"SET"_s, u"maxmemory"_s, bytes.toString()});
}

Problem RedisStorage::backUp(std::map<QString, qint64> &tops)
{
    if (Problem problem = say({u"SAVE"_s}); !problem.isEmpty())
        return problem;
    QFile::remove(file(u"copy.rdb"_s));
    if (!QFile::copy(file(u"dump.rdb"_s), file(u"copy.rdb"_s)))
        return u"Redis' file cannot be copied"_s;
    // Nobody may have said anything since: the copy tells itself what it has.
    RedisProcess reader;
    if (!QFile::copy(file(u"copy.rdb"_s), reader.folder() + u"/dump.rdb"_s) || !reader.start())
        return u"the copy of Redis' file cannot be read"_s;
    const QStringList rooms = reader.command({u"ZRANGE"_s, u"parlor:rooms"_s, u"0"_s, u"-1"_s}).split(u'\n');
    for (const QString &room : rooms) {
        if (const QString seq = reader.command({u"HGET"_s, u"parlor:{%1}:t"_s.arg(room), u"seq"_s});
            !seq.isEmpty())
            tops[room] = seq.toLongLong();
    }
    return {};
}

Problem RedisStorage::restore()
{
    m_redis->kill();
    QFile::remove(file(u"dump.rdb"_s));
    return QFile::copy(file(u"copy.rdb"_s), file(u"dump.rdb"_s)) && m_redis->start()
               ? Problem()
               : u"Redis does not start on the older file"_s;
}

Problem RedisStorage::waitForServers()
{
    const bool isComplete = QTest::qWaitFor(
        [this] {
            const QString clients = m_redis->command({u"CLIENT"_s, u"LIST"_s});
            return clients.count(u'\n') >= 2 * m_servers && clients.count(u" sub=0 "_s) >= m_servers + 1 &&
                   clients.count(u" sub="_s) - clients.count(u" sub=0 "_s) >= m_servers;
        },
        20'000);
    return isComplete ? Problem() : u"the servers do not come back to Redis"_s;
}

Problem RedisStorage::disturb(int which, Part part)
{
    const bool isBegin = part == Part::Begin;
    Problem problem = disturbNow(static_cast<Disturbance>(which), isBegin);
    return isBegin || !problem.isEmpty() ? problem : waitForServers();
}

Problem RedisStorage::disturbNow(Disturbance which, bool isBegin)
{
    switch (which) {
    case Disturbance::Pause:
        return isBegin ? say({u"CLIENT"_s, u"PAUSE"_s, u"60000"_s, u"WRITE"_s})
                       : say({u"CLIENT"_s, u"UNPAUSE"_s});
    case Disturbance::Stop:
        m_redis->signal(isBegin ? SIGSTOP : SIGCONT);
        return {};
    case Disturbance::ForgetScripts:
        return say({u"SCRIPT"_s, u"FLUSH"_s});
    case Disturbance::CutCommands:
        return say({u"CLIENT"_s, u"KILL"_s, u"TYPE"_s, u"normal"_s}, {});
    case Disturbance::CutSubscribers:
        return say({u"CLIENT"_s, u"KILL"_s, u"TYPE"_s, u"pubsub"_s}, {});
    case Disturbance::Restart:
        if (isBegin) {
            m_redis->command({u"SHUTDOWN"_s, u"SAVE"_s});
            m_redis->kill();
            return {};
        }
        return m_redis->start() ? Problem() : u"Redis does not start again"_s;
    }
    return u"there is no such disturbance"_s;
}

Problem RedisStorage::makeReplica()
{
    const QString port = m_redis->tcpUrl().section(u':', -1);
    m_replica = std::make_unique<RedisProcess>(QStringList{u"--replicaof"_s, u"127.0.0.1 "_s + port}, true);
    if (!m_replica->start())
        return u"the replica does not start"_s;
    const bool isThere = QTest::qWaitFor(
        [this] {
            return m_replica->command({u"INFO"_s, u"replication"_s}).contains(u"master_link_status:up"_s);
        },
        20'000);
    if (!isThere || m_redis->command({u"WAIT"_s, u"1"_s, u"20000"_s}) != u"1"_s)
        return u"the replica does not follow"_s;
    return m_replica->command({u"REPLICAOF"_s, u"NO"_s, u"ONE"_s}) == u"OK"_s
               ? Problem()
               : u"the replica cannot be cut off"_s;
}

/// The servers give an emptied Redis the chat's name and secret again.
Problem RedisStorage::waitForName()
{
    const bool isNamed = QTest::qWaitFor(
        [this] {
            return m_redis->command({u"EXISTS"_s, u"parlor:epoch"_s, u"parlor:secret"_s}) == u"2"_s;
        },
        20'000);
    return isNamed ? Problem() : u"the emptied Redis is not given the chat's name again"_s;
}

Problem RedisStorage::lose(int which, Part part)
{
    const bool isBegin = part == Part::Begin;
    Problem problem = loseNow(static_cast<Loss>(which), isBegin);
    return isBegin || !problem.isEmpty() ? problem : waitForServers();
}

Problem RedisStorage::loseNow(Loss which, bool isBegin)
{
    switch (which) {
    case Loss::OlderFile:
        if (isBegin)
            return say({u"SAVE"_s});
        m_redis->kill();
        return m_redis->start() ? Problem() : u"Redis does not start again"_s;
    case Loss::LaggingReplica:
        if (isBegin)
            return makeReplica();
        m_redis->kill();
        m_redis = std::move(m_replica);
        return link(*m_redis);
    case Loss::Flush:
        if (isBegin)
            return {};
        if (Problem problem = say({u"FLUSHALL"_s}); !problem.isEmpty())
            return problem;
        return waitForName();
    case Loss::NoFile:
        if (isBegin)
            return {};
        m_redis->kill();
        QFile::remove(file(u"dump.rdb"_s));
        return m_redis->start() ? waitForName() : u"Redis does not start without a file"_s;
    }
    return u"there is no such loss"_s;
}

} // namespace parlor::test::model
