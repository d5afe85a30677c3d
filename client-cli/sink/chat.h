// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/sink/faultlog.h"
#include "client-cli/sink/lane.h"
#include "client-cli/sink/room.h"
#include "client-cli/sink/sinkcounts.h"
#include "client-cli/sink/sinkoptions.h"
#include "shared/protocol/decoder.h"
#include "shared/protocol/ulid.h"

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace parlor::cli::sink {

/// Where a client's frames go.
class Peer
{
public:
    /// Whole frames, in this order: those for this client alone, and those for all of a room.
    virtual void send(std::string_view own, std::string_view shared) = 0;

protected:
    ~Peer() = default;
};

/// One connection, as the chat knows it.
struct Client
{
    Client(Peer &destination, bool isOfV2)
        : peer(destination)
        , isV2(isOfV2)
    {
    }

    Peer &peer;
    bool isV2;
    std::uint64_t number = 0;
    std::string id;
    std::string out;      ///< frames for it alone, until the turn ends
    bool isDirty = false; ///< it is in the list of those with frames
    std::vector<std::shared_ptr<Membership>> memberships;
};

/// As much of a chat as a load needs: rooms that nothing is kept of, joins, messages and their answers, in
/// both dialects; and faults on the way to each receiver. It lives in turns: take() what came, then flush().
/// Time is brought by the caller, as time since the sink began. Knows no socket. One thread.
class Chat
{
public:
    /// `options`, `counts` and `log` outlive it.
    Chat(const SinkOptions &options, std::string hostname, SinkCounts &counts, FaultLog &log);

    /// `client` is there until part().
    void welcome(Client &client);
    void take(Client &client, std::string_view text, Time now);
    void part(Client &client);

    /// Sends all that the turn brought, and what was delayed until now.
    void flush(Time now);
    /// Whether flush() has something to do now.
    [[nodiscard]] bool isPending() const { return !m_dirtyRooms.empty() || !m_dirtyClients.empty(); }
    /// When flush() has something to do although nothing comes.
    [[nodiscard]] std::optional<Time> nextDue() const;

    /// How long a message waits to be overtaken.
    static constexpr Time kHold = std::chrono::seconds(1);
    static constexpr std::size_t kMaxRooms = 100'000;
    static constexpr std::size_t kMaxRoomsOfClient = 32;

private:
    struct Delayed
    {
        Time due{};
        Room *room = nullptr;
        std::string frame;
        std::uint64_t seq = 0;
        std::uint64_t sender = 0;
    };
    struct Held
    {
        Time due{};
        std::weak_ptr<Membership> membership;
        std::uint64_t hold = 0; ///< by its lane's count
    };

    void on(Client &client, std::optional<std::uint32_t> rid, const request::Join &join, Time now);
    void on(Client &client, std::optional<std::uint32_t> rid, const request::Leave &leave, Time now);
    void on(Client &client, std::optional<std::uint32_t> rid, const request::Publish &publish, Time now);
    void on(Client &client, std::optional<std::uint32_t> rid, const request::Ping &ping, Time now);
    template <typename Other>
    void on(Client &client, std::optional<std::uint32_t> rid, const Other &other, Time now);
    void on(Client &client, const v1::Join &join, Time now);
    void on(Client &client, const v1::Publish &publish, Time now);

    void tell(Client &client, const frame::Any &any);
    void refuse(Client &client, std::optional<std::uint32_t> rid, const Error &error);
    [[nodiscard]] Result<Room *> enter(Client &client, std::string_view name, Time now);
    Room &admit(Client &client, Room &room, Time now);
    void leave(Client &client, const Room &room);
    [[nodiscard]] static Membership *membershipIn(const Client &client, std::string_view room);
    struct Said
    {
        std::uint64_t seq = 0;
        Ulid id;
    };
    Said publish(Client &client, Room &room, const Content &content, std::string_view cid, Time now);

    void deliver(Room &room, Time now);
    void deliverByLane(Membership &membership, const Room &room, Time now);
    [[nodiscard]] std::optional<Fault> faultOf(const Membership &membership, const Room &room,
                                               std::uint64_t seq, Time now) const;
    [[nodiscard]] bool isPlain(const Membership &membership, const Room &room, Time now) const;
    void note(const Room &room, const Membership &membership, Time now);
    void markDirty(Client &client);
    void markDirty(Room &room);

    const SinkOptions &m_options;
    SinkCounts &m_counts;
    FaultLog &m_log;
    FaultPlan m_plan;
    std::string m_hostname;
    std::string m_epoch;
    Decoder m_decoder;
    UlidSource m_ids;
    std::unordered_map<std::string, std::unique_ptr<Room>> m_rooms;
    std::vector<Room *> m_dirtyRooms;
    std::vector<Client *> m_dirtyClients;
    std::deque<Delayed> m_delayed; ///< in the order of time
    std::deque<Held> m_held;       ///< in the order of time
    std::vector<Committed> m_done; ///< of one call
    std::string m_scratch;
    std::uint64_t m_clients = 0;
};

} // namespace parlor::cli::sink
