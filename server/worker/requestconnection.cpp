// SPDX-License-Identifier: MIT
#include "server/worker/requestconnection.h"

#include "server/http/clientaddress.h"

namespace parlor {

namespace {

/// What an upgrade that got this status counts as.
HandshakeResult resultOf(int status)
{
    switch (status) {
    case 403:
        return HandshakeResult::Forbidden;
    case 404:
        return HandshakeResult::NotFound;
    case 503:
        return HandshakeResult::Draining;
    default:
        return HandshakeResult::Malformed;
    }
}

} // namespace

RequestConnection::RequestConnection(std::unique_ptr<Transport> transport, WorkerContext &context)
    : WorkerConnection(std::move(transport))
    , m_context(context)
{
    if (context.limits.headTimeout.count() != 0)
        context.wheel.schedule(*this, context.now() + context.limits.headTimeout);
}

RequestConnection::~RequestConnection()
{
    if (m_state == State::Reading)
        m_context.headEnded(*this);
}

void RequestConnection::onBytes(std::span<char> bytes)
{
    if (m_state != State::Reading)
        return; // a client that goes on talking is drained until it ends or its time is over
    if (!m_reader)
        m_reader = std::make_unique<HeadReader>(m_context.limits.head);
    const auto status = m_reader->feed({bytes.data(), bytes.size()});
    if (status == HeadReader::Status::NeedMore)
        return;
    m_context.headEnded(*this);
    if (status == HeadReader::Status::Failed) {
        m_context.metrics.countHandshake(HandshakeResult::Malformed);
        return respond(refusal(m_reader->error()).bytes);
    }
    handle(m_reader->head());
}

void RequestConnection::handle(const RequestHead &head)
{
    const auto result = answer(head, m_context.status);
    if (const auto *response = std::get_if<HttpResponse>(&result)) {
        if (head.wantsUpgrade())
            m_context.metrics.countHandshake(resultOf(response->status));
        else
            m_context.metrics.httpRequests.add();
        return respond(response->bytes);
    }
    handleUpgrade();
}

void RequestConnection::handleUpgrade()
{
    if (m_reader->excess() != 0) {
        return refuseUpgrade(HandshakeResult::Malformed, {400, "bytes came before the WebSocket was open"},
                             {});
    }
    QHostAddress address =
        clientAddress(m_reader->head(), m_transport->peerAddress(), m_context.limits.trustedProxies);
    auto admitted = m_context.admission.admit(address);
    if (const auto *refused = std::get_if<Admission::Refusal>(&admitted)) {
        if (*refused == Admission::Refusal::Full) {
            return refuseUpgrade(HandshakeResult::Full,
                                 {503, "the server has all the connections it may have"},
                                 "Retry-After: 5\r\n");
        }
        return refuseUpgrade(HandshakeResult::TooMany,
                             {429, "there are too many connections from your address"}, "Retry-After: 5\r\n");
    }
    const Handshake::Answer answer = m_context.handshake().answer(m_reader->head());
    const std::string_view bytes(answer.bytes.constData(), static_cast<std::size_t>(answer.bytes.size()));
    if (!answer.accepted) {
        const bool forbidden = bytes.starts_with("HTTP/1.1 403");
        m_context.metrics.countHandshake(forbidden ? HandshakeResult::Forbidden : HandshakeResult::Malformed);
        return respond(bytes);
    }
    m_context.metrics.countHandshake(HandshakeResult::Accepted);
    m_state = State::Done;
    m_context.wheel.cancel(*this);
    m_context.upgrade(*this, {bytes, answer.subprotocol, std::move(address),
                              std::move(std::get<Admission::Ticket>(admitted))});
}

void RequestConnection::refuseUpgrade(HandshakeResult result, const HttpError &error, std::string_view fields)
{
    m_context.metrics.countHandshake(result);
    respond(refusal(error, fields).bytes);
}

void RequestConnection::respond(std::string_view response)
{
    m_state = State::Answering;
    m_rest = response;
    m_reader.reset();
    m_context.wheel.schedule(*this, m_context.now() + ConnectionLimits::kHttpSend);
    sendRest();
}

void RequestConnection::sendRest()
{
    const std::string_view piece = m_rest;
    const SendResult result = m_transport->send({&piece, 1});
    m_context.metrics.bytesOut.add(result.sent);
    if (result.broken)
        return done();
    m_rest.erase(0, result.sent);
    if (!m_rest.empty())
        return;
    m_transport->finishSending();
    m_state = State::Draining;
    m_context.wheel.schedule(*this, m_context.now() + ConnectionLimits::kHttpLinger);
}

void RequestConnection::onWritable()
{
    if (m_state == State::Answering && !m_rest.empty())
        sendRest();
}

void RequestConnection::onPeerFinished()
{
    if (m_state != State::Answering) // who only ended its own direction still wants the answer
        done();
}

void RequestConnection::onBroken()
{
    if (m_state == State::Reading && !m_transport->isEstablished())
        m_context.metrics.countHandshake(HandshakeResult::TlsFailed);
    done();
}

void RequestConnection::onDeadline()
{
    if (m_state == State::Reading)
        m_context.metrics.countHandshake(HandshakeResult::TimedOut);
    done();
}

void RequestConnection::evict()
{
    m_context.metrics.countHandshake(HandshakeResult::TimedOut);
    done();
}

void RequestConnection::abort()
{
    done();
}

void RequestConnection::done()
{
    if (m_state == State::Done)
        return;
    if (m_state == State::Reading)
        m_context.headEnded(*this);
    m_state = State::Done;
    m_context.retire(*this);
}

} // namespace parlor
