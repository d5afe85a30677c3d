// SPDX-License-Identifier: MIT
#pragma once

#include "tests/support/problem.h"
#include "tests/support/rawsocket.h"

#include <QByteArray>
#include <QJsonObject>

namespace parlor::test {

/// What a server sent on one connection, from its status line to the end of TCP.
struct HttpReply
{
    int status = 0;    ///< 0: no status line came
    QByteArray head{}; ///< with its empty line
    QByteArray body{};
    RawSocket::End end = RawSocket::End::None;

    /// All of it, for people.
    [[nodiscard]] QByteArray text() const { return head + body; }
    /// The field's value; null if there is none. For a repeated field, the first.
    [[nodiscard]] QByteArray field(const QByteArray &name) const;
    /// The body as a JSON object; empty if it is none.
    [[nodiscard]] QJsonObject json() const;
    /// Whether it is complete and closes the connection in order, as every answer of this server does.
    [[nodiscard]] Problem check() const;
};

/// Sends the request, in pieces of `chop` bytes if that is not 0, and reads to the end. The client never
/// closes first.
[[nodiscard]] HttpReply exchange(std::uint16_t port, const QByteArray &request, qsizetype chop = 0);
/// Reads on a connection that is open.
[[nodiscard]] HttpReply readReply(RawSocket &socket);
/// A GET as a browser makes it.
[[nodiscard]] QByteArray getRequest(const QByteArray &path, const QByteArray &fields = {});

} // namespace parlor::test
