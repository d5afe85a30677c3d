// SPDX-License-Identifier: MIT
#include "server/http/headsocket.h"

#include <algorithm>
#include <cstring>

namespace parlor {

HeadSocket::HeadSocket(QByteArray head)
    : m_head(std::move(head))
{
    setOpenMode(QIODevice::ReadWrite);
    setSocketState(ConnectedState);
}

qint64 HeadSocket::bytesAvailable() const
{
    return m_head.size() - m_read + QIODevice::bytesAvailable();
}

void HeadSocket::close()
{
    setOpenMode(NotOpen);
    setSocketState(UnconnectedState);
}

void HeadSocket::disconnectFromHost()
{
    setSocketState(UnconnectedState);
}

qint64 HeadSocket::readData(char *to, qint64 max)
{
    const qint64 size = std::min(max, m_head.size() - m_read);
    std::memcpy(to, m_head.constData() + m_read, static_cast<std::size_t>(size));
    m_read += size;
    return size;
}

qint64 HeadSocket::writeData(const char *from, qint64 size)
{
    m_written.append(from, size);
    return size;
}

} // namespace parlor
