// SPDX-License-Identifier: MIT
#include "server/admin/adminconnection.h"

#include <QPointer>

#include <array>
#include <sys/socket.h>

namespace parlor::admin {

namespace {

constexpr qint64 kReadAhead = 16 * 1024;

} // namespace

AdminConnection::AdminConnection(int descriptor, const std::optional<QSslConfiguration> &tls,
                                 ApiRequestReader::Admit admit, Handle handle, const ConnectionTimes &times)
    : m_handle(std::move(handle))
    , m_times(times)
    , m_reader(std::move(admit))
{
    m_deadline.setSingleShot(true);
    connect(&m_deadline, &QTimer::timeout, this, &AdminConnection::onTimeout);
    connect(&m_socket, &QSslSocket::readyRead, this, &AdminConnection::onBytes);
    connect(&m_socket, &QSslSocket::disconnected, this, &AdminConnection::ended);
    connect(&m_socket, &QSslSocket::errorOccurred, this, &AdminConnection::ended);
    m_socket.setReadBufferSize(kReadAhead);
    m_socket.setSocketDescriptor(descriptor);
    if (tls) {
        m_socket.setSslConfiguration(*tls);
        m_socket.startServerEncryption();
    }
    m_deadline.start(m_times.request);
}

void AdminConnection::onBytes()
{
    std::array<char, kReadAhead> buffer;
    while (m_socket.bytesAvailable() > 0) {
        const qint64 size = m_socket.read(buffer.data(), buffer.size());
        if (size <= 0)
            return;
        if (m_phase != Phase::Reading)
            continue; // a client that still sends reads its answer only then
        switch (m_reader.feed({buffer.data(), static_cast<std::size_t>(size)})) {
        case ApiRequestReader::Status::NeedMore:
            break;
        case ApiRequestReader::Status::Failed:
            refuse(m_reader.error());
            break;
        case ApiRequestReader::Status::Complete:
            m_phase = Phase::Answering;
            m_deadline.stop();
            m_handle(m_reader.request(), [self = QPointer(this)](const ApiAnswer &answer) {
                if (self)
                    self->respond(answer);
            });
            break;
        }
    }
}

void AdminConnection::refuse(const ApiError &error)
{
    m_phase = Phase::Answering;
    m_deadline.stop();
    if (error.status != 401)
        return respond(errorAnswer(error));
    QTimer::singleShot(m_times.refusal, this, [this, error] { respond(errorAnswer(error)); });
}

void AdminConnection::respond(const ApiAnswer &answer)
{
    m_phase = Phase::Leaving;
    m_socket.write(QByteArray::fromStdString(httpResponse(answer)));
    m_deadline.start(m_times.farewell);
    if (m_socket.mode() != QSslSocket::UnencryptedMode)
        return; // TLS has no end in one direction: the client closes once it has its Content-Length
    const auto finish = [this] {
        if (m_socket.bytesToWrite() == 0)
            ::shutdown(static_cast<int>(m_socket.socketDescriptor()), SHUT_WR);
    };
    connect(&m_socket, &QSslSocket::bytesWritten, this, finish);
    m_socket.flush();
    finish();
}

void AdminConnection::onTimeout()
{
    if (m_phase != Phase::Reading) {
        m_socket.abort();
        Q_EMIT ended();
        return;
    }
    refuse({408, "timeout",
            "the request did not come in full within " + std::to_string(m_times.request.count()) + " ms"});
}

} // namespace parlor::admin
