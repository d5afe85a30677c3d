// SPDX-License-Identifier: MIT
#include "tests/unit/client-cli/load/loopbackserver.h"

#include "shared/websocket/handshake.h"
#include "tests/support/wire.h"

#include <QFile>

namespace parlor::cli::load::test {

std::string fieldOf(const std::string &head, const std::string &name)
{
    const std::size_t at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos)
        return {};
    const std::size_t begin = at + name.size() + 4;
    return head.substr(begin, head.find("\r\n", begin) - begin);
}

std::string switching(const std::string &head, const std::string &more)
{
    return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Accept: " +
           websocket::acceptOf(fieldOf(head, "Sec-WebSocket-Key")) + "\r\n" + more + "\r\n";
}

std::string textFrame(std::string_view text)
{
    std::string frame("\x81", 1);
    if (text.size() < 126) {
        frame += static_cast<char>(text.size());
    } else {
        frame += static_cast<char>(126);
        frame += static_cast<char>(text.size() >> 8);
        frame += static_cast<char>(text.size() & 0xFF);
    }
    return frame.append(text);
}

ServerContext serverContext()
{
    ServerContext context(SSL_CTX_new(TLS_server_method()));
    const QByteArray certificate = QFile::encodeName(parlor::test::TestCertificate::certificate());
    const QByteArray key = QFile::encodeName(parlor::test::TestCertificate::key());
    if (SSL_CTX_use_certificate_file(context.get(), certificate.constData(), SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_use_PrivateKey_file(context.get(), key.constData(), SSL_FILETYPE_PEM) != 1)
        context.reset();
    return context;
}

void LoopbackServer::serve()
{
    while (true) {
        Address client;
        client.size = sizeof client.storage;
        const int descriptor =
            ::accept(m_listener, reinterpret_cast<sockaddr *>(&client.storage), &client.size);
        if (descriptor < 0)
            return;
        const timeval patience{kPatience.count(), 0};
        ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        ::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        {
            const std::lock_guard lock(m_mutex);
            const std::string text = toString(client);
            m_clients.push_back(text.substr(0, text.rfind(':')));
        }
        SSL *ssl = nullptr;
        if (m_context != nullptr) {
            ssl = SSL_new(m_context);
            SSL_set_fd(ssl, descriptor);
        }
        Peer peer(descriptor, ssl);
        if (ssl == nullptr || SSL_accept(ssl) == 1)
            m_script(peer);
        SSL_free(ssl);
        if (peer.isHeld())
            m_held.push_back(descriptor);
        else
            ::close(descriptor);
    }
}

} // namespace parlor::cli::load::test
