// SPDX-License-Identifier: MIT
#pragma once

#include "tests/integration/model/storage.h"
#include "tests/support/redisprocess.h"

#include <memory>

namespace parlor::test::model {

/// A redis-server that all servers of a run share. Their address is a link to its socket, so that another one
/// can take its place.
class RedisStorage final : public Storage
{
public:
    explicit RedisStorage(int servers)
        : m_servers(servers)
    {
    }

    [[nodiscard]] Problem start() override;
    [[nodiscard]] QStringList arguments(int run) const override;
    [[nodiscard]] Problem fill(qint64) override { return limitMemory(u"1"); }
    [[nodiscard]] Problem makeRoom(qint64) override { return limitMemory(u"0"); }
    [[nodiscard]] Problem backUp(std::map<QString, qint64> &tops) override;
    [[nodiscard]] Problem restore() override;
    [[nodiscard]] Problem disturb(int which, Part part) override;
    [[nodiscard]] Problem lose(int which, Part part) override;

private:
    enum class Disturbance : std::uint8_t {
        Pause,
        Stop,
        ForgetScripts,
        CutCommands,
        CutSubscribers,
        Restart
    };
    enum class Loss : std::uint8_t { OlderFile, LaggingReplica, Flush, NoFile };

    [[nodiscard]] Problem say(const QStringList &command, const QString &expected = QStringLiteral("OK"));
    [[nodiscard]] Problem limitMemory(QStringView bytes);
    [[nodiscard]] Problem link(const RedisProcess &to);
    /// Starts a replica, waits until it has all, and cuts it off.
    [[nodiscard]] Problem makeReplica();
    [[nodiscard]] Problem waitForName();
    /// All servers are connected to it.
    [[nodiscard]] Problem waitForServers();
    [[nodiscard]] Problem disturbNow(Disturbance which, bool isBegin);
    [[nodiscard]] Problem loseNow(Loss which, bool isBegin);
    [[nodiscard]] QString file(const QString &name) const { return m_redis->folder() + u'/' + name; }

    const int m_servers;
    QTemporaryDir m_folder;
    std::unique_ptr<RedisProcess> m_redis;
    std::unique_ptr<RedisProcess> m_replica; ///< that is to take over
};

} // namespace parlor::test::model
