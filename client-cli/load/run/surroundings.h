// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/plan/settings.h"
#include "client-cli/load/record/measurements.h"
#include "client-cli/load/run/agenda.h"
#include "client-cli/load/wire/addressbook.h"
#include "client-cli/load/wire/dialect.h"
#include "client-cli/load/wire/websocketclient.h"

#include <deque>

namespace parlor::cli::load {

class User;

/// Users who want to connect, first come, first served. The run lets in as many as may be under way at once.
struct ConnectQueue
{
    std::deque<User *> waiting;
    std::size_t underWay = 0;
};

/// What all users of a thread share. The run owns it all.
struct Surroundings
{
    const Settings &settings;
    const Target &target;
    const Plan &plan;
    const RunClock &clock;
    AddressBook &addresses;
    ConnectionParts connectionParts;
    Agenda &agenda;
    Dialect &dialect;
    Random &random;
    std::vector<RoomLedger> &ledgers; ///< by room
    Measurements &measurements;
    Histogram &recentLatency; ///< of deliveries since the last status
    ConnectQueue &connectQueue;
    std::size_t &present; ///< users that are not away
    std::size_t &members; ///< users that are in their room
    std::uint16_t run = 0;
    std::string frame{};   ///< for what is about to be sent
    std::string content{}; ///< the same
};

} // namespace parlor::cli::load
