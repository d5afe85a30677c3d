// SPDX-License-Identifier: MIT
#pragma once

#include <QString>

#include <cstdint>
#include <vector>

namespace parlor::test::model {

/// What a client or the server does next. The client's numbers are places in Program::clients.
struct Step
{
    enum class Kind : std::uint8_t {
        Connect,     ///< resumes the session and rejoins its rooms, if it has any
        Replace,     ///< v2: as Connect, while the old connection is still there
        Disconnect,  ///< Close 1000 and the end
        Vanish,      ///< ends TCP without a Close
        Reset,       ///< RST: what was not read is lost
        Join,        ///< v2: from its position, if it has one
        JoinAnew,    ///< v2: without a position; `count`: messages of the past
        Leave,       ///< v2
        Switch,      ///< v2: leaves `from` and joins `room`; v1: joins `room`, which leaves the other
        Send,        ///< `count` messages, without waiting for an answer
        ResendAcked, ///< v2: the same cid once more, long after its ack
        ResendOpen,  ///< v2: the same cid once more, before the ack
        Page,        ///< v2: asks for `count` messages before or after the middle of what it knows
        Read,        ///< all that has been sent to it
        Settle,      ///< reads until all that it asked is answered
        Terminate,   ///< SIGTERM, and a new server
        Kill,        ///< SIGKILL once `client` has `count` more acks, if it waits for that many; a new server
        FullDisk,    ///< once all is settled the server cannot write: `count` messages are declined, and go
                     ///< again when it can, or, if `from` is not 0, when it was killed meanwhile
        BackUp,      ///< while the server runs; only of a durable store, as the next one
        Restore,     ///< SIGTERM, the backup in the store's place, and a new server
        Disturb,     ///< the storage, by `count` (Storage::disturb()); `from`: 0 begins it, 1 ends it
        Lose,        ///< likewise with Storage::lose()
        CatchUp,     ///< reads until it has the newest message of each of its rooms
    };
    Kind kind;
    int client = 0;
    int room = 0;
    int from = 0;
    int count = 0;
    int padding = 0; ///< characters more in each message
    int server = 0;  ///< of Connect, Replace, Terminate and Kill, where there are several
    bool operator==(const Step &) const = default;
};

/// Clients, rooms and steps: all that a seed decides. What the threads of the server make of it is not
/// decided.
struct Program
{
    std::vector<bool> isV2; ///< of each client
    std::vector<QString> rooms;
    std::vector<Step> steps;
    bool operator==(const Program &) const = default;
};

/// The same seed gives the same program everywhere. All clients are in all rooms in the end, except v1's, who
/// are in one, and have read all that was said.
[[nodiscard]] Program makeProgram(std::uint32_t seed);

[[nodiscard]] QString describe(const Program &program);

} // namespace parlor::test::model
