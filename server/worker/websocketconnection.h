// SPDX-License-Identifier: MIT
#pragma once

#include "server/chat/peer.h"
#include "server/chat/tokenbucket.h"
#include "server/worker/connection.h"
#include "server/worker/outqueue.h"
#include "server/worker/workercontext.h"
#include "shared/websocket/reader.h"

#include <optional>

namespace parlor {

/// An open WebSocket: its frames in, its queue out, its pings, limits and closing handshake (RFC 6455 §5 and
/// §7). What the messages mean is its PeerListener's business.
class WebSocketConnection final : public Connection, public Peer, private websocket::ReaderSink
{
public:
    WebSocketConnection(std::unique_ptr<Transport> transport, WorkerContext &context,
                        Admission::Ticket ticket);
    ~WebSocketConnection() override;

    /// Once: `response` is the 101, and leaves together with the listener's first frame.
    void open(std::string_view response, const PeerInfo &info);

    // Peer
    void sendText(std::string_view payload) override;
    void sendBinary(std::string_view payload) override;
    void deliver(const Slice &slice, Route route) override;
    void close(CloseCode code, std::string_view reason) override;
    void holdInput() override { hold(Hold::Session); }
    void releaseInput() override { release(Hold::Session); }
    [[nodiscard]] bool isOpen() const override { return m_state == State::Open; }
    [[nodiscard]] bool isDrained() const override { return !m_queue; }

    // TransportListener
    void onBytes(std::span<char> bytes) override;
    void onWritable() override;
    void onPeerFinished() override;
    void onBroken() override;
    void abort() override;

    // Flusher
    [[nodiscard]] Transport &transport() { return *m_transport; }
    void piecesToSend(std::vector<std::string_view> &out);
    void onQueueSent(SendResult result);
    void onDirectIncomplete(const Slice &slice, SendResult result);

    /// The end of a turn for one that asked for it: tells the listener of the end, or goes on with held
    /// input.
    void settle();

protected:
    void onDeadline() override;

private:
    enum class State : std::uint8_t {
        Open,
        Closing,   ///< our Close is queued or sent; the peer's is awaited
        Finishing, ///< both Closes are done, or there will be no other: FIN once the queue is empty
        Finished,  ///< FIN is sent; the peer's is awaited
        Dead,
    };
    /// Why input waits.
    enum class Hold : std::uint8_t { OwnAnswers = 1, Session = 2 };

    // websocket::ReaderSink
    websocket::Flow onText(std::string_view message) override;
    websocket::Flow onBinary(std::string_view message) override;
    websocket::Flow onPing(std::string_view payload) override;
    websocket::Flow onPong(std::string_view) override { return flow(); }
    void onClose(std::optional<std::uint16_t> code, std::string_view reason) override;

    void read(std::span<char> bytes);
    [[nodiscard]] websocket::Flow flow() const;
    void flushPongs();
    void hold(Hold why);
    void release(Hold why);

    [[nodiscard]] OutQueue &queue();
    void wantFlush();
    void ownFrame(websocket::Opcode opcode, std::string_view payload);
    void remainderLeft();
    void drained();
    void cutSlowConsumer();
    void queueClose(std::optional<std::uint16_t> code, std::string_view reason, State next);
    void finish();
    void end(const Ending &ending);
    void die();
    void askToSettle();

    void scheduleAtMost(SteadyTime deadline) { m_context.wheel.scheduleAtMost(*this, deadline); }
    void startPingTimer();
    [[nodiscard]] bool expired(const std::optional<SteadyTime> &deadline) const;

    WorkerContext &m_context;
    Admission::Ticket m_ticket;
    std::unique_ptr<PeerListener> m_listener; ///< until it was told of the end
    websocket::Reader m_reader;
    std::unique_ptr<OutQueue> m_queue; ///< while there is something in it
    std::string m_unread;              ///< held input
    TokenBucket m_inbound;

    State m_state = State::Open;
    std::uint8_t m_holds = 0;
    bool m_blocked = false;  ///< the kernel takes no more until onWritable()
    bool m_flushing = false; ///< the flusher has it on its list
    bool m_settling = false;
    bool m_peerFinished = false;       ///< it sent FIN
    std::uint32_t m_partialNumber = 0; ///< Reader::completed() when the partial message began
    std::optional<Ending> m_ending;

    std::optional<SteadyTime> m_pingAt;
    std::optional<SteadyTime> m_pongUntil;
    std::optional<SteadyTime> m_partialUntil;
    std::optional<SteadyTime> m_stallUntil;
    std::optional<SteadyTime> m_closeUntil;
};

} // namespace parlor
