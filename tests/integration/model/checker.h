// SPDX-License-Identifier: MIT
#pragma once

#include "tests/integration/model/log.h"

namespace parlor::test::model {

/// A promise of docs/protocol.md section 6 that was not kept.
struct Violation
{
    enum class Kind : std::uint8_t {
        Hole,         ///< messages are missing between two that came one after the other
        Repeat,       ///< a message came again, or has two places
        TwoOrders,    ///< one place has two messages
        SameId,       ///< two messages, or two sessions, have one id
        Lost,         ///< acknowledged or heard, and not in the history
        Behind,       ///< a member did not get the room's last messages
        NotDurable,   ///< an ack says of the store what is not so
        NotResumed,   ///< a session was not given back
        NotRecovered, ///< a position did not resume, or should not have
        WrongEpoch,   ///< a numbering began anew, or did not, or two were in use
        WrongResend,  ///< the same cid got another place, or was twice taken for new
        SendersOrder, ///< what one client said is in another order
        Invented,     ///< nobody said this, or not here, or not they
        Stray,        ///< of a room that the client was not in, or not yet, or before its echo
        Refused,      ///< an error where nothing was wrong
        Declined,     ///< what the server said that it did not take is there all the same
        Cut,          ///< a connection ended, or ended otherwise than it should, or hung
        WrongSince,   ///< the client asked from where it was not: the test itself is wrong
    };
    Kind kind;
    QString what;
};

/// Everything that is wrong with it, in no order that matters.
[[nodiscard]] std::vector<Violation> check(const Record &record);
/// The same for a record in which the storage itself lost messages, once: whoever saw one that is gone was
/// told so, and what was not lost, or came after it, is there.
[[nodiscard]] std::vector<Violation> checkLoss(const Record &record);

[[nodiscard]] QString nameOf(Violation::Kind kind);
[[nodiscard]] QString describe(const std::vector<Violation> &violations);

} // namespace parlor::test::model
