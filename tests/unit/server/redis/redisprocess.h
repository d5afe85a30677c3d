// SPDX-License-Identifier: MIT
#pragma once

#include "server/ops/redisaddress.h"

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
    void kill();
    void signal(int number);

    [[nodiscard]] redis::Address unixAddress() const;
    [[nodiscard]] redis::Address tcpAddress() const;
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
