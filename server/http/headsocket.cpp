// SPDX-License-Identifier: MIT
#include "server/http/headsocket.h"

#include <algorithm>

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
    // Unlike memcpy() it takes the null pointer that Qt passes with size 0.
    std::copy_n(m_head.constData() + m_read, size, to);
    m_read += size;
    return size;
}

qint64 HeadSocket::writeData(const char *from, qint64 size)
{
    m_written.append(from, size);
    return size;
}

} // namespace parlor
