// SPDX-License-Identifier: MIT
#include "server/admin/adminlistener.h"

#include "server/http/characters.h"
#include "server/ops/logging.h"
#include "server/ops/values.h"

#include <QPointer>

#include <algorithm>
#include <sys/socket.h>
#include <unistd.h>

namespace parlor::admin {

namespace {

constexpr std::string_view kScheme = "Bearer ";

/// Who is at the other end of a TCP connection.
std::string addressOf(int descriptor)
{
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    if (::getpeername(descriptor, reinterpret_cast<sockaddr *>(&peer), &size) != 0)
        return "unknown";
    return QHostAddress(reinterpret_cast<const sockaddr *>(&peer)).toString().toStdString();
}

} // namespace

AdminListener::AdminListener(AdminConnection::Handle handle, const ConnectionTimes &times)
    : m_handle(std::move(handle))
    , m_times(times)
{
}

AdminListener::~AdminListener() = default;

Result<void> AdminListener::start(const AdminAddress &address)
{
    m_address = address;
    m_listener = std::make_unique<Listener>([this](int descriptor) { accept(descriptor); });
    if (address.kind == AdminAddress::Kind::Unix) {
        auto file = UnixSocketFile::listen(address.path);
        if (!file)
            return file.error();
        m_file.emplace(std::move(file).value());
        if (!m_listener->startOn(m_file->takeDescriptor()))
            return Error{.text = "admin-listen: " + m_listener->server().errorString().toStdString()};
        return {};
    }
    if (!m_listener->start(address.address, address.port))
        return Error{.text = "admin-listen: cannot listen on " + values::text(address) + ": " +
                             m_listener->server().errorString().toStdString() +
                             "; give another address, or stop what listens there"};
    return {};
}

QString AdminListener::place() const
{
    AdminAddress bound = m_address;
    if (bound.kind != AdminAddress::Kind::Unix)
        bound.port = m_listener->server().serverPort();
    const QString text = QString::fromStdString(values::text(bound));
    return bound.kind == AdminAddress::Kind::Plain ? QString(QLatin1String("http://") + text) : text;
}

/// Whoever has shown no key makes room for a newcomer, the oldest first.
void AdminListener::accept(int descriptor)
{
    if (m_connections.size() >= kConnections) {
        const auto idle = std::ranges::find_if_not(m_connections, &AdminConnection::isAdmitted);
        if (idle == m_connections.end()) {
            ::close(descriptor);
            return;
        }
        m_connections.erase(idle);
    }
    const std::string peer =
        m_address.kind == AdminAddress::Kind::Unix ? peerOf(descriptor) : addressOf(descriptor);
    AdminConnection &made = m_connections.emplace_back(
        descriptor, m_tls, [this, peer](const RequestHead &head) { return admit(head, peer); }, m_handle,
        m_times);
    connect(
        &made, &AdminConnection::ended, this,
        [this, ended = QPointer(&made)] {
            m_connections.remove_if([&ended](const AdminConnection &each) { return &each == ended; });
        },
        Qt::QueuedConnection);
}

std::variant<std::string, ApiError> AdminListener::admit(const RequestHead &head, const std::string &peer)
{
    if (!m_keys)
        return peer;
    const std::string_view shown = head.field("authorization").value_or("");
    const bool isBearer =
        head.count("authorization") == 1 && http::equalIgnoringCase(shown.substr(0, kScheme.size()), kScheme);
    if (isBearer) {
        if (const auto name = m_keys->nameOf(http::trimmed(shown.substr(kScheme.size()))))
            return *name;
    }
    log::write({.category = log::audit(), // not one of many: who guesses is told of with a number
                .name = "refuse",
                .fields = {{"peer", peer}, {"reason", std::string(isBearer ? "wrong key" : "no key")}}});
    if (!isBearer)
        return ApiError{401, "unauthorized",
                        "there is no key; send Authorization: Bearer KEY, with a key of admin-key-file"};
    return ApiError{401, "unauthorized", "the key is none of this server's; see its admin-key-file"};
}

} // namespace parlor::admin
