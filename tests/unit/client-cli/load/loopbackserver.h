// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/wire/address.h"

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <openssl/ssl.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace parlor::cli::load::test {

constexpr std::chrono::seconds kPatience{20}; ///< only a defect meets it

/// The server's end of a connection: it blocks, and its thread is the server's.
class Peer
{
public:
    Peer(int descriptor, SSL *ssl)
        : m_descriptor(descriptor)
        , m_ssl(ssl)
    {
    }
    /// Empty at the end.
    [[nodiscard]] std::string receiveSome()
    {
        std::array<char, 16384> buffer{};
        const ssize_t size = m_ssl != nullptr
                                 ? SSL_read(m_ssl, buffer.data(), static_cast<int>(buffer.size()))
                                 : ::recv(m_descriptor, buffer.data(), buffer.size(), 0);
        return size > 0 ? std::string(buffer.data(), static_cast<std::size_t>(size)) : std::string();
    }
    /// Of the request, with its blank line.
    [[nodiscard]] std::string receiveHead()
    {
        std::string head;
        while (head.find("\r\n\r\n") == std::string::npos) {
            const std::string some = receiveSome();
            if (some.empty())
                break;
            head += some;
        }
        return head;
    }
    void send(std::string_view bytes)
    {
        while (!bytes.empty()) {
            const ssize_t size = m_ssl != nullptr
                                     ? SSL_write(m_ssl, bytes.data(), static_cast<int>(bytes.size()))
                                     : ::send(m_descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (size <= 0)
                return;
            bytes.remove_prefix(static_cast<std::size_t>(size));
        }
    }
    /// `whole`, and half of the TLS record that holds `halved`. The other half is returned, for sendRaw().
    [[nodiscard]] std::string sendAndHalf(std::string_view whole, std::string_view halved)
    {
        BIO *memory = BIO_new(BIO_s_mem());
        SSL_set0_wbio(m_ssl, memory);
        std::string records;
        std::size_t wholeSize = 0;
        for (const std::string_view each : {whole, halved}) {
            wholeSize = records.size();
            send(each);
            char *data = nullptr;
            const long size = BIO_get_mem_data(memory, &data);
            records.assign(data, static_cast<std::size_t>(size));
        }
        const std::size_t cut = (wholeSize + records.size()) / 2;
        sendRaw(records.substr(0, cut));
        return records.substr(cut);
    }
    void sendRaw(std::string_view bytes) { ::send(m_descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL); }
    void waitForEnd()
    {
        while (!receiveSome().empty())
            ;
    }
    void resetAtEnd()
    {
        const linger now{1, 0};
        ::setsockopt(m_descriptor, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }
    /// The connection stays as it is until the server ends.
    void hold() { m_isHeld = true; }
    [[nodiscard]] bool isHeld() const { return m_isHeld; }

private:
    int m_descriptor;
    SSL *m_ssl;
    bool m_isHeld = false;
};

/// Of a head, one field's value; empty: it has none.
[[nodiscard]] std::string fieldOf(const std::string &head, const std::string &name);
/// The answer that opens a WebSocket. `more`: fields, each with its line end.
[[nodiscard]] std::string switching(const std::string &head, const std::string &more = {});
/// An unmasked text frame.
[[nodiscard]] std::string textFrame(std::string_view text);

enum class Family : std::uint8_t { V4, V6 };

struct ContextDeleter
{
    void operator()(SSL_CTX *context) const { SSL_CTX_free(context); }
};
using ServerContext = std::unique_ptr<SSL_CTX, ContextDeleter>;

/// Of the test certificate; nullptr: it cannot be read.
[[nodiscard]] ServerContext serverContext();

/// A server on loopback, in a thread of its own, that takes one connection after the other.
class LoopbackServer
{
public:
    using Script = std::function<void(Peer &)>;

    /// `context`: of TLS, or nullptr.
    explicit LoopbackServer(Script script, SSL_CTX *context = nullptr, Family family = Family::V4)
        : m_script(std::move(script))
        , m_context(context)
    {
        const auto address = resolve(family == Family::V4 ? "127.0.0.1" : "::1", 0);
        if (!address)
            return;
        m_address = address->front();
        m_listener = ::socket(m_address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        auto *where = reinterpret_cast<sockaddr *>(&m_address.storage);
        m_isListening = ::bind(m_listener, where, m_address.size) == 0 && ::listen(m_listener, 1024) == 0 &&
                        ::getsockname(m_listener, where, &m_address.size) == 0;
        if (m_isListening)
            m_thread = std::thread([this] { serve(); });
    }
    ~LoopbackServer()
    {
        ::shutdown(m_listener, SHUT_RDWR); // accept() returns
        if (m_thread.joinable())
            m_thread.join();
        for (const int each : m_held)
            ::close(each);
        ::close(m_listener);
    }
    LoopbackServer(const LoopbackServer &) = delete;
    LoopbackServer &operator=(const LoopbackServer &) = delete;

    [[nodiscard]] bool isListening() const { return m_isListening; }
    [[nodiscard]] const Address &address() const { return m_address; }
    [[nodiscard]] std::vector<std::string> clients() const
    {
        const std::lock_guard lock(m_mutex);
        return m_clients;
    }

private:
    void serve();

    Script m_script;
    SSL_CTX *m_context;
    Address m_address;
    int m_listener = -1;
    bool m_isListening = false;
    mutable std::mutex m_mutex;
    std::vector<std::string> m_clients; ///< addresses, in their order
    std::vector<int> m_held;
    std::thread m_thread;
};

} // namespace parlor::cli::load::test
