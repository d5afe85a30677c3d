// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/history.h"

#include <optional>

/// The deletion of a message: an event of the room, and a tombstone in the message's place. A tombstone is
/// the message without its content, and names the event.
namespace parlor::erasure {

/// What the deletion will be as an entry. Its time is that of its id, so that a tombstone has it.
[[nodiscard]] HistoryRing::Entry compose(const std::string &room, const Caller &caller,
                                         const PublishRequest &request, std::uint64_t seq);

/// Neither: the message is to be deleted.
struct Verdict
{
    std::optional<Error> refusal{};
    std::optional<History::Receipt> duplicateOf{}; ///< the event that has deleted it before
};
[[nodiscard]] Error noSuchMessage();
/// `target`: what has the number that is named; null: nothing has.
[[nodiscard]] Verdict judge(const HistoryRing::Entry *target, const Caller &caller,
                            const PublishRequest::Erasure &erasure);

/// What stays of a message's frame, by the frame of its deletion. nullopt: it is deleted already, or is
/// another one.
[[nodiscard]] std::optional<SharedBytes> tombstone(const SharedBytes &message, const SharedBytes &deletion);

} // namespace parlor::erasure
