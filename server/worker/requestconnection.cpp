// SPDX-License-Identifier: MIT
#include "server/worker/requestconnection.h"

#include "server/http/clientaddress.h"
#include "server/ops/accesslog.h"

namespace parlor {

namespace {

/// What an upgrade that got this status counts as.
HandshakeResult resultOf(int status, StatusSource::Readiness readiness)
{
    switch (status) {
    case 403:
        return HandshakeResult::Forbidden;
    case 404:
        return HandshakeResult::NotFound;
    case 503:
        return readiness == StatusSource::Readiness::Starting ? HandshakeResult::Starting
                                                              : HandshakeResult::Draining;
    default:
        return HandshakeResult::Malformed;
    }
}

/// What a connection that is not admitted counts as, and is told.
std::pair<HandshakeResult, HttpError> answerTo(Admission::Refusal::Why why)
{
    using enum Admission::Refusal::Why;
    switch (why) {
    case Full:
        break;
    case TooManyFromAddress:
        return {HandshakeResult::TooMany, {429, "there are too many connections from your address"}};
    case TooManyFromNetwork:
        return {HandshakeResult::TooMany, {429, "there are too many connections from your network"}};
    case TooFastFromAddress:
        return {HandshakeResult::TooFast, {429, "your address opens connections too fast"}};
    case TooFastFromNetwork:
        return {HandshakeResult::TooFast, {429, "your network opens connections too fast"}};
    }
    return {HandshakeResult::Full, {503, "the server has all the connections it may have"}};
}

std::string retryAfter(std::chrono::milliseconds time)
{
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(time).count();
    return "Retry-After: " + std::to_string(seconds) + "\r\n";
}

} // namespace

RequestConnection::RequestConnection(std::unique_ptr<Transport> transport, WorkerContext &context, Door door)
    : WorkerConnection(std::move(transport))
    , m_context(context)
    , m_door(door)
{
    if (context.limits.headTimeout.count() != 0)
        context.wheel.schedule(*this, context.now() + context.limits.headTimeout);
}

RequestConnection::~RequestConnection()
{
    m_context.leaveHalfOpen(*this);
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
    if (status == HeadReader::Status::Failed)
        return refuse(HandshakeResult::Malformed, refusal(m_reader->error()));
    m_hasHead = true;
    handle(m_reader->head());
}

void RequestConnection::handle(const RequestHead &head)
{
    const auto result = answer(head, m_context.status, m_door);
    if (const auto *response = std::get_if<HttpResponse>(&result)) {
        if (head.wantsUpgrade())
            return refuse(resultOf(response->status, m_context.status.readiness()), *response);
        m_context.metrics.httpRequests.add();
        return respond(response->bytes);
    }
    handleUpgrade();
}

void RequestConnection::handleUpgrade()
{
    if (m_reader->excess() != 0) {
        return refuse(HandshakeResult::Malformed, refusal({400, "bytes came before the WebSocket was open"}));
    }
    QHostAddress address = this->address();
    auto admitted = m_context.admission.admit(address, m_context.now());
    if (const auto *refused = std::get_if<Admission::Refusal>(&admitted)) {
        const auto &[result, error] = answerTo(refused->why);
        return refuse(result, refusal(error, retryAfter(refused->retry)));
    }
    const Handshake::Answer answer = m_context.handshake().answer(m_reader->head());
    if (!answer.accepted)
        return refuse(answer.error.status == 403 ? HandshakeResult::Forbidden : HandshakeResult::Malformed,
                      refusal(answer.error));
    Credential credential;
    if (!identify(answer.subprotocol, credential))
        return;
    const std::string_view bytes(answer.bytes.constData(), static_cast<std::size_t>(answer.bytes.size()));
    m_context.metrics.countHandshake(HandshakeResult::Accepted);
    m_state = State::Done;
    m_context.leaveHalfOpen(*this);
    m_context.wheel.cancel(*this);
    m_context.upgrade(*this, {bytes, answer.subprotocol, std::move(address), std::move(credential),
                              std::move(std::get<Admission::Ticket>(admitted))});
}

/// False: it was refused.
bool RequestConnection::identify(std::string_view subprotocol, Credential &credential)
{
    const ConnectionLimits &limits = m_context.limits;
    auto token = credentialOf(m_reader->head(), limits.credential,
                              isWithin(limits.trustedProxies, m_transport->peerAddress()));
    if (const auto *wrong = std::get_if<HttpError>(&token)) {
        refuse(HandshakeResult::Unauthorized, refusal(*wrong));
        return false;
    }
    auto admitted = m_context.application().admit(std::get<std::string>(std::move(token)), subprotocol);
    if (const auto *refused = std::get_if<NotAdmitted>(&admitted)) {
        refuse(HandshakeResult::Unauthorized,
               refused->retryAfter ? refusal({503, refused->why}, retryAfter(*refused->retryAfter))
                                   : refusal({401, refused->why}, "WWW-Authenticate: Bearer\r\n"));
        return false;
    }
    credential = std::get<Credential>(std::move(admitted));
    return true;
}

/// The client's, behind trusted proxies too, where the head is whole.
QHostAddress RequestConnection::address() const
{
    const QHostAddress peer = m_transport->peerAddress();
    return m_reader && m_hasHead ? clientAddress(m_reader->head(), peer, m_context.limits.trustedProxies)
                                 : peer;
}

void RequestConnection::noteRefused(HandshakeResult result, int status, std::string_view reason)
{
    m_context.metrics.countHandshake(result);
    if (accesslog::isOn())
        accesslog::refused(address(), status, reason);
}

void RequestConnection::refuse(HandshakeResult result, const HttpResponse &response)
{
    noteRefused(result, response.status, response.reason);
    respond(response.bytes);
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
        noteRefused(HandshakeResult::TlsFailed, 0, "the TLS handshake failed");
    done();
}

void RequestConnection::onDeadline()
{
    if (m_state == State::Reading)
        noteRefused(HandshakeResult::TimedOut, 0, "the request head did not come in time");
    done();
}

void RequestConnection::evict()
{
    if (m_state == State::Reading)
        noteRefused(HandshakeResult::TimedOut, 0, "too many have sent no request head yet");
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
    m_state = State::Done;
    m_context.leaveHalfOpen(*this);
    m_context.retire(*this);
}

} // namespace parlor
