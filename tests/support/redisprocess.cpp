// SPDX-License-Identifier: MIT
#include "tests/support/redisprocess.h"

#include <QLocalSocket>
#include <QRandomGenerator>
#include <QTcpServer>
#include <QTest>

#include <csignal>

using namespace Qt::StringLiterals;

namespace parlor::test {

RedisProcess::RedisProcess(QStringList options, bool wantsPort)
    : m_options(std::move(options))
{
    if (wantsPort)
        m_port = freePort();
}

RedisProcess::~RedisProcess()
{
    kill();
}

quint16 RedisProcess::freePort()
{
    constexpr int kFirst = 10'000;
    constexpr int kPorts = 22'000; // the kernel's own begin at 32768
    // Tests that run at the same time begin at other places.
    static int next = QRandomGenerator::global()->bounded(kPorts);
    QTcpServer free;
    for (int tries = 0; tries < kPorts; ++tries) {
        const auto port = static_cast<quint16>(kFirst + next++ % kPorts);
        if (free.listen(QHostAddress::LocalHost, port))
            return port;
    }
    return 0;
}

bool RedisProcess::start()
{
    QStringList arguments{u"--port"_s,       QString::number(m_port),
                          u"--unixsocket"_s, m_folder.filePath(u"socket"_s),
                          u"--dir"_s,        m_folder.path(),
                          u"--save"_s,       QString(),
                          u"--daemonize"_s,  u"no"_s};
    m_process.setStandardOutputFile(m_folder.filePath(u"log"_s));
    m_process.start(u"redis-server"_s, arguments + m_options);
    if (!m_process.waitForStarted())
        return false;
    return QTest::qWaitFor([this] {
        QLocalSocket socket;
        socket.connectToServer(m_folder.filePath(u"socket"_s));
        return socket.waitForConnected(50);
    });
}

void RedisProcess::kill()
{
    if (m_process.state() == QProcess::NotRunning)
        return;
    m_process.kill();
    m_process.waitForFinished();
}

void RedisProcess::signal(int number)
{
    ::kill(static_cast<pid_t>(m_process.processId()), number);
}

QString RedisProcess::command(const QStringList &words) const
{
    QProcess cli;
    cli.start(u"redis-cli"_s, QStringList{u"-s"_s, m_folder.filePath(u"socket"_s)} + words);
    cli.waitForFinished();
    return QString::fromUtf8(cli.readAllStandardOutput()).trimmed();
}

} // namespace parlor::test
