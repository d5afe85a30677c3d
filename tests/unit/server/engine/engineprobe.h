// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/roomtable.h"
#include "shared/protocol/ulid.h"

#include <mutex>
#include <string>
#include <vector>

namespace parlor {

/// A worker's inbox that writes down what is delivered, a line each. Any thread.
class ProbePort final : public DeliveryPort
{
public:
    void deliver(Delivery delivery) override;
    /// The lines since the last call.
    [[nodiscard]] std::vector<std::string> take();

private:
    std::mutex m_mutex;
    std::vector<std::string> m_lines;
    std::string m_inForce = "in force:";
};

/// One session of a fake worker.
struct ProbeSession
{
    ProbeSession(Engine &engineUnderTest, ProbePort &port, const char *id, std::uint32_t slot = 0);

    void enter(const char *room, std::optional<EnterRequest::Since> since = {}, std::uint32_t history = 50);
    void publish(const char *room, const char *text, const char *cid = "");
    /// `target`: see position().
    void erase(const char *room, const EnterRequest::Since &target, bool mayEraseOthers = false);
    void leave(const char *room);
    [[nodiscard]] std::vector<RoomName> rooms(const char *room) const;

    Engine &engine;
    Caller caller;

private:
    UlidSource m_ids;
};

/// Where a client stands that has the message with this number as its last one, or would have it.
[[nodiscard]] EnterRequest::Since position(Engine &engine, const std::string &epoch, std::uint64_t seq,
                                           const char *room = "x");

/// The engine that the variable PARLOR_TEST_ENGINE names: memory (the default), sqlite or redis. Its time
/// stands at a fixed moment.
[[nodiscard]] std::unique_ptr<Engine> makeEngine(const RoomLimits &limits = {});
/// Whether it has a message even if it is out of the ring.
[[nodiscard]] bool keepsEverything();
/// Whether a request takes less than a millisecond: the answer comes from this process.
[[nodiscard]] bool isFast();
/// Whether a room that everybody has left stays in memory until its place is needed. One that other servers
/// go on with does not.
[[nodiscard]] bool keepsDesertedRooms();

} // namespace parlor
