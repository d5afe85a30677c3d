// SPDX-License-Identifier: MIT
#include "tests/integration/cluster/cluster.h"

#include <QDir>
#include <QLocalSocket>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QTest>

#include <utility>

namespace parlor::test {

using namespace Qt::StringLiterals;

namespace {

constexpr int kStartPatience = 20'000;

} // namespace

Cluster::Cluster(QStringList arguments)
    : m_arguments(std::move(arguments))
{
}

Cluster::~Cluster()
{
    m_balancer.kill();
    m_balancer.waitForFinished();
}

bool Cluster::isInstalled()
{
    const auto isThere = [](const QString &program) {
        return !QStandardPaths::findExecutable(program).isEmpty() ||
               !QStandardPaths::findExecutable(program, {u"/usr/sbin"_s}).isEmpty();
    };
    return isThere(u"redis-server"_s) && isThere(u"haproxy"_s);
}

Problem Cluster::startServer(std::size_t which)
{
    m_servers[which] = std::make_unique<ServerProcess>(ServerProcess::Settings{
        .program = u"parlor-server"_s,
        .arguments = QStringList{u"--redis"_s, m_redis.url(), u"--listen"_s,
                                 u"127.0.0.1:%1"_s.arg(m_ports[which]), u"--rate"_s, u"0"_s} +
                     m_arguments});
    return m_servers[which]->start();
}

Problem Cluster::start()
{
    if (!m_redis.start())
        return u"redis-server does not start"_s;
    QProcessEnvironment environment = plainEnvironment();
    for (std::size_t i = 0; i < kServers; ++i) {
        m_ports[i] = RedisProcess::freePort();
        environment.insert(u"SERVER%1"_s.arg(i + 1), u"127.0.0.1:%1"_s.arg(m_ports[i]));
        if (Problem problem = startServer(i); !problem.isEmpty())
            return problem;
    }
    m_port = RedisProcess::freePort();
    environment.insert(u"BIND"_s, u"127.0.0.1:%1"_s.arg(m_port));
    environment.insert(u"CHECK"_s, u"200ms"_s);
    environment.insert(u"STATS_SOCKET"_s, m_folder.filePath(u"stats"_s));
    m_balancer.setProcessEnvironment(environment);
    m_balancer.setProcessChannelMode(QProcess::MergedChannels);
    const QDir files(qEnvironmentVariable("PARLOR_TEST_SOURCE") + u"/packaging/haproxy"_s);
    m_balancer.start(u"haproxy"_s, {u"-f"_s, files.filePath(u"common.cfg"_s), u"-f"_s,
                                    files.filePath(u"roundrobin.cfg"_s)});
    const bool isUp = QTest::qWaitFor([this] { return serversUp() == qsizetype(kServers); }, kStartPatience);
    return isUp ? Problem() : u"HAProxy has no servers: "_s + QString::fromUtf8(m_balancer.readAll());
}

QString Cluster::askBalancer(const QString &command) const
{
    QLocalSocket socket;
    socket.connectToServer(m_folder.filePath(u"stats"_s));
    if (!socket.waitForConnected())
        return {};
    socket.write(command.toUtf8() + '\n');
    QByteArray answer;
    while (socket.waitForReadyRead())
        answer += socket.readAll();
    return QString::fromUtf8(answer);
}

int Cluster::takePeakOfConnections() const
{
    const QStringList lines = askBalancer(u"show stat"_s).split(u'\n');
    (void)askBalancer(u"clear counters all"_s);
    const qsizetype column = lines.value(0).split(u',').indexOf(u"conn_rate_max"_s);
    for (const QString &line : lines) {
        const QStringList fields = line.split(u',');
        if (fields.value(0) == u"clients"_s && fields.value(1) == u"FRONTEND"_s)
            return fields.value(column).toInt();
    }
    return -1;
}

qsizetype Cluster::serversUp() const
{
    static const QRegularExpression up(u"^parlor,ws\\d,.*,UP,"_s, QRegularExpression::MultilineOption);
    const QString stat = askBalancer(u"show stat"_s);
    qsizetype count = 0;
    for (auto each = up.globalMatch(stat); each.hasNext(); each.next())
        ++count;
    return count;
}

qint64 Cluster::calls(const QString &command) const
{
    const QRegularExpression line(u"cmdstat_%1:calls=(\\d+)"_s.arg(command));
    return line.match(m_redis.command({u"INFO"_s, u"commandstats"_s})).captured(1).toLongLong();
}

} // namespace parlor::test
