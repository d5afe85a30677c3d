// SPDX-License-Identifier: MIT
#pragma once

#include <QProcess>
#include <QStringList>
#include <QTemporaryDir>

namespace parlor::test {

/// A redis-server with a folder of its own; killed with this object at the latest.
class RedisProcess
{
public:
    /// `options`: of its command line. It listens on a socket of its folder, and on a free port where
    /// `wantsPort`.
    explicit RedisProcess(QStringList options = {}, bool wantsPort = false);
    ~RedisProcess();
    RedisProcess(const RedisProcess &) = delete;
    RedisProcess &operator=(const RedisProcess &) = delete;

    /// Waits until it answers. False: it did not start.
    [[nodiscard]] bool start();
    /// A port that nobody listens on now, and that the kernel gives to no connection on its way out.
    [[nodiscard]] static quint16 freePort();
    void kill();
    void signal(int number);

    /// Of its socket, and of its port.
    [[nodiscard]] QString url() const
    {
        return QStringLiteral("unix:") + m_folder.filePath(QStringLiteral("socket"));
    }
    [[nodiscard]] QString tcpUrl() const { return QStringLiteral("redis://localhost:%1").arg(m_port); }
    [[nodiscard]] QString folder() const { return m_folder.path(); }
    /// What redis-cli prints.
    QString command(const QStringList &words) const;

private:
    QTemporaryDir m_folder;
    QStringList m_options;
    quint16 m_port = 0;
    QProcess m_process;
};

} // namespace parlor::test
