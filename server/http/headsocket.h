// SPDX-License-Identifier: MIT
#pragma once

#include <QTcpSocket>

namespace parlor {

/// A QTcpSocket without a descriptor: what is read from it is a request head, what is written to it is kept.
/// It lives for one handshake, inside Handshake.
class HeadSocket final : public QTcpSocket
{
public:
    explicit HeadSocket(QByteArray head);

    [[nodiscard]] const QByteArray &written() const { return m_written; }

    [[nodiscard]] qint64 bytesAvailable() const override;
    void close() override;
    void disconnectFromHost() override;

protected:
    qint64 readData(char *to, qint64 max) override;
    qint64 writeData(const char *from, qint64 size) override;

private:
    QByteArray m_head;
    qint64 m_read = 0;
    QByteArray m_written;
};

} // namespace parlor
