// SPDX-License-Identifier: MIT
#pragma once

#include "server/peer/application.h"
#include "server/peer/tokenbucket.h"
#include "server/transport/slab.h"
#include "server/worker/deadlines.h"
#include "server/worker/outqueue.h"
#include "server/worker/workerconnection.h"
#include "server/worker/workercontext.h"
#include "shared/websocket/reader.h"

#include <optional>

namespace parlor {

/// An open WebSocket: its frames in, its queue out, its pings, limits and closing handshake (RFC 6455 §5 and
/// §7). What the messages mean is its PeerListener's business.
class WebSocketConnection final : public WorkerConnection, public Peer
{
public:
    WebSocketConnection(std::unique_ptr<Transport> transport, WorkerContext &context,
                        Admission::Ticket ticket);
    ~WebSocketConnection() override;

    static void *operator new(std::size_t, Slab &slab) { return slab.allocate(); }
    static void operator delete(void *object, Slab &) { Slab::release(object); }
    static void operator delete(void *object) { Slab::release(object); }

    /// Once: `response` is the 101, and leaves together with the application's greeting.
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
    [[nodiscard]] bool isGone() const override { return m_peerFinished || m_transport->hasPeerFinished(); }

    // TransportListener
    void onBytes(std::span<char> bytes) override;
    void onWritable() override;
    void onPeerFinished() override;
    void onBroken() override;
    void abort() override;

    // Flushable
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

    class Frames;
    /// What only few need, and only now and then.
    struct Unusual
    {
        std::string unread{}; ///< held input
        Deadlines::Rare deadlines{};
        std::size_t readAfterClose = 0; ///< bytes
        std::optional<Ending> ending{};
        /// Of a connection that the access log has told of.
        struct Arrival
        {
            QHostAddress address;
            SteadyTime at;
        };
        std::unique_ptr<const Arrival> arrival{};
    };

    void onMessage(std::string_view message, void (PeerListener::*handler)(std::string_view));
    void onPing(std::string_view payload);
    void onClose(std::optional<std::uint16_t> code);

    void read(std::span<char> bytes);
    void watchPartial();
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
    void logEnding();
    void askToSettle();

    [[nodiscard]] Unusual &unusual();
    [[nodiscard]] Deadlines::Clock clock();

    // First what each delivery looks at: it lies in one or two lines of the cache.
    WorkerContext &m_context;
    std::unique_ptr<OutQueue> m_queue; ///< while there is something in it
    State m_state = State::Open;
    std::uint8_t m_holds = 0;
    bool m_blocked : 1 = false;  ///< the kernel takes no more until onWritable()
    bool m_flushing : 1 = false; ///< the flusher has it on its list
    bool m_settling : 1 = false;
    bool m_peerFinished : 1 = false; ///< it sent FIN
    bool m_isOver : 1 = false;       ///< the application knows
    PeerNumber m_number = 0;         ///< the application's, until there is a listener
    std::unique_ptr<Unusual> m_unusual;
    std::unique_ptr<PeerListener> m_listener; ///< from the first message until it was told of the end
    Admission::Ticket m_ticket;
    websocket::Reader m_reader;
    TokenBucket m_inbound;
    Deadlines m_deadlines;
};

} // namespace parlor
