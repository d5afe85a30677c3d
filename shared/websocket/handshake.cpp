// SPDX-License-Identifier: MIT
#include "shared/websocket/handshake.h"

#include <QByteArray>
#include <QCryptographicHash>

#include <algorithm>
#include <cassert>
#include <utility>

namespace parlor::websocket {

using Reason = Refusal::Reason;

std::string acceptOf(const std::string &key)
{
    const std::string proof = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    return QCryptographicHash::hash(QByteArrayView(proof.data(), static_cast<qsizetype>(proof.size())),
                                    QCryptographicHash::Sha1)
        .toBase64()
        .toStdString();
}

namespace {

Refusal statusRefusal(const ResponseHead &answer)
{
    return {Reason::Status,
            "HTTP " + std::to_string(answer.status) + (answer.reason.empty() ? "" : ' ' + answer.reason)};
}

} // namespace

ClientHandshake::ClientHandshake(UpgradeRequest request, const Nonce &nonce)
    : m_request(std::move(request))
    , m_key(QByteArray(nonce.data(), nonce.size()).toBase64().toStdString())
{
}

std::string ClientHandshake::request() const
{
    std::string text = "GET " + m_request.target + " HTTP/1.1\r\nHost: " + m_request.host +
                       "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                       "Sec-WebSocket-Key: " +
                       m_key + "\r\n";
    for (std::size_t i = 0; i < m_request.subprotocols.size(); ++i)
        text.append(i == 0 ? "Sec-WebSocket-Protocol: " : ", ").append(m_request.subprotocols[i]);
    if (!m_request.subprotocols.empty())
        text += "\r\n";
    for (const HeadField &field : m_request.fields) {
        assert(isValidField(field));
        text.append(field.name).append(": ").append(field.value).append("\r\n");
    }
    return text + "\r\n";
}

std::size_t ClientHandshake::feed(std::string_view bytes)
{
    const std::size_t used = m_answer.feed(bytes);
    std::optional<Refusal> why;
    if (m_answer.state() == ResponseReader::State::Refused)
        why = m_answer.head().status >= 200 ? statusRefusal(m_answer.head()) : m_answer.refusal();
    else if (m_answer.state() == ResponseReader::State::Whole)
        why = judge();
    else
        return used;
    m_state = why ? State::Refused : State::Open;
    m_refusal = why.value_or(Refusal{});
    return used;
}

/// The answer is whole: does it open the connection (RFC 6455 §4.1, second list)?
std::optional<Refusal> ClientHandshake::judge()
{
    const ResponseHead &answer = m_answer.head();
    if (answer.status != 101)
        return statusRefusal(answer);
    if (answer.minorVersion == 0)
        return Refusal{Reason::OldHttp, "101 in HTTP/1.0"};
    const auto upgrade = answer.values("upgrade");
    if (upgrade.size() != 1 ||
        QByteArrayView(upgrade.front().data(), static_cast<qsizetype>(upgrade.front().size()))
                .compare("websocket", Qt::CaseInsensitive) != 0)
        return Refusal{Reason::NoUpgrade, "101 without Upgrade: websocket"};
    if (!answer.hasToken("connection", "upgrade"))
        return Refusal{Reason::NoConnectionUpgrade, "101 without Connection: Upgrade"};
    const auto accept = answer.values("sec-websocket-accept");
    if (accept.size() != 1 || accept.front() != acceptOf(m_key))
        return Refusal{Reason::WrongAccept, "101 with a wrong Sec-WebSocket-Accept"};
    if (!answer.values("sec-websocket-extensions").empty())
        return Refusal{Reason::UnaskedExtension, "101 with an extension that was not offered"};
    const auto chosen = answer.values("sec-websocket-protocol");
    const auto &asked = m_request.subprotocols;
    if (chosen.empty() && !asked.empty() && m_request.choice == UpgradeRequest::Choice::Needed)
        return Refusal{Reason::NoSubprotocol, "the server does not speak " + asked.front()};
    if (chosen.size() > 1 ||
        (!chosen.empty() && std::find(asked.begin(), asked.end(), chosen.front()) == asked.end()))
        return Refusal{Reason::UnaskedSubprotocol, "101 with a sub-protocol that was not offered"};
    if (!chosen.empty())
        m_subprotocol = chosen.front();
    return std::nullopt;
}

} // namespace parlor::websocket
