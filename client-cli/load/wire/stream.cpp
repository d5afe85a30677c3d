// SPDX-License-Identifier: MIT
#include "client-cli/load/wire/stream.h"

#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace parlor::cli::load {

namespace {

std::string errorText(int number)
{
    return std::strerror(number);
}

std::string withoutPort(const Address &address)
{
    const std::string text = toString(address);
    return text.substr(0, text.rfind(':'));
}

/// Before connect(): where the connection comes from.
Result<void> bindTo(int descriptor, const Address &source)
{
    const int on = 1;
    // Without it bind() takes a port before the peer is known, and a source has each of its ports once in all
    // instead of once for each peer.
    ::setsockopt(descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (::bind(descriptor, reinterpret_cast<const sockaddr *>(&source.storage), source.size) == 0)
        return {};
    if (errno == EADDRNOTAVAIL)
        return Error{.text = withoutPort(source) +
                             " is no address of this machine: give its own ones with --source-ips"};
    return Error{.text = "cannot connect from " + withoutPort(source) + ": " + errorText(errno)};
}

std::string connectFailure(int number, const Address &address, const Address *source)
{
    if (number != EADDRNOTAVAIL)
        return errorText(number);
    const std::string advice =
        ": give more source addresses with --source-ips, or widen net.ipv4.ip_local_port_range";
    if (source != nullptr)
        return "no ports left from " + withoutPort(*source) + " to " + toString(address) + advice;
    if (address.storage.ss_family == AF_INET6)
        return "no IPv6 address here, or no ports left, to connect to " + toString(address) + advice;
    return "no ports left to " + toString(address) + advice;
}

} // namespace

Result<void> checkSources(const SourceAddresses &sources)
{
    for (const Address &each : sources.all()) {
        const int descriptor = ::socket(each.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (descriptor < 0)
            return Error{.text = "cannot connect from " + withoutPort(each) + ": " + errorText(errno)};
        auto bound = bindTo(descriptor, each);
        ::close(descriptor);
        if (!bound)
            return bound;
    }
    return {};
}

Result<void> Stream::open(const Address &address, const Target &target, std::size_t user)
{
    const Address *source = target.sources.choose(user, address.storage.ss_family);
    if (source == nullptr && !target.sources.isEmpty())
        return Error{.text = "none of the --source-ips is of the family of " + toString(address)};
    m_descriptor = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (m_descriptor < 0)
        return Error{.text = errorText(errno)};
    const int on = 1;
    ::setsockopt(m_descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (source != nullptr) {
        if (auto bound = bindTo(m_descriptor, *source); !bound) {
            close();
            return bound;
        }
    }
    const auto *where = reinterpret_cast<const sockaddr *>(&address.storage);
    if (::connect(m_descriptor, where, address.size) != 0 && errno != EINPROGRESS) {
        const int why = errno;
        close();
        return Error{.text = connectFailure(why, address, source)};
    }
    m_failure.reset();
    m_target = &target;
    m_phase = Phase::Connecting;
    return {};
}

Stream::Step Stream::advance()
{
    if (m_phase == Phase::Connecting) {
        int failure = 0;
        socklen_t size = sizeof failure;
        ::getsockopt(m_descriptor, SOL_SOCKET, SO_ERROR, &failure, &size);
        if (failure != 0) {
            fail(errorText(failure));
            return Step::Failed;
        }
        m_phase = m_target->tls ? Phase::Securing : Phase::Ready;
        if (m_target->tls)
            m_tls = std::make_unique<TlsSession>(*m_target->tls, m_descriptor, m_target->host, m_resumable);
    }
    return m_phase == Phase::Securing ? shakeHands() : Step::Ready;
}

Stream::Step Stream::shakeHands()
{
    switch (m_tls->shakeHands()) {
    case TlsSession::Progress::Done:
        m_phase = Phase::Ready;
        return Step::Ready;
    case TlsSession::Progress::WantsRead:
        return Step::WaitsToRead;
    case TlsSession::Progress::WantsWrite:
        return Step::WaitsToWrite;
    case TlsSession::Progress::Ended:
        fail("the server ended the connection during the TLS handshake");
        return Step::Failed;
    case TlsSession::Progress::Failed:
        break;
    }
    fail(m_tls->failure());
    return Step::Failed;
}

Stream::Moved Stream::read(std::span<char> buffer)
{
    if (m_tls)
        return readTls(buffer);
    const ssize_t size = ::recv(m_descriptor, buffer.data(), buffer.size(), 0);
    if (size > 0)
        return {Moved::Outcome::Some, static_cast<std::size_t>(size)};
    if (size == 0)
        return {Moved::Outcome::Ended};
    if (errno == EINTR || errno == EAGAIN)
        return {Moved::Outcome::NotNow};
    fail(errorText(errno));
    return {Moved::Outcome::Failed};
}

/// A record has 16 KiB at most: several fill the buffer.
Stream::Moved Stream::readTls(std::span<char> buffer)
{
    std::size_t filled = 0;
    while (filled < buffer.size()) {
        const TlsSession::Moved moved = m_tls->read(buffer.subspan(filled));
        filled += moved.bytes;
        switch (moved.progress) {
        case TlsSession::Progress::Done:
            break;
        case TlsSession::Progress::WantsRead:
        case TlsSession::Progress::WantsWrite:
            return {filled > 0 ? Moved::Outcome::Some : Moved::Outcome::NotNow, filled};
        case TlsSession::Progress::Ended:
            return {Moved::Outcome::Ended, filled};
        case TlsSession::Progress::Failed:
            fail(m_tls->failure());
            return {Moved::Outcome::Failed, filled};
        }
    }
    return {Moved::Outcome::Some, filled};
}

std::size_t Stream::write(std::string_view bytes)
{
    std::size_t sent = 0;
    while (sent < bytes.size()) {
        const std::string_view rest = bytes.substr(sent);
        if (m_tls) {
            const std::size_t taken = m_tls->write(rest).bytes;
            if (taken == 0)
                break;
            sent += taken;
            continue;
        }
        const ssize_t taken = ::send(m_descriptor, rest.data(), rest.size(), MSG_NOSIGNAL);
        if (taken < 0 && errno == EINTR)
            continue;
        if (taken < 0)
            break; // it is full, or has ended
        sent += static_cast<std::size_t>(taken);
    }
    return sent;
}

void Stream::close()
{
    m_phase = Phase::Closed;
    if (m_tls) {
        m_tls->end();
        if (auto resumable = m_tls->takeResumable())
            m_resumable = std::move(resumable);
        m_tls.reset();
    }
    if (m_descriptor >= 0)
        ::close(std::exchange(m_descriptor, -1));
}

} // namespace parlor::cli::load
