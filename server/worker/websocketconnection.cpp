// SPDX-License-Identifier: MIT
#include "server/worker/websocketconnection.h"

#include "server/ops/accesslog.h"

namespace parlor {

using websocket::Flow;
using websocket::Opcode;

namespace {

constexpr std::uint16_t number(CloseCode code)
{
    return static_cast<std::uint16_t>(code);
}

} // namespace

// There are tens of thousands, most of them idle: this, the transport, and some 60 bytes in tables are all
// that one of those needs. What is rare has its place in Unusual, what is known in the context.
static_assert(sizeof(WebSocketConnection) <= 144);

/// What the reader finds. Made for a read, since it would be one more pointer in each connection.
class WebSocketConnection::Frames final : public websocket::ReaderSink
{
public:
    explicit Frames(WebSocketConnection &connection)
        : m_connection(connection)
    {
    }
    Flow onText(std::string_view message) override
    {
        m_connection.onMessage(message, &PeerListener::onText);
        return m_connection.flow();
    }
    Flow onBinary(std::string_view message) override
    {
        m_connection.onMessage(message, &PeerListener::onBinary);
        return m_connection.flow();
    }
    Flow onPing(std::string_view payload) override
    {
        m_connection.onPing(payload);
        return m_connection.flow();
    }
    Flow onPong(std::string_view) override { return m_connection.flow(); }
    void onClose(std::optional<std::uint16_t> code, std::string_view) override { m_connection.onClose(code); }

private:
    WebSocketConnection &m_connection;
};

WebSocketConnection::WebSocketConnection(std::unique_ptr<Transport> transport, WorkerContext &context,
                                         Admission::Ticket ticket)
    : WorkerConnection(std::move(transport))
    , m_context(context)
    , m_ticket(std::move(ticket))
    , m_reader(websocket::Role::Server, context.limits.reader)
{
    m_context.metrics.connections.add();
    m_deadlines.startPings(clock());
}

WebSocketConnection::~WebSocketConnection()
{
    m_context.metrics.connections.subtract();
    m_context.flusher().forget(*this);
}

void WebSocketConnection::open(std::string_view response, const PeerInfo &info)
{
    if (accesslog::isOn()) {
        accesslog::connected(info.address, info.subprotocol);
        unusual().arrival = std::make_unique<Unusual::Arrival>(info.address, m_context.now());
    }
    queue().appendRaw(response);
    m_number = m_context.application().greet(*this, info);
}

WebSocketConnection::Unusual &WebSocketConnection::unusual()
{
    if (!m_unusual)
        m_unusual = std::make_unique<Unusual>();
    return *m_unusual;
}

// ---- input

void WebSocketConnection::onBytes(std::span<char> bytes)
{
    m_context.metrics.bytesIn.add(bytes.size());
    m_deadlines.heard();
    if (m_state == State::Open) {
        if (!m_inbound.take(m_context.limits.inbound, static_cast<double>(bytes.size()), m_context.now()))
            return close(CloseCode::RateLimit, "too many bytes a second");
    } else if ((unusual().readAfterClose += bytes.size()) > ConnectionLimits::kReadAfterClose) {
        // It goes on as if it were not told. Until the linger ends it may still read our Close.
        return m_transport->pauseReading();
    }
    read(bytes);
}

void WebSocketConnection::read(std::span<char> bytes)
{
    if (m_state != State::Open && m_state != State::Closing)
        return;
    Frames frames(*this);
    const std::size_t used = m_reader.feed(bytes, frames);
    flushPongs();
    if (const auto *violation = m_reader.violation()) {
        if (m_state == State::Open)
            queueClose(violation->closeCode, violation->reason, State::Finishing);
        else if (m_state == State::Closing)
            finish(); // it will send no Close that could be read
        return;
    }
    if (m_holds != 0 && used < bytes.size())
        unusual().unread.append(bytes.data() + used, bytes.size() - used);
    watchPartial();
}

/// An unfinished message has its time.
void WebSocketConnection::watchPartial()
{
    if (m_reader.isMidMessage() && m_context.limits.messageTimeout.count() != 0)
        Deadlines::awaitMessage(unusual().deadlines, m_reader.completed(), clock());
    else if (m_unusual)
        m_unusual->deadlines.message = 0;
}

Flow WebSocketConnection::flow() const
{
    return m_holds == 0 && (m_state == State::Open || m_state == State::Closing) ? Flow::Continue
                                                                                 : Flow::Stop;
}

void WebSocketConnection::onMessage(std::string_view message, void (PeerListener::*handler)(std::string_view))
{
    flushPongs();
    if (m_state != State::Open)
        return;
    m_context.metrics.messagesIn.add();
    if (!m_listener)
        m_listener = m_context.application().accept(m_number);
    if (m_state == State::Open) // it may be refused now that it speaks
        ((*m_listener).*handler)(message);
}

void WebSocketConnection::onPing(std::string_view payload)
{
    if (m_context.pings.size() == ConnectionLimits::kPongsARead)
        m_context.pings.pop_front();
    m_context.pings.emplace_back(payload);
}

void WebSocketConnection::flushPongs()
{
    for (const std::string &payload : m_context.pings) {
        if (m_state == State::Open)
            ownFrame(Opcode::Pong, payload);
    }
    m_context.pings.clear();
}

void WebSocketConnection::onClose(std::optional<std::uint16_t> code)
{
    flushPongs();
    if (m_state == State::Closing)
        return finish();
    end({code.value_or(number(CloseCode::NoStatus)), true});
    queueClose(code, {}, State::Finishing);
}

void WebSocketConnection::hold(Hold why)
{
    m_holds |= static_cast<std::uint8_t>(why);
    m_transport->pauseReading();
}

void WebSocketConnection::release(Hold why)
{
    const std::uint8_t before = m_holds;
    m_holds &= static_cast<std::uint8_t>(~static_cast<std::uint8_t>(why));
    if (before != 0 && m_holds == 0)
        askToSettle();
}

// ---- output

OutQueue &WebSocketConnection::queue()
{
    if (!m_queue)
        m_queue = std::make_unique<OutQueue>(m_context.metrics.queueBytes);
    wantFlush();
    return *m_queue;
}

void WebSocketConnection::wantFlush()
{
    if (m_blocked || m_flushing)
        return;
    m_flushing = true;
    m_context.flusher().flushQueue(*this);
}

void WebSocketConnection::ownFrame(Opcode opcode, std::string_view payload)
{
    queue().appendFrame(opcode, payload);
    if (m_queue->ownBytes() > ConnectionLimits::kOwnAnswers &&
        (m_holds & static_cast<int>(Hold::OwnAnswers)) == 0)
        hold(Hold::OwnAnswers);
}

void WebSocketConnection::sendText(std::string_view payload)
{
    if (m_state == State::Open)
        ownFrame(Opcode::Text, payload);
}

void WebSocketConnection::sendBinary(std::string_view payload)
{
    if (m_state == State::Open)
        ownFrame(Opcode::Binary, payload);
}

void WebSocketConnection::deliver(const Slice &slice, Route route)
{
    if (m_state != State::Open)
        return;
    if (route == Route::Direct && !m_queue)
        return m_context.flusher().sendDirect(*this, slice);
    queue().appendSlice(slice);
    if (m_blocked)
        remainderLeft();
}

void WebSocketConnection::piecesToSend(std::vector<std::string_view> &out)
{
    m_flushing = false;
    out.clear();
    if (m_queue && !m_blocked && m_state != State::Dead)
        m_queue->pieces(out);
}

void WebSocketConnection::onQueueSent(SendResult result)
{
    if (m_state == State::Dead)
        return;
    if (result.broken)
        return die();
    m_queue->consume(result.sent);
    if (m_queue->isEmpty())
        return drained();
    if (result.sent != 0 && m_unusual)
        m_unusual->deadlines.progress = 0;
    m_blocked = true;
    remainderLeft();
}

void WebSocketConnection::onDirectIncomplete(const Slice &slice, SendResult result)
{
    if (m_state == State::Dead)
        return;
    if (result.broken)
        return die();
    m_blocked = true;
    queue().appendSlice(slice, result.sent);
    remainderLeft();
}

/// The kernel did not take everything: is it too much, or for too long?
void WebSocketConnection::remainderLeft()
{
    if (m_state != State::Open)
        return;
    const ConnectionLimits &limits = m_context.limits;
    if ((limits.queueBytes != 0 && m_queue->sharedBytes() > limits.queueBytes) ||
        (limits.queueMemory != 0 && m_context.metrics.queueBytes.value() > limits.queueMemory))
        return cutSlowConsumer();
    Deadlines::awaitProgress(unusual().deadlines, clock());
}

void WebSocketConnection::onWritable()
{
    if (!m_blocked)
        return;
    m_blocked = false;
    if (m_queue)
        wantFlush();
}

void WebSocketConnection::drained()
{
    m_queue.reset();
    if (m_unusual)
        m_unusual->deadlines.progress = 0;
    if (m_state == State::Finishing) {
        m_transport->finishSending();
        m_state = State::Finished;
        if (m_peerFinished)
            die();
        return;
    }
    if (m_state != State::Open)
        return;
    if ((m_holds & static_cast<int>(Hold::OwnAnswers)) != 0)
        release(Hold::OwnAnswers);
    if (m_listener)
        m_listener->onDrained();
}

void WebSocketConnection::cutSlowConsumer()
{
    m_context.metrics.slowConsumers.add();
    m_queue->dropUnstarted();
    close(CloseCode::SlowConsumer, "this client did not read fast enough");
}

// ---- closing

void WebSocketConnection::close(CloseCode code, std::string_view reason)
{
    if (m_state != State::Open)
        return;
    queueClose(number(code), reason, State::Closing);
}

void WebSocketConnection::queueClose(std::optional<std::uint16_t> code, std::string_view reason, State next)
{
    end({code.value_or(number(CloseCode::NoStatus)), false});
    queue().appendClose(code, reason);
    m_state = next;
    m_unusual->deadlines.close = Deadlines::in(ConnectionLimits::kCloseLinger, clock());
    m_holds = 0; // the peer's Close, or its end, must be read
    std::string().swap(m_unusual->unread);
    m_transport->resumeReading();
}

/// Both sides have said goodbye.
void WebSocketConnection::finish()
{
    m_state = State::Finishing;
    if (!m_queue)
        drained();
}

void WebSocketConnection::end(const Ending &ending)
{
    if (unusual().ending)
        return;
    m_unusual->ending = ending;
    m_context.metrics.countClose(ending.code);
    askToSettle();
}

void WebSocketConnection::logEnding()
{
    if (!m_unusual->arrival)
        return;
    const auto &[address, at] = *m_unusual->arrival;
    const Ending &ending = *m_unusual->ending;
    accesslog::closed({address, ending.code, ending.byPeer, m_context.now() - at,
                       m_listener ? m_listener->visitor() : accesslog::Visitor()});
}

void WebSocketConnection::askToSettle()
{
    if (m_settling)
        return;
    m_settling = true;
    m_context.settleLater(*this);
}

void WebSocketConnection::settle()
{
    m_settling = false;
    if (m_unusual && m_unusual->ending) {
        if (m_isOver)
            return;
        m_isOver = true;
        logEnding();
        if (const auto listener = std::exchange(m_listener, nullptr))
            listener->onEnded(*m_unusual->ending);
        else
            m_context.application().forget(m_number);
        return;
    }
    if (m_holds != 0 || m_state != State::Open)
        return;
    m_deadlines.heard(); // no time runs while nothing is read
    if (m_unusual) {
        if (Deadlines::Tick &message = m_unusual->deadlines.message; message != 0)
            message = Deadlines::in(m_context.limits.messageTimeout, clock());
        std::string held = std::exchange(m_unusual->unread, {});
        read(held);
    }
    if (m_holds == 0)
        m_transport->resumeReading();
}

void WebSocketConnection::onPeerFinished()
{
    m_peerFinished = true;
    if (m_state == State::Finishing && m_queue)
        return; // it may still read
    die();
}

void WebSocketConnection::onBroken()
{
    die();
}

void WebSocketConnection::abort()
{
    if (m_queue)
        m_transport->abort();
    die();
}

void WebSocketConnection::die()
{
    if (m_state == State::Dead)
        return;
    end({number(CloseCode::Abnormal), true});
    m_state = State::Dead;
    m_queue.reset();
    m_context.retire(*this);
}

// ---- time

Deadlines::Clock WebSocketConnection::clock()
{
    return {m_context.wheel, *this, m_context.now(), m_context.limits};
}

void WebSocketConnection::onDeadline()
{
    if (m_state == State::Dead)
        return;
    const auto rare = [this] { return m_unusual ? m_unusual->deadlines : Deadlines::Rare{}; };
    const auto input = m_holds == 0 ? Deadlines::Input::Read : Deadlines::Input::Held;
    const Deadlines::Missed missed = m_deadlines.missed(rare(), input, m_context.wheel);
    if (missed == Deadlines::Missed::Close)
        return abort();
    if (m_state == State::Open) {
        if (missed == Deadlines::Missed::Pong)
            close(CloseCode::NoPong, "no answer to a ping");
        else if (missed == Deadlines::Missed::Message)
            close(CloseCode::NoPong, "an unfinished message");
        else if (missed == Deadlines::Missed::Progress)
            cutSlowConsumer();
        else if (m_deadlines.takePing(clock()))
            ownFrame(Opcode::Ping, {});
    }
    m_deadlines.schedule(rare(), clock()); // a Close may have set one
}

} // namespace parlor
