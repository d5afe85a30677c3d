// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/sink/lane.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace parlor::cli::sink {

/// Since the sink began.
using Time = std::chrono::microseconds;

/// Counts it (CLOCK_MONOTONIC).
class Clock
{
public:
    [[nodiscard]] Time now() const
    {
        return std::chrono::duration_cast<Time>(std::chrono::steady_clock::now() - m_begin);
    }

private:
    std::chrono::steady_clock::time_point m_begin = std::chrono::steady_clock::now();
};

struct Client;
struct Room;

/// One client in one room.
struct Membership
{
    Client *client = nullptr;
    Room *room = nullptr;
    std::uint64_t joinedAt = 0; ///< the room's last number then: what came before is not its own
    Time since{};
    std::uint32_t number = 0; ///< in the room, from 1 in the order of joins; never another's
    std::size_t place = 0;    ///< in the room's list
    Lane lane;
};

/// A room, with the messages that its members are to get at the end of the turn.
struct Room
{
    explicit Room(std::string_view roomName)
        : name(roomName)
        , number(FaultPlan::roomNumber(roomName))
    {
    }

    void add(std::shared_ptr<Membership> membership)
    {
        membership->place = members.size();
        members.push_back(std::move(membership));
    }
    void remove(const Membership &membership)
    {
        const std::size_t place = membership.place;
        members[place] = std::move(members.back());
        members[place]->place = place;
        members.pop_back();
    }

    /// A message of the turn, in `frames`.
    struct Part
    {
        std::size_t begin = 0;
        std::size_t size = 0;
        std::uint64_t seq = 0;
        std::uint64_t sender = 0;
    };
    [[nodiscard]] Delivery delivery(const Part &part) const
    {
        return {std::string_view(frames).substr(part.begin, part.size), part.seq, part.sender};
    }

    std::string name;
    std::uint64_t number;
    std::uint64_t seq = 0; ///< of the last message
    std::string lastId;
    std::uint32_t joins = 0;
    std::vector<std::shared_ptr<Membership>> members;
    std::string frames;      ///< of the turn's messages, one after the other
    std::vector<Part> parts; ///< where each is
};

} // namespace parlor::cli::sink
