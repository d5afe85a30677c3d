// SPDX-License-Identifier: MIT
#include "loadbalancer.h"

#include "tests/support/rawsocket.h"
#include "tests/support/wire.h"

#include <QFile>
#include <QStandardPaths>
#include <QTcpSocket>

#include <unistd.h>

namespace parlor::test {

namespace {

/// Where HAProxy finds the first listener; it opens none of its own so high.
constexpr int kFirstDescriptor = 200;

/// Debian has it in a folder that is not in everybody's PATH.
QString program()
{
    const QString found = QStandardPaths::findExecutable(QStringLiteral("haproxy"));
    return found.isEmpty()
               ? QStandardPaths::findExecutable(QStringLiteral("haproxy"), {QStringLiteral("/usr/sbin")})
               : found;
}

} // namespace

LoadBalancer::~LoadBalancer()
{
    m_process.kill();
    m_process.waitForFinished(static_cast<int>(kPatience.count()));
}

bool LoadBalancer::isInstalled()
{
    return !program().isEmpty();
}

Problem LoadBalancer::start(const QList<std::uint16_t> &servers)
{
    Problem problem = writeIdentity();
    if (problem.isEmpty())
        problem = writeConfiguration(servers);
    if (!problem.isEmpty())
        return problem;
    for (QTcpServer &each : m_listeners) {
        if (!each.listen(QHostAddress::LocalHost))
            return each.errorString();
        each.pauseAccepting(); // else this process takes some of HAProxy's clients
    }
    m_process.setChildProcessModifier([this] {
        int target = kFirstDescriptor;
        for (const QTcpServer &each : m_listeners)
            ::dup2(static_cast<int>(each.socketDescriptor()), target++);
    });
    m_process.setProcessChannelMode(QProcess::MergedChannels);
    m_process.start(program(), {QStringLiteral("-db"), QStringLiteral("-f"),
                                m_folder.filePath(QStringLiteral("haproxy.cfg"))});
    QTcpSocket client;
    client.connectToHost(QHostAddress::LocalHost, m_listeners[0].serverPort());
    client.write("GET /health HTTP/1.0\r\n\r\n");
    if (client.waitForReadyRead(static_cast<int>(kPatience.count())) && client.read(12).endsWith("200"))
        return {};
    m_process.kill();
    m_process.waitForFinished(static_cast<int>(kPatience.count()));
    return QStringLiteral("haproxy does not answer: %1").arg(QString::fromUtf8(m_process.readAll()));
}

QString LoadBalancer::address(Way way) const
{
    return QStringLiteral("localhost:%1").arg(port(way));
}

std::uint16_t LoadBalancer::port(Way way) const
{
    return m_listeners[static_cast<std::size_t>(way)].serverPort();
}

Problem LoadBalancer::writeIdentity() const
{
    QFile both(
        m_folder.filePath(QStringLiteral("both.pem"))); // HAProxy wants certificate and key in one file
    if (!both.open(QIODevice::WriteOnly))
        return both.errorString();
    for (const QString &path : {TestCertificate::certificate(), TestCertificate::key()}) {
        QFile part(path);
        if (!part.open(QIODevice::ReadOnly))
            return path % QStringLiteral(": ") % part.errorString();
        both.write(part.readAll());
    }
    return {};
}

Problem LoadBalancer::writeConfiguration(const QList<std::uint16_t> &servers) const
{
    const auto backend = [&servers](const char *name, const char *more) {
        QString text = QStringLiteral("backend %1\n  balance roundrobin\n%2")
                           .arg(QLatin1String(name), QLatin1String(more));
        int number = 0;
        for (const std::uint16_t port : servers)
            text += QStringLiteral("  server s%1 127.0.0.1:%2 cookie c%1\n").arg(++number).arg(port);
        return text;
    };
    const auto frontend = [](int number, const QString &more, const char *servedBy) {
        return QStringLiteral("frontend f%1\n  bind fd@%2%3\n  default_backend %4\n")
            .arg(number)
            .arg(kFirstDescriptor + number)
            .arg(more, QLatin1String(servedBy));
    };
    constexpr const char *kCookie = "  cookie AWSALB insert indirect nocache\n";
    QString text = QStringLiteral("defaults\n  mode http\n  timeout connect 10s\n  timeout client 60s\n"
                                  "  timeout server 60s\n  timeout tunnel 60s\n");
    text +=
        frontend(0, {}, "plain") + frontend(1, {}, "sticky") + frontend(2, {}, "page") +
        frontend(3, QStringLiteral(" ssl crt ") + m_folder.filePath(QStringLiteral("both.pem")), "sticky") +
        frontend(4, QStringLiteral("\n  mode tcp"), "checked");
    text += backend("plain", "") + backend("sticky", kCookie) +
            backend("page", "  cookie AWSALB insert indirect nocache\n"
                            "  http-after-response del-header Set-Cookie if { status 101 }\n") +
            backend("checked", "  mode tcp\n  option httpchk GET /ready\n  timeout check 10s\n  "
                               "default-server check inter 100ms fall 2\n");
    QFile file(m_folder.filePath(QStringLiteral("haproxy.cfg")));
    if (!file.open(QIODevice::WriteOnly))
        return file.errorString();
    file.write(text.toUtf8());
    return {};
}

} // namespace parlor::test
