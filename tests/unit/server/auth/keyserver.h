// SPDX-License-Identifier: MIT
#pragma once

#include <QByteArray>
#include <QObject>
#include <QStringList>
#include <QTcpServer>
#include <QUrl>

namespace parlor::test {

/// Answers each request for keys with the same bytes, on 127.0.0.1.
class KeyServer : public QObject
{
public:
    enum class End : std::uint8_t { Closes, StaysOpen };

    KeyServer();

    [[nodiscard]] static QByteArray ok(const QByteArray &body);
    [[nodiscard]] QUrl url(const char *path) const;

    QByteArray answer;     ///< with its head
    End end = End::Closes; ///< what follows the answer
    QStringList paths;     ///< that were asked for

private:
    void onConnection();

    QTcpServer m_server;
};

} // namespace parlor::test
