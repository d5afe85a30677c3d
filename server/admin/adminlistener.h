// SPDX-License-Identifier: MIT
#pragma once

#include "server/admin/adminconnection.h"
#include "server/admin/adminkeys.h"
#include "server/admin/unixsocket.h"
#include "server/front/listener.h"
#include "server/ops/options.h"

#include <list>
#include <memory>

namespace parlor::admin {

/// Where the admin API is: a port of its own or a Unix socket, a few connections, one request each. Main
/// thread, owned by the Server.
class AdminListener final : public QObject
{
    Q_OBJECT
public:
    static constexpr std::size_t kConnections = 16;

    AdminListener(AdminConnection::Handle handle, const ConnectionTimes &times = {});
    ~AdminListener() override;

    /// nullopt: whoever reaches the Unix socket may ask. Also while it listens.
    void setKeys(std::optional<AdminKeys> keys) { m_keys = std::move(keys); }
    /// For connections that come later.
    void setTls(std::optional<QSslConfiguration> tls) { m_tls = std::move(tls); }
    [[nodiscard]] Result<void> start(const AdminAddress &address);
    /// Where it is, for people: the URL or the path.
    [[nodiscard]] QString place() const;

private:
    void accept(int descriptor);
    [[nodiscard]] std::variant<std::string, ApiError> admit(const RequestHead &head, const std::string &peer);

    const AdminConnection::Handle m_handle;
    const ConnectionTimes m_times;
    std::optional<AdminKeys> m_keys;
    std::optional<QSslConfiguration> m_tls;
    AdminAddress m_address;
    std::optional<UnixSocketFile> m_file; ///< of the Unix socket
    std::unique_ptr<Listener> m_listener;
    std::list<AdminConnection> m_connections; ///< the oldest first
};

} // namespace parlor::admin
