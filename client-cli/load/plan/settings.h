// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/plan/stage.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace parlor::cli::load {

enum class DialectName : std::uint8_t { V1, V2 };

/// When a user's next message is due.
enum class Pace : std::uint8_t {
    Fixed,   ///< at fixed intervals, whatever the server does
    Poisson, ///< at exponentially distributed intervals, whatever the server does
    Closed,  ///< after the answer to the last one, and the think time: latency has no planned time then
};

/// How much of a delivery is checked.
enum class Verify : std::uint8_t {
    Full,   ///< every delivery, for every receiver
    Sample, ///< one receiver in `verifySample` as in Full; of the others deliveries are counted
    Count,  ///< deliveries are counted, and none is read
    Off,    ///< frames are read from the socket and thrown away
};

enum class Reconnect : std::uint8_t { None, Backoff };

/// A duration that is the same each time, or drawn anew each time from the exponential distribution.
struct Lasting
{
    Offset mean{}; ///< 0: none
    bool isExponential = false;
    bool operator==(const Lasting &) const = default;
};

/// Bytes of a message's content, both bounds included.
struct SizeRange
{
    std::size_t least = 128;
    std::size_t most = 128;
    bool operator==(const SizeRange &) const = default;
};

/// Who of a profile's users speaks at all.
struct Senders
{
    std::uint32_t count = 0; ///< that many of the profile's users; 0: `share` of them, one at least
    double share = 1;
    bool operator==(const Senders &) const = default;
};

/// One kind of user.
struct Profile
{
    std::string name = "user";
    double weight = 1; ///< its part of the users, relative to those of the other profiles
    double rate = 0.5; ///< messages of a user, a second; 0: nobody speaks. Not with Pace::Closed
    Pace pace = Pace::Fixed;
    Lasting think{};            ///< with Pace::Closed: between an answer and the next message
    std::uint32_t inflight = 0; ///< messages of a user that wait for an answer, at most; 0: any number
    SizeRange size{};
    Senders senders{};
    std::uint32_t roomsPerUser = 1; ///< at most Settings::rooms; more than 1 only with v2
    Lasting life{}; ///< of a session: its user leaves then, and by stages another one comes at once; 0: as
                    ///< long as the plan says, which is no choice with `arrivals`
    bool operator==(const Profile &) const = default;
};

/// All that decides what load a server gets, without secrets. A run's record keeps it, so that runs can be
/// compared. Checked where it is made (options/); here is no more than the values.
struct Settings
{
    std::string url;
    DialectName dialect = DialectName::V2;

    std::vector<Stage> stages;                ///< who is there when; empty with `arrivals`
    std::vector<ArrivalStage> arrivals;       ///< new sessions, that end after their profile's `life`
    std::vector<Profile> profiles{Profile{}}; ///< one at least
    std::vector<std::string> rooms;
    double zipf = 0; ///< the exponent by which the first rooms have more users; 0: all have as many
    std::uint64_t seed = 1;

    double connectRate = 0; ///< connections a second, at most; 0: no bound
    std::uint32_t connectInflight = 256;
    Offset connectTimeout = std::chrono::seconds(5); ///< to connect, be upgraded and have joined
    Reconnect reconnect = Reconnect::Backoff;

    Offset warmUp{}; ///< at the beginning: its latencies count nowhere but in its own phase
    Offset settle{}; ///< after a join: what is sent until then is not owed to the receiver
    Offset drain = std::chrono::seconds(5); ///< how long a receiver waits for what it is still owed
    Verify verify = Verify::Full;
    std::uint32_t verifySample = 1;

    std::uint32_t processes = 1;
    std::uint32_t threads = 1; ///< of each process
    bool isStrict = false;     ///< a generator that did not keep up is a failure

    std::vector<std::string> thresholds; ///< as written; each can be parsed
    std::map<std::string, std::string> tags;
    bool operator==(const Settings &) const = default;
};

} // namespace parlor::cli::load
