// SPDX-License-Identifier: MIT
#pragma once

#include "server/http/endpoints.h"

#include <QByteArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>

namespace parlor::test {

class FakeStatus final : public StatusSource
{
public:
    std::string hostname() const override { return host; }
    std::string chat() const override { return "01J9ZP/\"1\""; }
    Readiness readiness() const override { return state; }
    std::uint64_t connections() const override { return clients.size(); }
    std::vector<std::string> activeClients(std::size_t limit) const override
    {
        return {clients.begin(), clients.begin() + std::ptrdiff_t(std::min(limit, clients.size()))};
    }
    std::string metrics() const override { return "parlor_up 1\n"; }

    std::string host = "node-1";
    Readiness state = Readiness::Ready;
    std::vector<std::string> clients;
};

/// A response as a client reads it.
struct Parsed
{
    int status = 0;
    QByteArray head; ///< lower case, each line with its CRLF
    QByteArray body;

    bool has(const char *line) const { return head.contains(QByteArray("\r\n" + QByteArray(line) + "\r\n")); }
    QJsonObject json() const { return QJsonDocument::fromJson(body).object(); }
};

inline Parsed parsed(const HttpResponse &response)
{
    const QByteArray bytes = QByteArray::fromStdString(response.bytes);
    const qsizetype end = bytes.indexOf("\r\n\r\n");
    Parsed parsed;
    parsed.head = bytes.left(end + 2).toLower();
    parsed.body = bytes.mid(end + 4);
    parsed.status = bytes.startsWith("HTTP/1.1 ") ? bytes.mid(9, 3).toInt() : 0;
    return parsed.status == response.status ? parsed : Parsed();
}

inline std::variant<UpgradeRequest, HttpResponse> answerTo(const std::string &head,
                                                           const StatusSource &status)
{
    HeadReader reader;
    if (reader.feed(head) != HeadReader::Status::Complete)
        qFatal("the test's head is none: %s", reader.error().reason.c_str());
    return answer(reader.head(), status);
}

inline Parsed responseTo(const std::string &head, const StatusSource &status = FakeStatus())
{
    const auto result = answerTo(head, status);
    const auto *response = std::get_if<HttpResponse>(&result);
    return response ? parsed(*response) : Parsed();
}

inline std::string request(const std::string &line, const std::string &fields = {})
{
    return line + " HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n";
}

inline const std::string kVersion = "Sec-WebSocket-Version: 13\r\n";
inline const std::string kKey = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
inline const std::string kUpgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\n";

/// Nothing is missing, and the client learns that the connection ends.
inline bool isWhole(const Parsed &response)
{
    const QByteArray length = "content-length: " + QByteArray::number(response.body.size());
    return response.has(length.constData()) && response.head.contains("\r\nconnection: close");
}

} // namespace parlor::test
